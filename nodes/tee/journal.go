package tee

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// journal keeps one record for each miner that is in the middle of something:
// a file, replaced durably, that a restart finds again. Records expire.
type journal[R any] struct {
	dir string
	ttl time.Duration

	mu   sync.Mutex
	busy map[substrate.AccountID]chan struct{} // guarded by mu; closed when the miner's record is free
}

// entry is the content of a file.
type entry[R any] struct {
	Expires uint64 // Unix seconds
	Record  R
}

const maxRecord = 64 << 20

func openJournal[R any](dir string, ttl time.Duration) (*journal[R], error) {
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &journal[R]{dir: dir, ttl: ttl, busy: make(map[substrate.AccountID]chan struct{})}, nil
}

// lock waits until nobody else works on a miner's record; ok is false if ended
// closes before.
func (j *journal[R]) lock(miner substrate.AccountID, ended <-chan struct{}) (unlock func(), ok bool) {
	mine := make(chan struct{})
	for {
		j.mu.Lock()
		other, taken := j.busy[miner]
		if !taken {
			j.busy[miner] = mine
			j.mu.Unlock()
			return func() {
				j.mu.Lock()
				delete(j.busy, miner)
				j.mu.Unlock()
				close(mine)
			}, true
		}
		j.mu.Unlock()
		select {
		case <-other:
		case <-ended:
			return nil, false
		}
	}
}

func (j *journal[R]) path(miner substrate.AccountID) string {
	return filepath.Join(j.dir, hex.EncodeToString(miner[:]))
}

// get reads a miner's record; nil if there is none or it expired. A damaged
// file counts as none: the miner starts over.
func (j *journal[R]) get(miner substrate.AccountID) (*R, error) {
	info, err := os.Stat(j.path(miner))
	if err != nil || info.Size() > maxRecord {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("journal: %w", err)
		}
		return nil, nil
	}
	b, err := os.ReadFile(j.path(miner))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	e, err := scale.Unmarshal[entry[R]](b)
	if err != nil || time.Now().After(time.Unix(int64(e.Expires), 0)) {
		return nil, nil
	}
	return &e.Record, nil
}

// put replaces a miner's record.
func (j *journal[R]) put(miner substrate.AccountID, r *R) error {
	b, err := scale.Marshal(entry[R]{Expires: uint64(time.Now().Add(j.ttl).Unix()), Record: *r})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := durable.WriteFile(j.path(miner), b, 0o600); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// drop removes a miner's record.
func (j *journal[R]) drop(miner substrate.AccountID) error {
	if err := durable.Remove(j.path(miner)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// sweep removes what is older than the time to live, and left-overs of writes
// that a crash cut short.
func (j *journal[R]) sweep() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		if age := time.Since(info.ModTime()); age > j.ttl || strings.HasSuffix(e.Name(), ".tmp") && age > time.Hour {
			errs = append(errs, durable.Remove(filepath.Join(j.dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}
