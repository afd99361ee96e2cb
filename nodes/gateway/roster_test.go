package gateway

import (
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/storage/segment"
)

func testRoster(peers ...peer) *roster {
	r := newRoster(nil, false)
	for _, p := range peers {
		r.peers[p.account] = p
	}
	return r
}

func TestRosterChoosesOnlyWhoFits(t *testing.T) {
	a, b, c := types.Address{1}, types.Address{2}, types.Address{3}
	r := testRoster(peer{account: a, idle: 100}, peer{account: b, idle: 10}, peer{account: c, idle: 100})
	now := time.Now()
	if p, ok := r.choose(50, map[types.Address]bool{a: true}, now); !ok || p.account != c {
		t.Errorf("chose %v, %t: only one is free and has the space", p.account, ok)
	}
	r.reserve(c, 60)
	if p, ok := r.choose(50, map[types.Address]bool{a: true}, now); ok {
		t.Errorf("chose %v, whose space is spoken for", p.account)
	}
	r.unreserve(c, 60)
	r.failed(c, now)
	if p, ok := r.choose(50, map[types.Address]bool{a: true}, now); ok {
		t.Errorf("chose %v, which has just failed", p.account)
	}
	if p, ok := r.choose(50, map[types.Address]bool{a: true}, now.Add(2*maxCool)); !ok || p.account != c {
		t.Errorf("chose %v, %t after the time to cool down", p.account, ok)
	}
}

func TestRosterCoolsLongerWithEachFailure(t *testing.T) {
	a := types.Address{1}
	r := testRoster()
	last, now := time.Duration(0), time.Now()
	for i := range 12 {
		r.failed(a, now)
		cool := r.marks[a].cool.Sub(now)
		// Half of the time is random; a failure adds a factor of two.
		if cool > maxCool || i > 1 && cool < maxCool/2 && cool < last/2 {
			t.Errorf("failure %d cools %v after %v", i+1, cool, last)
		}
		last = cool
		now = now.Add(minCool)
	}
	if r.worked(a, time.Second); time.Until(r.marks[a].cool) > 0 || r.marks[a].failures != 0 {
		t.Error("a success does not end the time to cool down")
	}
	if r.marks[a].score() >= (*standing)(nil).score() {
		t.Error("a miner that failed often counts as much as an unknown one")
	}
}

// Twelve columns of ten uploads meet the same restarting miner.
func TestRosterCountsOneOutageOnce(t *testing.T) {
	a := types.Address{1}
	r := testRoster()
	now := time.Now()
	for range 120 {
		r.failed(a, now)
	}
	if s := r.marks[a]; s.failures != 1 || s.cool.Sub(now) > minCool {
		t.Errorf("%d failures, %v to cool after transfers that failed together", s.failures, s.cool.Sub(now))
	}
}

// When all others have a column already, a miner that failed is asked again
// although its time is not over.
func TestRosterAsksAgainWhenNoneIsLeft(t *testing.T) {
	a, b := types.Address{1}, types.Address{2}
	r := testRoster(peer{account: a, idle: 100}, peer{account: b, idle: 100})
	now := time.Now()
	for i := range 10 {
		r.failed(a, now.Add(time.Duration(i)*minCool))
	}
	now = now.Add(9 * minCool)
	if p, ok := r.choose(50, nil, now.Add(minCool)); !ok || p.account != b {
		t.Errorf("chose %v, %t while another miner is there", p.account, ok)
	}
	if p, ok := r.choose(50, map[types.Address]bool{b: true}, now.Add(minCool-1)); ok {
		t.Errorf("chose %v right after its failure", p.account)
	}
	if p, ok := r.choose(50, map[types.Address]bool{b: true}, now.Add(minCool)); !ok || p.account != a {
		t.Errorf("chose %v, %t: the only one left", p.account, ok)
	}
}

func TestEndpointURL(t *testing.T) {
	for _, c := range []struct {
		text, want string
		private    bool // also with RefusePrivate
	}{
		{"1.2.3.4:15001", "http://1.2.3.4:15001", true},
		{"http://miner.example:80/", "http://miner.example:80", true},
		{"https://miner.example", "https://miner.example", true},
		{"miner.example:1\x00\x00\x00", "http://miner.example:1", true},
		{"127.0.0.1:15001", "http://127.0.0.1:15001", false},
		{"http://192.168.0.7:1", "http://192.168.0.7:1", false},
		{"[::1]:5", "http://[::1]:5", false},
		{"", "", false}, {"0.0.0.0:5", "", false}, {"a b:5", "", false}, {"http://", "", false},
		{"http://u:p@host", "", false}, {"http://host/?q=1", "", false}, {"ftp://host", "", false},
	} {
		got, err := endpointURL(c.text, false)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v; want %q", c.text, got, err, c.want)
		}
		if _, err := endpointURL(c.text, true); (err == nil) != c.private {
			t.Errorf("%q, no private addresses: %v", c.text, err)
		}
	}
}

// The chain wants strictly more space than the charge of 96 MiB a segment.
func TestFits(t *testing.T) {
	charge := uint64(segment.ChargedSize(1))
	for _, c := range []struct {
		remaining uint64
		want      int64
	}{{0, 0}, {1, 0}, {charge, 0}, {charge + 1, 1}, {2 * charge, 1}, {2*charge + 1, 2}, {1 << 60, segment.MaxSegments}} {
		if got := fits(scale.U128From64(c.remaining)); got != c.want {
			t.Errorf("%d bytes take %d segments, want %d", c.remaining, got, c.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	for tries := range 100 {
		if d := backoff(tries); d < minBackoff/2 || d > maxBackoff {
			t.Errorf("after %d failures: %v", tries, d)
		}
	}
}
