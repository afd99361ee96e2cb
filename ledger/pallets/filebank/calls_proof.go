package filebank

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// CalculateReport reports the tags of the signing miner's fragments of one
// file, under the signature of the TEE workers' master key.
type CalculateReport struct {
	TEESig     types.SignatureBytes `scale:"tee_sig" type:"BoundedVec<u8, ConstU32<64>>"`
	TagSigInfo TagSigInfo           `type:"TagSigInfo<AccountOf<T>>"`
}

// DispatchInfo grows with the report: every fragment has a place in the
// miner's list.
func (c CalculateReport) DispatchInfo() substrate.DispatchInfo {
	n := uint64(len(c.TagSigInfo.Digest))
	return substrate.DispatchInfo{Weight: runtime.WorkWeight(14+fileKeys+3*n, 5+fileKeys+3*n)}
}

// Dispatch emits CalculateReport. All of the miner's fragments that have no
// tag must be in the report, except those that it declared lost, or
// DigestError; the space of those that get one now turns from locked to
// service space, and their workers are credited. Other entries of the report
// count for nothing, so that a report may be repeated
// (spec/pallets-storage.md §12, B15).
func (c CalculateReport) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := origin.Signed()
	if err != nil {
		return err
	}
	report := c.TagSigInfo
	if err := verify(ctx, c.TEESig, report.Payload()); err != nil {
		return err
	}
	if report.Miner != miner {
		return ErrMiner
	}
	file, ok := Files.Get(ctx, report.FileHash)
	if !ok {
		return ErrNonExistent
	}
	tagged, work, err := file.tag(miner, report.Digest, ctx.BlockNumber())
	if err != nil {
		return err
	}
	if len(tagged) > 0 {
		if err := enter(ctx, miner, tagged, work); err != nil {
			return err
		}
		Files.Put(ctx, report.FileHash, file)
	}
	ctx.Emit(CalculateReportEvent{Miner: miner, FileHash: report.FileHash})
	return nil
}

// CertIdleSpace adds idle space that a TEE worker checked. IdleSigInfo is the
// miner's record after the addition, TEESigNeedVerify the signature over it and
// the worker's key, TEESig the one over it alone, which the worker asks for
// next time.
type CertIdleSpace struct {
	IdleSigInfo      types.SpaceProofInfo  `type:"SpaceProofInfo<AccountOf<T>>"`
	TEESigNeedVerify types.SignatureBytes  `scale:"tee_sig_need_verify" type:"BoundedVec<u8, ConstU32<64>>"`
	TEESig           types.SignatureBytes  `scale:"tee_sig" type:"BoundedVec<u8, ConstU32<64>>"`
	TEEPuk           types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// Dispatch emits IdleSpaceCert.
func (c CertIdleSpace) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	proof := idleProof(c)
	miner, sig, err := proof.check(ctx, origin)
	if err != nil {
		return err
	}
	added, err := miners.AddIdleSpace(ctx, miner, c.IdleSigInfo, sig)
	if err != nil {
		return err
	}
	if err := territories.AddIdleSpace(ctx, added); err != nil {
		return err
	}
	if stash, err := workers.Stash(ctx, c.TEEPuk); err == nil {
		credits.RecordCertIdle(ctx, stash, added)
	}
	ctx.Emit(IdleSpaceCertEvent{Account: miner, Space: added})
	return nil
}

// ReplaceIdleSpace removes idle files to whose place service data has come. Its
// fields are those of CertIdleSpace.
type ReplaceIdleSpace CertIdleSpace

// Dispatch emits ReplaceIdleSpace. The miner's idle space went down when the
// service data came, so that only what is left to replace changes.
func (c ReplaceIdleSpace) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	proof := idleProof(c)
	miner, sig, err := proof.check(ctx, origin)
	if err != nil {
		return err
	}
	files, err := miners.ShrinkIdle(ctx, miner, c.IdleSigInfo, sig)
	if err != nil {
		return err
	}
	removed, over := scale.U128From64(files).MulOverflow(scale.U128From64(miners.IdleFileSize(ctx)))
	if over {
		return ErrOverflow
	}
	if err := miners.SettleReplacement(ctx, miner, removed); err != nil {
		return err
	}
	if stash, err := workers.Stash(ctx, c.TEEPuk); err == nil {
		credits.RecordReplace(ctx, stash, removed)
	}
	ctx.Emit(ReplaceIdleSpaceEvent{Account: miner, Space: removed})
	return nil
}
