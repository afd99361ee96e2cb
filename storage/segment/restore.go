package segment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Errors of [Restore].
var (
	// ErrRange is returned for a range that is not inside the file.
	ErrRange = errors.New("segment: range outside the file")
	// ErrInconsistent is returned when fragments that match their ids do
	// not make the segment that the manifest names: whoever declared the
	// file declared it wrongly.
	ErrInconsistent = errors.New("segment: fragments do not make the declared segment")
)

// RestoreOptions tunes [Restore]. The zero value is ready to use.
type RestoreOptions struct {
	// Cipher decrypts the file. Default: none.
	Cipher Cipher
	// Window is the number of segments in memory: one is written while the
	// others are fetched. Memory is Window·(4 + Hedges)·8 MiB. Default 2.
	Window int
	// Hedges is the number of fetches for one segment beyond the four
	// needed. Default 2; negative: none.
	Hedges int
	// HedgeDelay is the time without a finished fetch after which the others
	// are looked at: if one has received nothing in that time, or is at
	// least three times slower than the fastest, another shard is fetched;
	// if the limit is reached, a fetch that stands still is given up for
	// another. One that stands still for 15 delays is given up in any case.
	// Default 2 s.
	HedgeDelay time.Duration
	// Report, if set, is told of each fragment that could not be had, one
	// call at a time. The error wraps [ErrCorrupt] if the content was wrong
	// (the miner then holds a damaged fragment), [ErrStalled] if the fetch
	// was given up; otherwise it is the Fetcher's.
	Report func(FragmentRef, error)
}

func (o RestoreOptions) withDefaults() RestoreOptions {
	if o.Window <= 0 {
		o.Window = 2
	}
	switch {
	case o.Hedges == 0:
		o.Hedges = 2
	case o.Hedges < 0:
		o.Hedges = 0
	}
	if o.HedgeDelay <= 0 {
		o.HedgeDelay = 2 * time.Second
	}
	return o
}

// Restore writes the plaintext of a file to w, segment by segment, as soon as
// each is verified. Of every segment it fetches four fragments, data shards
// first, others in place of those that fail or are slow.
//
// When it fails, what has been written is a correct prefix of the file. Errors:
// [ErrManifest], [ErrCipherRequired], [ErrWrongCipher] (found before anything
// is written), [MissingError], [ErrInconsistent], the error of w, that of ctx.
func Restore(ctx context.Context, w io.Writer, m *Manifest, from Fetcher, opts RestoreOptions) error {
	return production().restore(ctx, w, m, 0, m.Size, from, opts)
}

// RestoreRange is [Restore] for length plaintext bytes from offset on. It
// fetches only the segments it needs, and of a plain segment only the data
// shards it needs if these can be had; these are verified by their own ids, the
// segment id is verified when the segment is complete.
func RestoreRange(ctx context.Context, w io.Writer, m *Manifest, offset, length int64, from Fetcher, opts RestoreOptions) error {
	return production().restore(ctx, w, m, offset, length, from, opts)
}

// RestoreSegment writes one segment as it is stored, 32 MiB, or if a cipher is
// given, the plaintext in it with the padding of the file. index is what from
// is told.
func RestoreSegment(ctx context.Context, w io.Writer, index int, seg Segment, from Fetcher, opts RestoreOptions) error {
	return production().restoreSegment(ctx, w, index, seg, from, opts)
}

func (g *geometry) restore(ctx context.Context, w io.Writer, m *Manifest, offset, length int64, from Fetcher, opts RestoreOptions) error {
	encrypted := !opts.Cipher.IsZero()
	if m.Encrypted && !encrypted {
		return ErrCipherRequired
	}
	if err := g.validate(m, encrypted); err != nil {
		return err
	}
	if offset < 0 || length < 0 || offset > m.Size || length > m.Size-offset {
		return fmt.Errorf("%w: %d bytes at %d of %d", ErrRange, length, offset, m.Size)
	}
	if length == 0 {
		return nil
	}
	unit := int64(g.capacity(encrypted))
	first, last := offset/unit, (offset+length-1)/unit
	jobs := make([]job, last-first+1)
	for i := range jobs {
		start := (first + int64(i)) * unit // of the segment in the file
		jobs[i] = job{
			index: int(first) + i,
			seg:   &m.Segments[first+int64(i)],
			begin: int(max(offset-start, 0)),
			end:   int(min(offset+length-start, unit)),
		}
		if whole := int(min(m.Size-start, unit)); !encrypted && jobs[i].end-jobs[i].begin < whole {
			jobs[i].wanted = g.touched(jobs[i].begin, jobs[i].end)
		}
	}
	return g.newRestorer(from, opts).run(ctx, w, jobs)
}

func (g *geometry) restoreSegment(ctx context.Context, w io.Writer, index int, seg Segment, from Fetcher, opts RestoreOptions) error {
	jobs := []job{{index: index, seg: &seg, end: g.capacity(!opts.Cipher.IsZero())}}
	return g.newRestorer(from, opts).run(ctx, w, jobs)
}

// touched returns the data shards that hold the bytes from begin to end.
func (g *geometry) touched(begin, end int) (shards []int) {
	for k := begin / g.fragment; k <= (end-1)/g.fragment; k++ {
		shards = append(shards, k)
	}
	return shards
}

// restorer is one run of Restore.
type restorer struct {
	g       *geometry
	from    Fetcher
	opts    RestoreOptions
	group   errgroup.Group // all goroutines; its error is not used
	buffers buffers
	slots   chan struct{} // segments in memory
	// faults counts the failures of each shard number since its last
	// success, over all segments; being slow counts.
	faults [Shards]atomic.Int32

	mu sync.Mutex // serialises opts.Report
}

func (g *geometry) newRestorer(from Fetcher, opts RestoreOptions) *restorer {
	r := &restorer{g: g, from: from, opts: opts.withDefaults(), buffers: buffers{pool: &g.pool}}
	r.slots = make(chan struct{}, r.opts.Window)
	return r
}

func (r *restorer) report(ref FragmentRef, err error) {
	if r.opts.Report == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opts.Report(ref, err)
}

// job is one segment to restore: bytes begin to end of its plaintext.
type job struct {
	index      int
	seg        *Segment
	begin, end int
	wanted     []int // data shards that hold these bytes; nil: all

	pieces  [][]byte      // the result, valid until written is closed
	err     error         // or why there is none
	ready   chan struct{} // closed when pieces and err are set
	written chan struct{} // closed by run when it is done with pieces
}

// run restores the jobs, up to Window at a time, and writes them in order.
func (r *restorer) run(ctx context.Context, w io.Writer, jobs []job) error {
	ctx, cancel := context.WithCancel(ctx)
	started, written := 0, 0
	defer func() {
		cancel()
		for i := written; i < started; i++ {
			close(jobs[i].written)
		}
		_ = r.group.Wait() // the tasks keep their errors in the jobs
		r.buffers.close()
	}()
	for written < len(jobs) {
		for ; started < min(written+r.opts.Window, len(jobs)); started++ {
			j := &jobs[started]
			j.ready, j.written = make(chan struct{}), make(chan struct{})
			r.group.Go(func() error { r.do(ctx, j); return nil })
		}
		j := &jobs[written]
		<-j.ready
		if j.err != nil {
			return j.err
		}
		for _, p := range j.pieces {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := w.Write(p)
			if err == nil && n != len(p) {
				err = io.ErrShortWrite
			}
			if err != nil {
				return fmt.Errorf("write restored data: %w", err)
			}
		}
		close(j.written)
		written++
	}
	return nil
}

// do restores one job and keeps its memory until it is written and no fetch is
// left.
func (r *restorer) do(ctx context.Context, j *job) {
	select {
	case r.slots <- struct{}{}:
		defer release(r.slots)
	case <-ctx.Done():
		j.err = ctx.Err()
		close(j.ready)
		return
	}
	c := r.newCollection(j.index, j.seg, j.wanted, -1)
	defer c.drain()
	defer c.release()
	if j.err = c.run(ctx); j.err == nil {
		j.pieces, j.err = c.plaintext(j.begin, j.end)
	}
	close(j.ready)
	<-j.written
}

// plaintext verifies what has been collected, decrypts it and returns the bytes
// from begin to end.
func (c *collection) plaintext(begin, end int) (pieces [][]byte, err error) {
	if c.have >= DataShards {
		if err := c.g.reconstruct(&c.shards); err != nil {
			return nil, fmt.Errorf("segment %d: %w", c.index, err)
		}
		if id := sum(c.shards[:DataShards]...); id != c.seg.ID {
			return nil, fmt.Errorf("%w: segment %d is %s, declared %s", ErrInconsistent, c.index, id, c.seg.ID)
		}
	}
	shards := c.g.touched(begin, end)
	if !c.opts.Cipher.IsZero() {
		if err := c.decrypt(shards); err != nil {
			return nil, fmt.Errorf("segment %d: %w", c.index, err)
		}
	}
	for _, k := range shards {
		base := k * c.g.fragment
		pieces = append(pieces, c.shards[k][max(begin-base, 0):min(end-base, c.g.fragment)])
	}
	return pieces, nil
}

// decrypt decrypts some of the data shards in place, each on its own
// goroutine: unlike encryption it needs only the ciphertext before it.
func (c *collection) decrypt(shards []int) error {
	last := c.shards[DataShards-1]
	n := len(last)
	if !c.opts.Cipher.padded(last[n-2*blockSize:n-blockSize], last[n-blockSize:]) {
		return ErrWrongCipher
	}
	var previous [DataShards][]byte
	for k := 1; k < DataShards; k++ {
		s := c.shards[k-1]
		previous[k] = append([]byte(nil), s[len(s)-blockSize:]...)
	}
	var group errgroup.Group
	for _, k := range shards {
		if &c.shards[k][0] == &c.g.zero[0] {
			c.shards[k] = c.buffers.get()
			clear(c.shards[k])
		}
		group.Go(func() error {
			c.opts.Cipher.decrypt(c.shards[k], previous[k])
			return nil
		})
	}
	return group.Wait()
}
