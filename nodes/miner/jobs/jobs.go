// Package jobs runs the parts of a role side by side. Each job has a goroutine
// of its own, is run again after a pause or when something wakes it, backs off
// when it fails, and always tells what it does and why it waits.
//
//	s := jobs.New(log, jobs.Backoff{Min: time.Second, Max: time.Minute})
//	s.Start(ctx, jobs.Job{Name: "tags", Every: time.Minute, Run: tag})
//	s.Wake("tags")
//	…
//	s.Wait() // after ctx ended
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Job is one part of a role.
type Job struct {
	Name string
	// Every is the pause between two runs.
	Every time.Duration
	// Run does what there is to do. It returns Waitf's error if it cannot go on
	// before something happens elsewhere, which is no failure.
	Run func(ctx context.Context, p *Progress) error
}

// waiting is the error of a job that has nothing to do for a reason.
type waiting struct{ reason string }

func (w waiting) Error() string { return w.reason }

// Waitf says why a job waits.
func Waitf(format string, args ...any) error { return waiting{fmt.Sprintf(format, args...)} }

// IsWaiting says whether an error is Waitf's.
func IsWaiting(err error) bool {
	var w waiting
	return errors.As(err, &w)
}

// Backoff is the pause after failures: it starts at Min, doubles each time and
// stays at Max; half of it is random, so that jobs do not march in step.
type Backoff struct{ Min, Max time.Duration }

// After is the pause after so many failures in a row.
func (b Backoff) After(failures int) time.Duration {
	d := b.Max
	if n := max(failures-1, 0); n < 32 && b.Min<<n>>n == b.Min {
		d = min(b.Min<<n, b.Max)
	}
	return d/2 + rand.N(d/2+1)
}

// Looking is what a job does before it tells more.
const Looking = "looking"

// Status is what a job does at a moment.
type Status struct {
	Name string `json:"name"`
	// Doing is empty while the job does not run.
	Doing string `json:"doing,omitempty"`
	// Waiting is why the last run ended without work.
	Waiting string `json:"waiting,omitempty"`
	// Error is what the last run failed with.
	Error    string    `json:"error,omitempty"`
	Failures int       `json:"failures,omitempty"` // in a row
	Since    time.Time `json:"since"`
	// Next is when the job runs again unless it is woken; zero while it runs.
	Next time.Time `json:"next,omitzero"`
}

// Supervisor owns the goroutines of the jobs.
type Supervisor struct {
	log     *slog.Logger
	backoff Backoff
	running sync.WaitGroup

	mu   sync.Mutex
	jobs []*worker // guarded by mu
}

// New makes a supervisor without jobs.
func New(log *slog.Logger, b Backoff) *Supervisor { return &Supervisor{log: log, backoff: b} }

// worker is one job with its state.
type worker struct {
	Job
	poke chan struct{}

	mu     sync.Mutex
	status Status // guarded by mu
}

// Progress lets a running job tell what it does.
type Progress struct{ w *worker }

// Doing says what the job does now.
func (p *Progress) Doing(format string, args ...any) {
	p.w.set(func(s *Status) { s.Doing = fmt.Sprintf(format, args...) })
}

func (w *worker) set(fn func(*Status)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn(&w.status)
}

// Start runs jobs until ctx ends.
func (s *Supervisor) Start(ctx context.Context, list ...Job) {
	for _, j := range list {
		w := &worker{Job: j, poke: make(chan struct{}, 1), status: Status{Name: j.Name, Since: time.Now()}}
		s.mu.Lock()
		s.jobs = append(s.jobs, w)
		s.mu.Unlock()
		s.running.Go(func() { s.run(ctx, w) })
	}
}

// Wait returns when all jobs have ended.
func (s *Supervisor) Wait() { s.running.Wait() }

// Wake runs the named jobs at once, again if they run already.
func (s *Supervisor) Wake(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.jobs {
		for _, name := range names {
			if w.Name == name {
				select {
				case w.poke <- struct{}{}:
				default:
				}
			}
		}
	}
}

// Status tells what all jobs do, in the order of their start.
func (s *Supervisor) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, len(s.jobs))
	for i, w := range s.jobs {
		w.mu.Lock()
		out[i] = w.status
		w.mu.Unlock()
	}
	return out
}

func (s *Supervisor) run(ctx context.Context, w *worker) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.poke:
		case <-timer.C:
		}
		pause := s.once(ctx, w)
		w.set(func(st *Status) { st.Next = time.Now().Add(pause) })
		timer.Reset(pause)
	}
}

// once runs a job and returns the pause after it.
func (s *Supervisor) once(ctx context.Context, w *worker) time.Duration {
	w.set(func(st *Status) { st.Doing, st.Since, st.Next = Looking, time.Now(), time.Time{} })
	err := w.Run(ctx, &Progress{w})
	if ctx.Err() != nil {
		err = nil
	}
	pause := w.Every
	w.set(func(st *Status) {
		st.Doing, st.Since, st.Waiting = "", time.Now(), ""
		switch {
		case err == nil:
			st.Error, st.Failures = "", 0
		case IsWaiting(err):
			st.Error, st.Failures, st.Waiting = "", 0, err.Error()
		default:
			st.Error = err.Error()
			st.Failures++
			pause = s.backoff.After(st.Failures)
		}
	})
	if err != nil && !IsWaiting(err) {
		s.log.Warn("a job failed", "job", w.Name, "next", pause.Round(time.Millisecond), "err", err)
	}
	return pause
}
