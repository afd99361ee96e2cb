package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gocess/gocess/internal/child"
)

// Usage is what a process has used.
type Usage struct {
	CPU     time.Duration // since it began
	PeakRSS uint64        // bytes resident at most, since it began or ResetPeak
}

// clockTick is the unit of CPU times in /proc; Linux fixes it for user space.
const clockTick = 10 * time.Millisecond

// UsageOf reads what a process has used. Where there is no /proc it is zero.
func UsageOf(pid int) (u Usage) {
	dir := "/proc/" + strconv.Itoa(pid)
	if b, err := os.ReadFile(dir + "/stat"); err == nil {
		// The name may contain anything; fields count from its closing bracket.
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		const utime, stime = 11, 12
		if len(fields) > stime {
			for _, f := range fields[utime : stime+1] {
				ticks, err := strconv.ParseInt(f, 10, 64)
				if err == nil {
					u.CPU += time.Duration(ticks) * clockTick
				}
			}
		}
	}
	if b, err := os.ReadFile(dir + "/status"); err == nil {
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
				kib, err := strconv.ParseUint(f[1], 10, 64)
				if err == nil {
					u.PeakRSS = kib << 10
				}
			}
		}
	}
	return u
}

// Child is a program that a benchmark runs. It ends with this process,
// whatever becomes of that.
type Child struct {
	process *child.Process
	output  *tail
}

// StartChild runs a program; what it prints is kept for error messages.
func StartChild(binary string, args ...string) (*Child, error) {
	output := &tail{}
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = time.Second // a grandchild may hold the output open
	p, err := child.Start(cmd, syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	return &Child{p, output}, nil
}

// PID is the process id.
func (c *Child) PID() int { return c.process.PID() }

// Usage is what the child has used so far.
func (c *Child) Usage() Usage { return UsageOf(c.PID()) }

// Err says why the child ended by itself; nil while it runs.
func (c *Child) Err() error {
	if c.process.Running() {
		return nil
	}
	return fmt.Errorf("%s ended: %v\n%s", strings.Join(c.process.Args(), " "), c.process.Err(), c.output)
}

// childGrace is how long a child may take to stop in order.
const childGrace = 20 * time.Second

// Stop ends the child.
func (c *Child) Stop() error {
	if err := c.process.Stop(syscall.SIGTERM, childGrace); err != nil {
		return fmt.Errorf("stop %s: %w", c.process.Args()[0], err)
	}
	return nil
}

// WaitPort returns when the child listens on address.
func (c *Child) WaitPort(ctx context.Context, address string) error {
	return c.wait(ctx, func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		return err == nil && conn.Close() == nil
	})
}

// WaitFile returns when a file exists.
func (c *Child) WaitFile(ctx context.Context, path string) error {
	return c.wait(ctx, func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

func (c *Child) wait(ctx context.Context, ready func() bool) error {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for !ready() {
		if err := c.Err(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}

// FreePorts finds n consecutive TCP ports that are free on loopback at the
// moment, and returns the first.
func FreePorts(n int) (int, error) {
	const tries = 50
	for range tries {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		base := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			return 0, err
		}
		if base+n <= 65536 && free(base, n) {
			return base, nil
		}
	}
	return 0, fmt.Errorf("found no %d free ports in a row", n)
}

func free(base, n int) bool {
	for port := base; port < base+n; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil || l.Close() != nil {
			return false
		}
	}
	return true
}
