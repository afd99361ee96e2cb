package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"
)

// model is the whole history in maps: one per height.
type model struct {
	values []map[string][]byte
	aux    []map[string][]byte
	roots  [][32]byte
}

func (m *model) last() map[string][]byte {
	if len(m.values) == 0 {
		return nil
	}
	return m.values[len(m.values)-1]
}

// push appends the height that follows from changes.
func (m *model) push(changes, aux []KV) {
	m.values = append(m.values, applied(m.last(), changes))
	var before map[string][]byte
	if len(m.aux) > 0 {
		before = m.aux[len(m.aux)-1]
	}
	m.aux = append(m.aux, applied(before, aux))
	m.roots = append(m.roots, referenceRoot(m.last(), 32))
}

func applied(before map[string][]byte, changes []KV) map[string][]byte {
	after := make(map[string][]byte, len(before))
	maps.Copy(after, before)
	for _, c := range changes {
		if c.Value == nil {
			delete(after, string(c.Key))
		} else {
			after[string(c.Key)] = c.Value
		}
	}
	return after
}

// checkHeight compares everything that can be read at a height with the model.
func (m *model) checkHeight(s *Store, height uint64) error {
	v, err := s.At(height)
	if err != nil {
		return err
	}
	defer v.Close()
	want := m.values[height]
	if v.Root() != m.roots[height] {
		return fmt.Errorf("root at %d is %x, want %x", height, v.Root(), m.roots[height])
	}
	if err := sameIteration(v.Iter(nil, nil), sortedPairs(want)); err != nil {
		return fmt.Errorf("iteration at %d: %w", height, err)
	}
	for k, val := range want {
		got, err := v.Get([]byte(k))
		if err != nil || got == nil || !bytes.Equal(got, val) {
			return fmt.Errorf("get %x at %d: %x, %v; want %x", k, height, got, err, val)
		}
	}
	return nil
}

func sameIteration(it *Iterator, want []KV) error {
	i := 0
	for ; it.Next(); i++ {
		if i == len(want) {
			it.Close()
			return fmt.Errorf("key %x too many", it.Key())
		}
		if !bytes.Equal(it.Key(), want[i].Key) || !bytes.Equal(it.Value(), want[i].Value) {
			err := fmt.Errorf("%x=%x, want %x=%x", it.Key(), it.Value(), want[i].Key, want[i].Value)
			it.Close()
			return err
		}
	}
	if err := it.Close(); err != nil {
		return err
	}
	if i != len(want) {
		return fmt.Errorf("%d keys, want %d", i, len(want))
	}
	return nil
}

// checkProof proves key at the view and verifies it.
func checkProof(v *View, key string, want []byte) error {
	proof, err := v.Prove([][]byte{[]byte(key)})
	if err != nil {
		return err
	}
	got, err := VerifyProof(v.Root(), proof, []byte(key))
	if err != nil || !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		return fmt.Errorf("proof of %x at %d: %x, %v; want %x", key, v.Height(), got, err, want)
	}
	return nil
}

func mustOpen(t testing.TB, fs vfs.FS, opts ...Option) *Store {
	t.Helper()
	s, err := Open("db", append([]Option{WithFS(fs), WithCacheSize(4 << 20), WithWriteBuffer(256 << 10)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustCommit(t testing.TB, s *Store, height uint64, changes, aux []KV) [32]byte {
	t.Helper()
	p, err := s.Stage(height, changes)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(p, aux); err != nil {
		t.Fatal(err)
	}
	return p.Root()
}

func genChanges(t *rapid.T, label string, present map[string][]byte) []KV {
	m := make(map[string][]byte)
	known := slices.Sorted(maps.Keys(present))
	for range rapid.IntRange(0, 12).Draw(t, label+"Count") {
		if len(known) > 0 && rapid.Bool().Draw(t, "existing") {
			k := rapid.SampledFrom(known).Draw(t, "key")
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				m[k] = rapid.SampledFrom([][]byte{present[k], nil}).Draw(t, "same or gone")
			case 1, 2:
				m[k] = nil
			default:
				m[k] = genValue().Draw(t, "value")
			}
			continue
		}
		k := genKey().Draw(t, "key")
		if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
			m[k] = nil
		} else {
			m[k] = genValue().Draw(t, "value")
		}
	}
	return sortedPairs(m)
}

// TestStoreMatchesModel runs random histories, with several candidates per
// height, reopening and pruning, against a map per height.
func TestStoreMatchesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := vfs.NewMem()
		retention := rapid.SampledFrom([]uint64{0, 1, 3}).Draw(t, "retention")
		// A small cache evicts all the time, a large one never.
		opts := []Option{WithFS(fs), WithBackgroundPruning(false), WithRetention(retention), WithWriteBuffer(64 << 10),
			WithCacheSize(rapid.SampledFrom([]int64{1 << 20, 8 << 20}).Draw(t, "cache"))}
		s, err := Open("db", opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close() }()
		var m model
		blocks := rapid.IntRange(1, 12).Draw(t, "blocks")
		for height := range uint64(blocks) {
			rival, err := s.Stage(height, genChanges(t, "rival", m.last()))
			if err != nil {
				t.Fatal(err)
			}
			changes := genChanges(t, "changes", m.last())
			p, err := s.Stage(height, changes)
			if err != nil {
				t.Fatal(err)
			}
			aux := sortedPairs(map[string][]byte{fmt.Sprint(height): {byte(height)}, "last": {byte(height)}, fmt.Sprint(height - 2): nil})
			m.push(changes, aux)
			if p.Root() != m.roots[height] {
				t.Fatalf("staged root %x, reference %x", p.Root(), m.roots[height])
			}
			if err := s.Commit(p, aux); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(rival, nil); !errors.Is(err, ErrStale) {
				t.Fatalf("second candidate committed: %v", err)
			}
			switch rapid.IntRange(0, 4).Draw(t, "then") {
			case 0:
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = Open("db", opts...); err != nil {
					t.Fatal(err)
				}
			case 1:
				if err := s.Prune(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.Prune(context.Background()); err != nil {
			t.Fatal(err)
		}
		checkStore(t, s, &m, retention)
	})
}

func checkStore(t *rapid.T, s *Store, m *model, retention uint64) {
	head, _ := s.Height()
	oldest := uint64(0)
	if retention > 0 && head+1 > retention {
		oldest = head + 1 - retention
	}
	for height := range uint64(len(m.values)) {
		if height < oldest {
			if _, err := s.At(height); !errors.Is(err, ErrPruned) {
				t.Fatalf("height %d of %d with retention %d: %v", height, head, retention, err)
			}
			continue
		}
		if err := m.checkHeight(s, height); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(context.Background(), height); err != nil {
			t.Fatal(err)
		}
		v, err := s.At(height)
		if err != nil {
			t.Fatal(err)
		}
		want := m.values[height]
		for k, val := range want {
			if err := checkProof(v, k, val); err != nil {
				t.Fatal(err)
			}
		}
		absent := genKey().Draw(t, "absent")
		if err := checkProof(v, absent, want[absent]); err != nil {
			t.Fatal(err)
		}
		prefix, after := genKey().Draw(t, "prefix"), genKey().Draw(t, "after")
		var part []KV
		for _, p := range sortedPairs(want) {
			if strings.HasPrefix(string(p.Key), prefix) && string(p.Key) > after {
				part = append(part, p)
			}
		}
		if err := sameIteration(v.Iter([]byte(prefix), []byte(after)), part); err != nil {
			t.Fatalf("prefix %x after %x at %d: %v", prefix, after, height, err)
		}
		v.Close()
	}
	if _, err := s.At(head + 1); !errors.Is(err, ErrFuture) {
		t.Fatalf("height %d of %d: %v", head+1, head, err)
	}
	if err := sameIteration(s.AuxIter(nil, nil), sortedPairs(m.aux[len(m.aux)-1])); err != nil {
		t.Fatalf("side records: %v", err)
	}
	checkNothingLeft(t, s, m, oldest)
}

// checkNothingLeft counts what is stored: with all but the last height pruned
// there is one version of each key and each node, and no deletion mark.
func checkNothingLeft(t *rapid.T, s *Store, m *model, oldest uint64) {
	head, _ := s.Height()
	if oldest != head {
		return
	}
	it, err := s.db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	count := make(map[byte]int)
	for ok := it.First(); ok; ok = it.Next() {
		count[it.Key()[0]]++
		if kind := it.Key()[0]; (kind == kindValue || kind == kindNode) && len(it.Value()) == 0 {
			t.Fatalf("deletion mark left: %q", it.Key())
		}
	}
	if got, want := count[kindValue], len(m.last()); got != want {
		t.Fatalf("%d value versions left, want %d", got, want)
	}
	if got, want := count[kindNode], storedNodes(m.last()); got != want {
		t.Fatalf("%d trie nodes left, want %d", got, want)
	}
	// The list of the oldest height itself is gone, and so are all roots below.
	if count[kindSuperseded] != 0 || count[kindRoot] != 1 {
		t.Fatalf("%d lists and %d roots left", count[kindSuperseded], count[kindRoot])
	}
}

// storedNodes counts the nodes that a trie over pairs stores.
func storedNodes(pairs map[string][]byte) int {
	if len(pairs) == 0 {
		return 0
	}
	u := &updater{version: V1, effects: make([]effect, len(pairs))}
	var root slot
	if err := u.apply(&root, 0, newOps(sortedPairs(pairs))); err != nil {
		panic(err)
	}
	u.finishRoot(&root)
	return len(u.writes)
}

// randomChanges is the plain generator of the crash and race tests.
func randomChanges(rng *rand.Rand, present map[string][]byte, n int) []KV {
	m := make(map[string][]byte)
	known := slices.Sorted(maps.Keys(present))
	for range n {
		key := make([]byte, 1+rng.IntN(3))
		for i := range key {
			key[i] = byte(rng.IntN(4)) * 0x11
		}
		if len(known) > 0 && rng.IntN(2) == 0 {
			key = []byte(known[rng.IntN(len(known))])
		}
		if rng.IntN(3) == 0 {
			m[string(key)] = nil
			continue
		}
		val := make([]byte, rng.IntN(60))
		for i := range val {
			val[i] = byte(rng.Uint32())
		}
		m[string(key)] = val
	}
	return sortedPairs(m)
}
