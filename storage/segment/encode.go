package segment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Errors of [Encode] for input that cannot be stored.
var (
	// ErrEmpty is returned for input without a byte.
	ErrEmpty = errors.New("segment: file is empty")
	// ErrTooLarge is returned for input of more than MaxSegments segments.
	// It is found out when the first byte too many is read.
	ErrTooLarge = errors.New("segment: file is too large")
)

// EncodeOptions tunes [Encode]. The zero value is ready to use.
type EncodeOptions struct {
	// Cipher encrypts the file. Default: none.
	Cipher Cipher
	// Workers is the number of goroutines that compute at one time.
	// Memory is 48·Workers + 32 MiB. Default: one for each CPU, at most 4.
	Workers int
	// Progress, if set, is called after each segment has been put, one call
	// at a time.
	Progress func(Progress)
}

// Progress counts what has been put into the sink.
type Progress struct {
	Segments int
	Bytes    int64 // plaintext bytes in these segments
}

// Encode reads r to its end, makes fragments and gives them to sink. A segment
// is processed while the next one is being read, so that little work is left
// when the last byte arrives.
//
// Cancelling ctx stops the work, but a Read that blocks has to be ended by the
// owner of r: Encode returns after it. If Encode fails, fragments may have
// been put that belong to no file.
func Encode(ctx context.Context, r io.Reader, sink Sink, opts EncodeOptions) (*Manifest, error) {
	return production().encode(ctx, r, sink, opts)
}

func (g *geometry) encode(ctx context.Context, r io.Reader, sink Sink, opts EncodeOptions) (*Manifest, error) {
	workers := opts.Workers
	if workers <= 0 {
		workers = min(runtime.GOMAXPROCS(0), 4)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	e := &encoder{
		g: g, ctx: groupCtx, group: group, sink: sink, opts: opts,
		buffers:  buffers{pool: &g.pool},
		cpu:      make(chan struct{}, workers),
		slots:    make(chan struct{}, workers+1),
		parities: make(chan struct{}, workers),
	}
	defer e.buffers.close()
	if err := e.read(r); err != nil {
		group.Go(func() error { return err }) // stops the tasks; whichever failed first is reported
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := sink.Commit(ctx); err != nil {
		return nil, fmt.Errorf("commit fragments: %w", err)
	}
	m := &Manifest{Size: e.size, Encrypted: !opts.Cipher.IsZero(), Segments: e.segments}
	m.FID = FID(m.SegmentIDs())
	return m, nil
}

// encoder is one run of Encode. The caller's goroutine reads; everything else
// runs in group. Three semaphores bound it: cpu the computations, slots the
// segments in memory, parities the buffers of parity shards. A task takes what
// it needs in the order slot, parity, cpu, and gives cpu back before it waits for
// the sink; so a slow sink does not stop the computing of other fragments.
type encoder struct {
	g                    *geometry
	ctx                  context.Context
	group                *errgroup.Group
	sink                 Sink
	opts                 EncodeOptions
	buffers              buffers
	cpu, slots, parities chan struct{}
	zeroPut              atomic.Bool
	size                 int64 // only read()

	mu       sync.Mutex // guards segments and done, serialises Progress
	segments []Segment
	done     Progress
}

// acquire takes one unit of a semaphore.
func (e *encoder) acquire(sem chan struct{}) error {
	select {
	case sem <- struct{}{}:
		return nil
	case <-e.ctx.Done():
		return e.ctx.Err()
	}
}

func release(sem chan struct{}) { <-sem }

// read starts the processing of one segment after the other.
func (e *encoder) read(r io.Reader) error {
	for index := 0; ; index++ {
		if err := e.acquire(e.slots); err != nil {
			return err
		}
		s := &encoding{encoder: e, index: index}
		s.pending.Store(1) // the reader
		last, err := s.read(r)
		if err != nil {
			return err
		}
		if s.size == 0 {
			if index == 0 {
				return ErrEmpty
			}
			return nil
		}
		e.size += int64(s.size)
		s.finish()
		if last {
			return nil
		}
	}
}

// fill reads into p until it is full or r ends, and reports the end.
func (e *encoder) fill(r io.Reader, p []byte) (n int, ended bool, err error) {
	const maxRead, maxEmptyReads = 1 << 20, 100
	for empty := 0; n < len(p); {
		if err := e.ctx.Err(); err != nil {
			return n, false, err
		}
		k, err := r.Read(p[n:min(n+maxRead, len(p))])
		if k < 0 || k > len(p)-n {
			return n, false, errors.New("read file: reader returned an impossible count")
		}
		n += k
		switch {
		case err == io.EOF:
			return n, true, nil
		case err != nil:
			return n, false, fmt.Errorf("read file: %w", err)
		case k > 0:
			empty = 0
		default:
			if empty++; empty == maxEmptyReads {
				return n, false, fmt.Errorf("read file: %w", io.ErrNoProgress)
			}
		}
	}
	return n, false, nil
}

// put gives a fragment to the sink; the fragment of zeros only the first time.
func (e *encoder) put(f Fragment) error {
	if f.ID == e.g.zeroFragment && e.zeroPut.Swap(true) {
		return nil
	}
	if err := e.sink.Put(e.ctx, f); err != nil {
		return fmt.Errorf("put fragment %s: %w", f.ID, err)
	}
	return nil
}

// complete records a segment all of whose fragments have been put.
func (e *encoder) complete(index, size int, out Segment) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := index + 1 - len(e.segments); n > 0 {
		e.segments = append(e.segments, make([]Segment, n)...)
	}
	e.segments[index] = out
	e.done.Segments++
	e.done.Bytes += int64(size)
	if e.opts.Progress != nil {
		e.opts.Progress(e.done)
	}
}
