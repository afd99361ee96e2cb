//go:build e2e

package e2e

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// books is all that the chain knows of space, after one block. Sizes are in
// bytes.
type books struct {
	Territories              map[string]storagehandler.Territory // by owner/name
	Miners                   map[string]space
	Idle, Service, Purchased scale.U128 // totals of the network
	Deals                    map[string]filebank.Deal
	Files                    map[string]filebank.File
	Locks                    int // index entries that open deals have
}

type space struct{ Idle, Lock, Service scale.U128 }

// readBooks reads the books after the best block; territories are those of the
// users.
func readBooks(t *testing.T, c *sdk.Client, users ...*user) books {
	t.Helper()
	ctx := within(t, time.Minute)
	height, err := c.Height(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.AtHeight(ctx, height)
	if err != nil {
		t.Fatal(err)
	}
	b := books{
		Territories: make(map[string]storagehandler.Territory), Miners: make(map[string]space),
		Deals: make(map[string]filebank.Deal), Files: make(map[string]filebank.File),
	}
	for _, u := range users {
		entries, err := sdk.ListPrefix(ctx, at, storagehandler.Territories, u.account())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b.Territories[territoryKey(u.account(), e.Key)] = e.Value
		}
	}
	for _, e := range list(t, at, sminer.Miners) {
		b.Miners[types.Address(e.Key).String()] = space{e.Value.IdleSpace, e.Value.LockSpace, e.Value.ServiceSpace}
	}
	for _, e := range list(t, at, filebank.Deals) {
		b.Deals[e.Key.String()] = e.Value
	}
	for _, e := range list(t, at, filebank.Files) {
		b.Files[e.Key.String()] = e.Value
	}
	for to, item := range map[*scale.U128]sdk.Plain[scale.U128]{
		&b.Idle: storagehandler.TotalIdleSpace, &b.Service: storagehandler.TotalServiceSpace, &b.Purchased: storagehandler.PurchasedSpace,
	} {
		if *to, err = sdk.Get(ctx, at, item); err != nil {
			t.Fatal(err)
		}
	}
	b.Locks = countKeys(t, c, height, dealIndex)
	return b
}

// dealIndex is the prefix of what FileBank keeps beside its reference storage:
// deadlines of deals, deals by territory, locked columns by miner.
var dealIndex = func() []byte { h := crypto.Twox128([]byte("FileBankExtra")); return h[:] }()

func territoryKey(owner substrate.AccountID, name types.TerritoryName) string {
	return types.Address(owner).String() + "/" + string(name)
}

func list[K, V any](t *testing.T, at sdk.At, item sdk.Map[K, V]) []sdk.Entry[K, V] {
	t.Helper()
	entries, err := sdk.List(within(t, time.Minute), at, item)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func countKeys(t *testing.T, c *sdk.Client, height uint32, prefix []byte) int {
	t.Helper()
	ctx := within(t, time.Minute)
	hash, err := c.HashAt(ctx, height)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := c.RPC().Call(ctx, &keys, "state_getKeysPaged", fmt.Sprintf("0x%x", prefix), 1000, nil, hash); err != nil {
		t.Fatal(err)
	}
	return len(keys)
}

// same fails the test if the books differ from what they were.
func (b books) same(t *testing.T, before books) {
	t.Helper()
	got, want := reflect.ValueOf(b), reflect.ValueOf(before)
	for i := range got.NumField() {
		if g, w := got.Field(i).Interface(), want.Field(i).Interface(); !reflect.DeepEqual(g, w) {
			t.Errorf("the space accounts have changed: %s was %+v and is %+v", got.Type().Field(i).Name, w, g)
		}
	}
}

// settled fails the test unless no space is locked for uploads and all sums
// agree (spec/pallets-storage.md §0.1, §2.3): no deal, each miner's lock is its
// untagged fragments, each territory's used space is the footprint of its files,
// and the network's service space that of all files.
func (b books) settled(t *testing.T) {
	t.Helper()
	if len(b.Deals) > 0 || b.Locks > 0 {
		t.Errorf("%d deals and %d index entries of deals are left", len(b.Deals), b.Locks)
	}
	locked, used, service := map[string]uint64{}, map[string]uint64{}, uint64(0)
	for _, f := range b.Files {
		size := footprint(len(f.SegmentList))
		service += size
		for _, o := range f.Owner {
			used[territoryKey(o.User, o.TerritoryName)] += size
		}
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if !frag.Tag.IsSome() {
					locked[types.Address(frag.Miner).String()] += types.FragmentSize
				}
			}
		}
	}
	for account, m := range b.Miners {
		equal(t, "locked space of miner "+account, m.Lock, u128(locked[account]))
	}
	for key, terr := range b.Territories {
		equal(t, "used space of territory "+key, terr.UsedSpace, u128(used[key]))
		equal(t, "locked space of territory "+key, terr.LockedSpace, u128(0))
		equal(t, "total space of territory "+key, terr.TotalSpace, terr.UsedSpace.SaturatingAdd(terr.RemainingSpace))
	}
	equal(t, "service space of the network", b.Service, u128(service))
	var idle scale.U128
	for _, m := range b.Miners {
		idle = idle.SaturatingAdd(m.Idle)
	}
	equal(t, "idle space of the network", b.Idle, idle)
}

func equal(t *testing.T, what string, got, want scale.U128) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v bytes, want %v", what, got, want)
	}
}

// footprint is the space that a file takes in its territory.
func footprint(segments int) uint64 {
	return uint64(segments) * types.FragmentCount * types.FragmentSize
}
