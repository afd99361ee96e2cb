package miner

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/store"
)

// tiny are the smallest parameters that the scheme has.
var tiny = pois.Params{K: 8, N: 256, D: 1}

// sharedKey is one accumulator key for all tests: making one takes seconds.
var sharedKey = sync.OnceValues(func() (accumulator.Key, error) { return accumulator.GenerateKey(rand.Reader) })

func testIdle(t testing.TB, params pois.Params) (store.Config, string) {
	t.Helper()
	key, err := sharedKey()
	if err != nil {
		t.Fatal(err)
	}
	return store.Config{Params: params, ID: pois.ID{1, 2, 3}, Key: key}, t.TempDir()
}

func openIdle(t testing.TB, dir string, c store.Config) *store.Store {
	t.Helper()
	st, err := store.Open(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Whatever the chain decided while nobody watched, settle finds it out: a
// change that is under way, one whose journal was rolled back in vain, and none.
func TestSettleFollowsTheChain(t *testing.T) {
	ctx := context.Background()
	c, dir := testIdle(t, tiny)
	st := openIdle(t, dir, c)
	for number := int64(1); number <= 2; number++ {
		if _, err := st.Generate(ctx, number, pois.GenerateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	empty := st.Status()
	change := func(fn func() error) pois.Status {
		t.Helper()
		if err := fn(); err != nil {
			t.Fatal(err)
		}
		next, ok := st.Pending()
		if !ok {
			t.Fatal("no change is under way")
		}
		return next
	}
	insert := func() error { _, err := st.Insertion(ctx); return err }
	settled := func(what string, chain pois.Status) {
		t.Helper()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		st = openIdle(t, dir, c) // as after kill -9
		if err := settle(ctx, st, chain); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := st.Status(); got.Front != chain.Front || got.Rear != chain.Rear {
			t.Fatalf("%s: files %d…%d", what, got.Front+1, got.Rear)
		}
		if _, pending := st.Pending(); pending {
			t.Fatalf("%s: a change is left under way", what)
		}
	}

	one := change(insert)
	settled("the chain refused the set", empty)
	change(insert)
	settled("the chain has the set", one)
	two := change(insert)
	if err := st.Rollback(); err != nil {
		t.Fatal(err)
	}
	settled("the chain has a set that was given up here", two)

	remove := func() error { _, _, err := st.Deletion(ctx, 10); return err }
	fewer := change(remove)
	settled("the chain refused the deletion", two)
	change(remove)
	settled("the chain has the deletion", fewer)
	later := change(func() error { _, _, err := st.Deletion(ctx, 5); return err })
	if err := st.Rollback(); err != nil {
		t.Fatal(err)
	}
	settled("the chain has a deletion that was given up here", later)

	if err := settle(ctx, st, pois.Status{Acc: []byte{9}, Front: 77, Rear: 512}); !errors.Is(err, store.ErrDiverged) {
		t.Errorf("a state that cannot be reached: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReplaceableStaysInOneSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		front := rapid.Int64Range(0, 2000).Draw(t, "front")
		rear := (front/pois.SetFiles + rapid.Int64Range(1, 5).Draw(t, "sets")) * pois.SetFiles
		pending := rapid.Uint64().Draw(t, "pending")
		n := int64(replaceable(pending, pois.Status{Front: front, Rear: rear}))
		switch {
		case n < 0 || uint64(n) > pending || front+n > rear:
			t.Fatalf("%d of %d", n, rear-front)
		case n > 0 && pois.SetOf(front+1) != pois.SetOf(front+n):
			t.Fatalf("files %d…%d are of two sets", front+1, front+n)
		case pending > 0 && n == 0:
			t.Fatal("nothing is replaced")
		}
	})
	if n := replaceable(5, pois.Status{Front: 256, Rear: 256}); n != 0 {
		t.Errorf("%d of no files", n)
	}
}

// The folder can be opened without the chain once it was opened with it.
func TestIdleSpaceReopens(t *testing.T) {
	root := t.TempDir()
	s := newIdleSpace(root, [32]byte{1, 2, 3})
	if err := s.reopen(); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.opened(); ok {
		t.Fatal("nothing was there to open")
	}
	key, err := sharedKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.remember(tiny, key), s.close()); err != nil {
		t.Fatal(err)
	}
	again := newIdleSpace(root, [32]byte{1, 2, 3})
	if err := again.reopen(); err != nil {
		t.Fatal(err)
	}
	if _, c, ok := again.opened(); !ok || c.Params != tiny || c.Key.N.Cmp(key.N) != 0 {
		t.Fatalf("opened %t with %+v", ok, c.Params)
	}
	if err := again.close(); err != nil {
		t.Fatal(err)
	}
	if err := newIdleSpace(root, [32]byte{9}).reopen(); !errors.Is(err, store.ErrOther) {
		t.Errorf("another account's folder: %v", err)
	}
}

func TestThrottle(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fs := throttle(ctx, disk.OS, 1<<10)
	path := filepath.Join(t.TempDir(), "file")
	if err := fs.Write(path, false, make([]byte, 1000), make([]byte, 24)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 1024 {
		t.Errorf("%v: %v", info, err)
	}
	cancel() // the second for the next write never passes
	if err := fs.Write(path, false, make([]byte, 1024)); err == nil {
		t.Error("more was written than the limit allows")
	}
	if throttle(ctx, disk.OS, 0) != disk.OS {
		t.Error("no limit is a limit")
	}
}
