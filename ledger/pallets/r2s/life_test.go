package r2s_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestProveLife(t *testing.T) {
	c, list := world(t, 3, 2, nil)
	c.GoTo(2)
	genesis := system.BlockHashes.Get(c.Ctx(), 0)
	sign := func(v candidate, number uint32, grandpa, babe crypto.Pair) []byte {
		call, err := r2s.SignLife(genesis, v.stash, number, grandpa, babe)
		if err != nil {
			t.Fatal(err)
		}
		return encode(t, call)
	}
	v := list[2]
	foreign := v
	foreign.stash = palletstest.Bob
	other, err := r2s.SignLife(substrate.H256{1}, v.stash, 0, v.grandpa, v.babe)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		raw  []byte
		want error
	}{
		"the next session":       {v.proof(t, c, 1), substrate.InvalidFuture},
		"no candidate":           {foreign.proof(t, c, 0), substrate.InvalidCall},
		"another grandpa key":    {sign(v, 0, list[0].grandpa, v.babe), substrate.InvalidBadProof},
		"another babe key":       {sign(v, 0, v.grandpa, list[0].babe), substrate.InvalidBadProof},
		"another chain":          {encode(t, other), substrate.InvalidBadProof},
		"a validator that votes": {list[0].proof(t, c, 0), substrate.InvalidStale},
	} {
		if err := c.Submit(tt.raw); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if c.Number() >= epoch {
			t.Fatal("the session is over")
		}
	}
	if (r2s.API{}).Alive(c.Ctx(), v.stash) {
		t.Fatal("alive without a proof")
	}
	if err := c.Submit(v.proof(t, c, 0)); err != nil {
		t.Fatal(err)
	}
	if e := palletstest.EventsOf[r2s.LifeProvedEvent](c); len(e) != 1 || e[0] != (r2s.LifeProvedEvent{Stash: v.stash}) {
		t.Errorf("events %+v", e)
	}
	if err := c.Submit(v.proof(t, c, 0)); !errors.Is(err, substrate.InvalidStale) {
		t.Errorf("a second proof: %v", err)
	}
	alive := func() bool { return (r2s.API{}).Alive(c.Ctx(), v.stash) }
	c.GoTo(3 * epoch)
	if !alive() {
		t.Error("seen two sessions ago, and not alive")
	}
	c.GoTo(3*epoch + 1)
	if alive() {
		t.Error("alive three sessions later")
	}
	if err := c.Submit(v.proof(t, c, 2)); !errors.Is(err, substrate.InvalidStale) {
		t.Errorf("a proof for the session before: %v", err)
	}
}

// Votes show life, in the session of the block that was voted for.
func TestVotesShowLife(t *testing.T) {
	c, list := world(t, 2, 2, nil)
	c.GoTo(epoch)
	c.Silence(list[1].stash)
	c.GoTo(epoch + 1)
	seen := func(i int) uint32 { n, _ := r2s.LastSeen.Get(c.Ctx(), list[i].stash); return n }
	if seen(0) != 0 || seen(1) != 0 {
		t.Errorf("the votes for the last block of session 0 count for %d and %d", seen(0), seen(1))
	}
	c.GoTo(2*epoch + 2)
	if seen(0) != 2 || seen(1) != 0 {
		t.Errorf("last seen in %d and %d", seen(0), seen(1))
	}
}

// Votes with the old keys say nothing about a node with the new ones.
func TestNewKeysNeedNewLife(t *testing.T) {
	c, list := world(t, 2, 2, nil)
	c.GoTo(2)
	v := list[0]
	renewed := newCandidate(t, 10)
	renewed.stash = v.stash
	c.Must(v.stash, session.SetKeys{Keys: renewed.keys()})
	alive := func() bool { return (r2s.API{}).Alive(c.Ctx(), v.stash) }
	c.GoTo(2*epoch + 1)
	if alive() {
		t.Fatal("votes until the keys change count")
	}
	c.GoTo(2*epoch + 2)
	if !alive() {
		t.Fatal("a vote with the new keys does not count")
	}
	c.Must(v.stash, session.SetKeys{Keys: v.keys()})
	if alive() {
		t.Fatal("alive with keys that were never seen")
	}
	if err := c.Submit(v.proof(t, c, session.CurrentIndex.Get(c.Ctx()))); err != nil {
		t.Fatal(err)
	}
	if !alive() {
		t.Fatal("a proof does not count")
	}
	c.Must(v.stash, session.PurgeKeys{})
	if alive() || r2s.VotesCountFrom.Contains(c.Ctx(), v.stash) {
		t.Fatal("something is left of who has no keys")
	}
	c.Must(list[1].stash, staking.Chill{})
	if err := c.Submit(list[1].proof(t, c, session.CurrentIndex.Get(c.Ctx())+1)); err == nil {
		t.Error("a proof of somebody who does not want to validate")
	}
}
