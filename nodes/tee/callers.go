package tee

import (
	"context"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/peer"

	"github.com/gocess/gocess/primitives/substrate"
)

// callers limits how often a miner is served and how much of the reception one
// host takes. Some requests are not signed, so that a miner counts per host:
// nobody can use up another's share from elsewhere.
type callers struct {
	limit    rate.Limit
	burst    int
	most     int // receptions of one host at once
	patience time.Duration

	mu     sync.Mutex
	miners map[caller]*seen // guarded by mu
	hosts  map[string]*host // guarded by mu; with receptions under way
}

type host struct {
	gate  *gate
	users int // guarded by the callers' mu
}

type caller struct {
	host  string
	miner substrate.AccountID
}

type seen struct {
	bucket *rate.Limiter
	last   time.Time
}

const (
	maxCallers  = 1 << 16
	callerStays = 10 * time.Minute
)

func newCallers(perSecond float64, burst, receptions int, patience time.Duration) *callers {
	return &callers{
		limit: rate.Limit(perSecond), burst: burst, most: receptions, patience: patience,
		miners: make(map[caller]*seen), hosts: make(map[string]*host),
	}
}

// admit takes requests of a miner from its share: one, or more for what costs
// more. The error is errBusy.
func (c *callers) admit(ctx context.Context, miner substrate.AccountID, requests int) error {
	now := time.Now()
	who := caller{hostOf(ctx), miner}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.miners[who]
	if !ok {
		if len(c.miners) >= maxCallers {
			c.forget(now)
		}
		if len(c.miners) >= maxCallers {
			return errBusy
		}
		s = &seen{bucket: rate.NewLimiter(c.limit, c.burst)}
		c.miners[who] = s
	}
	s.last = now
	if !s.bucket.AllowN(now, min(requests, c.burst)) {
		return errBusy
	}
	return nil
}

// forget drops those that were not seen for a while. The caller holds mu.
func (c *callers) forget(now time.Time) {
	for who, s := range c.miners {
		if now.Sub(s.last) > callerStays {
			delete(c.miners, who)
		}
	}
}

// receive starts a reception of a host; done must be called. Errors: errBusy,
// the context's.
func (c *callers) receive(ctx context.Context) (done func(), err error) {
	name := hostOf(ctx)
	c.mu.Lock()
	h := c.hosts[name]
	if h == nil {
		h = &host{gate: newGate(c.most, 16*c.most, c.patience)}
		c.hosts[name] = h
	}
	h.users++
	c.mu.Unlock()
	gone := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(c.hosts, name)
		}
	}
	leave, err := h.gate.enter(ctx)
	if err != nil {
		gone()
		return nil, err
	}
	return func() { leave(); gone() }, nil
}

// hostOf is the caller's IP address, without the port.
func hostOf(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return p.Addr.String()
	}
	return host
}
