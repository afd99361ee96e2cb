package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gocess/gocess/internal/child"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Node is a validator's process, with its disk and its clock.
type Node struct {
	Index int
	Name  string // //Alice
	RPC   string // host:port

	p2p, admin string
	home, log  string
	id         string              // of the p2p network
	stash      substrate.AccountID // answers for the node
	binary     string
	args       []string // of `cess node`
	env        []string
	control    *control
	disk       *disk // nil for a folder of this machine's disk

	mu      sync.Mutex     // guards proc
	proc    *child.Process // nil before the first start
	started time.Time
}

// outside is where the harness finds a path of the node's folder.
func (n *Node) outside(path string) string {
	if n.disk == nil {
		return path
	}
	return n.disk.outside(path)
}

// prepare makes the node's folder and its identity.
func (n *Node) prepare(diskBytes int64) (err error) {
	if n.control, err = newControl(n.home + ".control"); err != nil {
		return err
	}
	if diskBytes > 0 {
		if n.disk, err = newDisk(n.home, diskBytes, n.log); err != nil {
			return err
		}
	}
	bond, err := crypto.FromURI(crypto.Sr25519, "//"+n.Name+"//stash")
	if err != nil {
		return err
	}
	n.stash = bond.AccountID()
	n.id, err = consensus.NodeID(n.outside(n.home))
	return err
}

// start runs the node's process; it does not wait for it.
func (n *Node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.proc != nil && n.proc.Running() {
		return fmt.Errorf("start %s: it runs", n.Name)
	}
	var args []string
	if n.disk != nil {
		args = n.disk.enter()
	}
	args = append(append(args, n.binary, "node"), n.args...)
	p, err := spawn(n.log, append(n.env, controlEnv+"="+n.control.path), nil, args...)
	if err != nil {
		return fmt.Errorf("start %s: %w", n.Name, err)
	}
	n.proc, n.started = p, time.Now()
	return nil
}

func (n *Node) process() *child.Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.proc
}

// Running says whether the node's process runs.
func (n *Node) Running() bool {
	p := n.process()
	return p != nil && p.Running()
}

// Kill ends the process as a power cut does.
func (n *Node) Kill() error {
	p := n.process()
	if p == nil || !p.Running() {
		return fmt.Errorf("kill %s: it does not run; see %s", n.Name, n.log)
	}
	p.Kill()
	return nil
}

// Pause stops the process with SIGSTOP, Resume lets it go on.
func (n *Node) Pause() error { return signal(n.process(), syscall.SIGSTOP) }

// Resume lets a paused process go on.
func (n *Node) Resume() error { return signal(n.process(), syscall.SIGCONT) }

// stopTimeout is how long a node may take to stop in order.
const stopTimeout = time.Minute

// stop ends the process in order.
func (n *Node) stop() error {
	p := n.process()
	if p == nil || !p.Running() {
		return nil
	}
	if err := stop(p, stopTimeout); err != nil {
		return fmt.Errorf("stop %s: %w; see %s", n.Name, err, n.log)
	}
	return nil
}

// close ends whatever is left of the node.
func (n *Node) close() {
	if p := n.process(); p != nil {
		p.Kill()
	}
	if n.disk != nil {
		n.disk.close()
	}
}

// said returns what the node has logged since an offset that an earlier call
// returned; 0 for all.
func (n *Node) said(since int64) (text string, end int64, err error) {
	b, err := os.ReadFile(n.log)
	if err != nil {
		return "", 0, err
	}
	if since > int64(len(b)) {
		return "", 0, fmt.Errorf("%s has become shorter", n.log)
	}
	return string(b[since:]), int64(len(b)), nil
}

// verify computes the state of a stopped node again and compares it with what
// is stored.
func (n *Node) verify(ctx context.Context) error {
	args := append(n.enter(), n.binary, "state", "verify", "--home", n.home)
	p, err := spawn(n.log, nil, nil, args...)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return ctx.Err()
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("verify the state of %s: %w; see %s", n.Name, err, n.log)
	}
	return nil
}

func (n *Node) enter() []string {
	if n.disk == nil {
		return nil
	}
	return n.disk.enter()
}

// lastWords are the lines at the end of a node's log.
func (n *Node) lastWords(lines int) string {
	text, _, err := n.said(0)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func homeOf(dir string, index int) string { return filepath.Join(dir, fmt.Sprintf("node-%d", index+1)) }

// since is when the current process started.
func (n *Node) since() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.started
}
