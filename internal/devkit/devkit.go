// Package devkit runs whole networks for tests: it starts `cess devnet
// --procs`, so that every node is a process, and lets a test kill and restart
// single nodes. Whatever a test does, no process outlives it.
//
//	net := devkit.Start(t, devkit.Config{})
//	gateway := net.Node("gateway-1")
//	gateway.Kill(t)
//	gateway.Restart(t)
//
// It needs Linux: processes are found in /proc.
package devkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/child"
	"github.com/gocess/gocess/sdk"
)

// Config shapes a network.
type Config struct {
	// Dir keeps the network; a network that is there goes on. Default a folder
	// of the test.
	Dir string
	// Miners is the number of miners. Default 14.
	Miners int
	// PortBase is the first port, as for cess devnet. Default one whose
	// followers are free.
	PortBase int
	// Fast gives a new network short days, eras and deadlines.
	Fast bool
	// Validators is the number of seats and Candidates that of those who compete
	// for them, each with a node; one unless set.
	Validators, Candidates int
	// Epoch, if set, is the length of a session in blocks.
	Epoch int
}

// Limits of waiting, far above what an idle machine needs.
const (
	readyTimeout = 8 * time.Minute
	stopTimeout  = time.Minute
	pollEvery    = 50 * time.Millisecond
)

const defaultMiners = 14

// Account is a development account of the ready file.
type Account struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	SURI    string `json:"suri"`
}

// NodeInfo is a node of the ready file.
type NodeInfo struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Account  string `json:"account"`
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
}

// Ready is what the ready file tells.
type Ready struct {
	RPCHTTP  string     `json:"rpc_http"`
	RPCWS    string     `json:"rpc_ws"`
	Gateway  string     `json:"gateway"`
	Accounts []Account  `json:"accounts"`
	Nodes    []NodeInfo `json:"nodes"`
}

// Network is a running network.
type Network struct {
	Ready
	// Dir keeps the network's data, ReadyFile tells what runs.
	Dir, ReadyFile string

	parent  *child.Process
	nodes   []*Node
	stopped bool
}

// Start brings a network up and stops it when the test ends. It fails the test
// if the network is not ready in time.
func Start(t testing.TB, cfg Config) *Network {
	t.Helper()
	binary, err := Binary()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Miners == 0 {
		cfg.Miners = defaultMiners
	}
	n := &Network{Dir: cfg.Dir, ReadyFile: filepath.Join(t.TempDir(), "ready.json")}
	if cfg.PortBase == 0 {
		cfg.PortBase = FreePorts(t, minerPort+cfg.Miners+2*max(cfg.Validators, cfg.Candidates))
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop the network: %v", err)
		}
		n.collectLogs(t)
	})
	args := []string{
		binary, "devnet", "--procs", "--data", n.Dir, "--port-base", strconv.Itoa(cfg.PortBase),
		"--miners", strconv.Itoa(cfg.Miners), "--ready-file", n.ReadyFile,
	}
	if cfg.Fast {
		args = append(args, "--pace", "fast")
	}
	for _, option := range []struct {
		flag  string
		value int
	}{{"--validators", cfg.Validators}, {"--candidates", cfg.Candidates}, {"--epoch", cfg.Epoch}} {
		if option.value > 0 {
			args = append(args, option.flag, strconv.Itoa(option.value))
		}
	}
	n.parent, err = spawn(n.log(), args)
	if err != nil {
		t.Fatalf("start the network: %v", err)
	}
	if err := n.waitReady(); err != nil {
		t.Fatalf("start the network: %v", err)
	}
	return n
}

// log is that of the process that started the network.
func (n *Network) log() string { return filepath.Join(n.Dir, "devnet.log") }

// minerPort is how far the miners' ports are from the first one.
const minerPort = 10

func (n *Network) waitReady() error {
	deadline := time.Now().Add(readyTimeout)
	for {
		b, err := os.ReadFile(n.ReadyFile)
		switch {
		case err == nil:
			return n.read(b)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case !n.parent.Running():
			return fmt.Errorf("cess devnet ended (%v); see %s", n.parent.Err(), n.log())
		case time.Now().After(deadline):
			return fmt.Errorf("not ready after %v; see %s", readyTimeout, n.log())
		}
		time.Sleep(pollEvery)
	}
}

// read learns the nodes and their command lines from the ready file.
func (n *Network) read(b []byte) error {
	if err := json.Unmarshal(b, &n.Ready); err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	for _, info := range n.Ready.Nodes {
		args, err := commandLine(info.PID)
		if err != nil {
			return fmt.Errorf("command line of %s: %w", info.Name, err)
		}
		n.nodes = append(n.nodes, &Node{NodeInfo: info, net: n, args: args})
	}
	return nil
}

// Nodes lists the nodes of a role; all for "".
func (n *Network) Nodes(role string) []*Node {
	return slices.DeleteFunc(slices.Clone(n.nodes), func(m *Node) bool { return role != "" && m.Role != role })
}

// Node finds a node by name or account; nil if there is none.
func (n *Network) Node(name string) *Node {
	for _, m := range n.nodes {
		if m.Name == name || m.Account == name {
			return m
		}
	}
	return nil
}

// Client connects to the chain; the connection ends with the test.
func (n *Network) Client(t testing.TB) *sdk.Client {
	t.Helper()
	return n.dial(t, n.RPCWS)
}

func (n *Network) dial(t testing.TB, url string) *sdk.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := sdk.Dial(ctx, url)
	if err != nil {
		t.Fatalf("connect to the chain: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() }) // nothing is unsaved
	return c
}

// Check returns an error if a node runs no more that was not killed.
func (n *Network) Check() error {
	if !n.parent.Running() {
		return fmt.Errorf("cess devnet ended (%v); see %s", n.parent.Err(), n.log())
	}
	for _, m := range n.nodes {
		if !m.killed && !m.Running() {
			return fmt.Errorf("%s (pid %d) ended by itself; see %s", m.Name, m.PID, m.logFile())
		}
	}
	return nil
}

// Signal sends a signal to the process that started the network.
func (n *Network) Signal(sig syscall.Signal) error { return n.parent.Signal(sig) }

// ExitCode is that of the process that started the network, -1 while it runs
// and if a signal ended it.
func (n *Network) ExitCode() int { return n.parent.ExitCode() }

// Stop ends the network as Ctrl-C does, and the nodes that were restarted. It
// returns an error if something did not stop by itself; nothing is left
// running in any case. It may be called again.
func (n *Network) Stop() error {
	if n.parent == nil || n.stopped {
		return nil
	}
	n.stopped = true
	err := stop(n.parent, n.log(), syscall.SIGINT)
	for _, m := range slices.Backward(n.nodes) { // the validator last
		if m.restarted != nil {
			err = errors.Join(err, stop(m.restarted, m.logFile(), syscall.SIGTERM))
		}
	}
	for _, p := range n.Processes() {
		err = errors.Join(err, fmt.Errorf("still running: %v", p), syscall.Kill(p.PID, syscall.SIGKILL))
	}
	return err
}

// Processes finds the running processes that work on the network's folder.
func (n *Network) Processes() []Process { return find(n.Dir) }
