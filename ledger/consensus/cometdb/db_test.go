package cometdb

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/state"
)

// opened is a store of databases and the state that it lives in.
type opened struct {
	*Store
	state *state.Store
}

func open(t interface{ Fatal(...any) }, fs vfs.FS) opened {
	s, err := state.Open("db", state.WithFS(fs), state.WithWriteBuffer(1<<20), state.WithCacheSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return opened{New(s.Side()), s}
}

func (o opened) Close() error { return errors.Join(o.Store.Close(), o.state.Close()) }

// neighbours have keys on both sides of the database under test.
var neighbours = []string{"a", "db.", "db0", "e"}

// The database is a sorted map, whatever the order of writes, also after being
// reopened.
func TestDBFollowsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := vfs.NewMem()
		store := open(t, fs)
		defer func() { _ = store.Close() }()
		for _, name := range neighbours {
			if err := store.Database(name).Set([]byte("b"), []byte("theirs")); err != nil {
				t.Fatal(err)
			}
		}
		db := store.Database("db")
		model := map[string]string{}
		key := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 3, -1)
		value := rapid.StringN(0, 3, -1)
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, v := key.Draw(t, "k"), value.Draw(t, "v")
				if rapid.Bool().Draw(t, "sync") {
					must(db.SetSync([]byte(k), []byte(v)))
				} else {
					must(db.Set([]byte(k), []byte(v)))
				}
				model[k] = v
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "k")
				if rapid.Bool().Draw(t, "sync") {
					must(db.DeleteSync([]byte(k)))
				} else {
					must(db.Delete([]byte(k)))
				}
				delete(model, k)
			},
			"batch": func(t *rapid.T) {
				b := db.NewBatch()
				after := maps.Clone(model)
				for range rapid.IntRange(0, 4).Draw(t, "n") {
					k := key.Draw(t, "k")
					if rapid.Bool().Draw(t, "delete") {
						must(b.Delete([]byte(k)))
						delete(after, k)
					} else {
						must(b.Set([]byte(k), []byte("x")))
						after[k] = "x"
					}
				}
				if !rapid.Bool().Draw(t, "write") {
					must(b.Close())
					return
				}
				must(b.WriteSync())
				model = after
				if b.Set([]byte("a"), []byte("b")) == nil || b.Write() == nil {
					t.Fatal("a written batch takes more")
				}
			},
			"reopen": func(t *rapid.T) {
				must(store.Close())
				store = open(t, fs)
				db = store.Database("db")
			},
			"": func(t *rapid.T) {
				k := key.Draw(t, "k")
				v, err := db.Get([]byte(k))
				must(err)
				want, ok := model[k]
				if has, err := db.Has([]byte(k)); err != nil || has != ok || (v != nil) != ok || string(v) != want {
					t.Fatalf("Get(%q) = %q, Has = %v; want %q, %v", k, v, has, want, ok)
				}
				var start, end []byte
				if rapid.Bool().Draw(t, "from") {
					start = []byte(key.Draw(t, "start"))
				}
				if rapid.Bool().Draw(t, "to") {
					end = []byte(key.Draw(t, "end"))
				}
				if start != nil && end != nil && bytes.Compare(start, end) > 0 {
					start, end = end, start
				}
				checkRange(t, db, model, start, end)
			},
		})
	})
}

func checkRange(t *rapid.T, db *DB, model map[string]string, start, end []byte) {
	var want []string
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if k >= string(start) && (end == nil || k < string(end)) {
			want = append(want, k+"="+model[k])
		}
	}
	for _, open := range []func(a, b []byte) (dbm.Iterator, error){db.Iterator, db.ReverseIterator} {
		it, err := open(start, end)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for ; it.Valid(); it.Next() {
			got = append(got, string(it.Key())+"="+string(it.Value()))
		}
		if err := errors.Join(it.Error(), it.Close(), it.Close()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("[%q, %q): %q, want %q", start, end, got, want)
		}
		slices.Reverse(want)
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	store := open(t, vfs.NewMem())
	defer store.Close()
	db := store.Database("db")
	b := db.NewBatch()
	_, getErr := db.Get(nil)
	_, iterErr := db.Iterator([]byte{}, nil)
	for name, err := range map[string]error{
		"get": getErr, "iterator": iterErr, "set": db.Set(nil, []byte{1}), "delete": db.Delete([]byte{}),
		"batch set": b.Set(nil, []byte{1}), "batch delete": b.Delete(nil),
	} {
		if !errors.Is(err, errKeyEmpty) {
			t.Errorf("%s with an empty key: %v", name, err)
		}
	}
	if err := errors.Join(db.Set([]byte("k"), nil), b.Set([]byte("k"), nil)); !errors.Is(err, errValueNil) {
		t.Errorf("nil value: %v", err)
	}
	if err := db.Compact(nil, nil); err != nil || len(db.Stats()) == 0 || db.Print() != nil {
		t.Errorf("compact: %v", err)
	}
}

// A closed database, and every database of a closed store, is empty to readers
// and refuses writers; iterators end with the store.
func TestUseAfterClose(t *testing.T) {
	for name, close := range map[string]func(opened, *DB) error{
		"store":    func(s opened, _ *DB) error { return errors.Join(s.Close(), s.Close()) },
		"database": func(_ opened, d *DB) error { return errors.Join(d.Close(), d.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t, vfs.NewMem())
			defer store.Close()
			db := store.Database("db")
			for _, k := range []string{"a", "b", "c"} {
				if err := db.Set([]byte(k), []byte(k)); err != nil {
					t.Fatal(err)
				}
			}
			it, err := db.Iterator(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			b := db.NewBatch()
			if err := errors.Join(b.Set([]byte("d"), []byte("d")), close(store, db)); err != nil {
				t.Fatal(err)
			}
			if it.Next(); it.Valid() != (name == "database") || it.Error() != nil || it.Close() != nil {
				t.Error("an iterator outlived its store")
			}
			if v, err := db.Get([]byte("a")); v != nil || err != nil {
				t.Errorf("Get: %q, %v", v, err)
			}
			if it, err := db.ReverseIterator(nil, nil); err != nil || it.Valid() {
				t.Errorf("ReverseIterator: %v", err)
			}
			for _, err := range []error{db.Set([]byte("k"), []byte{}), db.DeleteSync([]byte("k")), b.WriteSync()} {
				if !errors.Is(err, errClosed) {
					t.Errorf("a write answers %v", err)
				}
			}
		})
	}
}

// A crash loses the last writes and commits only: a commit that survives tells
// that everything written before it, lazily too, is there.
func TestOneLogOrdersWritesAndCommits(t *testing.T) {
	fs := vfs.NewCrashableMem()
	store := open(t, fs)
	lazy := true
	store.SyncLazily(func() bool { return lazy })
	a, b := store.Database("a"), store.Database("b")
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(height uint64, how func(*state.Staged, []state.KV) error) {
		t.Helper()
		p, err := store.state.Stage(height, []state.KV{{Key: []byte("k"), Value: []byte{byte(height)}}})
		must(err)
		must(how(p, nil))
	}
	// after is what a crash leaves, when so much of what was not synced is lost.
	after := func(percent int) string {
		crashed := open(t, fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, 2))}))
		defer crashed.Close()
		found := ""
		for _, db := range []*DB{crashed.Database("a"), crashed.Database("b")} {
			v, err := db.Get([]byte("k"))
			must(err)
			found += string(v) + "/"
		}
		height, _ := crashed.state.Height()
		return fmt.Sprint(found, height)
	}
	check := func(when, want string) {
		t.Helper()
		if got := after(0); got != want {
			t.Errorf("%s a crash leaves %s, want %s", when, got, want)
		}
	}
	commit(0, store.state.Commit)
	must(a.SetSync([]byte("k"), []byte("1")), b.SetSync([]byte("k"), []byte("1")))
	commit(1, store.state.CommitLazily)
	check("before a durable commit", "//0")
	commit(2, store.state.Commit)
	check("after it", "1/1/2")
	must(a.SetSync([]byte("k"), []byte("2")))
	commit(3, store.state.CommitLazily)
	must(b.SetSync([]byte("k"), []byte("2")))
	commit(4, store.state.CommitLazily)
	for percent := 0; percent <= 100; percent += 10 {
		switch got := after(percent); got {
		case "1/1/2", "2/1/2", "2/1/3", "2/2/3", "2/2/4":
		default:
			t.Errorf("a crash that keeps %d %% leaves %s: a later write without an earlier one", percent, got)
		}
	}
	lazy = false
	must(a.SetSync([]byte("k"), []byte("3")))
	check("after an eager write", "3/2/4")
	must(store.Close())
}
