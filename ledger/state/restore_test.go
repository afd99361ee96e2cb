package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"pgregory.net/rapid"
)

// streamOf makes a stream without a store.
func streamOf(pairs map[string][]byte) []byte {
	var out []byte
	for _, p := range sortedPairs(pairs) {
		out = appendPair(out, p.Key, p.Value)
	}
	return out
}

func genState(t *rapid.T, label string) map[string][]byte {
	return applied(nil, genChanges(t, label, nil))
}

// A stream can be read from any place that was marked, in pieces of any size,
// and equals what the pairs give.
func TestStreamFromMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := Open("db", WithFS(vfs.NewMem()), WithCacheSize(1<<20), WithWriteBuffer(64<<10))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		pairs := genState(t, "state")
		p, err := s.Stage(7, sortedPairs(pairs))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(p, nil); err != nil {
			t.Fatal(err)
		}
		v, err := s.At(7)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		want := streamOf(pairs)
		size := rapid.IntRange(1, 40).Draw(t, "piece")
		first := v.Stream(Mark{})
		var marks []Mark
		var got []byte
		for {
			marks = append(marks, first.Mark())
			piece := make([]byte, size)
			n, err := io.ReadFull(first, piece)
			got = append(got, piece[:n]...)
			if err != nil {
				break
			}
		}
		if err := first.Close(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("stream is %x, %v; want %x", got, err, want)
		}
		i := rapid.IntRange(0, len(marks)-1).Draw(t, "mark")
		again := v.Stream(marks[i])
		rest, err := io.ReadAll(again)
		if err := errors.Join(err, again.Close()); err != nil || !bytes.Equal(rest, want[min(i*size, len(want)):]) {
			t.Fatalf("from mark %d: %x, %v; want %x", i, rest, err, want[i*size:])
		}
	})
}

// A restored state is the whole state, whatever was there before, and the store
// goes on from it. What was there before is pruned.
func TestRestoreReplaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := vfs.NewMem()
		opts := []Option{WithFS(fs), WithBackgroundPruning(false), WithCacheSize(1 << 20), WithWriteBuffer(64 << 10)}
		s, err := Open("db", opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close() }()
		var m model
		for height := range uint64(rapid.IntRange(0, 3).Draw(t, "before")) {
			changes := genChanges(t, "changes", m.last())
			m.push(changes, nil)
			commitTo(t, s, height, changes, nil)
		}
		var old *View
		if head, ok := s.Height(); ok && rapid.Bool().Draw(t, "reader") {
			if old, err = s.At(head); err != nil {
				t.Fatal(err)
			}
		}
		before := m.last()
		pairs := genState(t, "restored")
		height := uint64(len(m.values)) + uint64(rapid.IntRange(0, 9).Draw(t, "ahead"))
		aux := []KV{{[]byte("aux"), []byte("restored")}}
		restoreTo(t, s, height, pairs, aux)
		for uint64(len(m.values)) < height {
			m.push(nil, nil)
		}
		m.values, m.aux = append(m.values, pairs), append(m.aux, applied(nil, aux))
		m.roots = append(m.roots, referenceRoot(pairs, 32))
		if old != nil {
			if err := sameIteration(old.Iter(nil, nil), sortedPairs(before)); err != nil {
				t.Fatalf("the reader from before: %v", err)
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if rapid.Bool().Draw(t, "reopen") {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = Open("db", opts...); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkRestored(t, s, &m, height)
		checkVersions(t, s)
	})
}

func commitTo(t *rapid.T, s *Store, height uint64, changes, aux []KV) {
	p, err := s.Stage(height, changes)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(p, aux); err != nil {
		t.Fatal(err)
	}
}

func restoreTo(t *rapid.T, s *Store, height uint64, pairs map[string][]byte, aux []KV) {
	r, err := s.Restore(height)
	if err != nil {
		t.Fatal(err)
	}
	for rest := streamOf(pairs); len(rest) > 0; {
		n := min(len(rest), rapid.IntRange(1, 50).Draw(t, "piece"))
		if _, err := r.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	for key, want := range pairs {
		if got, err := r.Get([]byte(key)); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("get %x while restoring: %x, %v", key, got, err)
		}
		break
	}
	if err := r.Commit(referenceRoot(pairs, 32), aux); err != nil {
		t.Fatal(err)
	}
}

func checkRestored(t *rapid.T, s *Store, m *model, height uint64) {
	if err := errors.Join(m.checkHeight(s, height), s.Verify(t.Context(), height)); err != nil {
		t.Fatal(err)
	}
	if height > 0 {
		if _, err := s.At(height - 1); !errors.Is(err, ErrPruned) {
			t.Fatalf("state before the restored one: %v", err)
		}
	}
	changes := genChanges(t, "next", m.last())
	m.push(changes, nil)
	commitTo(t, s, height+1, changes, nil)
	if err := errors.Join(m.checkHeight(s, height+1), s.Verify(t.Context(), height+1)); err != nil {
		t.Fatal(err)
	}
	// The versions that the next block superseded are of no interest below.
	s.opts.retention = 1
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.checkHeight(s, height+1), s.Verify(t.Context(), height+1)); err != nil {
		t.Fatal(err)
	}
}

// checkVersions compares the number of stored versions with that of the values
// of the only state there is.
func checkVersions(t *rapid.T, s *Store) {
	head, _ := s.Height()
	v, err := s.At(head)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	live, stored := 0, 0
	it := v.Iter(nil, nil)
	for it.Next() {
		live++
	}
	lower, upper := rangeOf(kindValue, nil, nil)
	raw, err := s.newIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		t.Fatal(err)
	}
	for ok := raw.First(); ok; ok = raw.Next() {
		stored++
	}
	if err := errors.Join(it.Close(), s.closeIter(raw)); err != nil {
		t.Fatal(err)
	}
	if stored != live {
		t.Fatalf("%d versions are stored of %d values", stored, live)
	}
}

// A restore that is not committed leaves nothing behind, however it ends.
func TestUnfinishedRestore(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *Restore){
		"aborted":       func(t *testing.T, r *Restore) { must(t, errors.Join(r.Abort(), r.Abort())) },
		"left to Close": func(*testing.T, *Restore) {},
		"wrong root": func(t *testing.T, r *Restore) {
			if err := r.Commit([32]byte{1}, nil); !errors.Is(err, ErrOtherState) {
				t.Errorf("commit under another root: %v", err)
			}
			must(t, r.Abort())
		},
		"cut": func(t *testing.T, r *Restore) {
			if _, err := r.Write([]byte{5, 'x'}); err != nil {
				t.Fatal(err)
			}
			if err := r.Commit([32]byte{1}, nil); !errors.Is(err, ErrInvalidChanges) {
				t.Errorf("commit of a cut stream: %v", err)
			}
			must(t, r.Abort())
		},
	} {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			s := mustOpen(t, fs)
			genesis := mustCommit(t, s, 0, []KV{{[]byte("a"), []byte("1")}, {[]byte("b"), []byte("2")}}, nil)
			r, err := s.Restore(5)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Restore(6); !errors.Is(err, ErrRestoring) {
				t.Errorf("a second restore: %v", err)
			}
			if _, err := r.Write(streamOf(map[string][]byte{"a": []byte("other"), "c": make([]byte, 5000)})); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Get([]byte("a")); err != nil { // so that it is on disk
				t.Fatal(err)
			}
			p, err := s.Stage(1, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(p, nil); !errors.Is(err, ErrRestoring) {
				t.Errorf("commit during a restore: %v", err)
			}
			end(t, r)
			must(t, s.Close())
			s = mustOpen(t, fs)
			for height := uint64(1); height < 8; height++ {
				root := mustCommit(t, s, height, nil, nil)
				if root != genesis {
					t.Fatalf("root at %d is %x, want %x", height, root, genesis)
				}
				must(t, s.Verify(t.Context(), height))
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	s := mustOpen(t, vfs.NewMem())
	mustCommit(t, s, 3, nil, nil)
	if _, err := s.Restore(3); !errors.Is(err, ErrStale) {
		t.Errorf("restore of a committed height: %v", err)
	}
	for name, stream := range map[string][]byte{
		"descending": append(appendPair(nil, []byte("b"), nil), appendPair(nil, []byte("a"), nil)...),
		"twice":      append(appendPair(nil, []byte("b"), nil), appendPair(nil, []byte("b"), nil)...),
		"long key":   {0xff, 0xff, 0xff, 0x7f},
		"padded":     {0x80, 0x00},
		"endless":    bytes.Repeat([]byte{0x80}, 11),
	} {
		r, err := s.Restore(9)
		must(t, err)
		if _, err := r.Write(stream); !errors.Is(err, ErrInvalidChanges) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, r.Abort())
	}
}

// TestCrashDuringRestore stops the machine before every operation of a restore.
// What is left is the state before or the restored one, whole, and nothing of
// the other. GOCESS_CRASH_POINTS sets how many points are tried.
func TestCrashDuringRestore(t *testing.T) {
	points := envCount("GOCESS_CRASH_POINTS", 400)
	for seed := uint64(0); points > 0; seed++ {
		points -= crashRestore(t, seed, points)
		if t.Failed() {
			return
		}
	}
}

func crashRestore(t *testing.T, seed uint64, limit int) int {
	rng := rand.New(rand.NewPCG(seed, 4))
	var m model
	m.push(randomChanges(rng, nil, 30), nil)
	pairs := applied(nil, randomChanges(rng, m.last(), 60))
	pairs["~bulk"] = make([]byte, 200_000)
	const height = 9
	mem := vfs.NewCrashableMem()
	var mu sync.Mutex // guards crashes and rng
	var crashes []*vfs.MemFS
	on := false
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if on && op.Kind.ReadOrWrite() == errorfs.OpIsWrite && len(crashes) < limit {
			percent := []int{0, 30, 100}[rng.IntN(3)]
			crashes = append(crashes, mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng}))
		}
		return nil
	}))
	opts := func(fs vfs.FS) []Option {
		return []Option{WithFS(fs), WithRetention(0), WithBackgroundPruning(false), WithCacheSize(1 << 20), WithWriteBuffer(64 << 10)}
	}
	s, err := Open("db", opts(fs)...)
	must(t, err)
	p, err := s.Stage(0, sortedPairs(m.last()))
	must(t, err)
	must(t, s.Commit(p, nil))
	mu.Lock()
	on = true
	mu.Unlock()
	r, err := s.Restore(height)
	must(t, err)
	_, err = io.Copy(r, iotest.OneByteReader(bytes.NewReader(streamOf(pairs)[:64])))
	must(t, err)
	for rest := streamOf(pairs)[64:]; len(rest) > 0; {
		n := min(len(rest), 20_000)
		_, err := r.Write(rest[:n])
		must(t, err)
		_, err = r.Get([]byte("~"))
		must(t, err)
		rest = rest[n:]
	}
	must(t, r.Commit(referenceRoot(pairs, 32), nil))
	must(t, s.Close())
	for range height - 1 {
		m.push(nil, nil)
	}
	m.values, m.aux = append(m.values, pairs), append(m.aux, nil)
	m.roots = append(m.roots, referenceRoot(pairs, 32))
	for i, left := range crashes {
		if err := checkAfterRestore(t, &m, opts(left), height); err != nil {
			t.Fatalf("seed %d, crash before operation %d: %v", seed, i, err)
		}
	}
	return len(crashes)
}

func checkAfterRestore(t *testing.T, m *model, opts []Option, restored uint64) error {
	s, err := Open("db", opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	head, ok := s.Height()
	if !ok || head != 0 && head != restored {
		return fmt.Errorf("found height %d, %v", head, ok)
	}
	if err := errors.Join(m.checkHeight(s, head), s.Verify(t.Context(), head)); err != nil {
		return err
	}
	// Nothing of the unfinished state may appear later.
	for height := head + 1; height <= restored+1; height++ {
		p, err := s.Stage(height, nil)
		if err != nil {
			return err
		}
		if err := s.Commit(p, nil); err != nil {
			return err
		}
	}
	if err := s.Prune(t.Context()); err != nil {
		return err
	}
	last := restored + 1
	if len(m.values) <= int(last) {
		m.push(nil, nil)
	}
	expect := model{values: make([]map[string][]byte, last+1), roots: make([][32]byte, last+1)}
	expect.values[last], expect.roots[last] = m.values[head], m.roots[head]
	return errors.Join(expect.checkHeight(s, last), s.Verify(t.Context(), last))
}

// FuzzStream: bytes split into the same pairs however they arrive, what splits
// is canonical, and nothing else happens with hostile ones.
func FuzzStream(f *testing.F) {
	f.Add(streamOf(map[string][]byte{"": {}, "a": []byte("1"), "b": make([]byte, 300)}), uint8(3))
	f.Add([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		split := func(piece int) (out []byte, err error) {
			var s splitter
			for rest := b; len(rest) > 0 && err == nil; {
				n := min(piece, len(rest))
				err = s.add(rest[:n], func(key, value []byte) error {
					out = appendPair(out, key, value)
					return nil
				})
				rest = rest[n:]
			}
			return out, errors.Join(err, s.finish())
		}
		whole, err := split(len(b) + 1)
		pieces, errPieces := split(int(cut) + 1)
		if (err == nil) != (errPieces == nil) {
			t.Fatalf("at once: %v; in pieces: %v", err, errPieces)
		}
		if err == nil && (!bytes.Equal(whole, b) || !bytes.Equal(pieces, b)) {
			t.Fatalf("%x splits into %x and %x", b, whole, pieces)
		}
	})
}
