package consensus

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/gocess/gocess/primitives/scale"
)

// FuzzVerifyVotes feeds the parser of the pseudo-transaction. What it accepts
// encodes to the same bytes and carries a valid extension of more than two
// thirds.
func FuzzVerifyVotes(f *testing.F) {
	d := newDriver(f, newNetwork(f, 4, 0))
	d.block(0)
	raw := d.propose(0)[0]
	c, rules := commitOf(d.commitInfo()), d.apps[0].extensionRules(1)
	f.Add(raw)
	f.Add(raw[:50])
	f.Add(scale.MustMarshal(votes{Version: votesVersion}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		by, list, err := verifyVotes(raw, c, rules)
		if err != nil {
			return
		}
		v, err := scale.Unmarshal[votes](raw)
		if err != nil || string(scale.MustMarshal(v)) != string(raw) {
			t.Fatalf("accepted another encoding: %v", err)
		}
		if len(by) != len(list) || len(v.Entries) != 4 {
			t.Fatalf("%d contributions of %d validators", len(list), len(by))
		}
	})
}

func FuzzVerifyExtension(f *testing.F) {
	d := newDriver(f, newNetwork(f, 1, 0))
	rules := d.apps[0].extensionRules(1)
	good := d.vote().Votes[0].VoteExtension
	f.Add(good)
	f.Add(good[1:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, ext []byte) {
		c, err := verifyExtension(ext, rules.set[0].Babe, rules.slot.transcript())
		if err != nil {
			return
		}
		// One key and one height have one pre-output.
		if (c == nil) != (len(ext) == 0) || c != nil && string(c.preOutput[:]) != string(good[1:33]) {
			t.Fatalf("accepted %x", ext)
		}
	})
}

// Randomness depends on every contribution and its order, and moves on without
// any.
func TestBlockRandomness(t *testing.T) {
	a, b := &contribution{output: [32]byte{1}}, &contribution{output: [32]byte{2}}
	seen := map[[32]byte]string{}
	for name, r := range map[string][32]byte{
		"none":           blockRandomness(2, [32]byte{}, nil),
		"other height":   blockRandomness(3, [32]byte{}, nil),
		"other previous": blockRandomness(2, [32]byte{9}, nil),
		"a":              blockRandomness(2, [32]byte{}, []*contribution{a}),
		"a, b":           blockRandomness(2, [32]byte{}, []*contribution{a, b}),
		"b, a":           blockRandomness(2, [32]byte{}, []*contribution{b, a}),
	} {
		if other, ok := seen[r]; ok {
			t.Errorf("%s and %s give the same", name, other)
		}
		seen[r] = name
	}
}

func TestUpdatesOf(t *testing.T) {
	set := func(keys ...byte) authorities {
		var s authorities
		for _, k := range keys {
			s = append(s, Authority{Grandpa: [32]byte{k}})
		}
		return s
	}
	for _, c := range []struct {
		from, to authorities
		want     map[byte]int64
	}{
		{nil, set(1, 2), map[byte]int64{1: 1, 2: 1}},
		{set(1, 2), set(2, 1), map[byte]int64{}},
		{set(1, 2), set(2, 3), map[byte]int64{1: 0, 3: 1}},
		{set(1), set(2), map[byte]int64{1: 0, 2: 1}},
	} {
		got := map[byte]int64{}
		for _, u := range updatesOf(c.from, c.to) {
			got[u.PubKey.GetEd25519()[0]] = u.Power
		}
		if len(got) != len(c.want) {
			t.Errorf("%v to %v: %v, want %v", c.from, c.to, got, c.want)
		}
		for k, p := range c.want {
			if got[k] != p {
				t.Errorf("%v to %v: key %d has power %d, want %d", c.from, c.to, k, got[k], p)
			}
		}
	}
	if got := set(1, 2, 1).distinct(); len(got) != 2 {
		t.Errorf("distinct: %v", got)
	}
}

// The fingerprint covers everything that execution depends on.
func TestFingerprint(t *testing.T) {
	base := func() *proposal {
		return &proposal{
			height: 5, time: genesisTime, proposer: address{1}, txs: [][]byte{{1}, {2, 3}},
			commit: commitOf(abci.CommitInfo{Round: 1, Votes: []abci.VoteInfo{
				{Validator: abci.Validator{Address: make([]byte, 20), Power: 1}, BlockIdFlag: cmtproto.BlockIDFlagCommit},
			}}),
		}
	}
	seen := map[fingerprint]string{}
	for name, change := range map[string]func(*proposal){
		"nothing":    func(*proposal) {},
		"height":     func(p *proposal) { p.height++ },
		"time":       func(p *proposal) { p.time = p.time.Add(1) },
		"proposer":   func(p *proposal) { p.proposer[0]++ },
		"round":      func(p *proposal) { p.commit.round++ },
		"vote":       func(p *proposal) { p.commit.votes[0].flag = cmtproto.BlockIDFlagAbsent },
		"power":      func(p *proposal) { p.commit.votes[0].power++ },
		"no votes":   func(p *proposal) { p.commit.votes = nil },
		"tx":         func(p *proposal) { p.txs[0] = []byte{9} },
		"boundaries": func(p *proposal) { p.txs = [][]byte{{1, 2}, {3}} },
		"fewer":      func(p *proposal) { p.txs = p.txs[:1] },
	} {
		p := base()
		change(p)
		if other, ok := seen[p.fingerprint()]; ok {
			t.Errorf("changing %s looks like changing %s", name, other)
		}
		seen[p.fingerprint()] = name
	}
	if again := base(); base().fingerprint() != again.fingerprint() {
		t.Error("not reproducible")
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	var cs candidates
	for i := range byte(10) {
		cs.add(fingerprint{i}, &candidate{})
		cs.add(fingerprint{i}, &candidate{})
		if cs.find(fingerprint{i}) == nil || len(cs) > maxCandidates {
			t.Fatalf("%d candidates", len(cs))
		}
	}
}
