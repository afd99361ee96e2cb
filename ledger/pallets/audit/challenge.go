package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// start opens a challenge and says whether it did: not if the miner has one,
// has no PoIS key or no space, or nobody could verify the proofs
// (spec/pallets-mining.md §2.2 a).
func start(ctx *runtime.Context, miner substrate.AccountID) bool {
	if Challenges.Contains(ctx, miner) {
		return false
	}
	idle, service, bloom, info, signature, err := miners.Snapshot(ctx, miner)
	if err != nil || idle.IsZero() && service.IsZero() {
		return false
	}
	now := ctx.BlockNumber()
	d := diceOf(ctx)
	_, n, layers := miners.ExpenderOf(ctx)
	space, spaceOK := d.spaceParam(now, n, layers)
	question, serviceOK := d.serviceParam(now)
	verifiers := uint64(len(workers.Verifiers(ctx)))
	if !spaceOK || !serviceOK || verifiers == 0 {
		return false
	}
	e := ChallengeElement{
		Start:       now,
		IdleSlip:    at(now, blocksFor(idle, IdleProveRate.Get(ctx)), uint64(ProveTime.Get(ctx))),
		ServiceSlip: at(now, blocksFor(service, ServiceProveRate.Get(ctx)), uint64(ProveTime.Get(ctx))),
		SpaceParam:  space, ServiceParam: question,
	}
	all := blocksFor(idle.SaturatingAdd(service), VerifyRate.Get(ctx))
	e.VerifySlip = at(e.lastProof(), all/verifiers, uint64(VerifyTime.Get(ctx)))
	Challenges.Put(ctx, miner, Challenge{
		Snapshot: MinerSnapshot{
			IdleSpace: idle, ServiceSpace: service, ServiceBloomFilter: bloom,
			SpaceProofInfo: info, TEESignature: signature,
		},
		Element: e,
	})
	ProofSlips.Put(ctx, e.lastProof(), miner, true)
	VerifySlips.Put(ctx, e.VerifySlip, miner, true)
	fragments.Freeze(ctx, miner)
	return true
}

// lastProof is the last block in which a proof counts.
func (e *ChallengeElement) lastProof() types.BlockNumber { return max(e.IdleSlip, e.ServiceSlip) }

// end removes all that belongs to a miner's challenge. The slip for verdicts is
// worked off already; the one for proofs is still there when root ended the
// challenge before they were due, and must not count against the next one.
func end(ctx *runtime.Context, miner substrate.AccountID) {
	if c, ok := Challenges.Get(ctx, miner); ok {
		ProofSlips.Delete(ctx, c.Element.lastProof(), miner)
	}
	Challenges.Delete(ctx, miner)
	Judgements.Delete(ctx, miner)
	fragments.Release(ctx, miner)
}
