package podr2_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var lists podr2.API

func fragment(label any) types.Hash { return types.HashOf(sha256.Sum256(fmt.Append(nil, label))) }

func fragmentsTo(n int) []types.Hash {
	list := make([]types.Hash, n)
	for i := range list {
		list[i] = fragment(i)
	}
	return list
}

// names is a miner's list as it is now, checked for gaps and for slots that
// point elsewhere.
func names(t palletstest.TB, ctx *runtime.Context, miner substrate.AccountID) []podr2.Digest {
	t.Helper()
	n := podr2.FragmentCount.Get(ctx, miner)
	out := make([]podr2.Digest, n)
	for i := range n {
		d, ok := podr2.Fragments.Get(ctx, miner, i)
		if !ok {
			t.Fatalf("slot %d of %d is empty", i, n)
		}
		if s, ok := podr2.FragmentSlots.Get(ctx, miner, d); !ok || s.Index != i || s.Copies == 0 {
			t.Fatalf("the fragment in slot %d is registered as %+v", i, s)
		}
		out[i] = d
	}
	if podr2.Fragments.Contains(ctx, miner, n) {
		t.Fatalf("slot %d lies beyond the list", n)
	}
	slots := 0
	for range podr2.FragmentSlots.IterPrefix(ctx, miner) {
		slots++
	}
	if slots != len(out) {
		t.Fatalf("%d slots for %d fragments", slots, n)
	}
	return out
}

// model is what a list should be: fragments with their number, and the frozen
// list in its order.
type model struct {
	copies map[podr2.Digest]int
	frozen []podr2.Digest // nil if none is
	open   bool
}

// The frozen list is the list at the start of the challenge, slot by slot,
// whatever happens to the list afterwards, and nothing is left of it in the
// end.
func TestFrozenListIsTheListAtTheStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		miner := palletstest.Account("m")
		m := model{copies: make(map[podr2.Digest]int)}
		universe := fragmentsTo(12)
		check := func(ctx *runtime.Context) {
			got := names(t, ctx, miner)
			if len(got) != len(m.copies) {
				t.Fatalf("%d fragments, want %d", len(got), len(m.copies))
			}
			for _, d := range got {
				if s, _ := podr2.FragmentSlots.Get(ctx, miner, d); int(s.Copies) != m.copies[d] {
					t.Fatalf("fragment %x: %d copies, want %d", d[:4], s.Copies, m.copies[d])
				}
			}
			if frozen := podr2.FrozenNames(ctx, miner); m.open && !slices.Equal(frozen, m.frozen) {
				t.Fatalf("frozen list is\n%x, want\n%x", frozen, m.frozen)
			}
		}
		step := func(fn func(ctx *runtime.Context) error) error { return c.Do(fn) }
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				batch := rapid.SliceOfN(rapid.SampledFrom(universe), 0, 6).Draw(t, "fragments")
				if err := step(func(ctx *runtime.Context) error { return lists.Add(ctx, miner, batch) }); err != nil {
					t.Fatal(err)
				}
				for _, f := range batch {
					d, _ := f.Digest()
					m.copies[d]++
				}
			},
			"remove": func(t *rapid.T) {
				batch := rapid.SliceOfN(rapid.SampledFrom(universe), 0, 6).Draw(t, "fragments")
				left := make(map[podr2.Digest]int)
				possible := true
				for _, f := range batch {
					d, _ := f.Digest()
					left[d]++
					possible = possible && left[d] <= m.copies[d]
				}
				err := step(func(ctx *runtime.Context) error { return lists.Remove(ctx, miner, batch) })
				if possible != (err == nil) || err != nil && !errors.Is(err, podr2.ErrNotListed) {
					t.Fatalf("remove (possible: %v): %v", possible, err)
				}
				if err != nil {
					return
				}
				for _, f := range batch {
					d, _ := f.Digest()
					if m.copies[d]--; m.copies[d] == 0 {
						delete(m.copies, d)
					}
				}
			},
			"freeze": func(t *rapid.T) {
				if m.open {
					t.Skip("a challenge is open")
				}
				_ = step(func(ctx *runtime.Context) error { lists.Freeze(ctx, miner); return nil })
				m.open, m.frozen = true, names(t, c.Ctx(), miner)
			},
			"release": func(t *rapid.T) {
				_ = step(func(ctx *runtime.Context) error { lists.Release(ctx, miner); return nil })
				m.open, m.frozen = false, nil
			},
			"next block": func(t *rapid.T) { c.NextBlocks(1) },
			"":           func(t *rapid.T) { check(c.Ctx()) },
		})
		_ = step(func(ctx *runtime.Context) error { lists.Release(ctx, miner); return nil })
		cleanAll(t, c)
		m.open = false
		check(c.Ctx())
		for range podr2.FrozenSlots.IterPrefix(c.Ctx(), podr2.FrozenID{Miner: miner}) {
			t.Fatal("a slot that was kept aside is left")
		}
		if n := keysUnder(c, podr2.FrozenSlots.Prefix()) + keysUnder(c, podr2.Released.Prefix()); n != 0 {
			t.Fatalf("%d records of released lists are left", n)
		}
	})
}

func keysUnder(c *palletstest.Chain, prefix []byte) (n int) {
	c.Ctx().Scan(prefix, nil, func(_, _ []byte) bool { n++; return true })
	return n
}

// cleanAll makes blocks until nothing is left of released lists.
func cleanAll(t palletstest.TB, c *palletstest.Chain) {
	t.Helper()
	for range 100 {
		if podr2.ReleasedCount.Get(c.Ctx()) == 0 {
			return
		}
		c.NextBlocks(1)
	}
	t.Fatal("released lists are still there after 100 blocks")
}

// Released lists are removed in steps: no block removes more than ReleaseLimit
// slots, and a challenge that starts meanwhile is not disturbed.
func TestReleaseIsBounded(t *testing.T) {
	const limit, n = 7, 40
	c := palletstest.New(t, palletstest.Genesis{Constants: map[string]any{"Podr2.ReleaseLimit": limit}})
	miner := palletstest.Account("m")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do := func(fn func(ctx *runtime.Context) error) { t.Helper(); must(c.Do(fn)) }
	do(func(ctx *runtime.Context) error { return lists.Add(ctx, miner, fragmentsTo(n)) })
	do(func(ctx *runtime.Context) error { lists.Freeze(ctx, miner); return nil })
	do(func(ctx *runtime.Context) error { return lists.Remove(ctx, miner, fragmentsTo(n)) })
	if got := keysUnder(c, podr2.FrozenSlots.Prefix()); got != n {
		t.Fatalf("%d slots are kept aside, want %d", got, n)
	}
	do(func(ctx *runtime.Context) error { return lists.Add(ctx, miner, fragmentsTo(3)) })
	do(func(ctx *runtime.Context) error { lists.Release(ctx, miner); lists.Freeze(ctx, miner); return nil })
	want := names(t, c.Ctx(), miner)
	do(func(ctx *runtime.Context) error { return lists.Remove(ctx, miner, fragmentsTo(1)) })
	before := keysUnder(c, podr2.FrozenSlots.Prefix())
	for blocks := 0; podr2.ReleasedCount.Get(c.Ctx()) > 0; blocks++ {
		if blocks > n {
			t.Fatal("the list is never removed")
		}
		c.NextBlocks(1)
		after := keysUnder(c, podr2.FrozenSlots.Prefix())
		if before-after > limit {
			t.Fatalf("one block removed %d slots, at most %d are allowed", before-after, limit)
		}
		before = after
		if got := podr2.FrozenNames(c.Ctx(), miner); !slices.Equal(got, want) {
			t.Fatalf("the next challenge's list became %x, want %x", got, want)
		}
	}
}

func TestListRejects(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	miner := palletstest.Account("m")
	bad := fragment("x")
	bad[3] = 'G'
	for _, op := range []func(*runtime.Context, substrate.AccountID, []types.Hash) error{lists.Add, lists.Remove} {
		err := c.Do(func(ctx *runtime.Context) error { return op(ctx, miner, []types.Hash{bad}) })
		if !errors.Is(err, podr2.ErrMalformedHash) {
			t.Errorf("a name that is no hash: %v", err)
		}
	}
	err := c.Do(func(ctx *runtime.Context) error { return lists.Remove(ctx, miner, fragmentsTo(1)) })
	if !errors.Is(err, podr2.ErrNotListed) {
		t.Errorf("a fragment that was never added: %v", err)
	}
}
