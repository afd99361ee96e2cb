package consensus

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/primitives/substrate"
)

// A single validator makes blocks, includes a transfer, stops, and goes on
// where it was.
func TestSingleValidator(t *testing.T) {
	nw := newNetwork(t, 1, 2)
	cfg := nw.config(t, t.TempDir(), 0)
	n := start(t, cfg)
	waitFor(t, n, 2)

	alice, bob := nw.users[0], substrate.AccountID(nw.users[1].AccountID())
	before := free(t, n, bob)
	w, err := n.Pool().SubmitAndWatch(testContext(t), nw.transfer(t, n, alice, 0, bob))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []pool.StatusKind
	for {
		s, err := w.Next(testContext(t))
		if err != nil {
			break
		}
		kinds = append(kinds, s.Kind)
		if s.Kind == pool.InBlock {
			body, err := n.Chain().Body(s.Block)
			if err != nil {
				t.Fatalf("the block must be readable when inBlock is told: %v", err)
			}
			if len(body) != 2 {
				t.Fatalf("body has %d extrinsics, want the timestamp and the transfer", len(body))
			}
		}
	}
	if want := []pool.StatusKind{pool.Ready, pool.InBlock, pool.Finalized}; !equal(kinds, want) {
		t.Fatalf("statuses %v, want %v", kinds, want)
	}
	if got := free(t, n, bob); got.Cmp(before) <= 0 {
		t.Fatalf("Bob has %v after the transfer, %v before", got, before)
	}
	best := n.Chain().Best()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	again := start(t, cfg)
	if got, err := again.Chain().HashAt(best.Number); err != nil || got != best.Hash {
		t.Fatalf("block %d is %x after the restart (%v), was %x", best.Number, got, err, best.Hash)
	}
	waitFor(t, again, best.Number+3)
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// A directory serves one chain.
func TestOtherChain(t *testing.T) {
	nw := newNetwork(t, 1, 0)
	cfg := nw.config(t, t.TempDir(), 0)
	if err := start(t, cfg).Close(); err != nil {
		t.Fatal(err)
	}
	// Another state under the same name is what a newer program may make.
	cfg.Genesis.Pallets = maps.Clone(cfg.Genesis.Pallets)
	cfg.Genesis.Pallets["Babe"] = encode(t, babe.Genesis{GenesisSlot: 1})
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Genesis.ChainID = "other"
	if n, err := New(cfg); !errors.Is(err, ErrOtherChain) {
		t.Fatalf("New = %v, %v; want ErrOtherChain", n, err)
	}
}

// Block 0 is a function of the genesis alone.
func TestGenesisIsReproducible(t *testing.T) {
	nw := newNetwork(t, 1, 1)
	var roots [][]byte
	for range 2 {
		n, err := New(nw.config(t, t.TempDir(), -1))
		if err != nil {
			t.Fatal(err)
		}
		hash := n.Chain().Genesis()
		roots = append(roots, hash[:])
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(roots[0], roots[1]) {
		t.Fatalf("genesis hashes differ: %x, %x", roots[0], roots[1])
	}
}

// A node whose consensus loop dies says so. Here its state disappears under it.
func TestFailureIsReported(t *testing.T) {
	n := start(t, newNetwork(t, 1, 0).config(t, t.TempDir(), 0))
	waitFor(t, n, 1)
	if err := n.Err(); err != nil {
		t.Fatalf("a running node reports %v", err)
	}
	if err := n.Store().Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); n.Err() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the node does not notice")
		}
	}
}

func TestLoggerListens(t *testing.T) {
	var got error
	l := logger{slog.New(slog.DiscardHandler), func(err error) { got = err }}
	l.With("module", "x").Error("something else", "err", "y")
	if got != nil {
		t.Errorf("reported %v", got)
	}
	l.With("module", "x").Error(consensusDied, "err", "no disk", "stack", "…")
	if got == nil || !strings.Contains(got.Error(), "no disk") {
		t.Errorf("reported %v", got)
	}
}
