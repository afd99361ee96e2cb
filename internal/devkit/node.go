package devkit

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/child"
)

// Node is one process of a network. It is not for concurrent use.
type Node struct {
	NodeInfo // PID is that of the current process

	net       *Network
	args      []string // command line
	killed    bool
	restarted *child.Process // nil while the network's own process runs
}

// Home is the folder with the node's data.
func (m *Node) Home() string { return filepath.Join(m.net.Dir, m.Name) }

func (m *Node) logFile() string { return filepath.Join(m.net.Dir, m.Name+".log") }

// Running says whether the node's process runs.
func (m *Node) Running() bool {
	if m.restarted != nil {
		return m.restarted.Running()
	}
	args, err := commandLine(m.PID)
	return err == nil && slices.Equal(args, m.args)
}

// killTimeout is how long the kernel may take to end a process; one that is
// writing to a slow disk takes a moment.
const killTimeout = 30 * time.Second

// Kill ends the node at once, as a power cut does, and waits until it is gone.
func (m *Node) Kill(t testing.TB) {
	t.Helper()
	if !m.Running() {
		t.Fatalf("kill %s: pid %d does not run", m.Name, m.PID)
	}
	m.killed = true
	if err := syscall.Kill(m.PID, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %s: %v", m.Name, err)
	}
	for deadline := time.Now().Add(killTimeout); m.Running() || !ended(m.PID); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("kill %s: still running after %v", m.Name, killTimeout)
		}
	}
}

// Restart starts a killed node with the same command line and waits until it
// answers.
func (m *Node) Restart(t testing.TB) {
	t.Helper()
	m.Launch(t)
	m.WaitUp(t)
}

// Add starts a further node of the network: `cess <args…>`, which should name
// the node's home. It does not wait until the node answers.
func (n *Network) Add(t testing.TB, info NodeInfo, args ...string) *Node {
	t.Helper()
	binary, err := Binary()
	if err != nil {
		t.Fatal(err)
	}
	m := &Node{NodeInfo: info, net: n, args: append([]string{binary}, args...), killed: true}
	n.nodes = append(n.nodes, m)
	m.Launch(t)
	return m
}

// Launch starts a killed node with the same command line.
func (m *Node) Launch(t testing.TB) {
	t.Helper()
	if !m.killed {
		t.Fatalf("start %s: it runs", m.Name)
	}
	c, err := spawn(m.logFile(), m.args)
	if err != nil {
		t.Fatalf("start %s: %v", m.Name, err)
	}
	m.PID, m.restarted, m.killed = c.PID(), c, false
}

// WaitUp returns when the node's port answers.
func (m *Node) WaitUp(t testing.TB) {
	t.Helper()
	u, err := url.Parse(m.Endpoint)
	if err != nil {
		t.Fatalf("endpoint of %s: %v", m.Name, err)
	}
	for deadline := time.Now().Add(readyTimeout); ; time.Sleep(pollEvery) {
		c, err := net.DialTimeout("tcp", u.Host, time.Second)
		if err == nil {
			_ = c.Close() // nothing was said
			return
		}
		switch {
		case !m.Running():
			t.Fatalf("start %s: it ended; see %s", m.Name, m.logFile())
		case time.Now().After(deadline):
			t.Fatalf("start %s: no answer after %v: %v", m.Name, readyTimeout, err)
		}
	}
}

// Wipe empties the folder of a killed node, except for what keep names.
func (m *Node) Wipe(t testing.TB, keep ...string) {
	t.Helper()
	if !m.killed {
		t.Fatalf("wipe %s: it runs", m.Name)
	}
	entries, err := os.ReadDir(m.Home())
	if err != nil {
		t.Fatalf("wipe %s: %v", m.Name, err)
	}
	for _, e := range entries {
		if slices.Contains(keep, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(m.Home(), e.Name())); err != nil {
			t.Fatalf("wipe %s: %v", m.Name, err)
		}
	}
}
