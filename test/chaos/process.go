package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a running program that ends with this one.
type process struct {
	pid  int
	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; set before done is closed
}

// spawn starts a command. Its output is appended to a log; attr may be nil.
func spawn(log string, env []string, attr *syscall.SysProcAttr, args ...string) (*process, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if attr == nil {
		attr = new(syscall.SysProcAttr)
	}
	attr.Setpgid, attr.Pdeathsig = true, syscall.SIGKILL
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = f, f, attr
	cmd.Env = append(os.Environ(), env...)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel kills the child when the thread that made it ends: the
		// thread waits for it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal sends a signal unless the process has ended. The process is not
// reaped before done is closed, so that the signal cannot hit another one.
func (p *process) signal(sig syscall.Signal) error {
	if !p.running() {
		return fmt.Errorf("pid %d has ended: %v", p.pid, p.err)
	}
	return p.cmd.Process.Signal(sig)
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // an ended process needs none
	<-p.done
}

// stop ends the process in order. It is an error if that takes longer than the
// timeout or if the process reports a failure.
func (p *process) stop(timeout time.Duration) error {
	if err := p.signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(timeout):
		p.kill()
		return fmt.Errorf("pid %d did not stop within %v and was killed", p.pid, timeout)
	}
}
