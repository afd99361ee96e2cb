package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// peer is a miner that can be reached.
type peer struct {
	account  types.Address
	endpoint string // URL without a slash at its end
	idle     uint64 // bytes, as the chain has it; at most 2⁶⁴−1
}

// roster knows the miners in service and how well they worked.
type roster struct {
	chain         *sdk.Client
	refusePrivate bool

	mu       sync.Mutex
	peers    map[types.Address]peer      // guarded by mu
	fetched  time.Time                   // guarded by mu
	marks    map[types.Address]*standing // guarded by mu
	reserved map[types.Address]uint64    // guarded by mu; bytes on their way
}

// standing is what a miner earned with its work.
type standing struct {
	success  float64       // moving average, 0 to 1
	latency  time.Duration // moving average for one fragment
	failures int           // in a row
	failed   time.Time     // the last failure that counted
	cool     time.Time     // not asked before, unless no other miner is left
}

const (
	rosterLifetime = time.Minute
	rosterPause    = 5 * time.Second // between looks when too few miners are known
	initialSuccess = 0.8
	learning       = 0.25             // weight of the newest result
	minCool        = 5 * time.Second  // also the least pause between two tries of a miner that fails
	maxCool        = 30 * time.Minute // what miners that always fail are spared
)

func newRoster(chain *sdk.Client, refusePrivate bool) *roster {
	return &roster{
		chain: chain, refusePrivate: refusePrivate,
		peers: make(map[types.Address]peer), marks: make(map[types.Address]*standing),
		reserved: make(map[types.Address]uint64),
	}
}

// refresh reads the miners from the chain if what is known is older.
func (r *roster) refresh(ctx context.Context, older time.Duration) error {
	r.mu.Lock()
	fresh := time.Since(r.fetched) < older
	r.mu.Unlock()
	if fresh {
		return nil
	}
	list, err := sdk.List(ctx, r.chain.Best(), sminer.Miners)
	if err != nil {
		return fmt.Errorf("read miners: %w", err)
	}
	peers := make(map[types.Address]peer, len(list))
	for _, e := range list {
		if string(e.Value.State) != sminer.StatePositive {
			continue
		}
		if p, err := r.peerOf(e.Key, e.Value); err == nil {
			peers[p.account] = p
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peers, r.fetched = peers, time.Now()
	return nil
}

func (r *roster) peerOf(who substrate.AccountID, m sminer.Miner) (peer, error) {
	endpoint, err := endpointURL(string(m.Endpoint), r.refusePrivate)
	return peer{account: types.Address(who), endpoint: endpoint, idle: saturate(m.IdleSpace)}, err
}

func saturate(v scale.U128) uint64 {
	if n, ok := v.Uint64(); ok {
		return n
	}
	return ^uint64(0)
}

var errEndpoint = errors.New("the miner's endpoint is no address")

// endpointURL reads what miners publish: host:port or a URL, possibly padded
// with zero bytes.
func endpointURL(text string, refusePrivate bool) (string, error) {
	text, _, _ = strings.Cut(text, "\x00")
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, " \t\r\n") {
		return "", errEndpoint
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && (ip.IsUnspecified() || refusePrivate && private(ip)) {
		return "", errEndpoint
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func private(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()
}

var errNoMiner = errors.New("no miner has the space")

// pick chooses a miner that has so much idle space and none of the taken ones:
// of two at random the better. Miners that failed wait their time, unless only
// they are left: a file needs twelve miners, and most failures are restarts.
func (r *roster) pick(ctx context.Context, need uint64, taken map[types.Address]bool) (peer, error) {
	for _, older := range []time.Duration{rosterLifetime, rosterPause} {
		if err := r.refresh(ctx, older); err != nil {
			return peer{}, err
		}
		if p, ok := r.choose(need, taken, time.Now()); ok {
			return p, nil
		}
	}
	return peer{}, fmt.Errorf("%w: %d bytes are needed, %s", errNoMiner, need, r.describe(need, taken))
}

func (r *roster) choose(need uint64, taken map[types.Address]bool, now time.Time) (best peer, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fit, last []peer
	for _, p := range r.peers {
		if taken[p.account] || !r.fits(p, need) {
			continue
		}
		switch s := r.marks[p.account]; {
		case s == nil || !now.Before(s.cool):
			fit = append(fit, p)
		case now.Sub(s.failed) >= minCool:
			last = append(last, p)
		}
	}
	if len(fit) == 0 {
		fit = last
	}
	if len(fit) == 0 {
		return peer{}, false
	}
	a, b := fit[rand.IntN(len(fit))], fit[rand.IntN(len(fit))]
	if r.marks[b.account].score() > r.marks[a.account].score() {
		a = b
	}
	return a, true
}

// fits needs mu.
func (r *roster) fits(p peer, need uint64) bool {
	reserved := r.reserved[p.account]
	return p.idle >= reserved && p.idle-reserved >= need
}

// score is higher for miners that work better. A nil standing is that of an
// unknown miner.
func (s *standing) score() float64 {
	if s == nil {
		return initialSuccess
	}
	return s.success / (1 + s.latency.Seconds()/10)
}

// describe tells why no miner could be picked.
func (r *roster) describe(need uint64, taken map[types.Address]bool) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var have, cooling, full int
	for _, p := range r.peers {
		s := r.marks[p.account]
		switch {
		case taken[p.account]:
			have++
		case !r.fits(p, need):
			full++
		case s != nil && time.Now().Before(s.cool):
			cooling++
		}
	}
	return fmt.Sprintf("%d miners are in service: %d have a column, %d have too little space, %d failed lately",
		len(r.peers), have, full, cooling)
}

// find returns a miner that is in service and did not fail lately.
func (r *roster) find(ctx context.Context, who types.Address) (peer, bool) {
	if err := r.refresh(ctx, rosterLifetime); err != nil {
		return peer{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.peers[who]
	if s := r.marks[who]; s != nil && time.Now().Before(s.cool) {
		return peer{}, false
	}
	return p, ok
}

// worked notes a success and how long one fragment took.
func (r *roster) worked(who types.Address, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.mark(who)
	s.success += learning * (1 - s.success)
	if s.latency == 0 {
		s.latency = took
	}
	s.latency += time.Duration(learning * float64(took-s.latency))
	s.failures, s.cool = 0, time.Time{}
}

// kept notes that a miner reported what it was sent.
func (r *roster) kept(who types.Address) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.mark(who)
	s.success += learning * (1 - s.success)
}

// failed notes a failure: the miner is left alone for a time that doubles each
// time. Transfers that ran side by side fail together; they count once.
func (r *roster) failed(who types.Address, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.mark(who)
	if s.failures > 0 && now.Sub(s.failed) < minCool {
		return
	}
	s.success -= learning * s.success
	cool := min(minCool<<min(s.failures, 16), maxCool)
	s.failures++
	s.failed, s.cool = now, now.Add(cool/2+rand.N(cool/2+1))
}

// mark needs mu.
func (r *roster) mark(who types.Address) *standing {
	s := r.marks[who]
	if s == nil {
		s = &standing{success: initialSuccess}
		r.marks[who] = s
	}
	return s
}

// reserve counts bytes that a miner will take.
func (r *roster) reserve(who types.Address, bytes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reserved[who] += bytes
}

// unreserve undoes reserve.
func (r *roster) unreserve(who types.Address, bytes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reserved[who] <= bytes {
		delete(r.reserved, who)
		return
	}
	r.reserved[who] -= bytes
}

// publicOnly is a net.Dialer.Control that refuses private addresses, whatever
// name they hide behind.
func publicOnly(_, address string, _ syscallConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || private(ip) {
		return fmt.Errorf("%s: %w", address, errEndpoint)
	}
	return nil
}
