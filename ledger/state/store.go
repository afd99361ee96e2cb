package state

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// Store is the versioned state of one ledger. Its methods may be called from
// several goroutines; commits happen one after the other.
type Store struct {
	db     *pebble.DB
	fs     *fusedFS
	fault  *fault
	opts   options
	values *cache // by key
	nodes  *cache // by stored path

	stopPruner context.CancelFunc
	wakePruner chan struct{}
	prunerDone chan struct{}

	// life is read-locked during every use of db, and locked by Close.
	life   sync.RWMutex
	closed atomic.Bool

	commitMu sync.Mutex // serialises commits and guards the next field
	restore  *Restore   // in progress
	pruneMu  sync.Mutex // serialises pruning and guards the next field
	chunk    uint32     // next chunk of the superseded list of height oldest

	mu     sync.Mutex // guards the fields below
	head   head
	oldest uint64                        // lowest height that can be read
	pins   map[uint64]int                // open views by height
	open   map[*pebble.Iterator]struct{} // for Close
}

// head is the last committed block.
type head struct {
	ok     bool
	height uint64
	root   [hashSize]byte
}

// next tells whether a block of this height can follow: any height may be the
// first, so that a snapshot can be restored.
func (h head) next(height uint64) bool { return !h.ok || height == h.height+1 }

// Open opens the store in dir, creating it if necessary. One process at a time
// may have it open.
func Open(dir string, opts ...Option) (*Store, error) { return open(dir, false, opts) }

// OpenExisting is Open for a store that must be there already; otherwise it
// returns an error that wraps fs.ErrNotExist.
func OpenExisting(dir string, opts ...Option) (*Store, error) { return open(dir, true, opts) }

func open(dir string, existing bool, opts []Option) (*Store, error) {
	o := defaultOptions()
	for _, opt := range opts {
		opt(&o)
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	if existing {
		if _, err := o.fs.Stat(dir); err != nil {
			return nil, fmt.Errorf("open state: %w", err)
		}
	}
	f := newFault(o.log)
	s := &Store{
		fs:     &fusedFS{FS: o.fs, fuse: f},
		fault:  f,
		opts:   o,
		values: newCache(o.cacheSize / 4),
		nodes:  newCache(o.cacheSize / 2),
		open:   make(map[*pebble.Iterator]struct{}),
		pins:   make(map[uint64]int),
	}
	if err := s.openDB(dir); err != nil {
		s.fs.unlock()
		return nil, fmt.Errorf("open state: %w", err)
	}
	s.fs.opened.Store(true)
	if err := s.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open state: %w", err), s.Close())
	}
	if o.background && o.retention > 0 {
		s.startPruner()
	}
	return s, nil
}

func (s *Store) openDB(dir string) error {
	blocks := pebble.NewCache(s.opts.cacheSize / 4)
	defer blocks.Unref()
	po := &pebble.Options{
		FS:                          s.fs,
		Cache:                       blocks,
		Comparer:                    comparer,
		FormatMajorVersion:          pebble.FormatTableFormatV6,
		MemTableSize:                uint64(s.opts.writeBuffer),
		MemTableStopWritesThreshold: 4,
		L0StopWritesThreshold:       1000,
		LBaseMaxBytes:               64 << 20,
		MaxOpenFiles:                1000,
		Logger:                      s.fault,
		EventListener:               s.fault.listener(),
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		// The filter and the index of a file are one block each; small files keep
		// them small enough to stay cached.
		po.Levels[i].IndexBlockSize = 256 << 10
		po.TargetFileSizes[i] = min(int64(4<<20)<<i, 16<<20)
	}
	// What is flushed is soon merged into the levels below, which compress it.
	po.Levels[0].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	po.Levels[1].Compression = func() *sstable.CompressionProfile { return sstable.FastestCompression }
	// The error of Open itself does not blow the fuse.
	var opening error
	err := s.fault.do(func() error {
		s.db, opening = pebble.Open(dir, po)
		return nil
	})
	if err != nil {
		return err
	}
	return opening
}

// load reads the head and the pruning cursor, and checks the layout.
func (s *Store) load() error {
	format, err := s.record(metaKey(metaFormat))
	if err != nil {
		return err
	}
	if format == nil { // nothing has been committed
		return s.dropUnfinished()
	}
	if len(format) != 1 || format[0] != layoutVersion {
		return fmt.Errorf("%w: layout %x, want %d", ErrCorrupt, format, layoutVersion)
	}
	headRecord, err := s.record(metaKey(metaHead))
	if err != nil {
		return err
	}
	pruned, err := s.record(metaKey(metaPruned))
	if err != nil {
		return err
	}
	if len(headRecord) != 8+hashSize || len(pruned) != 8+4 {
		return fmt.Errorf("%w: head %x, pruned %x", ErrCorrupt, headRecord, pruned)
	}
	s.head = head{
		ok:     true,
		height: binary.BigEndian.Uint64(headRecord),
		root:   [hashSize]byte(headRecord[8:]),
	}
	s.oldest = binary.BigEndian.Uint64(pruned)
	s.chunk = binary.BigEndian.Uint32(pruned[8:])
	s.values.advance(s.head.height)
	s.nodes.advance(s.head.height)
	return s.dropUnfinished()
}

func encodeHead(height uint64, root [hashSize]byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, height), root[:]...)
}

func encodePruned(oldest uint64, chunk uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, oldest), chunk)
}

// Height returns the last committed height; ok is false for an empty store.
func (s *Store) Height() (height uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.height, s.head.ok
}

// Oldest returns the lowest height that At accepts; ok is false for an empty
// store.
func (s *Store) Oldest() (height uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oldest, s.head.ok
}

// Close waits for running calls and closes the store. Open views and iterators
// answer ErrClosed from then on. It returns the error that stopped the store,
// if any.
func (s *Store) Close() error {
	if s.stopPruner != nil {
		s.stopPruner()
		<-s.prunerDone
	}
	if s.closed.Swap(true) {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- s.closeDB() }()
	defer s.fs.unlock()
	select {
	case err := <-done:
		return err
	case <-s.fault.blown:
		// The database may be stuck and cannot write any more: leave it behind.
		return s.fault.get()
	}
}

func (s *Store) closeDB() (err error) {
	s.life.Lock() // wait for the calls that run
	defer s.life.Unlock()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("close state: %v", r)
		}
	}()
	s.mu.Lock()
	open := s.open
	s.open = nil
	s.mu.Unlock()
	for it := range open {
		it.Close() // its errors were told to its user
	}
	return s.db.Close()
}

// enter begins a use of the database; leave ends it. A goroutine must not nest
// them.
func (s *Store) enter() error {
	s.life.RLock()
	err := s.fault.get()
	if s.closed.Load() {
		err = ErrClosed
	}
	if err != nil {
		s.life.RUnlock()
	}
	return err
}

func (s *Store) leave() { s.life.RUnlock() }

// newIter opens an iterator that Close will close if its user does not.
func (s *Store) newIter(o *pebble.IterOptions) (*pebble.Iterator, error) {
	it, err := s.db.NewIter(o)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[it] = struct{}{}
	return it, nil
}

func (s *Store) closeIter(it *pebble.Iterator) error {
	s.mu.Lock()
	delete(s.open, it)
	s.mu.Unlock()
	return it.Close()
}

// record returns a copy of an unversioned record, nil if absent.
func (s *Store) record(key []byte) ([]byte, error) {
	data, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return append([]byte{}, data...), nil
}
