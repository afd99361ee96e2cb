// Package child runs programs that do not outlive this one: not if it forgets
// them, not if it panics, and not if it is killed.
//
//	p, err := child.StartLogged(exec.Command("cess", "node"), "node.log", syscall.SIGTERM)
//	…
//	err = p.Stop(syscall.SIGTERM, time.Minute)
//
// It needs Linux, whose kernel sends a child a signal when its parent dies
// (prctl(2), PR_SET_PDEATHSIG).
package child

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Process is a program that was started. Its methods may be called from any
// goroutine.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; set before done is closed
}

// Start runs cmd in a process group of its own, so that Ctrl-C on a terminal
// reaches this process alone, which then ends its children in order. If this
// process ends first, the kernel sends orphaned to the child, however that came
// about. Other attributes that cmd.SysProcAttr has are kept.
//
// The child is reaped by itself; cmd must not be waited for.
func Start(cmd *exec.Cmd, orphaned syscall.Signal) (*Process, error) {
	attr := new(syscall.SysProcAttr)
	if cmd.SysProcAttr != nil {
		*attr = *cmd.SysProcAttr
	}
	attr.Setpgid, attr.Pdeathsig = true, orphaned
	cmd.SysProcAttr = attr
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() { // it ends with the child
		// What the kernel calls the parent is the thread that made the child. Go
		// ends threads when it likes, but not one that a goroutine has locked:
		// this one waits here for as long as the child lives.
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
		return nil, err
	}
	return p, nil
}

// StartLogged is Start with the child's output appended to a file, which only
// this user may read.
func StartLogged(cmd *exec.Cmd, log string, orphaned syscall.Signal) (*Process, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the child has its own descriptor
	cmd.Stdout, cmd.Stderr = f, f
	return Start(cmd, orphaned)
}

// PID is the process id. Others may have it when the child has ended.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Args are the command line.
func (p *Process) Args() []string { return p.cmd.Args }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Running says whether the child has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Err is how the child ended: nil for exit status 0, an *exec.ExitError for
// another one and for a signal. While it runs there is none.
func (p *Process) Err() error {
	if p.Running() {
		return nil
	}
	return p.err
}

// ExitCode is the exit status, -1 while the child runs and if a signal ended it.
func (p *Process) ExitCode() int {
	if p.Running() {
		return -1
	}
	return p.cmd.ProcessState.ExitCode()
}

// Signal sends a signal. It cannot hit another process that has the id of a
// child that ended: for that child it fails with os.ErrProcessDone.
func (p *Process) Signal(sig syscall.Signal) error { return p.cmd.Process.Signal(sig) }

// Kill ends the child with SIGKILL and waits until it is gone. For one that has
// ended it does nothing.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails only if it has ended
	<-p.done
}

// ErrKilled is what Stop returns for a child that did not stop by itself.
var ErrKilled = errors.New("did not stop and was killed")

// Stop sends a signal that asks the child to end, and waits. It returns nil as
// soon as the child has ended, whatever Err says, and if it had ended before.
// One that takes longer than the grace is killed: ErrKilled. In any case but a
// signal that cannot be sent, the child is gone when Stop returns.
func (p *Process) Stop(sig syscall.Signal, grace time.Duration) error {
	if !p.Running() {
		return nil
	}
	if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %v to pid %d: %w", sig, p.PID(), err)
	}
	timeout := time.NewTimer(grace)
	defer timeout.Stop()
	select {
	case <-p.done:
		return nil
	case <-timeout.C:
		p.Kill()
		return fmt.Errorf("pid %d after %v and %v: %w", p.PID(), sig, grace, ErrKilled)
	}
}
