package tee

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/primitives/substrate"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/wire"
)

// verifySpaceBlock judges one block of the miner's open idle challenge. What it
// is judged against comes from the chain's snapshot, and the reply, which only
// workers read, binds all of it (spec/podr2-tee.md §6.2).
func (w *Worker) verifySpaceBlock(ctx context.Context, r *wire.RequestSpaceProofVerify) (*wire.ResponseSpaceProofVerify, error) {
	if r.Proof == nil {
		return nil, invalid("the proof is missing")
	}
	hash := r.Proof.Hash()
	c, err := w.claimOf(ctx, r.MinerID, hash[:], r.MinerSpaceProofHashPolkadotSig, r.PoisInfo)
	if err != nil {
		return nil, err
	}
	snapshot, err := w.challengeOf(ctx, c.who)
	if err != nil {
		return nil, err
	}
	if err := sameSpace(snapshot, c.state.Acc, c.state.Front, c.state.Rear, r.SpaceChals); err != nil {
		return nil, err
	}
	info := &snapshot.Snapshot.SpaceProofInfo
	if !bytes.Equal(r.PoisInfo.KeyN, info.PoISKey.N[:]) || !bytes.Equal(r.PoisInfo.KeyG, info.PoISKey.G[:]) {
		return nil, invalid("the key is not that of the challenge")
	}
	leave, err := w.gates.space.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := c.verifier.VerifySpace(pois.ID(c.who), c.key, c.state, r.SpaceChals, r.Proof); err != nil {
		return nil, refused(err)
	}
	digest := w.blockDigest(c.who, hash, r.Proof.Left, r.Proof.Right, c.state.Acc, c.state.Front, c.state.Rear, r.SpaceChals)
	signature, err := c.master.rsa.SignRaw(digest[:])
	if err != nil {
		return nil, err
	}
	return &wire.ResponseSpaceProofVerify{Signature: signature}, nil
}

// challengeOf is the miner's open challenge.
func (w *Worker) challengeOf(ctx context.Context, who substrate.AccountID) (audit.Challenge, error) {
	c, found, err := w.view.Challenge(ctx, who)
	switch {
	case err != nil:
		return c, offline(err)
	case !found:
		return c, invalid("the miner has no open challenge")
	}
	return c, nil
}

// sameSpace says whether a request is about the space that the challenge is
// about.
func sameSpace(c audit.Challenge, acc []byte, front, rear int64, chals []int64) error {
	info := &c.Snapshot.SpaceProofInfo
	switch {
	case !bytes.Equal(acc, info.Accumulator[:]) || uint64(front) != info.Front || uint64(rear) != info.Rear:
		return invalid("front, rear or accumulator are not those of the challenge")
	case len(chals) != len(c.Element.SpaceParam):
		return invalid("%d values in a space challenge", len(chals))
	}
	for i, v := range c.Element.SpaceParam {
		if chals[i] < 0 || uint64(chals[i]) != v {
			return invalid("the values are not those of the challenge")
		}
	}
	return nil
}

// blockDigest is what a verified block is signed over. tee_id is always this
// worker's: both calls go to the same one.
func (w *Worker) blockDigest(who substrate.AccountID, hash [32]byte, left, right int64, acc []byte, front, rear int64, chals []int64) [32]byte {
	b := wire.Marshal(&wire.ProofHashAndLeftRight{SpaceProofHash: hash[:], Left: left, Right: right, TeeID: w.identity.public[:]})
	b = append(append(b, who[:]...), acc...)
	b = binary.LittleEndian.AppendUint64(b, uint64(front))
	b = binary.LittleEndian.AppendUint64(b, uint64(rear))
	for _, c := range chals {
		b = binary.LittleEndian.AppendUint64(b, uint64(c))
	}
	return sha256.Sum256(b)
}

// verifySpaceTotal gives the verdict over all blocks of the challenge: payload
// 4 of spec/podr2-tee.md §2.6. As upstream, a wrong block gives a signed
// verdict of false.
func (w *Worker) verifySpaceTotal(ctx context.Context, r *wire.RequestSpaceProofVerifyTotal) (*wire.ResponseSpaceProofVerifyTotal, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	who, _, err := w.minerOf(ctx, r.MinerID, api.TextNotRegistered)
	if err != nil {
		return nil, err
	}
	snapshot, err := w.challengeOf(ctx, who)
	if err != nil {
		return nil, err
	}
	acc, err := wire.Pad(r.Acc)
	if err != nil {
		return nil, invalid("%v", err)
	}
	if err := sameSpace(snapshot, acc, r.Front, r.Rear, r.SpaceChals); err != nil {
		return nil, err
	}
	if len(r.ProofList) == 0 {
		return nil, invalid("the list of blocks is empty")
	}
	blocks := make([]pois.Block, len(r.ProofList))
	for i := range r.ProofList {
		p := r.ProofList[i].ProofHashAndLeftRight
		if p == nil || len(p.SpaceProofHash) != 32 {
			return nil, invalid("block %d is malformed", i)
		}
		blocks[i] = pois.Block{Hash: [32]byte(p.SpaceProofHash), Left: p.Left, Right: p.Right}
	}
	leave, err := w.gates.space.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	total, result := w.judgeBlocks(who, pois.Status{Acc: acc, Front: r.Front, Rear: r.Rear}, r, blocks)
	digest, err := wire.TotalHash(who[:], total[:], uint64(r.Front), uint64(r.Rear), acc, r.SpaceChals, result, w.identity.public[:])
	if err != nil {
		return nil, invalid("%v", err)
	}
	signature, err := signDigest(m, digest)
	if err != nil {
		return nil, err
	}
	w.metrics.verdicts.WithLabelValues("idle", strconv.FormatBool(result)).Inc()
	return &wire.ResponseSpaceProofVerifyTotal{MinerID: who[:], IdleResult: result, Signature: signature[:]}, nil
}

// judgeBlocks says whether the blocks are those that the challenge asks for and
// this worker verified each, and gives the hash over all.
func (w *Worker) judgeBlocks(who substrate.AccountID, state pois.Status, r *wire.RequestSpaceProofVerifyTotal, blocks []pois.Block) (total [32]byte, result bool) {
	total, err := pois.VerifyBlocks(pois.ID(who), r.SpaceChals, state, blocks)
	if err != nil {
		sorted := slices.Clone(blocks)
		slices.SortStableFunc(sorted, func(a, b pois.Block) int { return cmp.Compare(a.Left, b.Left) })
		hashes := make([][32]byte, len(sorted))
		for i := range sorted {
			hashes[i] = sorted[i].Hash
		}
		return pois.IdleProof(hashes), false
	}
	keys := w.ring.all()
	for i := range blocks {
		digest := w.blockDigest(who, blocks[i].Hash, blocks[i].Left, blocks[i].Right, state.Acc, state.Front, state.Rear, r.SpaceChals)
		if !slices.ContainsFunc(keys, func(m *master) bool { return m.rsa.Public().VerifyRaw(digest[:], r.ProofList[i].Signature) == nil }) {
			return total, false
		}
	}
	return total, true
}
