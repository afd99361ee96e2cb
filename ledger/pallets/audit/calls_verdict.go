package audit

import (
	"bytes"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SubmitVerifyIdleResult hands in a TEE worker's verdict on the signer's proof
// of idle space.
type SubmitVerifyIdleResult struct {
	ProofHash   IdleProofBytes        `scale:"total_prove_hash" type:"BoundedVec<u8, T::IdleTotalHashLength>"`
	Front       uint64                `type:"u64"`
	Rear        uint64                `type:"u64"`
	Accumulator types.Accumulator     `type:"Accumulator"`
	Result      bool                  `scale:"idle_result" type:"bool"`
	Signature   types.SignatureBytes  `type:"BoundedVec<u8, ConstU32<64>>"` // of the IdleVerdict
	TEE         types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// Dispatch emits SubmitIdleVerifyResult. The result counts as false unless the
// verdict is about the proof and the space that the challenge holds.
func (c SubmitVerifyIdleResult) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	open, p, err := idleProof(ctx, who)
	if err != nil {
		return err
	}
	digest := func() [32]byte { return open.idlePayload(who, c.ProofHash, c.Result, c.TEE).Digest() }
	if err := checkVerdict(ctx, &open, c.TEE, c.Signature, digest); err != nil {
		return err
	}
	s := &open.Snapshot.SpaceProofInfo
	result := c.Result && c.Accumulator == s.Accumulator && c.Rear == s.Rear && c.Front == s.Front &&
		bytes.Equal(c.ProofHash, p.Proof)
	p.Verdict = scale.Some(result)
	open.Proofs.Idle = scale.Some(p)
	if err := reward(ctx, who, &open); err != nil {
		return err
	}
	Challenges.Put(ctx, who, open)
	if files := s.Rear - s.Front; s.Rear > s.Front {
		space := scale.U128From64(files).SaturatingMul(scale.U128From64(miners.IdleFileSize(ctx)))
		credit(ctx, c.TEE, space, credits.RecordIdleVerify)
	}
	ctx.Emit(SubmitIdleVerifyResultEvent{TEE: c.TEE, Miner: who, Result: result})
	return nil
}

// SubmitVerifyServiceResult hands in a TEE worker's verdict on the signer's
// proof of service data.
type SubmitVerifyServiceResult struct {
	Result      bool                  `scale:"service_result" type:"bool"`
	Signature   types.SignatureBytes  `type:"BoundedVec<u8, ConstU32<64>>"` // of the ServiceVerdict
	BloomFilter types.BloomFilter     `scale:"service_bloom_filter" type:"BloomFilter"`
	TEE         types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// Dispatch emits SubmitServiceVerifyResult. A false verdict is fined from the
// FaultTolerance-th in a row on.
func (c SubmitVerifyServiceResult) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	open, p, err := serviceProof(ctx, who)
	if err != nil {
		return err
	}
	digest := func() [32]byte { return open.servicePayload(who, p.Proof, c.Result, c.TEE).Digest() }
	if err := checkVerdict(ctx, &open, c.TEE, c.Signature, digest); err != nil {
		return err
	}
	if c.BloomFilter != open.Snapshot.ServiceBloomFilter {
		return ErrBloomFilter
	}
	if err := settle(ctx, who, &open, &p, c.Result, scale.Some(c.TEE)); err != nil {
		return err
	}
	credit(ctx, c.TEE, open.Snapshot.ServiceSpace, credits.RecordServiceVerify)
	ctx.Emit(SubmitServiceVerifyResultEvent{TEE: c.TEE, Miner: who, Result: c.Result})
	return nil
}

// idleProof returns a challenge and its proof of idle space that is waiting
// for a verdict.
func idleProof(ctx *runtime.Context, miner substrate.AccountID) (open Challenge, p IdleProof, err error) {
	open, ok := Challenges.Get(ctx, miner)
	if !ok {
		return open, p, ErrNoChallenge
	}
	p, ok = open.Proofs.Idle.Get()
	return open, p, waits(ok, p.Verdict)
}

// serviceProof is idleProof for service data.
func serviceProof(ctx *runtime.Context, miner substrate.AccountID) (open Challenge, p ServiceProof, err error) {
	open, ok := Challenges.Get(ctx, miner)
	if !ok {
		return open, p, ErrNoChallenge
	}
	p, ok = open.Proofs.Service.Get()
	return open, p, waits(ok, p.Verdict)
}

// waits returns UnSubmitted for a proof that is not there and Submitted for
// one that has a verdict.
func waits(submitted bool, verdict scale.Option[bool]) error {
	switch {
	case !submitted:
		return ErrUnsubmitted
	case verdict.IsSome():
		return ErrSubmitted
	}
	return nil
}

// checkVerdict holds the checks that both verdicts share, and notes that the
// worker is alive. Upstream takes verdicts as long as the record exists.
func checkVerdict(ctx *runtime.Context, open *Challenge, tee types.WorkerPublicKey, signature []byte, digest func() [32]byte) error {
	if ctx.BlockNumber() > open.Element.VerifySlip {
		return ErrExpired
	}
	if !workers.CanVerify(ctx, tee) {
		return ErrTEENoPermission
	}
	if len(signature) != len(types.TEESignature{}) {
		return ErrMalformedSignature
	}
	if !workers.VerifyMaster(ctx, types.TEESignature(signature), digest()) {
		return ErrVerifyTEESigFailed
	}
	workers.Worked(ctx, tee)
	return nil
}

// credit counts what a worker verified. A worker without stash earns nothing,
// but its verdict stands; upstream refuses it.
func credit(ctx *runtime.Context, tee types.WorkerPublicKey, bytes scale.U128, record func(*runtime.Context, substrate.AccountID, scale.U128)) {
	if stash, err := workers.Stash(ctx, tee); err == nil {
		record(ctx, stash, bytes)
	}
}
