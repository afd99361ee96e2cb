//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/bench"
	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/sdk"
)

// joinEnv is how long the chain is before nodes join it, in blocks.
const joinEnv = "CESS_E2E_JOIN_BLOCKS"

// A node joins an old chain from a snapshot, another by executing all blocks;
// both hold the same state as the validator, entry by entry.
func TestNodesJoinAnOldChain(t *testing.T) {
	blocks := uint64(3000)
	if testing.Short() {
		t.Skip("makes an old chain")
	}
	if text := os.Getenv(joinEnv); text != "" {
		var err error
		if blocks, err = strconv.ParseUint(text, 10, 32); err != nil || blocks < 1000 {
			t.Fatalf("%s=%s: a number from 1000 on is needed", joinEnv, text)
		}
	}
	const interval = 500
	dir := t.TempDir()
	options := genesis.DevOptions{GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 50, MinerIdleSpace: 1 << 40}
	for i := range 100 {
		options.Miners = append(options.Miners, genesis.DevMiner{SURI: fmt.Sprintf("//Miner%d", i+1)})
	}
	spec := must(genesis.Dev(options))(t)
	if err := spec.Write(filepath.Join(dir, "chain.json")); err != nil {
		t.Fatal(err)
	}
	source := joiner(t, dir, "source", "--keys", "//Alice", "--light", "{light}", "--snapshot-interval", strconv.Itoa(interval))
	ctx := within(t, 90*time.Minute)
	waitBlocks(t, ctx, source, uint32(blocks), 80*time.Minute)

	trust := strings.Fields(string(must(source.cess("chain", "trust", source.light))(t)))
	began := time.Now()
	synced := joiner(t, dir, "synced", append(trust, "--state-sync", source.light, "--peers", source.peer(t))...)
	waitBlocks(t, ctx, synced, uint32(blocks), 5*time.Minute)
	sameState(t, source, synced)
	t.Logf("state sync at block %d: serves the state of %s", blocks, time.Since(began).Round(100*time.Millisecond))

	began = time.Now()
	replayed := joiner(t, dir, "replayed", "--peers", source.peer(t), "--retention", "1000")
	waitBlocks(t, ctx, replayed, 1, time.Minute)
	first := time.Now()
	waitBlocks(t, ctx, replayed, uint32(blocks), 60*time.Minute)
	took := time.Since(first)
	sameState(t, source, replayed)
	t.Logf("block sync of %d blocks: %s after a start of %s, %.0f blocks/s", blocks,
		took.Round(100*time.Millisecond), first.Sub(began).Round(100*time.Millisecond), float64(blocks)/took.Seconds())
}

// chainNode is a `cess node` process.
type chainNode struct {
	*bench.Child
	binary, light string
	client        *sdk.Client
}

// joiner starts a node in dir; {light} in args is its address for light clients.
func joiner(t *testing.T, dir, name string, args ...string) *chainNode {
	t.Helper()
	binary := must(devkit.Binary())(t)
	port := must(bench.FreePorts(3))(t)
	address := func(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port+i)) }
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "{light}", address(2))
	}
	child, err := bench.StartChild(binary, append([]string{
		"node", "--spec", filepath.Join(dir, "chain.json"), "--home", filepath.Join(dir, name),
		"--rpc", address(0), "--p2p", address(1), "--log-level", "warn",
	}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := child.Stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	ctx := within(t, 2*time.Minute)
	if err := child.WaitPort(ctx, address(0)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	client, err := sdk.Dial(t.Context(), "ws://"+address(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return &chainNode{Child: child, binary: binary, light: address(2), client: client}
}

func (n *chainNode) cess(args ...string) ([]byte, error) {
	return exec.Command(n.binary, args...).Output()
}

// peer is where others reach the node.
func (n *chainNode) peer(t *testing.T) string {
	t.Helper()
	var peers []string
	if err := n.client.RPC().Call(within(t, time.Minute), &peers, "system_localListenAddresses"); err != nil || len(peers) == 0 {
		t.Fatalf("addresses: %v, %v", peers, err)
	}
	return peers[0]
}

func waitBlocks(t *testing.T, ctx context.Context, n *chainNode, height uint32, limit time.Duration) {
	t.Helper()
	eventually(t, limit, fmt.Sprintf("block %d", height), func() string {
		if err := n.Err(); err != nil {
			t.Fatal(err)
		}
		now, err := n.client.Height(ctx)
		if err != nil || now < height {
			return fmt.Sprintf("block %d, %v", now, err)
		}
		return ""
	})
}

// sameState compares every entry of the state after the other node's best block.
func sameState(t *testing.T, source, other *chainNode) {
	t.Helper()
	_, at := best(t, other.client)
	ctx := within(t, 5*time.Minute)
	pairs := func(n *chainNode) []byte {
		var out json.RawMessage
		eventually(t, time.Minute, "the block is there", func() string {
			if err := n.client.RPC().Call(ctx, &out, "state_getPairs", "0x", at); err != nil {
				return err.Error()
			}
			return ""
		})
		return out
	}
	want, got := pairs(source), pairs(other)
	if !bytes.Equal(want, got) || len(want) < 100_000 {
		t.Fatalf("states of %d and %d bytes differ", len(want), len(got))
	}
}
