//go:build chaos

package chaos

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// probe prints, for each line that it reads, its wall clock in Unix seconds and
// how long, in ns of monotonic time, it took to sync a file.
const probe = `package main

import ("bufio"; "fmt"; "os"; "time")

func main() {
	f, err := os.CreateTemp(os.Args[1], "")
	if err != nil { panic(err) }
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		began := time.Now()
		if err := f.Sync(); err != nil { panic(err) }
		fmt.Println(time.Now().Unix(), int64(time.Since(began)))
	}
}
`

// A program that was built with the overlay shows the time and the disk that the
// control page says, from the moment on that it says so.
func TestControlPage(t *testing.T) {
	dir := t.TempDir()
	overlay, err := writeOverlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	source, binary := filepath.Join(dir, "probe.go"), filepath.Join(dir, "probe")
	if err := os.WriteFile(source, []byte(probe), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", binary, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	page, err := newControl(filepath.Join(dir, "control"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, dir)
	cmd.Env = append(os.Environ(), controlEnv+"="+page.path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	answers := bufio.NewScanner(out)
	ask := func() (ahead, took time.Duration) {
		t.Helper()
		if _, err := in.Write([]byte("\n")); err != nil || !answers.Scan() {
			t.Fatalf("the program ended: %v", err)
		}
		var numbers [2]int64
		for i, text := range strings.Fields(answers.Text()) {
			if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		return time.Duration(numbers[0]-time.Now().Unix()) * time.Second, time.Duration(numbers[1])
	}
	for _, jump := range []time.Duration{0, time.Hour, -time.Hour, 0} {
		if err := page.setClock(jump); err != nil {
			t.Fatal(err)
		}
		if ahead, took := ask(); (ahead-jump).Abs() > 10*time.Minute || took > 10*time.Minute {
			t.Errorf("the clock is %v ahead, want %v; a sync took %v", ahead, jump, took)
		}
	}
	const slow = 300 * time.Millisecond
	if err := page.setSync(slow); err != nil {
		t.Fatal(err)
	}
	if _, took := ask(); took < slow {
		t.Errorf("a sync took %v, want at least %v", took, slow)
	}
}
