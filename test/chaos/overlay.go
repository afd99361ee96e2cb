package chaos

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed overlay/control.go.txt
var controlSource string

// patch is one change of a file of Go's standard library.
type patch struct{ file, old, new string }

// patches put the control page into a program. Wall clock time is read in one
// place, and every fsync and fdatasync of the program and of its modules goes
// through the other. Monotonic time stays what it is, as it does when somebody
// sets a machine's clock.
var patches = []patch{
	{"time/time.go", "\t\"math/bits\"\n", "\t\"math/bits\"\n\t\"syscall\"\n"},
	{"time/time.go", "\tsec, nsec, mono := runtimeNow()\n", "\tsec, nsec, mono := runtimeNow()\n\tsec += syscall.ChaosClock()\n"},
	{
		"syscall/syscall_linux.go",
		"func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno) {\n",
		"func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno) {\n" +
			"\tif trap == SYS_FSYNC || trap == SYS_FDATASYNC {\n\t\tchaosSync()\n\t}\n",
	},
}

// Build compiles the cess program of this module, with the control page in its
// standard library, into dir. Go keeps the packages in its cache, so that only
// the first build takes minutes.
func Build(dir string, tags ...string) (binary string, err error) {
	overlay, err := writeOverlay(dir)
	if err != nil {
		return "", fmt.Errorf("build the program under test: %w", err)
	}
	binary = filepath.Join(dir, "cess")
	cmd := exec.Command("go", "build", "-trimpath", "-overlay", overlay, "-tags", strings.Join(tags, ","),
		"-o", binary, "github.com/gocess/gocess/cmd/cess")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program under test: %w\n%s", err, out)
	}
	return binary, nil
}

// writeOverlay makes what `go build -overlay` wants and returns its path.
func writeOverlay(dir string) (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	src := filepath.Join(strings.TrimSpace(string(out)), "src")
	files := map[string]string{"syscall/chaos_control.go": controlSource}
	for _, p := range patches {
		text, ok := files[p.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(p.file)))
			if err != nil {
				return "", err
			}
			text = string(b)
		}
		if files[p.file], err = p.apply(text); err != nil {
			return "", err
		}
	}
	replace := make(map[string]string, len(files))
	for name, text := range files {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(src, filepath.FromSlash(name))] = path
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

func (p patch) apply(text string) (string, error) {
	if n := strings.Count(text, p.old); n != 1 {
		return "", fmt.Errorf("%s of this Go release has %q %d times, once was expected: adapt the patch", p.file, p.old, n)
	}
	return strings.Replace(text, p.old, p.new, 1), nil
}
