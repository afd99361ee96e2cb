package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/sdk"
)

// Network is a chain whose nodes are processes behind a Mesh.
type Network struct {
	Nodes []*Node
	Mesh  *Mesh
	Dir   string
}

// genesisAge is how old the chain is when it starts: a clock that is set back
// by an hour still shows a time after block 0.
const genesisAge = 3 * time.Hour

// portsPerNode are JSON-RPC, p2p and administration.
const portsPerNode = 3

// startTimeout bounds the time until a new network makes blocks.
const startTimeout = 2 * time.Minute

// NewNetwork starts the nodes of a manifest and waits until each has block
// 1. The network ends with the test, and shows its logs if the test failed.
func NewNetwork(t testing.TB, binary string, m *Manifest, rng *rand.Rand) *Network {
	t.Helper()
	n := &Network{Dir: t.TempDir()}
	t.Cleanup(func() { n.close(t) })
	spec, err := n.writeSpec(m)
	if err != nil {
		t.Fatal(err)
	}
	base := devkit.FreePorts(t, portsPerNode*m.Nodes)
	port := func(i, k int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(base+portsPerNode*i+k)) }
	var listen []string
	for i := range m.Nodes {
		home := homeOf(n.Dir, i)
		node := &Node{
			Index: i, Name: genesis.DevName(i), binary: binary, home: home, log: home + ".log",
			RPC: port(i, 0), p2p: port(i, 1), admin: port(i, 2), env: m.Env[i],
		}
		if err := node.prepare(m.DiskBytes); err != nil {
			t.Fatal(err)
		}
		n.Nodes = append(n.Nodes, node)
		listen = append(listen, node.p2p)
	}
	if n.Mesh, err = NewMesh(rng, listen); err != nil {
		t.Fatal(err)
	}
	n.Mesh.SetAll(m.Links)
	for _, node := range n.Nodes {
		node.args = n.commandLine(node, spec)
		if err := node.start(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := n.await(ctx, 1); err != nil {
		t.Fatalf("start the network: %v", err)
	}
	return n
}

func (n *Network) commandLine(node *Node, spec string) []string {
	var peers []string
	for _, other := range n.Nodes {
		if other != node {
			peers = append(peers, other.id+"@"+n.Mesh.Address(node.Index, other.Index))
		}
	}
	return []string{
		"--spec", spec, "--home", node.home, "--keys", "//" + node.Name,
		"--rpc", node.RPC, "--p2p", node.p2p, "--admin", node.admin,
		"--peers", strings.Join(peers, ","), "--exchange=false", "--snapshot-interval", "0",
	}
}

// writeSpec makes the chain: the load's accounts have money.
func (n *Network) writeSpec(m *Manifest) (path string, err error) {
	o := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().Add(-genesisAge).UnixMilli()),
		BlockTimeMs:   uint64(m.BlockTime.Milliseconds()),
		Validators:    m.Seats,
		Candidates:    m.Nodes,
		Pace:          genesis.DevPace{Epoch: m.Epoch},
	}
	for i := range loadAccounts {
		o.Endowed = append(o.Endowed, senderURI(i))
	}
	spec, err := genesis.Dev(o)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(spec)
	if err != nil {
		return "", err
	}
	path = filepath.Join(n.Dir, "chain.json")
	return path, os.WriteFile(path, b, 0o600)
}

// Dial connects with one node's JSON-RPC.
func (n *Network) Dial(ctx context.Context, node *Node) (*sdk.Client, error) {
	return sdk.Dial(ctx, "ws://"+node.RPC)
}

// await waits until every node has a block of that height.
func (n *Network) await(ctx context.Context, height uint32) error {
	for _, node := range n.Nodes {
		for {
			have, err := n.height(ctx, node)
			if err == nil && have >= height {
				break
			}
			if !node.Running() {
				return fmt.Errorf("%s ended: %v", node.Name, node.process().Err())
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s has block %d, not %d (%v)", node.Name, have, height, err)
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}

// askTimeout bounds one question to a node.
const askTimeout = 3 * time.Second

func (n *Network) height(ctx context.Context, node *Node) (uint32, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	c, err := n.Dial(ctx, node)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.Height(ctx)
}

// ahead is, of the given nodes that answer, one with the highest block, and that
// block. It asks until one of them answers.
func (n *Network) ahead(ctx context.Context, nodes []*Node) (*Node, uint32, error) {
	for {
		node, top, err := n.askHeights(ctx, nodes)
		if err == nil {
			return node, top, nil
		}
		select {
		case <-ctx.Done():
			return nil, 0, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (n *Network) askHeights(ctx context.Context, nodes []*Node) (*Node, uint32, error) {
	heights, errs := make([]uint32, len(nodes)), make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, node := range nodes {
		wg.Go(func() {
			var err error
			if heights[i], err = n.height(ctx, node); err != nil {
				errs[i] = fmt.Errorf("ask %s: %w", node.Name, err)
			}
		})
	}
	wg.Wait()
	best := slices.Index(errs, nil)
	if best < 0 {
		return nil, 0, errors.Join(errs...)
	}
	for i := range nodes {
		if errs[i] == nil && heights[i] > heights[best] {
			best = i
		}
	}
	return nodes[best], heights[best], nil
}

// stop ends all nodes in order; the network can be inspected afterwards.
func (n *Network) stop() (err error) {
	for _, node := range n.Nodes {
		err = errors.Join(err, node.stop())
	}
	return err
}

func (n *Network) close(t testing.TB) {
	if t.Failed() {
		n.dump(t)
	}
	for _, node := range slices.Backward(n.Nodes) {
		if t.Failed() {
			t.Logf("--- %s\n%s", node.Name, node.lastWords(25))
			if b, err := os.ReadFile(node.log); err == nil {
				_ = os.WriteFile(filepath.Join(t.ArtifactDir(), filepath.Base(node.log)), b, 0o600) // shown in part above
			}
		}
		node.close()
	}
	if n.Mesh != nil {
		n.Mesh.Close()
	}
}

// dump keeps, among the test's artifacts (go test -artifacts), what every
// goroutine of the running nodes does: a node that hangs says nothing else.
func (n *Network) dump(t testing.TB) {
	for _, node := range n.Nodes {
		if !node.Running() {
			continue
		}
		b, err := get("http://" + node.admin + "/debug/pprof/goroutine?debug=2")
		if err == nil {
			err = os.WriteFile(filepath.Join(t.ArtifactDir(), filepath.Base(node.home)+".goroutines"), b, 0o600)
		}
		if err != nil {
			t.Logf("goroutines of %s: %v", node.Name, err)
		}
	}
}

func get(url string) ([]byte, error) {
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
