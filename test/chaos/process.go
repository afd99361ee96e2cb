package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/gocess/gocess/internal/child"
)

// spawn starts a command that is killed when this process ends. Its output is
// appended to a log; attr may be nil.
func spawn(log string, env []string, attr *syscall.SysProcAttr, args ...string) (*child.Process, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.SysProcAttr = append(os.Environ(), env...), attr
	p, err := child.StartLogged(cmd, log, syscall.SIGKILL)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	return p, nil
}

// signal sends a signal to a process that must run.
func signal(p *child.Process, sig syscall.Signal) error {
	if !p.Running() {
		return fmt.Errorf("pid %d has ended: %v", p.PID(), p.Err())
	}
	return p.Signal(sig)
}

// stop ends a process in order. It is an error if that takes longer than the
// timeout or if the process reports a failure.
func stop(p *child.Process, timeout time.Duration) error {
	if err := p.Stop(syscall.SIGTERM, timeout); err != nil {
		return err
	}
	return p.Err()
}
