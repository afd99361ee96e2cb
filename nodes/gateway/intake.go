package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/segment"
)

// upload is a file on its way in.
type upload struct {
	owner     substrate.AccountID
	territory []byte
	name      string
	cipher    segment.Cipher
	body      io.Reader
	size      int64 // if the client tells it, else -1; the file has no more bytes
	crowded   func(segments int64) error
}

// declareTimeout bounds the wait for a declaration. An extrinsic's era ends
// before it, so the outcome is normally known.
const declareTimeout = 10 * time.Minute

// store takes a file and returns when it is safe: on disk, in the journal and
// declared. Errors are refusals, after which neither disk nor chain know the
// upload, or internal.
func (g *Gateway) store(ctx context.Context, u upload) (types.Hash, error) {
	limit, err := g.admit(ctx, u)
	if err != nil {
		return types.Hash{}, err
	}
	arrival, err := g.depot.arrival()
	if err != nil {
		return types.Hash{}, err
	}
	defer os.RemoveAll(arrival) // keep has moved it if all went well
	m, err := g.receive(ctx, u, arrival, limit)
	if err != nil {
		return types.Hash{}, err
	}
	// The client may leave now: what was begun is finished.
	ctx, cancel := context.WithTimeout(g.life, declareTimeout)
	defer cancel()
	fid := types.HashOf(m.FID)
	return fid, g.commit(ctx, fid, m, arrival, Claim{Owner: types.Address(u.owner), Territory: u.territory, Name: []byte(u.name)})
}

// admit checks what can be known before the body is read, and returns how many
// bytes of it the territory can take.
func (g *Gateway) admit(ctx context.Context, u upload) (limit int64, err error) {
	if err := g.checkSync(ctx); err != nil {
		return 0, err
	}
	at := g.chain.Best()
	if err := g.checkOperator(ctx, at, u.owner); err != nil {
		return 0, err
	}
	room, err := g.room(ctx, at, u.owner, u.territory)
	if err != nil {
		return 0, err
	}
	if err := checkName(u.name); err != nil {
		return 0, err
	}
	need := max(segment.Count(u.size, !u.cipher.IsZero()), 1)
	if need > room {
		return 0, u.crowded(need)
	}
	if err := g.makeRoom(need); err != nil {
		return 0, err
	}
	limit = room * segment.Size
	if !u.cipher.IsZero() {
		limit = room * segment.EncryptedSize
	}
	return limit, nil
}

// makeRoom refuses when the disk cannot take so many segments, after dropping
// from the cache what it can.
func (g *Gateway) makeRoom(segments int64) error {
	need := g.cfg.ReserveBytes + uint64(segment.ChargedSize(int(segments)))
	free, err := g.depot.free()
	if err != nil {
		return err
	}
	if free < need {
		g.jobs.evict(need - free)
		if free, err = g.depot.free(); err != nil {
			return err
		}
	}
	if free < need {
		return errDisk
	}
	return nil
}

var errTooMuch = errors.New("more bytes than allowed")

// meter bounds and counts a body. Other errors of the body are marked, so that
// they can be told from those of the disk.
type meter struct {
	r    io.Reader
	left int64
	err  error
	n    atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if int64(len(p)) > m.left+1 {
		p = p[:m.left+1] // one more tells whether there is more
	}
	n, err := m.r.Read(p)
	if int64(n) > m.left {
		m.err = errTooMuch
		return 0, m.err
	}
	m.left -= int64(n)
	m.n.Add(int64(n))
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// receive makes fragments of the body as it arrives.
func (g *Gateway) receive(ctx context.Context, u upload, dir string, limit int64) (*segment.Manifest, error) {
	sink, err := segment.NewDirSink(dir)
	if err != nil {
		return nil, err
	}
	body := &meter{r: u.body, left: min(limit, g.cfg.MaxFileBytes)}
	m, err := segment.Encode(ctx, body, guarded{sink, g}, segment.EncodeOptions{Cipher: u.cipher})
	g.metrics.received.Add(float64(body.n.Load()))
	switch {
	case err == nil:
		return m, nil
	case errors.Is(body.err, errTooMuch) && limit < g.cfg.MaxFileBytes:
		capacity := int64(segment.Size)
		if !u.cipher.IsZero() {
			capacity = segment.EncryptedSize
		}
		return nil, u.crowded(limit/capacity + 1)
	case errors.Is(body.err, errTooMuch), errors.Is(err, segment.ErrTooLarge):
		return nil, refuse(400, "the file is larger than %d bytes", g.cfg.MaxFileBytes)
	case errors.Is(err, segment.ErrEmpty):
		return nil, errEmptyFile
	case errors.Is(err, errDisk):
		return nil, errDisk
	case body.err != nil:
		return nil, refuse(400, "network error")
	}
	return nil, fmt.Errorf("process upload: %w", err)
}

// guarded stops an upload that would fill the disk.
type guarded struct {
	*segment.DirSink
	g *Gateway
}

// Put stores one fragment.
func (s guarded) Put(ctx context.Context, f segment.Fragment) error {
	if f.Shard == 0 {
		if free, err := s.g.depot.free(); err != nil {
			return err
		} else if free < s.g.cfg.ReserveBytes {
			return errDisk
		}
	}
	return s.DirSink.Put(ctx, f)
}
