//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// best is the newest block.
func best(t *testing.T, c *sdk.Client) (uint32, substrate.H256) {
	t.Helper()
	header, err := c.Header(within(t, time.Minute), nil)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := header.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return header.Number, hash
}

// grow waits for more blocks.
func grow(t *testing.T, c *sdk.Client, blocks uint32) {
	t.Helper()
	ctx := within(t, 3*time.Minute)
	start := uint32(0)
	eventually(t, 2*time.Minute, "the chain grows", func() string {
		height, err := c.Height(ctx)
		switch {
		case err != nil:
			return err.Error()
		case start == 0:
			start = height
		case height >= start+blocks:
			return ""
		}
		return fmt.Sprintf("height %d, at first %d", height, start)
	})
}

// replays fails the test unless a fresh node that executes all blocks from
// genesis comes to the same chain. CometBFT does not let it accept a block whose
// predecessor left another state root; headers, which hold the state roots, are
// compared on top. It returns the height that was compared.
func replays(t *testing.T, network *devkit.Network) uint32 {
	t.Helper()
	chain := network.Client(t)
	height, _ := best(t, chain)
	replica := network.Follow(t)
	ctx := within(t, 10*time.Minute)
	eventually(t, 8*time.Minute, "a fresh node replays the chain", func() string {
		if err := network.Check(); err != nil {
			t.Fatal(err)
		}
		if now, err := replica.Height(ctx); err != nil || now < height {
			return fmt.Sprintf("it has block %d of %d, %v", now, height, err)
		}
		return ""
	})
	for number := range height + 1 {
		want, got := header(t, chain, number), header(t, replica, number)
		if got != want {
			t.Fatalf("block %d: the replay has %s, the chain %s", number, got, want)
		}
	}
	t.Logf("a fresh node replayed %d blocks to the same headers and state roots", height)
	return height
}

// header is a block's header as the node answers it.
func header(t *testing.T, c *sdk.Client, number uint32) string {
	t.Helper()
	ctx := within(t, time.Minute)
	hash, err := c.HashAt(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	var raw json.RawMessage
	if err := c.RPC().Call(ctx, &raw, "chain_getHeader", hash); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v %s", hash, raw)
}

// verifies recomputes the state root of the newest block from the values on the
// stopped validator's disk.
func verifies(t *testing.T, network *devkit.Network) {
	t.Helper()
	store, err := state.Open(filepath.Join(network.Node("validator-1").Home(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	height, ok := store.Height()
	if !ok {
		t.Fatal("the validator's store is empty")
	}
	if err := store.Verify(within(t, 5*time.Minute), height); err != nil {
		t.Errorf("the validator's state at block %d: %v", height, err)
	}
}
