package state

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestConcurrent reads at many heights while blocks are staged, committed and
// pruned, and closes the store under the readers.
func TestConcurrent(t *testing.T) {
	const retention, blocks, readers = 4, 80, 3
	s := mustOpen(t, vfs.NewMem(), WithRetention(retention), WithCacheSize(1<<20), WithWriteBuffer(64<<10))
	var mu sync.RWMutex // guards m
	var m model
	var done atomic.Bool
	var running sync.WaitGroup
	for i := range readers {
		running.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 9))
			for {
				err := readSomething(s, &mu, &m, rng)
				switch {
				case err == nil:
				case done.Load() && errors.Is(err, ErrClosed):
					return
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 9))
	for h := range uint64(blocks) {
		changes := randomChanges(rng, m.last(), 30)
		rival := randomChanges(rng, m.last(), 30)
		mu.Lock()
		m.push(changes, nil)
		mu.Unlock()
		var other *Staged
		var otherErr error
		var staging sync.WaitGroup
		staging.Go(func() { other, otherErr = s.Stage(h, rival) })
		p, err := s.Stage(h, changes)
		staging.Wait()
		if err != nil || otherErr != nil {
			t.Fatal(err, otherErr)
		}
		if p.Root() != m.roots[h] {
			t.Fatalf("root at %d", h)
		}
		if err := s.Commit(p, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(other, nil); !errors.Is(err, ErrStale) {
			t.Fatal(err)
		}
	}
	done.Store(true)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	running.Wait()
}

func readSomething(s *Store, mu *sync.RWMutex, m *model, rng *rand.Rand) error {
	head, ok := s.Height()
	if !ok {
		return nil
	}
	oldest, _ := s.Oldest()
	height := oldest + rng.Uint64N(head-oldest+1)
	v, err := s.At(height)
	if errors.Is(err, ErrPruned) {
		return nil
	}
	if err != nil {
		return err
	}
	defer v.Close()
	mu.RLock()
	want, root := m.values[height], m.roots[height]
	mu.RUnlock()
	if v.Root() != root {
		return fmt.Errorf("root at %d", height)
	}
	for range 20 {
		key := string([]byte{byte(rng.IntN(4)) * 0x11, byte(rng.IntN(4)) * 0x11})
		got, err := v.Get([]byte(key))
		if err != nil {
			return err
		}
		if val, ok := want[key]; ok != (got != nil) || !bytes.Equal(got, val) {
			return fmt.Errorf("get %x at %d: %x, want %x", key, height, got, val)
		}
		if err := checkProof(v, key, want[key]); err != nil {
			return err
		}
	}
	return sameIteration(v.Iter(nil, nil), sortedPairs(want))
}
