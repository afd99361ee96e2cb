package consensus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
)

// Snapshots says when a node makes snapshots for others to start from.
type Snapshots struct {
	// Interval is how many blocks lie between two snapshots; 0 makes none. One is
	// available as long as the node retains the state of its height.
	Interval uint32
	// Keep is how many are offered, the newest ones. Default 2.
	Keep int
}

// maxHeight is the last height: block numbers have 32 bits.
const maxHeight = 1<<32 - 1

// snapshots makes snapshots in the background and keeps what is needed to serve
// them.
type snapshots struct {
	cfg   Snapshots
	dir   string
	store *state.Store
	chain *chain.Chain
	log   *slog.Logger
	size  uint32 // of chunks, in bytes

	stop    context.CancelFunc
	ctx     context.Context
	working sync.WaitGroup

	mu   sync.Mutex // guards everything below
	busy bool
	list []*snapshot // ascending
}

// newSnapshots opens what is left of an earlier run.
func newSnapshots(cfg Snapshots, dir string, store *state.Store, c *chain.Chain, log *slog.Logger) (*snapshots, error) {
	s := &snapshots{cfg: cfg, dir: dir, store: store, chain: c, log: log, size: chunkBytes}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of snapshots: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of snapshots: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), snapshotSuffix) {
			continue
		}
		snap, err := readSnapshot(filepath.Join(dir, e.Name()))
		if err != nil {
			log.Warn("snapshot dropped", "file", e.Name(), "err", err)
			_ = os.Remove(filepath.Join(dir, e.Name())) // it is tried again at the next start
			continue
		}
		s.list = append(s.list, snap)
	}
	slices.SortFunc(s.list, func(a, b *snapshot) int { return cmp.Compare(a.Height, b.Height) })
	return s, nil
}

const snapshotSuffix = ".snapshot"

func (s *snapshots) path(height uint32) string {
	return filepath.Join(s.dir, fmt.Sprintf("%010d%s", height, snapshotSuffix))
}

func readSnapshot(path string) (*snapshot, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decodeSnapshot(b)
}

func decodeSnapshot(b []byte) (*snapshot, error) {
	s, err := scale.Unmarshal[snapshot](b)
	if err != nil {
		return nil, err
	}
	if len(s.Marks) == 0 || len(s.Marks) != len(s.Manifest.Chunks) || s.ChunkBytes == 0 || s.ChunkBytes > maxFrame {
		return nil, fmt.Errorf("%d places for %d chunks of %d bytes", len(s.Marks), len(s.Manifest.Chunks), s.ChunkBytes)
	}
	return &s, nil
}

// committed starts a snapshot of the best block when one is due. record is
// consensus' record of it.
func (s *snapshots) committed(number uint32, record []byte) {
	if s.cfg.Interval == 0 || number < 2 || number%s.cfg.Interval != 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy || s.ctx.Err() != nil {
		return // the one before takes longer than the interval
	}
	view, err := s.store.At(uint64(number))
	if err != nil {
		s.log.Warn("no snapshot", "height", number, "err", err)
		return
	}
	s.busy = true
	s.working.Go(func() {
		err := s.make(view, number, record)
		err = errors.Join(err, view.Close())
		if err != nil && s.ctx.Err() == nil {
			s.log.Warn("no snapshot", "height", number, "err", err)
		}
		s.mu.Lock()
		s.busy = false
		s.mu.Unlock()
	})
}

func (s *snapshots) make(view *state.View, number uint32, record []byte) error {
	a, err := newAnchor(s.chain, number, record)
	if err != nil {
		return err
	}
	snap, err := newSnapshot(s.ctx, view, a, s.size)
	if err != nil {
		return err
	}
	b, err := scale.Marshal(*snap)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(s.path(number), b, 0o600); err != nil {
		return err
	}
	s.mu.Lock()
	s.list = append(s.list, snap)
	var old []*snapshot
	if n := len(s.list) - s.cfg.Keep; n > 0 {
		old, s.list = s.list[:n:n], slices.Clone(s.list[n:])
	}
	s.mu.Unlock()
	s.log.Info("snapshot made", "height", number, "chunks", len(snap.Marks))
	for _, o := range old {
		err = errors.Join(err, os.Remove(s.path(o.Height)))
	}
	return err
}

// offers lists the snapshots whose state is still there.
func (s *snapshots) offers() ([]*abci.Snapshot, error) {
	oldest, _ := s.store.Oldest()
	var out []*abci.Snapshot
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, snap := range s.list {
		if uint64(snap.Height) < oldest {
			continue
		}
		o, err := snap.offer()
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// chunk reads a chunk of a snapshot, nil if it is not there any more.
func (s *snapshots) chunk(height uint64, index uint32) ([]byte, error) {
	s.mu.Lock()
	i := slices.IndexFunc(s.list, func(snap *snapshot) bool { return uint64(snap.Height) == height })
	var snap *snapshot
	if i >= 0 {
		snap = s.list[i]
	}
	s.mu.Unlock()
	if snap == nil {
		return nil, nil
	}
	b, err := snap.chunk(s.store, index)
	if errors.Is(err, state.ErrPruned) {
		return nil, nil
	}
	return b, err
}

// close stops a snapshot that is being made and waits for its end.
func (s *snapshots) close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.working.Wait()
}

// ListSnapshots tells peers what they can start from.
func (a *app) ListSnapshots(context.Context, *abci.RequestListSnapshots) (*abci.ResponseListSnapshots, error) {
	list, err := a.snapshots.offers()
	if err != nil {
		return nil, err
	}
	return &abci.ResponseListSnapshots{Snapshots: list}, nil
}

// LoadSnapshotChunk gives a peer a part of a snapshot; an empty answer says that
// it is not there.
func (a *app) LoadSnapshotChunk(_ context.Context, req *abci.RequestLoadSnapshotChunk) (*abci.ResponseLoadSnapshotChunk, error) {
	if req.Format != snapshotFormat {
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	chunk, err := a.snapshots.chunk(req.Height, req.Chunk)
	if err != nil {
		a.log.Warn("snapshot chunk not served", "height", req.Height, "chunk", req.Chunk, "err", err)
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	return &abci.ResponseLoadSnapshotChunk{Chunk: chunk}, nil
}
