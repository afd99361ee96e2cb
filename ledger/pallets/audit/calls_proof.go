package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SubmitIdleProof answers the signer's challenge about idle space.
type SubmitIdleProof struct {
	Proof IdleProofBytes `scale:"idle_prove" type:"BoundedVec<u8, T::IdleTotalHashLength>"`
}

// Dispatch emits SubmitIdleProof.
func (c SubmitIdleProof) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := answer(ctx, origin, func(open *Challenge, tee types.WorkerPublicKey) error {
		proof := IdleProof{TEE: tee, Proof: c.Proof}
		return enter(ctx, &open.Proofs.Idle, proof, open.Element.IdleSlip)
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
	who, err := answer(ctx, origin, func(open *Challenge, tee types.WorkerPublicKey) error {
		proof := ServiceProof{TEE: tee, Proof: c.Proof}
		return enter(ctx, &open.Proofs.Service, proof, open.Element.ServiceSlip)
	})
	if err != nil {
		return err
	}
	ctx.Emit(SubmitServiceProofEvent{Miner: who})
	return nil
}

// answer puts a proof into the signer's open challenge and draws the worker that
// should judge it. Once both proofs are there, a row of misses has ended.
func answer(ctx *runtime.Context, origin runtime.Origin, put func(*Challenge, types.WorkerPublicKey) error) (substrate.AccountID, error) {
	who, err := origin.Signed()
	if err != nil {
		return who, err
	}
	return who, Challenges.Mutate(ctx, who, ErrNoChallenge, func(open *Challenge) error {
		tee, err := assign(ctx)
		if err != nil {
			return err
		}
		if err := put(open, tee); err != nil {
			return err
		}
		if open.Proofs.Idle.IsSome() && open.Proofs.Service.IsSome() {
			Misses.Delete(ctx, who)
		}
		return nil
	})
}

// enter fills the place of a proof, once and up to its slip.
func enter[P any](ctx *runtime.Context, place *scale.Option[P], proof P, slip types.BlockNumber) error {
	switch {
	case ctx.BlockNumber() > slip:
		return ErrExpired
	case place.IsSome():
		return ErrSubmitted
	}
	*place = scale.Some(proof)
	return nil
}
