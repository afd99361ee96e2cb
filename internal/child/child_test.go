package child

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// parentEnv makes the test binary a parent that starts one child and waits to be
// killed.
const parentEnv = "CESS_CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentEnv) != "" {
		parent()
	}
	os.Exit(m.Run())
}

// parent starts a child that holds descriptor 3 open, and says its id.
func parent() {
	cmd := exec.Command("/bin/sh", "-c", "exec sleep 1000000")
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "held")}
	p, err := Start(cmd, syscall.SIGKILL)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.PID())
	<-p.Done()
	os.Exit(1)
}

// patience is far above what anything here takes.
const patience = time.Minute

// A parent that is killed takes its child along. Both hold the end of a pipe:
// the other end is at its end when both are gone.
func TestChildEndsWithItsParent(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentEnv+"=1")
	cmd.ExtraFiles = []*os.File{write}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	pid, notNumber := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || notNumber != nil {
		t.Fatalf("the parent said %q (%v)", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if err := read.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := read.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // the test has failed anyway
		t.Fatalf("pid %d lives on without its parent: %v", pid, err)
	}
}

// A child lives on when the thread ends from which Start was called.
func TestChildOutlivesTheCallersThread(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var p *Process
	thread := onDyingThread(func() { p, err = Start(cmd, syscall.SIGKILL) })
	path := filepath.Join("/proc/self/task", strconv.Itoa(thread))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("thread %d does not end", thread)
		}
	}
	if _, err := in.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "hello\n" {
		t.Errorf("the child said %q (%v)", line, err)
	}
}

// onDyingThread calls f on a thread that ends afterwards, and returns its id.
func onDyingThread(f func()) (id int) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and no unlock: the thread ends with the goroutine
		if id = syscall.Gettid(); id != os.Getpid() {
			f()
			return
		}
		// The first thread of a process does not end. As long as it waits here,
		// another goroutine has another thread.
		id = onDyingThread(f)
		runtime.UnlockOSThread()
	}()
	<-done
	return id
}

// Stop ends a child, whether it obeys or not, and says which it was.
func TestStop(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		grace  time.Duration
		killed bool
	}{
		"willing":   {"trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done", patience, false},
		"unwilling": {"trap '' TERM; echo ready; while :; do sleep 0.01; done", 10 * time.Millisecond, true},
	} {
		log := filepath.Join(t.TempDir(), "log")
		p, err := StartLogged(exec.Command("/bin/sh", "-c", c.script), log, syscall.SIGKILL)
		if err != nil {
			t.Fatal(err)
		}
		// A shell that has not set its trap yet would obey.
		for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			if b, err := os.ReadFile(log); err == nil && string(b) == "ready\n" {
				break
			}
			if time.Now().After(deadline) {
				p.Kill()
				t.Fatalf("%s: not ready after %v", name, patience)
			}
		}
		if !p.Running() || p.Err() != nil || p.ExitCode() != -1 {
			t.Errorf("%s: runs: %v, %v, %d", name, p.Running(), p.Err(), p.ExitCode())
		}
		if err := p.Stop(syscall.SIGTERM, c.grace); errors.Is(err, ErrKilled) != c.killed || !c.killed && err != nil {
			t.Errorf("%s: stop: %v", name, err)
		}
		want := 3
		if c.killed {
			want = -1
		}
		if p.Running() || p.Err() == nil || p.ExitCode() != want {
			t.Errorf("%s: after stop: runs %v, %v, exit code %d, want %d", name, p.Running(), p.Err(), p.ExitCode(), want)
		}
		if err := p.Stop(syscall.SIGTERM, c.grace); err != nil {
			t.Errorf("%s: stop again: %v", name, err)
		}
		if err := p.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("%s: a signal after the end: %v", name, err)
		}
		p.Kill()
	}
}

func TestStartFails(t *testing.T) {
	if p, err := Start(exec.Command("/no/such/program"), syscall.SIGKILL); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("started what is not there: %v, %v", p, err)
	}
	if p, err := StartLogged(exec.Command("/bin/true"), filepath.Join(t.TempDir(), "no", "log"), syscall.SIGKILL); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("started without a log: %v, %v", p, err)
	}
}
