package chaos

import (
	"os"
	"strings"
	"testing"
)

// The patches fit the Go release that runs the tests.
func TestOverlayFitsThisRelease(t *testing.T) {
	path, err := writeOverlay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"time/time.go", "syscall/syscall_linux.go", "syscall/chaos_control.go"} {
		if !strings.Contains(string(b), name) {
			t.Errorf("%s is not replaced in %s", name, b)
		}
	}
}

func TestPatchMustFit(t *testing.T) {
	p := patch{file: "f.go", old: "a", new: "b"}
	for text, want := range map[string]string{"xax": "xbx", "": "", "aa": ""} {
		got, err := p.apply(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q becomes %q, %v", text, got, err)
		}
	}
}
