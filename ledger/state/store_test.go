package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

func TestEmptyStore(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	if h, ok := s.Height(); ok {
		t.Errorf("empty store has height %d", h)
	}
	if _, err := s.At(0); !errors.Is(err, ErrFuture) {
		t.Errorf("At(0) of an empty store: %v", err)
	}
	if _, err := s.Stage(0, []KV{{[]byte("b"), nil}, {[]byte("a"), nil}}); !errors.Is(err, ErrInvalidChanges) {
		t.Errorf("unsorted changes: %v", err)
	}
	if _, err := s.Stage(0, []KV{{[]byte("a"), nil}, {[]byte("a"), nil}}); !errors.Is(err, ErrInvalidChanges) {
		t.Errorf("duplicate changes: %v", err)
	}
	if _, err := s.Stage(0, []KV{{make([]byte, MaxKeySize+1), nil}}); !errors.Is(err, ErrInvalidChanges) {
		t.Errorf("long key: %v", err)
	}
	p, err := s.Stage(0, nil)
	if err != nil || p.Root() != emptyRoot || p.Height() != 0 {
		t.Fatalf("empty genesis: root %x, %v", p.Root(), err)
	}
	if err := s.Commit(p, nil); err != nil {
		t.Fatal(err)
	}
	v, err := s.At(0)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := checkProof(v, "anything", nil); err != nil {
		t.Error(err)
	}
	if _, err := VerifyProof([32]byte{1}, nil, []byte("a")); !errors.Is(err, ErrInvalidProof) {
		t.Errorf("empty proof of a state: %v", err)
	}
}

// TestCandidates: one of several candidates of a height wins, and a candidate
// counts only for the block it was staged on.
func TestCandidates(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	later, err := s.Stage(6, []KV{{[]byte("k"), []byte("no parent")}})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, 5, []KV{{[]byte("k"), []byte("five")}}, nil) // a restored snapshot
	if err := s.Commit(later, nil); !errors.Is(err, ErrStale) {
		t.Errorf("candidate without its parent: %v", err)
	}
	a, err := s.Stage(6, []KV{{[]byte("k"), []byte("a")}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Stage(6, []KV{{[]byte("k"), []byte("b")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stage(5, nil); !errors.Is(err, ErrStale) {
		t.Errorf("stage a committed height: %v", err)
	}
	if _, err := s.Stage(7, nil); !errors.Is(err, ErrFuture) {
		t.Errorf("stage with a gap: %v", err)
	}
	if err := s.Commit(b, nil); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Staged{"rival": a, "same again": b} {
		if err := s.Commit(p, nil); !errors.Is(err, ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := mustOpen(t, vfs.NewMem())
	foreign, err := other.Stage(7, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(foreign, nil); !errors.Is(err, ErrStale) {
		t.Errorf("candidate of another store: %v", err)
	}
	if _, err := s.At(4); !errors.Is(err, ErrPruned) {
		t.Errorf("height before the snapshot: %v", err)
	}
}

// TestParallelStage: the root does not depend on the number of workers.
func TestParallelStage(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	pairs := make(map[string][]byte)
	key := func(i int) string {
		k := binary.LittleEndian.AppendUint32(nil, uint32(i)*2654435761)
		return string(append([]byte("shared prefix"), k...))
	}
	for i := range 5000 {
		pairs[key(i)] = make([]byte, rng.IntN(50))
	}
	changes := make(map[string][]byte)
	for i := range 6000 {
		if rng.IntN(2) == 0 {
			changes[key(i)] = nil
		} else {
			changes[key(i)] = binary.BigEndian.AppendUint64(nil, rng.Uint64())
		}
	}
	after := applied(pairs, sortedPairs(changes))
	for _, workers := range []int{1, 2, 16} {
		s := mustOpen(t, vfs.NewMem(), WithWorkers(workers))
		if got, want := mustCommit(t, s, 0, sortedPairs(pairs), nil), referenceRoot(pairs, 32); got != want {
			t.Fatalf("%d workers: genesis root %x, want %x", workers, got, want)
		}
		if got, want := mustCommit(t, s, 1, sortedPairs(changes), nil), referenceRoot(after, 32); got != want {
			t.Fatalf("%d workers: root %x, want %x", workers, got, want)
		}
		if err := s.Verify(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStageTouchesOnlyChangedPaths: one change of a large state loads and writes
// as many nodes as the trie is deep.
func TestStageTouchesOnlyChangedPaths(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	pairs := make(map[string][]byte)
	for i := range 10_000 {
		pairs[string(benchKey(i))] = make([]byte, 40)
	}
	mustCommit(t, s, 0, sortedPairs(pairs), nil)
	p, err := s.Stage(1, []KV{{benchKey(77), []byte("new")}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.nodes); n < 3 || n > 7 {
		t.Errorf("one change writes %d nodes", n)
	}
	same, err := s.Stage(1, []KV{{benchKey(77), make([]byte, 40)}, {[]byte("absent"), nil}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(same.nodes); n != 0 || same.Root() != mustRoot(t, s, 0) {
		t.Errorf("no change writes %d nodes", n)
	}
}

func mustRoot(t *testing.T, s *Store, height uint64) [32]byte {
	t.Helper()
	v, err := s.At(height)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	return v.Root()
}

// TestViewHoldsPruning: an open view keeps its height and all above.
func TestViewHoldsPruning(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), WithRetention(1), WithBackgroundPruning(false))
	for h := range uint64(5) {
		mustCommit(t, s, h, []KV{{[]byte("k"), []byte{byte(h)}}}, nil)
	}
	v, err := s.At(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if oldest, _ := s.Oldest(); oldest != 2 {
		t.Errorf("oldest is %d under a view at 2", oldest)
	}
	if got, err := v.Get([]byte("k")); err != nil || !bytes.Equal(got, []byte{2}) {
		t.Errorf("view at 2 reads %x, %v", got, err)
	}
	v.Close()
	v.Close()
	if _, err := v.Get([]byte("other")); !errors.Is(err, ErrClosed) {
		t.Errorf("closed view: %v", err)
	}
	if it := v.Iter(nil, nil); it.Next() || !errors.Is(it.Close(), ErrClosed) {
		t.Error("closed view iterates")
	}
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if oldest, _ := s.Oldest(); oldest != 4 {
		t.Errorf("oldest is %d, want 4", oldest)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Prune(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("pruning with an ended context: %v", err)
	}
}

// TestArchiveThenPruned: heights committed as an archive can be pruned later,
// also with lists of several chunks and across restarts in the middle of one.
func TestArchiveThenPruned(t *testing.T) {
	fs := vfs.NewMem()
	s := mustOpen(t, fs, WithRetention(0))
	var m model
	for h := range uint64(4) {
		var changes []KV
		for i := range 3000 {
			if h < 3 || i%2 == 0 {
				changes = append(changes, KV{fmt.Appendf(nil, "%05d", i*3), bytes.Repeat([]byte{byte(h)}, 40)})
			} else {
				changes = append(changes, KV{fmt.Appendf(nil, "%05d", i*3), nil})
			}
		}
		m.push(changes, nil)
		mustCommit(t, s, h, changes, nil)
	}
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if oldest, _ := s.Oldest(); oldest != 0 {
		t.Fatalf("archive pruned up to %d", oldest)
	}
	steps := 0
	for more := true; more; steps++ {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, fs, WithRetention(1), WithBackgroundPruning(false))
		var err error
		if more, err = s.pruneStep(); err != nil {
			t.Fatal(err)
		}
		if err := m.checkHeight(s, 3); err != nil {
			t.Fatal(err)
		}
	}
	if steps < 6 {
		t.Errorf("three heights were pruned in %d steps; the lists are in one chunk each", steps)
	}
	count := 0
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindValue, endOfName}})
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		count++
	}
	it.Close()
	if count != len(m.last()) {
		t.Errorf("%d value versions left, want %d", count, len(m.last()))
	}
}

// TestVerifyFindsDamage: a value that was changed behind the trie's back.
func TestVerifyFindsDamage(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	mustCommit(t, s, 0, []KV{{[]byte("a"), []byte("1")}, {[]byte("b"), []byte("2")}}, nil)
	if err := s.Verify(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	key := appendVersion(appendName(nil, kindValue, []byte("b")), 0)
	if err := s.db.Set(key, []byte{liveMark, '3'}, pebble.Sync); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), 0); !errors.Is(err, ErrCorrupt) {
		t.Errorf("damaged value: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Verify(ended, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestClose(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	mustCommit(t, s, 0, []KV{{[]byte("a"), []byte("1")}, {[]byte("b"), []byte("2")}}, []KV{{[]byte("x"), []byte("y")}})
	v, err := s.At(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get([]byte("absent")); err != nil {
		t.Fatal(err)
	}
	it := v.Iter(nil, nil)
	if !it.Next() {
		t.Fatal("nothing to iterate")
	}
	p, err := s.Stage(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatalf("close with an open view and iterator: %v", err)
	}
	if it.Next() || !errors.Is(it.Close(), ErrClosed) {
		t.Error("iterator goes on in a closed store")
	}
	for name, call := range map[string]func() error{
		"cached get": func() error { _, err := v.Get([]byte("a")); return err },
		"get":        func() error { _, err := v.Get([]byte("c")); return err },
		"prove":      func() error { _, err := v.Prove([][]byte{[]byte("a")}); return err },
		"at":         func() error { _, err := s.At(0); return err },
		"stage":      func() error { _, err := s.Stage(1, nil); return err },
		"commit":     func() error { return s.Commit(p, nil) },
		"aux":        func() error { _, err := s.Aux([]byte("x")); return err },
		"aux iter":   func() error { return s.AuxIter(nil, nil).Close() },
		"prune":      func() error { return s.Prune(t.Context()) },
		"verify":     func() error { return s.Verify(t.Context(), 0) },
	} {
		if err := call(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s after close: %v", name, err)
		}
	}
	if err := v.Close(); err != nil {
		t.Errorf("close a view late: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, opt := range map[string]Option{
		"no file system": WithFS(nil), "tiny cache": WithCacheSize(1), "no workers": WithWorkers(0),
		"no logger": WithLogger(nil), "tiny write buffer": WithWriteBuffer(1),
	} {
		if _, err := Open("db", WithFS(vfs.NewMem()), opt); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
	fs := vfs.NewMem()
	s := mustOpen(t, fs)
	if _, err := Open("db", WithFS(fs)); err == nil {
		t.Error("opened twice")
	}
	mustCommit(t, s, 0, nil, nil)
	if err := s.db.Set(metaKey(metaFormat), []byte{layoutVersion + 1}, pebble.Sync); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("db", WithFS(fs)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("another layout: %v", err)
	}
}
