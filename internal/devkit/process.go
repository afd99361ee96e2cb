package devkit

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gocess/gocess/internal/child"
)

// spawn starts a command with its output appended to a log.
func spawn(log string, args []string) (*child.Process, error) {
	return child.StartLogged(exec.Command(args[0], args[1:]...), log, syscall.SIGTERM)
}

// stop sends a signal and waits for the end; it kills a process that takes too
// long and says so.
func stop(p *child.Process, log string, sig syscall.Signal) error {
	if err := p.Stop(sig, stopTimeout); err != nil {
		return fmt.Errorf("%w; see %s", err, log)
	}
	return nil
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
