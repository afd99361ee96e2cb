package tee

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/wire"
)

// openIdle opens a challenge about the miner's idle space.
func (s *space) openIdle() []int64 {
	chals := []int64{256, 257, 300, 511, 400, 271, 322, 333}
	var e audit.ChallengeElement
	for i, c := range chals {
		e.SpaceParam[i] = uint64(c)
	}
	s.chain.set(func(c *memoryChain) {
		c.challenges[s.who()] = audit.Challenge{Element: e, Snapshot: audit.MinerSnapshot{SpaceProofInfo: types.SpaceProofInfo{
			Miner: s.who(), Front: uint64(s.info.Front), Rear: uint64(s.info.Rear),
			PoISKey: types.PoISKey{G: [256]byte(s.info.KeyG), N: [256]byte(s.info.KeyN)}, Accumulator: [256]byte(s.info.Acc),
		}}}
	})
	return chals
}

// blockRequests prove all blocks of the open challenge.
func (s *space) blockRequests(chals []int64) []*wire.RequestSpaceProofVerify {
	s.t.Helper()
	walk, err := pois.NewBlocks(pois.ID(s.who()), chals, s.info.Front, s.info.Rear)
	if err != nil {
		s.t.Fatal(err)
	}
	who := s.who()
	var prior [32]byte
	var out []*wire.RequestSpaceProofVerify
	for {
		left, right, ok := walk.Next(prior)
		if !ok {
			return out
		}
		chains, err := s.acc.Witnesses(left, right)
		if err != nil {
			s.t.Fatal(err)
		}
		proof, err := s.sets[pois.SetOf(left)-1].ProveSpace(s.ctx, chals, left, right, chains)
		if err != nil {
			s.t.Fatal(err)
		}
		prior = proof.Hash()
		out = append(out, &wire.RequestSpaceProofVerify{
			SpaceChals: chals, MinerID: who[:], PoisInfo: s.info, Proof: proof, MinerSpaceProofHashPolkadotSig: s.sign(prior[:]),
		})
	}
}

// judgeIdle goes through an idle challenge and what can be wrong in it.
func (s *space) judgeIdle() {
	t, who := s.t, s.who()
	_, err := s.client.VerifySpaceBlock(s.ctx, &wire.RequestSpaceProofVerify{MinerID: who[:], Proof: new(wire.SpaceProof)})
	refuses(t, "an unsigned block", err, codes.Unauthenticated)
	chals := s.openIdle()
	requests := s.blockRequests(chals)
	total := &wire.RequestSpaceProofVerifyTotal{MinerID: who[:], Front: s.info.Front, Rear: s.info.Rear, Acc: s.info.Acc, SpaceChals: chals}
	var hashes [][32]byte
	for _, r := range requests {
		reply, err := s.client.VerifySpaceBlock(s.ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		hash := r.Proof.Hash()
		hashes = append(hashes, hash)
		total.ProofList = append(total.ProofList, wire.BlocksProof{
			ProofHashAndLeftRight: &wire.ProofHashAndLeftRight{SpaceProofHash: hash[:], Left: r.Proof.Left, Right: r.Proof.Right}, Signature: reply.Signature,
		})
	}
	verdict := func(what string, want bool) {
		t.Helper()
		reply, err := s.client.VerifySpaceTotal(s.ctx, total)
		if err != nil {
			t.Fatal(what, err)
		}
		if reply.IdleResult != want {
			t.Errorf("%s: verdict %v", what, reply.IdleResult)
		}
		sum, identity := pois.IdleProof(hashes), s.worker.Identity()
		digest, err := wire.TotalHash(who[:], sum[:], uint64(total.Front), uint64(total.Rear), total.Acc, chals, want, identity[:])
		if err != nil {
			t.Fatal(err)
		}
		s.signed(digest, reply.Signature)
	}
	verdict("honest blocks", true)
	s.restart()
	verdict("honest blocks, after a restart", true)
	good := total.ProofList[0].Signature
	total.ProofList[0].Signature = bytes.Repeat([]byte{1}, 256)
	verdict("a block that was not verified", false)
	total.ProofList[0].Signature = good
	total.ProofList[0].ProofHashAndLeftRight.Right--
	verdict("a block that was verified with other bounds", false)
	total.ProofList[0].ProofHashAndLeftRight.Right++

	for what, change := range map[string]func(r *wire.RequestSpaceProofVerifyTotal){
		"another accumulator": func(r *wire.RequestSpaceProofVerifyTotal) { r.Acc = bytes.Repeat([]byte{1}, 256) },
		"another front":       func(r *wire.RequestSpaceProofVerifyTotal) { r.Front++ },
		"other values":        func(r *wire.RequestSpaceProofVerifyTotal) { r.SpaceChals = []int64{1, 2, 3, 4, 5, 6, 7, 8} },
		"no blocks":           func(r *wire.RequestSpaceProofVerifyTotal) { r.ProofList = nil },
		"a block without hash": func(r *wire.RequestSpaceProofVerifyTotal) {
			r.ProofList = []wire.BlocksProof{{Signature: good}}
		},
		"a negative value": func(r *wire.RequestSpaceProofVerifyTotal) { r.SpaceChals = []int64{-1, 2, 3, 4, 5, 6, 7, 8} },
	} {
		r := *total
		change(&r)
		_, err := s.client.VerifySpaceTotal(s.ctx, &r)
		refuses(t, what, err, codes.InvalidArgument)
	}
	for what, change := range map[string]func(r *wire.RequestSpaceProofVerify){
		"a state that the network did not sign": func(r *wire.RequestSpaceProofVerify) {
			i := *r.PoisInfo
			i.Rear += 256
			r.PoisInfo = &i
		},
		"another miner": func(r *wire.RequestSpaceProofVerify) { r.MinerID = bytes.Repeat([]byte{2}, 32) },
		"an empty proof": func(r *wire.RequestSpaceProofVerify) {
			r.Proof = &wire.SpaceProof{Left: r.Proof.Left, Right: r.Proof.Right}
			h := r.Proof.Hash()
			r.MinerSpaceProofHashPolkadotSig = s.sign(h[:])
		},
		"other values":  func(r *wire.RequestSpaceProofVerify) { r.SpaceChals = append([]int64{500}, r.SpaceChals[1:]...) },
		"no values":     func(r *wire.RequestSpaceProofVerify) { r.SpaceChals = nil },
		"no state":      func(r *wire.RequestSpaceProofVerify) { r.PoisInfo = nil },
		"short numbers": func(r *wire.RequestSpaceProofVerify) { r.PoisInfo = &wire.MinerPoisInfo{Acc: []byte{1}} },
		"no proof":      func(r *wire.RequestSpaceProofVerify) { r.Proof = nil },
		"no miner":      func(r *wire.RequestSpaceProofVerify) { r.MinerID = nil },
	} {
		r := *requests[0]
		change(&r)
		if _, err := s.client.VerifySpaceBlock(s.ctx, &r); err == nil {
			t.Errorf("%s: accepted", what)
		} else if c := api.Code(err); c != codes.InvalidArgument && c != codes.Unauthenticated && c != codes.Internal {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The bug that upstream signs: a block verified against a self-made accumulator
// must not count under the real one.
func TestBlockOfAnotherAccumulatorDoesNotCount(t *testing.T) {
	s := newSpace(newBench(t))
	s.certify(s.sets[0])
	chals := s.openIdle()
	r := s.blockRequests(chals)[0]
	s.certify(s.sets[1]) // signed by the network, but not what the challenge is about
	other := *r
	other.PoisInfo = s.info
	_, err := s.client.VerifySpaceBlock(s.ctx, &other)
	refuses(t, "a newer state than the challenge's", err, codes.InvalidArgument)
	if _, err := s.client.VerifySpaceBlock(s.ctx, r); err != nil {
		t.Error("the challenge's state:", err)
	}
}
