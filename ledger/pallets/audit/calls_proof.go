package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SubmitIdleProof answers the signer's challenge about idle space.
type SubmitIdleProof struct {
	Proof IdleProofBytes `scale:"idle_prove" type:"BoundedVec<u8, T::IdleTotalHashLength>"`
}

// Dispatch emits SubmitIdleProof.
func (c SubmitIdleProof) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	err = Challenges.Mutate(ctx, who, ErrNoChallenge, func(open *Challenge) error {
		if ctx.BlockNumber() > open.Element.IdleSlip {
			return ErrExpired
		}
		if open.Proofs.Idle.IsSome() {
			return ErrSubmitted
		}
		tee, err := assign(ctx)
		if err != nil {
			return err
		}
		open.Proofs.Idle = scale.Some(IdleProof{TEE: tee, Proof: c.Proof})
		noteAnswered(ctx, who, open)
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(SubmitIdleProofEvent{Miner: who})
	return nil
}

// SubmitServiceProof answers the signer's challenge about service data.
type SubmitServiceProof struct {
	Proof ServiceProofBytes `scale:"service_prove" type:"BoundedVec<u8, T::SigmaMax>"`
}

// Dispatch emits SubmitServiceProof.
func (c SubmitServiceProof) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	err = Challenges.Mutate(ctx, who, ErrNoChallenge, func(open *Challenge) error {
		if ctx.BlockNumber() > open.Element.ServiceSlip {
			return ErrExpired
		}
		if open.Proofs.Service.IsSome() {
			return ErrSubmitted
		}
		tee, err := assign(ctx)
		if err != nil {
			return err
		}
		open.Proofs.Service = scale.Some(ServiceProof{TEE: tee, Proof: c.Proof})
		noteAnswered(ctx, who, open)
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(SubmitServiceProofEvent{Miner: who})
	return nil
}

// noteAnswered ends a row of misses once both proofs are there.
func noteAnswered(ctx *runtime.Context, who substrate.AccountID, open *Challenge) {
	if open.Proofs.Idle.IsSome() && open.Proofs.Service.IsSome() {
		Misses.Delete(ctx, who)
	}
}
