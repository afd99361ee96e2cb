package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Crash and fault tests run a random workload on a file
// system that crashes or fails at some operation, and compare what is found
// afterwards with a map per height.

// workload commits blocks and prunes.
type workload struct {
	rng       *rand.Rand
	model     model
	retention uint64
	// acked is the number of heights whose Commit has returned, tried that of
	// heights whose Commit has begun.
	acked, tried atomic.Int64
}

const workloadBlocks = 24

func newWorkload(seed uint64) *workload {
	rng := rand.New(rand.NewPCG(seed, 0))
	return &workload{rng: rng, retention: []uint64{0, 2, 5}[rng.IntN(3)]}
}

func (w *workload) open(fs vfs.FS) (*Store, error) {
	return Open("db", WithFS(fs), WithRetention(w.retention), WithBackgroundPruning(false),
		WithCacheSize(1<<20), WithWriteBuffer(64<<10))
}

// run goes on with blocks until there are enough, stopping at an error.
func (w *workload) run(fs vfs.FS, blocks int) error {
	s, err := w.open(fs)
	if err != nil {
		return err
	}
	for range blocks {
		if err := w.block(s); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return s.Close()
}

func (w *workload) block(s *Store) error {
	height := uint64(w.acked.Load())
	changes := randomChanges(w.rng, w.model.last(), w.rng.IntN(25))
	if n := len(changes); n > 0 && string(changes[n-1].Key) == "~bulk" {
		changes = changes[:n-1]
	}
	changes = append(changes, KV{Key: []byte("~bulk"), Value: make([]byte, w.rng.IntN(8000))})
	aux := sortedPairs(map[string][]byte{
		"head":                       []byte(fmt.Sprint(height)),
		fmt.Sprint(height):           {byte(height)},
		fmt.Sprint(height - 3):       nil,
		"block" + fmt.Sprint(height): make([]byte, 100),
	})
	w.model.push(changes, aux)
	w.tried.Store(int64(height) + 1)
	p, err := s.Stage(height, changes)
	if err != nil {
		return err
	}
	if p.Root() != w.model.roots[height] {
		return fmt.Errorf("staged root at %d differs", height)
	}
	if err := s.Commit(p, aux); err != nil {
		return err
	}
	w.acked.Store(int64(height) + 1)
	if w.rng.IntN(3) == 0 {
		return s.Prune(context.Background())
	}
	return nil
}

// check opens what is left of the store. The last height must be one of least
// to most blocks, and everything retained must be whole.
func (w *workload) check(fs vfs.FS, least, most int64, thorough bool) error {
	s, err := w.open(fs)
	if err != nil {
		return err
	}
	defer s.Close()
	head, ok := s.Height()
	blocks := int64(0)
	if ok {
		blocks = int64(head) + 1
	}
	if blocks < least || blocks > most {
		return fmt.Errorf("found %d blocks, want %d to %d", blocks, least, most)
	}
	if !ok {
		return nil
	}
	oldest, _ := s.Oldest()
	heights := []uint64{head, oldest}
	if thorough {
		heights = heights[:0]
		for h := oldest; h <= head; h++ {
			heights = append(heights, h)
		}
	}
	for _, h := range heights {
		if err := w.model.checkHeight(s, h); err != nil {
			return err
		}
	}
	if err := sameIteration(s.AuxIter(nil, nil), sortedPairs(w.model.aux[head])); err != nil {
		return fmt.Errorf("side records at %d: %w", head, err)
	}
	if thorough {
		return w.resume(s, head)
	}
	return nil
}

// resume commits a block on what was found and checks it.
func (w *workload) resume(s *Store, head uint64) error {
	if err := s.Verify(context.Background(), head); err != nil {
		return err
	}
	changes := randomChanges(rand.New(rand.NewPCG(head, 1)), w.model.values[head], 20)
	p, err := s.Stage(head+1, changes)
	if err != nil {
		return err
	}
	if want := referenceRoot(applied(w.model.values[head], changes), 32); p.Root() != want {
		return fmt.Errorf("root of the block after %d is %x, want %x", head, p.Root(), want)
	}
	if err := s.Commit(p, nil); err != nil {
		return err
	}
	if err := s.Prune(context.Background()); err != nil {
		return err
	}
	return s.Verify(context.Background(), head+1)
}

// envCount lets a longer run ask for more than the default.
func envCount(name string, count int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return count / slowdown
}
