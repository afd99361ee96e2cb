package devkit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process that the test started.
type child struct {
	pid   int
	cmd   *exec.Cmd
	log   string
	done  chan struct{}
	state error // how it ended; set before done is closed
}

// spawn starts a command with its output appended to a log. The child is in a
// process group of its own, so that Ctrl-C on a terminal stops the test and not
// half of its network, and ends when the test's process does.
func spawn(log string, args []string) (*child, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = f, f
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	c := &child{cmd: cmd, log: log, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ends the child with the thread that made it: the thread
		// stays as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.state = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	c.pid = cmd.Process.Pid
	return c, nil
}

func (c *child) running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

func (c *child) exitCode() int {
	if c.running() {
		return -1
	}
	return c.cmd.ProcessState.ExitCode()
}

// stop sends a signal and waits for the end; it kills a child that takes too
// long and says so.
func (c *child) stop(sig syscall.Signal, timeout time.Duration) error {
	if !c.running() {
		return nil
	}
	if err := syscall.Kill(c.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(timeout):
	}
	err := syscall.Kill(c.pid, syscall.SIGKILL)
	<-c.done
	return errors.Join(fmt.Errorf("pid %d ran on for %v after %v; see %s", c.pid, timeout, sig, c.log), err)
}

// Process is a running process.
type Process struct {
	PID  int
	Args []string
}

func (p Process) String() string { return fmt.Sprintf("pid %d: %s", p.PID, strings.Join(p.Args, " ")) }

// commandLine reads the arguments of a running process. Zombies have none.
func commandLine(pid int) ([]string, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return nil, err
	}
	b = bytes.TrimSuffix(b, []byte{0})
	if len(b) == 0 {
		return nil, fmt.Errorf("pid %d has ended", pid)
	}
	return strings.Split(string(b), "\x00"), nil
}

// find lists the processes other than this one with an argument that lies in a
// folder.
func find(dir string) []Process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []Process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		args, err := commandLine(pid)
		if err != nil {
			continue
		}
		for _, a := range args {
			if a == dir || strings.HasPrefix(a, dir+"/") {
				found = append(found, Process{pid, args})
				break
			}
		}
	}
	return found
}

// ended says whether a process has given everything back. One that is being
// ended has no command line any more but still holds its ports until its last
// thread is gone, and would take connections that nobody answers.
func ended(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true
	}
	// The name in parentheses may hold anything; the state follows it.
	_, rest, found := strings.Cut(string(b[max(0, bytes.LastIndexByte(b, ')')):]), ") ")
	if !found || rest[0] != 'Z' && rest[0] != 'X' {
		return false
	}
	threads, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	return err != nil || len(threads) <= 1
}
