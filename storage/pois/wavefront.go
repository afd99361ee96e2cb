package pois

import (
	"context"
	"sync"
	"time"
)

// stage is a layer file on its way. The next stage reads its labels as they appear, a writer reads them when it is
// complete; whoever of the two ends last returns the buffer.
type stage struct {
	labels []byte

	mu      sync.Mutex // guards what follows
	changed sync.Cond
	filled  int // positions that may be read
	readers int
	pool    chan []byte
}

func newStage(labels []byte, pool chan []byte) *stage {
	s := &stage{labels: labels, readers: 2, pool: pool}
	s.changed.L = &s.mu
	return s
}

func (s *stage) advance(to int) {
	s.mu.Lock()
	s.filled = to
	s.mu.Unlock()
	s.changed.Broadcast()
}

// wait returns when positions below n may be read.
func (s *stage) wait(n int) {
	s.mu.Lock()
	for s.filled < n {
		s.changed.Wait()
	}
	s.mu.Unlock()
}

func (s *stage) release() {
	s.mu.Lock()
	s.readers--
	last := s.readers == 0
	s.mu.Unlock()
	if last && s.pool != nil {
		s.pool <- s.labels
	}
}

// run computes the stages from `first` on, Workers at a time. A stage needs the one before it position by position and
// the previous layer of its own cluster, 32 stages earlier, from disk (spec/pois.md §16.1.6). It returns when every
// goroutine it started has ended.
func (g *generation) run(parent context.Context, first int) error {
	if first == stages {
		return nil
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	w := &wavefront{generation: g, cancel: cancel, size: g.g.p.N * LabelSize}
	// Beside the buffer of every worker: one that the slowest still reads, one that is being written.
	w.pool = make(chan []byte, g.o.Workers+2)
	for range cap(w.pool) {
		w.pool <- nil
	}
	w.stages = make([]chan *stage, stages+1)
	w.saved = make([]chan struct{}, stages)
	for i := range w.saved {
		w.stages[i] = make(chan *stage, 1)
		w.saved[i] = make(chan struct{})
		if i < first {
			close(w.saved[i])
		}
	}
	w.stages[stages] = make(chan *stage, 1)
	if first > 0 {
		before := newStage(make([]byte, w.size), nil)
		cluster, layer := g.at(first - 1)
		if err := g.readLabels(cluster, layer, before.labels); err != nil {
			return err
		}
		before.filled = g.g.p.N
		w.stages[first] <- before
	} else {
		w.stages[first] <- nil
	}
	for i := range g.o.Workers {
		w.wg.Go(func() {
			if err := w.work(ctx, first+i); err != nil {
				cancel(err)
			}
		})
	}
	w.wg.Wait()
	return context.Cause(ctx)
}

type wavefront struct {
	*generation
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	size   int
	pool   chan []byte
	stages []chan *stage   // stages[i] carries stage i-1 to stage i
	saved  []chan struct{} // saved[i] is closed when stage i is on disk
}

// work computes every Workers-th stage from `next` on.
func (w *wavefront) work(ctx context.Context, next int) error {
	p := w.g.p
	job := newLayerJob(w.g, w.id, w.o.level())
	prev, elders := make([]byte, w.size), make([]byte, w.size)
	for ; next < stages; next += w.o.Workers {
		job.cluster, job.layer = w.at(next)
		job.prev, job.elders = nil, nil
		if l := p.logical(job.layer); l > 0 {
			if !await(ctx, w.saved[(l-1)*SetClusters+next%SetClusters]) {
				return nil
			}
			if job.layer >= p.K {
				job.elders = elders
				if err := w.readElders(job.cluster, job.layer, elders, prev); err != nil {
					return err
				}
			}
			job.prev = prev
			if err := w.readLabels(job.cluster, l-1, prev); err != nil {
				return err
			}
		}
		var before *stage
		select {
		case before = <-w.stages[next]:
		case <-ctx.Done():
			return nil
		}
		if err := w.compute(ctx, job, next, before); err != nil {
			return err
		}
	}
	return nil
}

// compute fills one stage and hands it to the next one at once and to a writer at the end.
func (w *wavefront) compute(ctx context.Context, job *layerJob, number int, before *stage) error {
	var buf []byte
	select {
	case buf = <-w.pool:
	case <-ctx.Done():
		return nil
	}
	if buf == nil {
		buf = make([]byte, w.size)
	}
	p := w.g.p
	s := newStage(buf, w.pool)
	job.out, job.nodes, job.neighbour = buf, make([]Hash, p.N/p.chunk()), nil
	if before != nil {
		job.neighbour = before.labels
	}
	job.start()
	w.stages[number+1] <- s
	const step = 4096
	for from := 0; from < p.N; from += step {
		to := min(from+step, p.N)
		if before != nil {
			before.wait(to)
		}
		if err := ctx.Err(); err != nil {
			s.advance(p.N) // nobody may wait for a stage that will not come
			return nil
		}
		began := time.Now()
		job.fill(from, to)
		s.advance(to)
		if err := w.pause(ctx, time.Since(began)); err != nil {
			s.advance(p.N)
			return nil
		}
	}
	if before != nil {
		before.release()
	}
	nodes := job.nodes
	w.wg.Go(func() {
		defer s.release()
		if err := w.save(number, s.labels, nodes); err != nil {
			w.cancel(err)
			return
		}
		close(w.saved[number])
	})
	return nil
}

func await(ctx context.Context, c chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}
