package consensus

import (
	"testing"
	"time"
)

// A validator knows whether its votes arrive, and that somebody else votes with
// its key.
func TestDutySeesASecondNodeWithTheKey(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five nodes")
	}
	nw := newNetwork(t, 4, 0)
	nodes := nw.startAll(t)
	waitFor(t, nodes[0], 5)
	d := nodes[0].Duty()
	if !d.Voting || d.Validator.Account != nw.validators[0].stash.AccountID() || d.Signed == 0 || d.LastSigned < 3 || d.Foreign != 0 {
		t.Fatalf("duty of a validator: %+v", d)
	}
	if follower := len(nodes[0].Deciding()); follower != 4 {
		t.Fatalf("%d validators decide", follower)
	}
	cfg := nw.config(t, t.TempDir(), 0) // the same key on another machine
	for _, n := range nodes {
		cfg.P2P.Peers = append(cfg.P2P.Peers, n.Addresses()...)
	}
	twin := start(t, cfg)
	ctx := testContext(t)
	for nodes[0].Duty().Foreign == 0 && twin.Duty().Foreign == 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("nobody noticed: %+v, %+v, twin at %+v", nodes[0].Duty(), twin.Duty(), twin.Sync())
		case <-time.After(20 * time.Millisecond):
		}
	}
	for i, n := range nodes[1:] {
		if d := n.Duty(); d.Foreign != 0 {
			t.Errorf("node %d: %+v", i+1, d)
		}
	}
}

// Who is behind sentries tells no stranger where it is.
func TestSentrySettings(t *testing.T) {
	const a, b = "aa00000000000000000000000000000000000001", "bb00000000000000000000000000000000000002"
	nw := newNetwork(t, 1, 0)
	cfg := nw.config(t, t.TempDir(), 0)
	cfg.P2P = P2P{
		Listen: "127.0.0.1:1", External: "[2001:db8::1]:26656", Peers: []string{a + "@127.0.0.1:2", b + "@127.0.0.1:3"},
		Seeds: []string{a + "@127.0.0.1:4"}, Private: []string{b}, Unconditional: []string{a, b}, Exchange: true,
	}
	if err := cfg.complete(); err != nil {
		t.Fatal(err)
	}
	p := cfg.cometConfig().P2P
	if p.PrivatePeerIDs != b || p.UnconditionalPeerIDs != a+","+b || p.Seeds != a+"@127.0.0.1:4" || !p.PexReactor ||
		p.ExternalAddress != "tcp://[2001:db8::1]:26656" || p.MaxNumInboundPeers != 50 {
		t.Errorf("settings %+v", p)
	}
	for what, wrong := range map[string]P2P{
		"a short id":              {Private: []string{"aa"}},
		"an address for an id":    {Unconditional: []string{a + "@127.0.0.1:2"}},
		"no id":                   {Peers: []string{"127.0.0.1:2"}},
		"no port":                 {Seeds: []string{a + "@127.0.0.1"}},
		"seeds without exchange":  {Seeds: []string{a + "@127.0.0.1:4"}},
		"an address without port": {External: "example.com"},
	} {
		cfg := nw.config(t, t.TempDir(), 0)
		cfg.P2P = wrong
		if what != "seeds without exchange" {
			cfg.P2P.Exchange = true
		}
		if err := cfg.complete(); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}
