package consensus

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
)

// A new node starts from a snapshot over the network, verified by a light
// client, follows, and answers as its source does.
func TestStateSync(t *testing.T) {
	if testing.Short() {
		t.Skip("CometBFT looks for snapshots for at least five seconds")
	}
	source, joining := stateSyncNetwork(t)
	n := start(t, joining)
	joined := waitFor(t, n, n.Chain().Best().Number+1)
	if n.Chain().First() < 2 {
		t.Fatalf("the node executed all blocks: first is %d", n.Chain().First())
	}
	waitFor(t, n, joined.Number+5)
	best := n.Chain().Best().Number
	for number := n.Chain().First(); number <= best; number++ {
		sameAnswers(t, source, n, number)
	}
	if _, err := n.Chain().HashAt(1); n.Chain().First() > 1+maxAncestors != errors.Is(err, chain.ErrNotKept) {
		t.Errorf("hash of block 1: %v", err)
	}
	// It can be stopped and started, also with the settings for state sync.
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, joining)
	if first := again.Chain().First(); first != n.Chain().First() {
		t.Fatalf("first block %d, was %d", first, n.Chain().First())
	}
	waitFor(t, again, best+3)
}

// stateSyncNetwork runs a chain with snapshots and configures a node that starts
// from one.
func stateSyncNetwork(t *testing.T) (*Node, Config) {
	t.Helper()
	nw := newNetwork(t, 1, 4)
	nw.genesis.Time = time.Now().Add(-time.Minute).Truncate(time.Second) // light clients want recent headers
	cfg := nw.config(t, t.TempDir(), 0)
	cfg.P2P.Listen, cfg.Light = freePort(t), freePort(t)
	cfg.Snapshots = Snapshots{Interval: 10, Keep: 1000} // blocks are fast, looking for snapshots is slow
	source := start(t, cfg)
	go feedTransfers(t, nw, source)
	waitFor(t, source, 25)
	joining := nw.config(t, t.TempDir(), -1)
	joining.P2P.Peers = source.Addresses()
	height, hash, err := LatestTrust(t.Context(), cfg.Light)
	if err != nil {
		t.Fatal(err)
	}
	joining.StateSync = StateSync{Servers: []string{cfg.Light}, TrustHeight: height, TrustHash: hash}
	return source, joining
}

// sameAnswers asks two nodes everything about a block.
func sameAnswers(t *testing.T, a, b *Node, number uint32) {
	t.Helper()
	x, err := a.Chain().Block(number)
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Chain().Block(number)
	if err != nil {
		t.Fatal(err)
	}
	if x.Hash != y.Hash || len(x.Body) != len(y.Body) {
		t.Fatalf("block %d: %x and %x", number, x.Hash, y.Hash)
	}
	if !bytes.Equal(contents(t, a.app, number), contents(t, b.app, number)) {
		t.Fatalf("state of block %d differs", number)
	}
	v, err := a.Chain().View(x.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	w, err := b.Chain().View(x.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p, err := v.Prove([][]byte{digestKey})
	if err != nil {
		t.Fatal(err)
	}
	value, err := state.VerifyProof(w.Root(), p, digestKey)
	if err != nil || value == nil {
		t.Fatalf("proof of one node at the other's root: %x, %v", value, err)
	}
}

// A state that was imported, or restored before CometBFT knew of it, is verified
// when the node starts; one that is not the chain's is refused.
func TestStartFromImportedState(t *testing.T) {
	source, joining := stateSyncNetwork(t)
	if err := errors.Join(source.Close(), os.MkdirAll(joining.Home, 0o700)); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := Export(t.Context(), source.cfg.Home, source.cfg.Genesis.ChainID, &file, nil); err != nil {
		t.Fatal(err)
	}
	source = start(t, source.cfg)
	waitFor(t, source, source.Chain().Best().Number+4)
	sum, err := Import(t.Context(), joining, bytes.NewReader(file.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	alone := joining
	alone.StateSync = StateSync{}
	if err := startAndClose(t, alone); err == nil || !strings.Contains(err.Error(), "state sync") {
		t.Errorf("started without anybody to verify the state: %v", err)
	}
	// Killed before the first block arrives: twice, for CometBFT forgets.
	for range 2 {
		if err := startAndClose(t, joining); err != nil {
			t.Fatal(err)
		}
	}
	n := start(t, joining)
	waitFor(t, n, sum.Block.Number+5)
	if n.Chain().First() != sum.Block.Number {
		t.Errorf("first block %d, want %d", n.Chain().First(), sum.Block.Number)
	}
	sameAnswers(t, source, n, n.Chain().Best().Number)
}

func startAndClose(t *testing.T, cfg Config) error {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return errors.Join(n.Start(testContext(t)), n.Close())
}

func TestStateSyncSettings(t *testing.T) {
	nw := newNetwork(t, 1, 1)
	hash := strings.Repeat("ab", 32)
	for name, s := range map[string]StateSync{
		"no trust":        {Servers: []string{"a"}},
		"short hash":      {Servers: []string{"a"}, TrustHeight: 1, TrustHash: "abcd"},
		"no hex":          {Servers: []string{"a"}, TrustHeight: 1, TrustHash: strings.Repeat("x", 64)},
		"no height":       {Servers: []string{"a"}, TrustHash: hash},
		"short discovery": {Servers: []string{"a"}, TrustHeight: 1, TrustHash: hash, Discovery: time.Second},
	} {
		cfg := nw.config(t, t.TempDir(), -1)
		cfg.StateSync = s
		if err := cfg.complete(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	cfg := nw.config(t, t.TempDir(), -1)
	cfg.StateSync = StateSync{Servers: []string{"a"}, TrustHeight: 1, TrustHash: "0x" + hash}
	if err := cfg.complete(); err != nil || len(cfg.StateSync.Servers) != 2 || cfg.StateSync.TrustHash != hash {
		t.Errorf("%+v, %v", cfg.StateSync, err)
	}
}
