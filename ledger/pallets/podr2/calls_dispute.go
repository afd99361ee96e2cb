package podr2

import (
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// verifyTime is the ref_time, in picoseconds, of checking a proof on the chain:
// 80 ms whatever the number of fragments.
const verifyTime = 80_000_000_000

// verifyReads and verifyWrites count two records for each sampled fragment, and
// those of the verdict.
const (
	verifyReads  = 2*maxSamples + 20
	verifyWrites = 20
)

func verificationInfo() substrate.DispatchInfo {
	w := runtime.WorkWeight(verifyReads, verifyWrites)
	w.RefTime += verifyTime
	return substrate.DispatchInfo{Weight: w}
}

// Dispute has the chain verify a proof of version 2 that a TEE worker has
// judged, as long as the challenge exists.
type Dispute struct {
	Miner substrate.AccountID `type:"AccountId"`
}

// Dispatch emits Overturned if the verdict contradicts the proof: the right
// verdict takes its place, with all that follows for the miner, and the worker
// that signed the wrong one is slashed. The call is free then. Otherwise it
// returns VerdictStands.
func (c Dispute) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	open, proof, err := answered(ctx, c.Miner)
	if err != nil {
		return err
	}
	verdict, ok := open.Verdict.Get()
	if !ok {
		return ErrNoVerdict
	}
	result, err := verify(ctx, c.Miner, open.Element, proof)
	if err != nil {
		return err
	}
	if result == verdict {
		return ErrVerdictStands
	}
	if err := challenges.Overturn(ctx, c.Miner); err != nil {
		return err
	}
	e := OverturnedEvent{Miner: c.Miner, TEE: open.TEE, Disputer: who, Result: result}
	if tee, ok := open.TEE.Get(); ok {
		// A worker that is gone, or never had a stash, does not protect its
		// verdict.
		e.Punished = ctx.Transaction(func() error { return workers.Punish(ctx, tee) }) == nil
	}
	ctx.Emit(e)
	ctx.WaiveFee()
	return nil
}

// DispatchInfo is the cost of verifying a proof.
func (Dispute) DispatchInfo() substrate.DispatchInfo { return verificationInfo() }

// Judge has the chain verify a proof of version 2 that has no verdict, once
// the time for proofs is over: no miner depends on a TEE worker for its reward.
// What is still without a verdict at the end of the challenge the chain judges
// unasked.
type Judge struct {
	Miner substrate.AccountID `type:"AccountId"`
}

// Dispatch emits Judged. The call is free if the proof is wrong.
func (c Judge) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	open, proof, err := answered(ctx, c.Miner)
	if err != nil {
		return err
	}
	if open.Verdict.IsSome() {
		return ErrVerdictExists
	}
	if ctx.BlockNumber() <= open.Element.ServiceSlip {
		return ErrTooEarly
	}
	result, err := verify(ctx, c.Miner, open.Element, proof)
	if err != nil {
		return err
	}
	if err := challenges.Judge(ctx, c.Miner, result); err != nil {
		return err
	}
	ctx.Emit(JudgedEvent{Miner: c.Miner, Caller: scale.Some(who), Result: result})
	if !result {
		ctx.WaiveFee()
	}
	return nil
}

// DispatchInfo is the cost of verifying a proof.
func (Judge) DispatchInfo() substrate.DispatchInfo { return verificationInfo() }

// answered returns a miner's open challenge and its service proof.
func answered(ctx *runtime.Context, miner substrate.AccountID) (open audit.Case, proof []byte, err error) {
	open, ok := challenges.Case(ctx, miner)
	if !ok {
		return open, nil, ErrNoChallenge
	}
	p, ok := open.Proof.Get()
	if !ok {
		return open, nil, ErrNoProof
	}
	return open, p, nil
}
