package devkit

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/sdk"
)

// Follow starts a fresh node without keys that fetches the chain from the
// validator and executes every block from genesis. It stops with the network.
func (n *Network) Follow(t testing.TB) *sdk.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var peers []string
	if err := n.Client(t).RPC().Call(ctx, &peers, "system_localListenAddresses"); err != nil {
		t.Fatalf("ask the validator for its address: %v", err)
	}
	name := "follower-" + strconv.Itoa(len(n.nodes))
	base := FreePorts(t, 2)
	rpc := net.JoinHostPort("127.0.0.1", strconv.Itoa(base))
	m := &Node{net: n, killed: true, NodeInfo: NodeInfo{Role: "follower", Name: name, Endpoint: "ws://" + rpc}}
	m.args = slices.Concat(n.parent.Args()[:1], []string{
		"node", "--spec", filepath.Join(n.Dir, "chain.json"), "--home", m.Home(), "--rpc", rpc,
		"--p2p", net.JoinHostPort("127.0.0.1", strconv.Itoa(base+1)), "--peers", strings.Join(peers, ","),
	})
	n.nodes = append(n.nodes, m)
	m.Restart(t)
	return n.dial(t, m.Endpoint)
}
