package sim

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// draw is a call that somebody may want to make.
func (s *sim) draw() (palletstest.Tx, bool) {
	kinds := []struct {
		weight int
		draw   func() (account, runtime.Call)
	}{
		{3, s.territory}, {2, s.market}, {2, s.gateway},
		{6, s.declare}, {34, s.transfer}, {14, s.tag}, {3, s.remove},
		{3, s.lose}, {4, s.claim}, {4, s.restore}, {5, s.replace}, {2, s.certify},
		{12, s.prove}, {16, s.judge}, {2, s.dispute},
		{3, s.join}, {2, s.exit}, {4, s.minerBooks}, {4, s.purse}, {1, s.reserve}, {1, s.worker},
		{3, s.bond}, {2, s.role}, {1, s.keys}, {2, s.index}, {4, s.proxy}, {2, s.announce}, {3, s.several},
		{1, s.preimage}, {1, s.payout}, {1, s.cacher},
		{2, func() (account, runtime.Call) { return motion(s, collective.Council, collective.OfCouncil{}) }},
		{1, func() (account, runtime.Call) {
			return motion(s, collective.TechnicalCommittee, collective.OfTechnicalCommittee{})
		}},
	}
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	n := s.rng.IntN(total)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			who, call := k.draw()
			if call != nil && s.chance(20) {
				call = s.wrap(who, call)
			}
			return palletstest.Tx{Signer: who, Call: call}, call != nil
		}
	}
	return palletstest.Tx{}, false
}

// spoil makes a call of somebody who should not, or one with a wrong byte. It
// fails if nothing decodes any more.
func (s *sim) spoil(tx palletstest.Tx) (palletstest.Tx, bool) {
	if s.chance(2) {
		everybody := append(append(append([]account(nil), s.users...), s.gateways...), s.miners...)
		tx.Signer = pick(s, everybody)
		return tx, true
	}
	raw := scale.MustMarshal(runtime.RuntimeCall{Call: tx.Call})
	switch s.rng.IntN(4) {
	case 0:
		raw = raw[:s.rng.IntN(len(raw))]
	case 1:
		raw = append(raw, byte(s.rng.IntN(256)))
	default:
		raw[s.rng.IntN(len(raw))] ^= 1 << s.rng.IntN(8)
	}
	back, err := scale.Unmarshal[runtime.RuntimeCall](raw)
	if err != nil {
		return tx, false
	}
	tx.Call = back.Call
	return tx, true
}

// hopeless is true mostly: then a call is not made that cannot succeed.
func (s *sim) hopeless() bool { return s.rng.IntN(10) > 0 }

// signatures are those that were made. Signing takes entropy of the machine,
// and the second run of a seed should see what the first one saw.
type signatures map[[32]byte]types.SignatureBytes

// sign signs with the master key, now and then wrongly.
func (s *sim) sign(digest [32]byte) types.SignatureBytes {
	sig, ok := s.signatures[digest]
	if !ok {
		made, err := s.master.Sign(digest[:])
		if err != nil {
			s.t.Fatal(err)
		}
		sig = made
		s.signatures[digest] = sig
	}
	sig = slices.Clone(sig)
	if s.chance(25) {
		sig[s.rng.IntN(len(sig))] ^= 1
	}
	return sig
}

// tee is a worker, mostly one that may do what is asked.
func (s *sim) tee() types.WorkerPublicKey {
	return pick(s, []types.WorkerPublicKey{
		fullTEE, fullTEE, fullTEE, fullTEE, fullTEE, fullTEE, secondTEE, secondTEE, secondTEE, secondTEE, secondTEE, verifierTEE, markerTEE, strangerTEE,
	})
}

func poisKey(who account) (k types.PoISKey) {
	copy(k.G[:], who[:])
	k.N[0], k.N[255] = 0x80, 1
	copy(k.N[32:], who[:])
	return k
}
