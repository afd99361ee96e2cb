// Package store keeps a miner's idle space on disk: the sets of files, the accumulator over them with its shape, and a
// journal of the change that is under way. It may be killed after any step; Open finds the last durable state, and
// Reconcile settles an unfinished change by what the chain says.
//
//	space/idle-files-<s>/   sets, in the layout of upstream miners
//	elements/set-<s>        the 256 elements of a certified set with their primes; can be recomputed from the files
//	state.json              accumulator, pending change, snapshots for open challenges, pinned front
//
// The life of a set: Generate, Insertion (journals the change and gives the proof), then Confirm when the chain has it
// or Rollback when it will not. Deletion works the same way. Clean frees what is no longer needed.
package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/disk"
)

var (
	// ErrOther reports a folder that belongs to another miner, key or parameters.
	ErrOther = errors.New("pois store: folder belongs to another miner or other parameters")
	// ErrPending reports that another change is under way: Confirm, Rollback or Reconcile first.
	ErrPending = errors.New("pois store: another change is under way")
	// ErrNoPending reports that there is nothing to confirm.
	ErrNoPending = errors.New("pois store: no change is under way")
	// ErrDiverged reports that the chain knows a state that this folder does not: Rebuild from the files.
	ErrDiverged = errors.New("pois store: state differs from the chain")
)

// Config says whose space it is.
type Config struct {
	Params pois.Params
	ID     pois.ID
	Key    accumulator.Key
	// FS changes files. Default disk.OS.
	FS disk.FS
}

// Store is one miner's idle space. Only one Store may be open on a folder, which Open sees to. Its methods may be called
// from any goroutine; those that change the accumulator wait for each other.
type Store struct {
	dir  string
	c    Config
	lock *os.File

	mu       sync.Mutex // guards what follows
	state    state
	acc      *accumulator.Accumulator
	next     *accumulator.Accumulator // after the pending change
	elements elementCache
}

// Open opens the folder, or starts an empty one. It fails with ErrInUse if it is open already, and with ErrOther if it is
// not of this miner.
func Open(dir string, c Config) (*Store, error) {
	if c.FS == nil {
		c.FS = disk.OS
	}
	if err := c.Params.Validate(); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, c: c}
	for _, d := range []string{dir, s.spaceDir(), s.elementsDir()} {
		if err := c.FS.MkdirAll(d); err != nil {
			return nil, err
		}
	}
	var err error
	if s.lock, err = lockFolder(dir); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// load takes the stored state, or stores an empty one.
func (s *Store) load() error {
	c := s.c
	b, err := os.ReadFile(s.statePath())
	if errors.Is(err, os.ErrNotExist) {
		s.acc = accumulator.New(c.Key, source{s})
		s.state = newState(c, s.acc)
		return s.save(s.state)
	}
	if err != nil {
		return err
	}
	if s.state, err = parseState(b); err != nil {
		return err
	}
	fresh := newState(c, accumulator.New(c.Key, source{s}))
	if s.state.Params != fresh.Params || !bytes.Equal(s.state.ID, fresh.ID) || !bytes.Equal(s.state.Key, fresh.Key) {
		return ErrOther
	}
	if s.acc, err = accumulator.Restore(c.Key, source{s}, s.state.Current); err != nil {
		return err
	}
	if p := s.state.Pending; p != nil {
		s.next, err = accumulator.Restore(c.Key, source{s}, p.Next)
	}
	return err
}

func (s *Store) spaceDir() string    { return filepath.Join(s.dir, "space") }
func (s *Store) elementsDir() string { return filepath.Join(s.dir, "elements") }
func (s *Store) statePath() string   { return filepath.Join(s.dir, "state.json") }

// Set names a set of this space, whether it exists or not.
func (s *Store) Set(number int64) (*pois.Set, error) {
	return pois.OpenSet(s.c.Params, s.c.ID, number, filepath.Join(s.spaceDir(), fmt.Sprintf("idle-files-%d", number)))
}

// Status is the last confirmed state.
func (s *Store) Status() pois.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return statusOf(s.acc)
}

func statusOf(a *accumulator.Accumulator) pois.Status {
	return pois.Status{Acc: a.Value(), Front: a.Front(), Rear: a.Rear()}
}

// Pending is the state after the change under way, if there is one.
func (s *Store) Pending() (pois.Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		return pois.Status{}, false
	}
	return statusOf(s.next), true
}

// Generate computes an uncertified set, or the rest of it (see pois.Generate). Sets may be generated ahead and at once.
func (s *Store) Generate(ctx context.Context, number int64, o pois.GenerateOptions) (*pois.Set, error) {
	if rear := s.Status().Rear; number <= rear/pois.SetFiles {
		return nil, fmt.Errorf("generate set %d: it is certified already", number)
	}
	set, err := s.Set(number)
	if err != nil {
		return nil, err
	}
	if o.FS == nil {
		o.FS = s.c.FS
	}
	return set, pois.Generate(ctx, set, o)
}

// Ready lists the sets after the last certified one, in order, that are generated completely.
func (s *Store) Ready() []int64 {
	var ready []int64
	for number := s.Status().Rear/pois.SetFiles + 1; ; number++ {
		set, err := s.Set(number)
		if err != nil {
			return ready
		}
		if _, err := set.Roots(); err != nil {
			return ready
		}
		ready = append(ready, number)
	}
}

// Pin keeps all files after front, because a challenge about that front is open; Clean will not remove them. Unpin with
// a negative front.
func (s *Store) Pin(front int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	st.Pinned = max(front, -1)
	return s.commit(st)
}

// At gives the accumulator of a confirmed state: the current one or one of the last 64, for instance that of an open
// challenge. It fails with ErrDiverged if the state is not known.
func (s *Store) At(ctx context.Context, status pois.Status) (*accumulator.Accumulator, error) {
	s.mu.Lock()
	current := s.acc
	history := slices.Clone(s.state.History)
	s.mu.Unlock()
	if same(statusOf(current), status) {
		return current, nil
	}
	for _, h := range slices.Backward(history) {
		if same(pois.Status{Acc: h.Top, Front: h.Front, Rear: h.Rear}, status) {
			a, err := current.Derive(ctx, h.Front, h.Rear, h.Shape)
			if err != nil {
				return nil, err
			}
			if !same(statusOf(a), status) {
				return nil, fmt.Errorf("%w: elements of earlier files changed", ErrDiverged)
			}
			return a, nil
		}
	}
	return nil, ErrDiverged
}

func same(a, b pois.Status) bool {
	return a.Front == b.Front && a.Rear == b.Rear && bytes.Equal(bytes.TrimLeft(a.Acc, "\x00"), bytes.TrimLeft(b.Acc, "\x00"))
}
