package storagehandler_test

import (
	"bytes"
	"errors"
	"maps"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	alice, bob, charlie = palletstest.Alice, palletstest.Bob, palletstest.Charlie

	// pot receives what territories cost.
	pot = substrate.AccountOfPallet(types.SpacePot)
)

// Times of these chains, in blocks.
const (
	day    = 10
	month  = 30 * day
	frozen = 7 * day
)

// world is a chain with a pebibyte of idle space and short days.
type world struct {
	*palletstest.Chain
	t palletstest.TB
	// start is what the pot has at genesis.
	start types.Balance
}

func newWorld(t palletstest.TB, constants ...map[string]any) world {
	t.Helper()
	all := map[string]any{
		"StorageHandler.OneDay": day, "StorageHandler.FrozenDays": frozen,
		"StorageHandler.ConsignmentRemainingBlock": day,
	}
	for _, c := range constants {
		maps.Copy(all, c)
	}
	w := worldOf(palletstest.New(t, palletstest.Genesis{Constants: all}), t)
	w.addIdle(1024 * types.TiB)
	return w
}

func worldOf(c *palletstest.Chain, t palletstest.TB) world {
	return world{Chain: c, t: t, start: balances.API{}.Free(c.Ctx(), pot)}
}

func (w world) addIdle(bytes uint64) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		return storagehandler.API{}.AddIdleSpace(ctx, scale.U128From64(bytes))
	})
}

// do makes a block in which fn must succeed.
func (w world) do(fn func(ctx *runtime.Context) error) {
	w.t.Helper()
	if err := w.Do(fn); err != nil {
		w.t.Fatalf("block %d: %v", w.Number(), err)
	}
}

// root makes a block with a call of the chain itself that must succeed.
func (w world) root(call runtime.Call) {
	w.t.Helper()
	if err := w.Root(call); err != nil {
		w.t.Fatalf("block %d: %T: %v", w.Number(), call, err)
	}
}

func name(s string) types.TerritoryName { return types.TerritoryName(s) }

func gib(n uint64) scale.U128 { return scale.U128From64(n * types.GiB) }

// mint leases for 30 days.
func (w world) mint(owner substrate.AccountID, territory string, gib uint32) {
	w.t.Helper()
	w.Must(owner, storagehandler.MintTerritory{GiBCount: gib, TerritoryName: name(territory), Days: 30})
}

func (w world) get(owner substrate.AccountID, territory string) storagehandler.Territory {
	w.t.Helper()
	t, ok := storagehandler.Territories.Get(w.Ctx(), owner, name(territory))
	if !ok {
		w.t.Fatalf("block %d: no territory %q", w.Number(), territory)
	}
	return t
}

func (w world) state(owner substrate.AccountID, territory string, want storagehandler.TerritoryState) {
	w.t.Helper()
	if got := w.get(owner, territory).State; got != want {
		w.t.Fatalf("block %d: state is %d, want %d", w.Number(), got, want)
	}
}

// expire mints a territory and lets its lease run out for good.
func (w world) expire(owner substrate.AccountID, territory string, gib uint32) {
	w.t.Helper()
	w.mint(owner, territory, gib)
	w.GoTo(w.get(owner, territory).Deadline + frozen)
	w.state(owner, territory, storagehandler.TerritoryExpired)
}

// paid is what the pot has received, in planck.
func (w world) paid() types.Balance {
	return balances.API{}.Free(w.Ctx(), pot).SaturatingSub(w.start)
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// equal compares what a test calls by name.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// under are the keys of one storage item.
func (w world) under(item runtime.StorageItem) (keys [][]byte) {
	for _, key := range w.Keys() {
		if bytes.HasPrefix(key, item.Prefix()) {
			keys = append(keys, key)
		}
	}
	return keys
}
