package gateway

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// Journal keeps a record and a manifest for each job, so that the work goes on
// after any crash. Keys: 'j' ‖ fid → record, 'm' ‖ fid → manifest.
type Journal struct{ db *pebble.DB }

const (
	recordKey   = 'j'
	manifestKey = 'm'
)

// OpenJournal opens the journal in dir, which one process uses at a time.
func OpenJournal(dir string) (*Journal, error) {
	db, err := pebble.Open(dir, &pebble.Options{Logger: silent{}})
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &Journal{db}, nil
}

// silent drops Pebble's reports of its own upkeep; its errors are returned.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...)) // Pebble cannot go on
}

func key(kind byte, fid types.Hash) []byte { return append([]byte{kind}, fid[:]...) }

// Add stores a new job durably.
func (j *Journal) Add(r *Record, m *segment.Manifest) error {
	manifest, err := json.Marshal(m)
	if err != nil {
		return err
	}
	record, err := r.encode()
	if err != nil {
		return err
	}
	b := j.db.NewBatch()
	defer b.Close()
	if err := errors.Join(b.Set(key(manifestKey, r.FID), manifest, nil), b.Set(key(recordKey, r.FID), record, nil)); err != nil {
		return fmt.Errorf("add to journal: %w", err)
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return fmt.Errorf("add to journal: %w", err)
	}
	return nil
}

// Save replaces the record of a job durably.
func (j *Journal) Save(r *Record) error { return j.save(r, pebble.Sync) }

// Note replaces the record of a job; a crash may bring the old one back.
func (j *Journal) Note(r *Record) error { return j.save(r, pebble.NoSync) }

func (j *Journal) save(r *Record, how *pebble.WriteOptions) error {
	b, err := r.encode()
	if err != nil {
		return err
	}
	if err := j.db.Set(key(recordKey, r.FID), b, how); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Delete forgets a job.
func (j *Journal) Delete(fid types.Hash) error {
	b := j.db.NewBatch()
	defer b.Close()
	if err := errors.Join(b.Delete(key(manifestKey, fid), nil), b.Delete(key(recordKey, fid), nil)); err != nil {
		return fmt.Errorf("delete from journal: %w", err)
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return fmt.Errorf("delete from journal: %w", err)
	}
	return nil
}

// Manifest reads the manifest of a job.
func (j *Journal) Manifest(fid types.Hash) (*segment.Manifest, error) {
	b, done, err := j.db.Get(key(manifestKey, fid))
	if err != nil {
		return nil, fmt.Errorf("manifest of %v: %w", fid, err)
	}
	defer done.Close()
	m, err := segment.ParseManifest(b)
	if err != nil {
		return nil, fmt.Errorf("manifest of %v: %w", fid, err)
	}
	return m, nil
}

// Records reads all jobs in the order of their fids. Records that cannot be
// read are reported to bad and skipped.
func (j *Journal) Records(bad func(error)) ([]Record, error) {
	it, err := j.db.NewIter(&pebble.IterOptions{LowerBound: []byte{recordKey}, UpperBound: []byte{recordKey + 1}})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var out []Record
	for it.First(); it.Valid(); it.Next() {
		r, err := decodeRecord(it.Value())
		if err != nil {
			bad(fmt.Errorf("%q: %w", it.Key(), err))
			continue
		}
		out = append(out, r)
	}
	return out, errors.Join(it.Error(), it.Close())
}

// Close closes the journal.
func (j *Journal) Close() error { return j.db.Close() }
