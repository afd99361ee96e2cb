package state

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// TestCrash stops the machine before every operation on the file system, with
// all, none or some of what was not synced, and opens what is left.
// GOCESS_CRASH_POINTS sets how many points are tried.
func TestCrash(t *testing.T) {
	points := envCount("GOCESS_CRASH_POINTS", 2000)
	for seed := uint64(0); points > 0; seed++ {
		points -= crashAll(t, seed, points)
		if t.Failed() {
			return
		}
	}
}

type crash struct {
	fs          *vfs.MemFS
	op          int
	least, most int64
}

func crashAll(t *testing.T, seed uint64, limit int) int {
	w := newWorkload(seed)
	mem := vfs.NewCrashableMem()
	var mu sync.Mutex // guards the fields below
	var crashes []crash
	rng := rand.New(rand.NewPCG(seed, 2))
	ops := 0
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsRead {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		ops++
		if len(crashes) < limit {
			c := crash{op: ops, least: w.acked.Load()}
			percent := []int{0, 0, 30, 70, 100}[rng.IntN(5)]
			c.fs = mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng})
			c.most = w.tried.Load()
			crashes = append(crashes, c)
		}
		return nil
	}))
	if err := w.run(fs, workloadBlocks); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for i, c := range crashes {
		if err := w.check(c.fs, c.least, c.most, i%8 == 0); err != nil {
			t.Fatalf("seed %d, crash before operation %d: %v", seed, c.op, err)
		}
	}
	return len(crashes)
}

// TestCrashDuringRecovery crashes again while a crashed store is opened.
func TestCrashDuringRecovery(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorkload(seed)
		mem := vfs.NewCrashableMem()
		if err := w.run(mem, 6); err != nil {
			t.Fatal(err)
		}
		s, err := w.open(mem)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := w.block(s); err != nil {
				t.Fatal(err)
			}
		}
		first := mem.CrashClone(vfs.CrashCloneCfg{})
		s.Close()
		rng := rand.New(rand.NewPCG(seed, 3))
		var second []*vfs.MemFS
		var mu sync.Mutex // guards second and rng
		fs := errorfs.Wrap(first, errorfs.InjectorFunc(func(op errorfs.Op) error {
			mu.Lock()
			defer mu.Unlock()
			if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
				second = append(second, first.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rng}))
			}
			return nil
		}))
		if err := w.check(fs, 11, 11, false); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i, fs := range second {
			if err := w.check(fs, 11, 11, i%8 == 0); err != nil {
				t.Fatalf("seed %d, operation %d of recovery: %v", seed, i, err)
			}
		}
	}
}

// Lazy commits can be read at once; a crash loses none before a durable one, and
// of those after it only the last.
func TestLazyCommits(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 5))
		w := newWorkload(seed)
		w.retention = 0
		mem := vfs.NewCrashableMem()
		s, err := w.open(mem)
		must(t, err)
		durable := int64(0)
		for height := range uint64(30) {
			changes := randomChanges(w.rng, w.model.last(), 10)
			w.model.push(changes, nil)
			p, err := s.Stage(height, changes)
			must(t, err)
			if rng.IntN(4) > 0 {
				must(t, s.CommitLazily(p, nil))
			} else {
				must(t, s.Commit(p, nil))
				durable = int64(height) + 1
			}
			must(t, w.model.checkHeight(s, height))
			left := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
			if err := w.check(left, durable, int64(height)+1, height%8 == 0); err != nil {
				t.Fatalf("seed %d, crash after %d: %v", seed, height, err)
			}
		}
		must(t, s.Close())
	}
}
