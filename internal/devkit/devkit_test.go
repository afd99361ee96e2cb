package devkit

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestTail(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"a", "a"},
		{"a\nb\n", "a\nb"},
		{"a\nb\nc\n", "b\nc"},
		{"a\nb\nc\n\n", "b\nc"},
	} {
		if got := string(tail([]byte(c.in), 2)); got != c.want {
			t.Errorf("tail of %q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestBinaryNamesAProgram(t *testing.T) {
	dir := t.TempDir()
	plain, program := filepath.Join(dir, "plain"), filepath.Join(dir, "program")
	for path, mode := range map[string]os.FileMode{plain: 0o600, program: 0o700} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	for path, ok := range map[string]bool{"": false, "bin/cess": false, plain: false, filepath.Join(dir, "no"): false, program: true} {
		t.Setenv(BinaryEnv, path)
		if got, err := Binary(); (err == nil) != ok || ok && got != path {
			t.Errorf("Binary with %q: %q, %v", path, got, err)
		}
	}
}

// A process that was started can be found by the folder it works on, until it
// has ended.
func TestProcesses(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	p, err := spawn(mark+".log", []string{"/bin/sh", "-c", "while :; do sleep 0.05; done", mark})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); len(find(mark)) != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			p.Kill()
			t.Fatalf("found %v", find(mark))
		}
	}
	if err := stop(p, mark+".log", syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if left := find(mark); len(left) > 0 || p.Running() {
		t.Errorf("left %v", left)
	}
}

func TestFreePorts(t *testing.T) {
	if base := FreePorts(t, 30); base < firstPort || base+30 > lastPort || !allFree(base, 30) {
		t.Errorf("ports from %d on", base)
	}
}
