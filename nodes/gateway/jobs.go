package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/types"
)

// jobs are the files that this gateway has fragments of. Unfinished ones are
// worked on, some at a time, the one that waited longest first; finished ones
// are cache.
type jobs struct {
	g    *Gateway
	poke chan struct{} // something may be due

	mu      sync.Mutex
	all     map[types.Hash]*job // guarded by mu
	working int                 // guarded by mu
	running sync.WaitGroup
}

// job is one of them.
type job struct {
	g    *Gateway
	fid  types.Hash
	step sync.Mutex // held while somebody works on the job

	mu      sync.Mutex
	rec     Record    // guarded by mu
	due     time.Time // guarded by mu; zero: when something happens
	running bool      // guarded by mu
	again   bool      // guarded by mu; something happened while it ran
	gone    bool      // guarded by mu; forgotten
}

func newJobs(g *Gateway) *jobs {
	return &jobs{g: g, poke: make(chan struct{}, 1), all: make(map[types.Hash]*job)}
}

// resume takes up what the journal knows and drops what it does not.
func (g *Gateway) resume() error {
	records, err := g.journal.Records(func(err error) { g.log.Error("skipped a record of the journal", "err", err) })
	if err != nil {
		return err
	}
	for _, r := range records {
		g.jobs.add(r)
	}
	if n := len(records); n > 0 {
		g.log.Info("took up the journal", "files", n)
	}
	return g.depot.sweep(func(fid types.Hash) bool { return g.jobs.get(fid) != nil })
}

func (s *jobs) get(fid types.Hash) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[fid]
}

// add starts work on a record that is in the journal.
func (s *jobs) add(r Record) {
	j := &job{g: s.g, fid: r.FID, rec: r}
	if !r.finished() {
		j.due = time.Now()
	}
	s.mu.Lock()
	s.all[r.FID] = j
	s.mu.Unlock()
	for _, c := range r.Columns {
		if c.Miner != nil && c.State != ColumnReported {
			s.g.roster.reserve(*c.Miner, columnBytes(r.Segments))
		}
	}
	s.nudge()
}

// list returns all jobs, those that wait longest first.
func (s *jobs) list() []*job {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*job, 0, len(s.all))
	for _, j := range s.all {
		out = append(out, j)
	}
	return out
}

func (s *jobs) nudge() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// wake makes a job due at once.
func (s *jobs) wake(fid types.Hash) {
	if j := s.get(fid); j != nil {
		j.wake()
		s.nudge()
	}
}

// wakeIf makes all jobs due at once that the condition holds for.
func (s *jobs) wakeIf(cond func(*Record) bool) {
	for _, j := range s.list() {
		r := j.snapshot()
		if cond(&r) {
			j.wake()
		}
	}
	s.nudge()
}

func (j *job) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running {
		j.again = true
	} else {
		j.due = time.Now()
	}
}

// idle says that no job is there at all.
func (s *jobs) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all) == 0
}

// snapshot is the record of the moment.
func (j *job) snapshot() Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.rec.clone()
}

// change changes the record and makes the change durable.
func (j *job) change(fn func(*Record)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	fn(&j.rec)
	if j.gone {
		return nil
	}
	return j.g.journal.Save(&j.rec)
}

// note changes the record in a way that a crash may undo.
func (j *job) note(fn func(*Record)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fn(&j.rec)
	if j.gone {
		return
	}
	if err := j.g.journal.Note(&j.rec); err != nil {
		j.g.log.Error("note the state of a job", "fid", j.fid, "err", err)
	}
}

// run works on what is due until ctx ends, and returns when all work has
// ended.
func (s *jobs) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(s.start(ctx))
		select {
		case <-ctx.Done():
			s.running.Wait()
			return
		case <-timer.C:
		case <-s.poke:
		}
	}
}

const maxNap = time.Minute

// start begins the work that is due and returns when to look again.
func (s *jobs) start(ctx context.Context) (nap time.Duration) {
	type candidate struct {
		*job
		due time.Time
	}
	var due []candidate
	now := time.Now()
	nap = maxNap
	for _, j := range s.list() {
		j.mu.Lock()
		switch {
		case j.running || j.due.IsZero():
		case j.due.After(now):
			nap = min(nap, j.due.Sub(now))
		default:
			due = append(due, candidate{j, j.due})
		}
		j.mu.Unlock()
	}
	slices.SortFunc(due, func(a, b candidate) int { return a.due.Compare(b.due) })
	for _, c := range due {
		s.mu.Lock()
		full := s.working >= s.g.cfg.MaxJobs
		if !full {
			s.working++
		}
		s.mu.Unlock()
		if full {
			return nap // whoever ends nudges
		}
		c.mu.Lock()
		c.running = true
		c.mu.Unlock()
		s.running.Go(func() { s.work(ctx, c.job) })
	}
	return nap
}

// work does one step of a job and plans the next.
func (s *jobs) work(ctx context.Context, j *job) {
	j.step.Lock()
	wait, err := s.g.advance(ctx, j)
	j.step.Unlock()
	if err != nil && ctx.Err() == nil {
		j.note(func(r *Record) {
			r.Tries++
			r.Why = err.Error()
			wait = backoff(r.Tries)
			if errors.Is(err, errNoMiner) {
				wait = min(wait, scarce)
			}
		})
		s.g.log.Warn("a step of an upload failed", "fid", j.fid, "next", wait.Round(time.Second), "err", err)
	} else if err == nil {
		j.mu.Lock()
		j.rec.Tries = 0
		j.mu.Unlock()
	}
	j.mu.Lock()
	switch {
	case j.again:
		j.due = time.Now()
	case wait > 0:
		j.due = time.Now().Add(wait)
	default:
		j.due = time.Time{}
	}
	j.running, j.again = false, false
	j.mu.Unlock()
	s.mu.Lock()
	s.working--
	s.mu.Unlock()
	s.nudge()
}

const (
	minBackoff = time.Second
	maxBackoff = time.Minute
	// scarce is how long a job waits at most for miners to come back.
	scarce = 15 * time.Second
)

// backoff is how long to wait after so many failures in a row: exponential,
// with half of it random so that jobs do not march in step.
func backoff(tries int) time.Duration {
	d := min(minBackoff<<min(max(tries-1, 0), 16), maxBackoff)
	return d/2 + rand.N(d/2+1)
}

// forget removes a job, its record and its fragments.
func (s *jobs) forget(j *job) error {
	j.mu.Lock()
	r := j.rec.clone()
	j.gone = true
	j.mu.Unlock()
	for _, c := range r.Columns {
		if c.Miner != nil && c.State != ColumnReported {
			s.g.roster.unreserve(*c.Miner, columnBytes(r.Segments))
		}
	}
	s.mu.Lock()
	delete(s.all, j.fid)
	s.mu.Unlock()
	if err := s.g.journal.Delete(j.fid); err != nil {
		return fmt.Errorf("forget %v: %w", j.fid, err)
	}
	return s.g.depot.drop(j.fid)
}
