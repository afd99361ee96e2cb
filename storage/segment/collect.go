package segment

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// collection gathers the fragments of one segment. Its methods run in one
// goroutine; each fetch runs in one of the restorer's group and hands back its
// buffer through arrivals.
type collection struct {
	*restorer
	index  int
	seg    *Segment
	wanted []int // data shards that would do; nil: any four are needed

	shards   [Shards][]byte // verified, zeros included
	have     int            // how many are in shards
	queue    []int          // shards to try, best first
	retried  [Shards]bool   // in the queue for the second time
	wide     bool           // wanted alone has failed or is slow
	flights  [Shards]*flight
	running  int
	fastest  time.Duration // of the fetches that have ended well, 0 if none
	arrivals chan arrival
	failed   [Shards]error
}

// flight is a running fetch.
type flight struct {
	cancel    context.CancelFunc
	started   time.Time
	received  atomic.Int64
	seen      int64 // received at the last tick
	idle      int   // ticks without a byte
	abandoned bool
	final     bool // abandoned, and not worth another try
}

type arrival struct {
	shard int
	buf   []byte
	err   error
}

// newCollection plans the collection of a segment without the shard except.
func (r *restorer) newCollection(index int, seg *Segment, wanted []int, except int) *collection {
	c := &collection{restorer: r, index: index, seg: seg, wanted: wanted, arrivals: make(chan arrival, Shards)}
	for i, id := range seg.Fragments {
		switch {
		case i == except:
		case id != r.g.zeroFragment:
			c.queue = append(c.queue, i)
		case i < DataShards:
			c.shards[i] = r.g.zero
			c.have++
		case c.have < DataShards:
			// A buffer of its own, as reconstruct may take it.
			c.shards[i] = r.buffers.get()
			clear(c.shards[i])
			c.have++
		}
	}
	// Shard i of all segments of a file is on one miner: what was missing or
	// slow for another segment comes last.
	slices.SortStableFunc(c.queue, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.faults[a].Load(), r.faults[b].Load()), cmp.Compare(c.rank(a), c.rank(b)))
	})
	for _, i := range wanted {
		c.wide = c.wide || r.faults[i].Load() > 0
	}
	return c
}

// rank puts the wanted shards before all others.
func (c *collection) rank(shard int) int {
	if slices.Contains(c.wanted, shard) {
		return -1
	}
	return shard
}

// missing returns how many more fragments are needed.
func (c *collection) missing() int {
	missing := max(DataShards-c.have, 0)
	if c.wanted == nil {
		return missing
	}
	wanted := 0
	for _, i := range c.wanted {
		if c.shards[i] == nil {
			wanted++
		}
	}
	if wanted == 0 || !c.wide {
		return min(wanted, missing)
	}
	return missing
}

// run fetches until there are enough fragments. Fetches it no longer needs are
// cancelled; drain waits for them.
func (c *collection) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := time.NewTimer(c.opts.HedgeDelay)
	defer timer.Stop()
	for c.missing() > 0 {
		for c.running < c.missing() && c.start(ctx) {
		}
		if c.running == 0 {
			return c.unrecoverable()
		}
		select {
		case a := <-c.arrivals:
			if err := c.land(ctx, a); err != nil {
				return err
			}
		case <-timer.C:
			c.hedge(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
		timer.Reset(c.opts.HedgeDelay)
	}
	return nil
}

// start fetches the next shard of the queue, if there is one.
func (c *collection) start(ctx context.Context) bool {
	if len(c.queue) == 0 {
		return false
	}
	shard := c.queue[0]
	c.queue = c.queue[1:]
	ctx, cancel := context.WithCancel(ctx)
	f := &flight{cancel: cancel, started: time.Now()}
	c.flights[shard] = f
	c.running++
	ref, buf := c.ref(shard), c.buffers.get()
	c.group.Go(func() error {
		err := download(ctx, c.from, ref, buf, &f.received)
		c.arrivals <- arrival{shard, buf, err}
		return nil
	})
	return true
}

func (c *collection) ref(shard int) FragmentRef {
	return FragmentRef{Segment: c.index, Shard: shard, ID: c.seg.Fragments[shard]}
}

// settle takes a finished fetch off the books.
func (c *collection) settle(a arrival) *flight {
	f := c.flights[a.shard]
	f.cancel()
	c.flights[a.shard] = nil
	c.running--
	return f
}

func (c *collection) land(ctx context.Context, a arrival) error {
	f := c.settle(a)
	if a.err == nil {
		if took := time.Since(f.started); c.fastest == 0 || took < c.fastest {
			c.fastest = took
		}
		c.shards[a.shard] = a.buf
		c.have++
		c.failed[a.shard] = nil
		c.faults[a.shard].Store(0)
		return nil
	}
	c.buffers.put(a.buf)
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.abandoned {
		a.err = ErrStalled
		if !f.final && !c.retried[a.shard] {
			c.retried[a.shard] = true
			c.queue = append(c.queue, a.shard)
		}
	}
	c.wide = true
	c.failed[a.shard] = a.err
	c.faults[a.shard].Add(1)
	c.report(c.ref(a.shard), a.err)
	return nil
}

const (
	// maxIdle is the number of ticks without a byte after which a fetch is
	// given up even if there is no other shard to try.
	maxIdle = 15
	// slowFactor is how many times longer than the fastest a fetch may take
	// before it counts as slow.
	slowFactor = 3
)

// tick updates the flight's idle count and returns how long the whole fetch
// will take at its speed so far, 0 if unknown.
func (f *flight) tick(size int) time.Duration {
	received := f.received.Load()
	f.idle++
	if received > f.seen {
		f.seen, f.idle = received, 0
	}
	if received == 0 {
		return 0
	}
	return time.Duration(float64(time.Since(f.started)) * float64(size) / float64(received))
}

// hedge is the tick: it is called when no fetch has ended for HedgeDelay. For
// each fetch that stands still or is much slower than the fastest one, another
// is started, or if too many run, those that stand still are given up, as far
// as there are shards not yet tried. Fetches that are all equally slow share a slow
// line, and more of them would not help.
func (c *collection) hedge(ctx context.Context) {
	fastest := c.fastest
	var projected [Shards]time.Duration
	for i, f := range c.flights {
		if f == nil {
			continue
		}
		projected[i] = f.tick(c.g.fragment)
		if p := projected[i]; p > 0 && (fastest == 0 || p < fastest) {
			fastest = p
		}
	}
	untried := 0
	for _, i := range c.queue {
		if !c.retried[i] {
			untried++
		}
	}
	full := c.have+c.running >= DataShards+c.opts.Hedges
	good := c.have + c.running
	for i, f := range c.flights {
		if f == nil || f.idle == 0 && !f.abandoned && projected[i] <= slowFactor*fastest {
			continue
		}
		good--
		c.wide = true
		c.faults[i].Add(1) // forgiven if it succeeds
		switch {
		case f.abandoned:
			continue
		case f.idle >= maxIdle:
			f.final = true
		case f.idle > 0 && full && untried > 0:
			untried--
		default:
			continue
		}
		f.abandoned = true
		f.cancel()
	}
	for c.wide && good < DataShards && c.have+c.running < DataShards+c.opts.Hedges && c.start(ctx) {
		good++
	}
}

func (c *collection) unrecoverable() error {
	e := &MissingError{Segment: c.index, ID: c.seg.ID}
	for i := range c.shards {
		if c.shards[i] != nil {
			e.Have = append(e.Have, i)
		} else if c.failed[i] != nil {
			e.Missing = append(e.Missing, FragmentError{c.ref(i), c.failed[i]})
		}
	}
	return e
}

// release gives back the buffers of the fragments. They must not be in use.
func (c *collection) release() {
	for i, s := range c.shards {
		if s != nil && &s[0] != &c.g.zero[0] {
			c.buffers.put(s)
		}
		c.shards[i] = nil
	}
}

// drain waits for the fetches that run has cancelled.
func (c *collection) drain() {
	for c.running > 0 {
		a := <-c.arrivals
		c.settle(a)
		c.buffers.put(a.buf)
	}
}
