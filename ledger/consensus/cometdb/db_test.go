package cometdb

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

func open(t interface{ Fatal(...any) }, fs vfs.FS) *Store {
	opts := Options(slog.New(slog.DiscardHandler))
	opts.FS = fs
	s, err := Open("db", opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

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
	for name, close := range map[string]func(*Store, *DB) error{
		"store":    func(s *Store, _ *DB) error { return errors.Join(s.Close(), s.Close()) },
		"database": func(_ *Store, d *DB) error { return errors.Join(d.Close(), d.Close()) },
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

// While syncs are lazy a crash may lose writes, but only the last ones, and
// none from before Sync.
func TestLazySync(t *testing.T) {
	fs := vfs.NewCrashableMem()
	store := open(t, fs)
	store.SyncLazily(func() bool { return true })
	a, b := store.Database("a"), store.Database("b")
	after := func() string {
		crashed := open(t, fs.CrashClone(vfs.CrashCloneCfg{}))
		defer crashed.Close()
		found := ""
		for _, db := range []*DB{crashed.Database("a"), crashed.Database("b")} {
			v, err := db.Get([]byte("k"))
			if err != nil {
				t.Fatal(err)
			}
			found += string(v) + "/"
		}
		return found
	}
	if err := errors.Join(a.SetSync([]byte("k"), []byte("1")), b.SetSync([]byte("k"), []byte("1"))); err != nil {
		t.Fatal(err)
	}
	if got := after(); got != "//" {
		t.Errorf("before Sync a crash leaves %q", got)
	}
	if err := errors.Join(store.Sync(), b.SetSync([]byte("k"), []byte("2"))); err != nil {
		t.Fatal(err)
	}
	if got := after(); got != "1/1/" {
		t.Errorf("after Sync a crash leaves %q", got)
	}
	store.lazy = func() bool { return false }
	if err := a.SetSync([]byte("k"), []byte("3")); err != nil {
		t.Fatal(err)
	}
	if got := after(); got != "3/2/" {
		t.Errorf("after an eager sync a crash leaves %q", got)
	}
	if err := errors.Join(store.Sync(), store.Close()); err != nil {
		t.Fatal(err)
	}
}
