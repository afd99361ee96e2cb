// Package tees chooses TEE workers for a miner. Workers come from the chain,
// with the endpoint they published; one is used only if it proves to be the
// worker that the chain knows. Those that answer quickly and without errors
// are asked first, those that failed rest for a while, and a busy one is
// passed over.
package tees

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/tee"
)

// Duty is what a worker is needed for.
type Duty uint8

// The duties. A Full worker has both.
const (
	// Mark is certifying idle space, its replacement, and tags.
	Mark Duty = iota
	// Verify is verdicts on proofs.
	Verify
)

// String names the duty as workers' roles do.
func (d Duty) String() string {
	if d == Mark {
		return "marker"
	}
	return "verifier"
}

var (
	// ErrNone is returned when the chain has no worker for a duty.
	ErrNone = errors.New("the chain has no TEE worker for this")
	// ErrAllFailed wraps what went wrong with each worker.
	ErrAllFailed = errors.New("no TEE worker could do it")
)

// final marks an error that another worker would not avoid.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// Final wraps an error that is not the worker's: Do returns it at once and
// the worker's standing does not suffer.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return final{err}
}

// connectTimeout bounds connecting to a worker and checking who it is.
const connectTimeout = 20 * time.Second

// Ask calls a worker's method and gives up after a while, so that a worker that
// hangs is one that failed.
func Ask[Req, Resp any](ctx context.Context, limit time.Duration, call func(context.Context, Req) (Resp, error), r Req) (Resp, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return call(ctx, r)
}

// Worker is a worker that passed its identity check.
type Worker struct {
	Key types.WorkerPublicKey
	*tee.Client
}

// Options tune a Pool.
type Options struct {
	// Only restricts the pool to these workers, if any are named.
	Only []types.WorkerPublicKey
	// Refresh is how long a list from the chain is used. Default 1 minute.
	Refresh time.Duration
	// Rest is the first pause of a worker after a failure; it doubles up to
	// MaxRest. Defaults 2 s and 1 minute.
	Rest, MaxRest time.Duration
	Logger        *slog.Logger
}

// Pool is the workers of a chain as one miner sees them.
type Pool struct {
	miner substrate.AccountID
	o     Options

	mu      sync.Mutex
	workers map[types.WorkerPublicKey]*member // guarded by mu
	fetched time.Time                         // guarded by mu
}

// member is a worker with its standing.
type member struct {
	key      types.WorkerPublicKey
	endpoint string
	duties   [2]bool

	mu       sync.Mutex
	client   *tee.Client   // guarded by mu; nil before it proved its identity
	latency  time.Duration // guarded by mu; moving average
	failures int           // guarded by mu; in a row
	rest     time.Time     // guarded by mu; not asked before
	last     string        // guarded by mu; its last error
}

// New makes an empty pool.
func New(miner substrate.AccountID, o Options) *Pool {
	if o.Refresh == 0 {
		o.Refresh = time.Minute
	}
	if o.Rest == 0 {
		o.Rest = 2 * time.Second
	}
	if o.MaxRest == 0 {
		o.MaxRest = time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{miner: miner, o: o, workers: make(map[types.WorkerPublicKey]*member)}
}

// Close closes the connections.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, m := range p.workers {
		errs = append(errs, m.close())
	}
	p.workers = make(map[types.WorkerPublicKey]*member)
	return errors.Join(errs...)
}

func (m *member) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.client == nil {
		return nil
	}
	c := m.client
	m.client = nil
	return c.Close()
}

// Do calls fn with one worker after the other, the best first, until one
// succeeds. Workers that rest are skipped. Errors: ErrNone, ErrAllFailed, that
// of a Final, those of the chain and of ctx.
func (p *Pool) Do(ctx context.Context, chain *sdk.Client, d Duty, fn func(context.Context, *Worker) error) error {
	if err := p.refresh(ctx, chain); err != nil {
		return err
	}
	candidates, next := p.candidates(d)
	if len(candidates) == 0 {
		if next.IsZero() {
			return fmt.Errorf("%w (%v)", ErrNone, d)
		}
		return fmt.Errorf("%w: all rest after failures until %s; %s", ErrAllFailed, next.Format(time.TimeOnly), p.complaints())
	}
	var errs []error
	for _, m := range candidates {
		err := p.try(ctx, m, fn)
		var fin final
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &fin):
			return fin.error
		}
		errs = append(errs, fmt.Errorf("worker %x…: %w", m.key[:4], err))
	}
	return fmt.Errorf("%w: %w", ErrAllFailed, errors.Join(errs...))
}

func (p *Pool) try(ctx context.Context, m *member, fn func(context.Context, *Worker) error) error {
	began := time.Now()
	c, err := p.connect(ctx, m)
	if err == nil {
		err = fn(ctx, &Worker{Key: m.key, Client: c})
	}
	var fin final
	switch {
	case err == nil:
		m.succeeded(time.Since(began))
	case ctx.Err() != nil, errors.As(err, &fin):
	default:
		m.failed(err, p.o)
		p.o.Logger.Debug("a TEE worker failed", "worker", fmt.Sprintf("%x", m.key[:4]), "endpoint", m.endpoint, "err", err)
	}
	return err
}

// connect gives a connection to a worker whose identity was checked.
func (p *Pool) connect(ctx context.Context, m *member) (*tee.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.client != nil {
		return m.client, nil
	}
	c, err := tee.Dial(ctx, m.endpoint)
	if err != nil {
		return nil, err
	}
	key, err := c.Identity(ctx, p.miner)
	if err == nil && key != m.key {
		err = fmt.Errorf("at %s is worker %x, not the one that the chain names", m.endpoint, key)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("identity: %w", err), c.Close())
	}
	m.client = c
	return c, nil
}

const learning = 0.25 // weight of the newest answer

func (m *member) succeeded(took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.latency == 0 {
		m.latency = took
	}
	m.latency += time.Duration(learning * float64(took-m.latency))
	m.failures, m.rest, m.last = 0, time.Time{}, ""
}

func (m *member) failed(err error, o Options) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = err.Error()
	if tee.Busy(err) { // not broken
		m.rest = time.Now().Add(o.Rest)
		return
	}
	m.failures++
	m.rest = time.Now().Add(min(o.Rest<<min(m.failures-1, 16), o.MaxRest))
}

// candidates lists the workers for a duty that do not rest, the best first.
// If all rest, next is when the first of them is back.
func (p *Pool) candidates(d Duty) (list []*member, next time.Time) {
	type rated struct {
		*member
		score time.Duration
	}
	var fit []rated
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.workers {
		if !m.duties[d] {
			continue
		}
		m.mu.Lock()
		rest, score := m.rest, m.latency
		m.mu.Unlock()
		if now.Before(rest) {
			if next.IsZero() || rest.Before(next) {
				next = rest
			}
			continue
		}
		fit = append(fit, rated{m, score})
	}
	slices.SortFunc(fit, func(a, b rated) int {
		return cmp.Or(cmp.Compare(a.score, b.score), slices.Compare(a.key[:], b.key[:]))
	})
	for _, f := range fit {
		list = append(list, f.member)
	}
	return list, next
}

func (p *Pool) complaints() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.workers {
		m.mu.Lock()
		last := m.last
		m.mu.Unlock()
		if last != "" {
			return "one says: " + last
		}
	}
	return "none says why"
}

// Health is the standing of a worker.
type Health struct {
	Key      string        `json:"key"`
	Endpoint string        `json:"endpoint"`
	Latency  time.Duration `json:"latency"`
	Failures int           `json:"failures,omitempty"`
	Resting  bool          `json:"resting,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// Health lists the known workers by key.
func (p *Pool) Health() []Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Health, 0, len(p.workers))
	for _, m := range p.workers {
		m.mu.Lock()
		out = append(out, Health{fmt.Sprintf("%x", m.key), m.endpoint, m.latency, m.failures, time.Now().Before(m.rest), m.last})
		m.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b Health) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
