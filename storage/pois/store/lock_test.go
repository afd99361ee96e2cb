//go:build unix

package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTwoProcesses opens a folder in a child and then here. When the child ends, by force, the folder is free.
func TestTwoProcesses(t *testing.T) {
	if dir := os.Getenv("POIS_STORE_LOCK"); dir != "" {
		s, err := Open(dir, config(nil))
		must(t, err)
		fmt.Println("opened")
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		must(t, s.Close())
		return
	}
	dir := t.TempDir()
	c := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
	c.Env = append(os.Environ(), "POIS_STORE_LOCK="+dir)
	in, err := c.StdinPipe()
	must(t, err)
	defer in.Close()
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "opened\n" {
		t.Fatal(line, err)
	}
	_, err = Open(dir, config(nil))
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Error("opened in two processes:", err)
	}
	must(t, c.Process.Kill())
	_ = c.Wait()
	s, err := Open(dir, config(nil))
	must(t, err)
	must(t, s.Close())
	s, err = Open(dir, config(nil))
	must(t, err)
	must(t, s.Close())
}
