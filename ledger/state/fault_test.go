package state

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// TestFaults makes every operation on the file system fail once, in one run
// each. The store must stop with an error, never be corrupted, and open again.
// GOCESS_FAULT_POINTS sets how many points are tried.
func TestFaults(t *testing.T) {
	points := envCount("GOCESS_FAULT_POINTS", 400)
	for seed := uint64(0); points > 0; seed++ {
		for op := 0; points > 0; op++ {
			points--
			if !failAt(t, seed, op) {
				break
			}
			op += int(seed+uint64(op)) % 3 // other points in every seed
		}
	}
}

// failAt reports whether the workload got as far as the operation.
func failAt(t *testing.T, seed uint64, op int) bool {
	t.Helper()
	w := newWorkload(seed)
	mem := vfs.NewCrashableMem()
	var count, failed atomic.Int64
	// A failed disk keeps failing in every second run.
	persistent := op%2 == 0
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(o errorfs.Op) error {
		switch o.Kind {
		case errorfs.OpFileClose, errorfs.OpGetDiskUsage, errorfs.OpLock:
			return nil
		}
		n := count.Add(1) - 1
		if n == int64(op) || persistent && n > int64(op) {
			failed.Add(1)
			return fmt.Errorf("disk fault in operation %d, kind %d on %s", n, o.Kind, o.Path)
		}
		return nil
	}))
	err := w.run(fs, workloadBlocks)
	if failed.Load() == 0 {
		if err != nil {
			t.Fatalf("seed %d without fault: %v", seed, err)
		}
		return false
	}
	if err != nil && !strings.Contains(err.Error(), "fault") && !errors.Is(err, ErrFailed) {
		t.Fatalf("seed %d, fault in operation %d: unexpected error %v", seed, op, err)
	}
	for name, left := range map[string]*vfs.MemFS{"as is": mem, "crashed": mem.CrashClone(vfs.CrashCloneCfg{})} {
		if err := w.check(left, w.acked.Load(), w.tried.Load(), true); err != nil {
			t.Fatalf("seed %d, fault in operation %d, disk %s: %v", seed, op, name, err)
		}
	}
	return true
}

// TestFaultIsFinal: after a failed sync every call is refused, although the disk
// has recovered, and nothing more is written; opening again finds one of the two
// heights.
func TestFaultIsFinal(t *testing.T) {
	mem := vfs.NewCrashableMem()
	var broken atomic.Bool
	var after atomic.Int64 // writes since the disk has recovered
	var recovered atomic.Bool
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if broken.Load() {
				return errorfs.ErrInjected
			}
		case errorfs.OpFileWrite, errorfs.OpCreate, errorfs.OpRemove:
			if recovered.Load() {
				after.Add(1)
			}
		}
		return nil
	}))
	s := mustOpen(t, fs)
	mustCommit(t, s, 0, []KV{{[]byte("a"), []byte("1")}}, nil)
	v, err := s.At(0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Stage(1, []KV{{[]byte("a"), []byte("2")}})
	if err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := s.Commit(p, nil); !errors.Is(err, ErrFailed) || !errors.Is(err, errorfs.ErrInjected) {
		t.Fatalf("commit on a broken disk: %v", err)
	}
	broken.Store(false)
	recovered.Store(true)
	for name, call := range map[string]func() error{
		"commit": func() error { return s.Commit(p, nil) },
		"stage":  func() error { _, err := s.Stage(1, nil); return err },
		"at":     func() error { _, err := s.At(0); return err },
		"get":    func() error { _, err := v.Get([]byte("a")); return err },
		"iter":   func() error { return v.Iter(nil, nil).Close() },
		"aux":    func() error { _, err := s.Aux([]byte("a")); return err },
		"prune":  func() error { return s.Prune(t.Context()) },
	} {
		if err := call(); !errors.Is(err, ErrFailed) {
			t.Errorf("%s after the fault: %v", name, err)
		}
	}
	if err := s.Close(); !errors.Is(err, ErrFailed) {
		t.Errorf("close after the fault: %v", err)
	}
	if n := after.Load(); n != 0 {
		t.Errorf("%d writes after the fault", n)
	}
	again := mustOpen(t, mem)
	head, ok := again.Height()
	if !ok || head > 1 {
		t.Fatalf("found height %d, %v", head, ok)
	}
	mustCommit(t, again, head+1, []KV{{[]byte("a"), []byte("3")}}, nil)
	if err := again.Verify(t.Context(), head+1); err != nil {
		t.Error(err)
	}
}
