package podr2_test

import (
	"crypto/sha256"
	"errors"
	"math"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

func TestSetVersion(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	if v := podr2.Versions.Get(w.Ctx(), palletstest.Bob); v != podr2.Version1 {
		t.Errorf("version %d by default", v)
	}
	expect(t, w, palletstest.Bob, podr2.SetVersion{Version: 2}, podr2.ErrNotMiner)
	expect(t, w, w.miner, podr2.SetVersion{Version: 0}, podr2.ErrInvalidVersion)
	expect(t, w, w.miner, podr2.SetVersion{Version: 3}, podr2.ErrInvalidVersion)
	if err := w.Root(podr2.SetVersion{Version: 2}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("by root: %v", err)
	}
	for _, v := range []uint8{1, 2, 2, 1} {
		w.Must(w.miner, podr2.SetVersion{Version: v})
		if got := palletstest.EventsOf[podr2.VersionSetEvent](w.Chain); len(got) != 1 || got[0] != (podr2.VersionSetEvent{Miner: w.miner, Version: v}) {
			t.Errorf("events %+v", got)
		}
		if got := podr2.Versions.Get(w.Ctx(), w.miner); got != v {
			t.Errorf("version %d, want %d", got, v)
		}
	}
	w.Challenge(w.miner)
	expect(t, w, w.miner, podr2.SetVersion{Version: 2}, podr2.ErrChallengeOpen)
}

func TestTaggerKey(t *testing.T) {
	w := audittest.New(t, audittest.Options{})
	d, err := theData()
	if err != nil {
		t.Fatal(err)
	}
	x := &world{w, t, d, w.Miners[0]}
	key := d.key.Public()
	good := x.registration(key)
	change := func(fn func(c *podr2.RegisterTaggerKey)) podr2.RegisterTaggerKey {
		c := x.registration(key)
		fn(&c)
		return c
	}
	expect(t, x, palletstest.Bob, change(func(c *podr2.RegisterTaggerKey) { c.Signature = c.Signature[:63] }), podr2.ErrMalformedSignature)
	expect(t, x, palletstest.Bob, change(func(c *podr2.RegisterTaggerKey) { c.Signature[1]++ }), podr2.ErrVerifyTEESigFailed)
	expect(t, x, palletstest.Bob, change(func(c *podr2.RegisterTaggerKey) { c.Key[9]++ }), podr2.ErrVerifyTEESigFailed)
	junk := make([]byte, scheme.PublicKeySize)
	digest := sha256.Sum256(scale.MustMarshal(struct{ Domain, Key []byte }{[]byte("cess/podr2-key"), junk}))
	expect(t, x, palletstest.Bob, podr2.RegisterTaggerKey{Key: junk, Signature: w.Sign(digest)}, podr2.ErrInvalidTaggerKey)
	if err := w.Root(podr2.ClearTaggerKey{}); !errors.Is(err, podr2.ErrNoTaggerKey) {
		t.Errorf("clear without a key: %v", err)
	}

	w.Must(palletstest.Bob, good)
	id := podr2.KeyID(key.ID())
	if got := palletstest.EventsOf[podr2.TaggerKeyRegisteredEvent](w.Chain); len(got) != 1 || got[0].Key != id {
		t.Errorf("events %+v", got)
	}
	w.Must(palletstest.Eve, good)
	if got := palletstest.EventsOf[podr2.TaggerKeyRegisteredEvent](w.Chain); len(got) != 0 {
		t.Errorf("the same key again: events %+v", got)
	}
	other, err := scheme.NewSecretKey(sha256.Sum256([]byte("other")))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, x, palletstest.Bob, x.registration(other.Public()), podr2.ErrTaggerKeyExists)
	expect(t, x, palletstest.Bob, podr2.ClearTaggerKey{}, runtime.ErrBadOrigin)
	if err := w.Root(podr2.ClearTaggerKey{}); err != nil {
		t.Fatal(err)
	}
	if got := palletstest.EventsOf[podr2.TaggerKeyClearedEvent](w.Chain); len(got) != 1 || got[0].Key != id {
		t.Errorf("events %+v", got)
	}
	w.Must(palletstest.Bob, x.registration(other.Public()))
	if current, _ := podr2.TaggerKey.Get(w.Ctx()); string(current) != string(other.Public().Bytes()) {
		t.Error("the key is not the one that was registered")
	}
	for _, k := range []*scheme.PublicKey{key, other.Public()} {
		if got, ok := podr2.TaggerKeys.Get(w.Ctx(), podr2.KeyID(k.ID())); !ok || string(got) != string(k.Bytes()) {
			t.Errorf("key %v is not in the history", k.ID())
		}
	}
}

// The seed depends on all that was drawn, and on nothing that may change.
func TestSeed(t *testing.T) {
	var a, b substrate.AccountID
	b[0] = 1
	e := audit.ChallengeElement{Start: 7, ServiceParam: audit.QElement{RandomIndexList: []uint32{1}, RandomList: [][20]byte{{2}}}}
	seed := podr2.SeedOf(e, a)
	moved := e
	moved.VerifySlip = 99
	if podr2.SeedOf(moved, a) != seed {
		t.Error("the seed moves with the verify slip")
	}
	later, space, value := e, e, e
	later.Start++
	space.SpaceParam[3]++
	value.ServiceParam.RandomList = [][20]byte{{3}}
	for what, other := range map[string]scheme.Seed{
		"miner": podr2.SeedOf(e, b), "start": podr2.SeedOf(later, a),
		"space_param": podr2.SeedOf(space, a), "service_param": podr2.SeedOf(value, a),
	} {
		if other == seed {
			t.Errorf("another %s has the same seed", what)
		}
	}
}

// Sampling finds lost blocks as often as Detection says: the share of
// challenges that hit one lies within five standard deviations.
func TestSamplingFindsLostBlocks(t *testing.T) {
	const challenges = 500
	samples := podr2.Samples.Default()
	for _, c := range []struct{ fragments, lost uint64 }{{1, 1}, {3, 10}, {100, 100}, {1000, 1024 * 10}, {1000, 1}} {
		found := 0
		for i := range uint32(challenges) {
			e := audit.ChallengeElement{Start: i, ServiceParam: audit.QElement{RandomIndexList: []uint32{i}}}
			challenge := scheme.Challenge{Seed: podr2.SeedOf(e, palletstest.Bob), Samples: samples}
			drawn, err := challenge.Draw(c.fragments)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range drawn {
				// Lost are the first blocks of the second half of the list.
				at := s.Fragment*scheme.BlocksPerFragment + uint64(s.Block)
				if first := c.fragments * scheme.BlocksPerFragment / 2; at >= first && at < first+c.lost {
					found++
					break
				}
			}
		}
		p := scheme.Detection(c.fragments*scheme.BlocksPerFragment, c.lost, samples)
		margin := 5*math.Sqrt(p*(1-p)/challenges) + 1e-9
		if got := float64(found) / challenges; math.Abs(got-p) > margin {
			t.Errorf("%d lost blocks of %d fragments: found in %.4f of the challenges, want %.4f ± %.4f", c.lost, c.fragments, got, p, margin)
		}
	}
}
