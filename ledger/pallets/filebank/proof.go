package filebank

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// signature is the argument of a call as a signature, or MalformedSignature.
func signature(b types.SignatureBytes) (sig types.TEESignature, err error) {
	if len(b) != len(sig) {
		return sig, ErrMalformedSignature
	}
	return types.TEESignature(b), nil
}

// verify returns VerifyTeeSigFailed unless a present or former master key of
// the TEE workers signed the payload.
func verify(ctx *runtime.Context, b types.SignatureBytes, payload [32]byte) error {
	sig, err := signature(b)
	if err != nil {
		return err
	}
	if !workers.VerifyMaster(ctx, sig, payload) {
		return ErrVerifyTEESigFailed
	}
	return nil
}

// idleProof is what the two calls on idle space share.
type idleProof CertIdleSpace

// check holds the rules for the proof itself and returns the miner who signed
// the call, and the signature that its record keeps; nobody reads that but the
// workers, who verify it. A proof for another miner, or over another key than
// the one that the miner registered, is refused (spec/pallets-storage.md §12,
// B16).
func (p *idleProof) check(ctx *runtime.Context, origin runtime.Origin) (miner substrate.AccountID, sig types.TEESignature, err error) {
	if miner, err = origin.Signed(); err != nil {
		return miner, sig, err
	}
	if !workers.CanMark(ctx, p.TEEPuk) {
		return miner, sig, ErrTEENoPermission
	}
	if err := verify(ctx, p.TEESigNeedVerify, IdleSpacePayload(p.IdleSigInfo, p.TEEPuk)); err != nil {
		return miner, sig, err
	}
	workers.Worked(ctx, p.TEEPuk)
	if sig, err = signature(p.TEESig); err != nil {
		return miner, sig, err
	}
	// Whether there is a record at all, sminer says.
	_, _, _, known, _, unknown := miners.Snapshot(ctx, miner)
	if p.IdleSigInfo.Miner != miner || unknown == nil && known.PoISKey != p.IdleSigInfo.PoISKey {
		return miner, sig, ErrMiner
	}
	return miner, sig, nil
}

// effort is the part of a report that one TEE worker did.
type effort struct {
	tee   types.WorkerPublicKey
	count int // fragments
}

// tag marks the fragments of a miner that have no tag and lists them, and the
// work of each TEE worker in the order of their keys. Fragments that the miner
// declared lost wait for another miner. It returns DigestError when the digest
// list lacks one.
//
// A file may have several segments alike, of which the miner keeps, and has
// tagged, one fragment: a single entry covers them all, and earns once.
func (f *File) tag(miner substrate.AccountID, digests []DigestInfo, now types.BlockNumber) (tagged []types.Hash, work []effort, err error) {
	makers := make(map[types.Hash][]types.WorkerPublicKey, len(digests))
	for _, d := range digests {
		makers[d.Fragment] = append(makers[d.Fragment], d.TEEPuk)
	}
	credited := map[types.Hash]int{}
	for i := range f.SegmentList {
		for j := range f.SegmentList[i].FragmentList {
			frag := &f.SegmentList[i].FragmentList[j]
			if frag.Miner != miner || frag.Tag.IsSome() || !frag.Avail {
				continue
			}
			tees := makers[frag.Hash]
			if len(tees) == 0 {
				return nil, nil, ErrDigest
			}
			frag.Tag = scale.Some(now)
			tagged = append(tagged, frag.Hash)
			if n := credited[frag.Hash]; n < len(tees) {
				credited[frag.Hash] = n + 1
				work = credit(work, tees[n])
			}
		}
	}
	return tagged, work, nil
}

func credit(work []effort, tee types.WorkerPublicKey) []effort {
	i, found := slices.BinarySearchFunc(work, tee, func(e effort, tee types.WorkerPublicKey) int {
		return bytes.Compare(e.tee[:], tee[:])
	})
	if !found {
		work = slices.Insert(work, i, effort{tee: tee})
	}
	work[i].count++
	return work
}

// enter books fragments that got their tag: with the miner, who is challenged
// on them from now on, and with the workers, who must be allowed to tag.
func enter(ctx *runtime.Context, miner substrate.AccountID, tagged []types.Hash, work []effort) error {
	if miners.Leaving(ctx, miner) {
		return ErrMinerState
	}
	for _, s := range work {
		if !workers.CanMark(ctx, s.tee) {
			return ErrTEENoPermission
		}
	}
	if err := miners.LockToService(ctx, miner, fragments(len(tagged))); err != nil {
		return err
	}
	if err := miners.AddFragments(ctx, miner, tagged); err != nil {
		return err
	}
	for _, s := range work {
		workers.Worked(ctx, s.tee)
		if stash, err := workers.Stash(ctx, s.tee); err == nil {
			credits.RecordTag(ctx, stash, fragments(s.count))
		}
	}
	return nil
}
