package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The product does not carry what is for tests.
func TestNoTestHelpersAreLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		own, inside := strings.CutPrefix(dep, "github.com/gocess/gocess/")
		if inside && (strings.HasSuffix(own, "test") || strings.Contains(own, "devkit")) {
			t.Errorf("%s is linked", dep)
		}
	}
}
