package chaos

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/gocess/gocess/internal/child"
)

// disk is a small file system in memory that only its node sees: it is mounted
// in a mount namespace of its own, which a sleeping process keeps.
type disk struct {
	holder *child.Process
	point  string // where it is mounted, in its namespace
}

// DisksWork returns why a node cannot have a disk of its own here, nil if it
// can: it takes the right to mount, and nsenter.
func DisksWork() error {
	if os.Geteuid() != 0 {
		return errors.New("a small disk is mounted for each node: this takes root")
	}
	if _, err := exec.LookPath("nsenter"); err != nil {
		return fmt.Errorf("a process is started in another mount namespace: %w", err)
	}
	out, err := (&exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", "mount -t tmpfs -o size=1m none /mnt"},
		SysProcAttr: &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS},
	}).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mount a file system: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// newDisk mounts a file system of so many bytes at a folder.
func newDisk(point string, size int64, log string) (*disk, error) {
	if err := os.MkdirAll(point, 0o700); err != nil {
		return nil, err
	}
	ready := point + ".mounted"
	script := `mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && : > "$3" && exec sleep 1000000000`
	p, err := spawn(log, nil, &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS},
		"/bin/sh", "-c", script, "sh", strconv.FormatInt(size, 10), point, ready)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			return &disk{p, point}, nil
		}
		if !p.Running() || time.Now().After(deadline) {
			p.Kill()
			return nil, fmt.Errorf("mount a disk at %s: %v; see %s", point, p.Err(), log)
		}
	}
}

// outside is where this process finds a path of the disk.
func (d *disk) outside(path string) string {
	return filepath.Join("/proc", strconv.Itoa(d.holder.PID()), "root", path)
}

// enter is what a command line begins with that sees the disk.
func (d *disk) enter() []string {
	return []string{"nsenter", "--mount", "--target", strconv.Itoa(d.holder.PID()), "--"}
}

func (d *disk) ballast() string { return d.outside(filepath.Join(d.point, "ballast")) }

// fill takes all space but so many bytes.
func (d *disk) fill(leave int64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.outside(d.point), &fs); err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	more := int64(fs.Bavail)*fs.Bsize - leave
	if more <= 0 {
		return nil
	}
	err = syscall.Fallocate(int(f.Fd()), 0, info.Size(), more)
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return nil
}

// free gives the space back.
func (d *disk) free() error { return os.Remove(d.ballast()) }

func (d *disk) close() { d.holder.Kill() }
