package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// settle stores the verdict on a service proof of an open challenge, does what
// follows from it and remembers that for a dispute.
func settle(ctx *runtime.Context, miner substrate.AccountID, open *Challenge, p *ServiceProof, result bool, tee scale.Option[types.WorkerPublicKey]) error {
	p.Verdict = scale.Some(result)
	open.Proofs.Service = scale.Some(*p)
	j := Judgement{At: ctx.BlockNumber(), TEE: tee, FailedBefore: ServiceFailures.Get(ctx, miner)}
	j.Fine = countResult(ctx, miner, open, j.FailedBefore, result)
	Judgements.Put(ctx, miner, j)
	Challenges.Put(ctx, miner, *open)
	return reward(ctx, miner, open)
}

// countResult sets the count of consecutive failures after a verdict and
// returns the fine, in planck. A fine that cannot be collected does not hide
// the failure.
func countResult(ctx *runtime.Context, miner substrate.AccountID, open *Challenge, before uint32, result bool) (fine types.Balance) {
	if result {
		ServiceFailures.Delete(ctx, miner)
		return fine
	}
	failed := at(before, 1)
	ServiceFailures.Put(ctx, miner, failed)
	if failed < FaultTolerance.Get(ctx) {
		return fine
	}
	err := ctx.Transaction(func() (err error) {
		fine, err = miners.ServicePunish(ctx, miner, open.Snapshot.ServiceSpace)
		return err
	})
	if err != nil {
		return types.Balance{}
	}
	return fine
}

// reward records the challenge as completed once both verdicts are true.
func reward(ctx *runtime.Context, miner substrate.AccountID, open *Challenge) error {
	idle, _ := open.Proofs.Idle.Get()
	service, _ := open.Proofs.Service.Get()
	if !idle.Verdict.Or(false) || !service.Verdict.Or(false) {
		return nil
	}
	if err := miners.RecordSnapshot(ctx, miner, open.Snapshot.IdleSpace, open.Snapshot.ServiceSpace); err != nil {
		return err
	}
	return Judgements.Mutate(ctx, miner, ErrUnexpected, func(j *Judgement) error {
		j.Reward = scale.Some(RewardRecord{Era: eras.CurrentEra(ctx), Finish: ctx.BlockNumber()})
		return nil
	})
}

// overturn puts the opposite verdict in the place of the one on a service
// proof.
func overturn(ctx *runtime.Context, miner substrate.AccountID) error {
	open, ok := Challenges.Get(ctx, miner)
	if !ok {
		return ErrNoChallenge
	}
	p, _ := open.Proofs.Service.Get()
	was, judged := p.Verdict.Get()
	j, ok := Judgements.Get(ctx, miner)
	if !judged || !ok {
		return ErrUnsubmitted
	}
	if r, ok := j.Reward.Get(); ok {
		if err := miners.UndoSnapshot(ctx, miner, r.Era, r.Finish); err != nil {
			return err
		}
		j.Reward = scale.None[RewardRecord]()
	}
	if !j.Fine.IsZero() {
		if err := miners.RefundPunish(ctx, miner, j.Fine); err != nil {
			return err
		}
	}
	j.Fine = countResult(ctx, miner, &open, j.FailedBefore, !was)
	j.TEE = scale.None[types.WorkerPublicKey]()
	Judgements.Put(ctx, miner, j)
	p.Verdict = scale.Some(!was)
	open.Proofs.Service = scale.Some(p)
	Challenges.Put(ctx, miner, open)
	return reward(ctx, miner, &open)
}
