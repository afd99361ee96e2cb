package devkit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tailLines is how much of each log a failed test shows.
const tailLines = 25

// collectLogs shows the ends of the nodes' logs if the test failed, and keeps
// the logs whole among the test's artifacts (go test -artifacts).
func (n *Network) collectLogs(t testing.TB) {
	if !t.Failed() {
		return
	}
	logs, err := filepath.Glob(filepath.Join(n.Dir, "*.log"))
	if err != nil {
		t.Log(err)
		return
	}
	var tails strings.Builder
	for _, path := range logs {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Log(err)
			continue
		}
		name := filepath.Base(path)
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), b, 0o600); err != nil {
			t.Log(err)
		}
		if len(b) > 0 {
			fmt.Fprintf(&tails, "--- %s\n%s\n", name, tail(b, tailLines))
		}
	}
	t.Logf("the ends of the logs:\n%s", tails.String())
}

func tail(b []byte, lines int) []byte {
	b = bytes.TrimRight(b, "\n")
	end := len(b)
	for range lines {
		i := bytes.LastIndexByte(b[:end], '\n')
		if i < 0 {
			return b
		}
		end = i
	}
	return b[end+1:]
}
