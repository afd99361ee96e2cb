package sminer

import (
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// RegisterPoISKey registers the signer's key for proofs of idle space, once,
// and puts the miner into service. TEESigNeedVerify is the master key's
// signature over what PoISText returns; TEESig is one that the miner hands back
// to TEE workers later, and which the chain only keeps.
type RegisterPoISKey struct {
	PoISKey          types.PoISKey         `scale:"pois_key" type:"PoISKey"`
	TEESigNeedVerify types.SignatureBytes  `scale:"tee_sig_need_verify" type:"BoundedVec<u8, ConstU32<64>>"`
	TEESig           types.SignatureBytes  `scale:"tee_sig" type:"BoundedVec<u8, ConstU32<64>>"`
	TEEPuk           types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// PoISText is what the master key signs about a miner's idle space, for a
// change that the worker tee verified: SHA-256(SCALE(info) ‖ tee)
// (spec/podr2-tee.md §2.6).
func PoISText(info types.SpaceProofInfo, tee types.WorkerPublicKey) [32]byte {
	return sha256.Sum256(append(scale.MustMarshal(info), tee[:]...))
}

// Dispatch emits RegisterPoisKey.
func (c RegisterPoISKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	m, ok := Miners.Get(ctx, who)
	if !ok {
		return ErrNotMiner
	}
	if len(c.TEESigNeedVerify) != 64 || len(c.TEESig) != 64 {
		return ErrMalformedSignature
	}
	info := types.SpaceProofInfo{Miner: who, PoISKey: c.PoISKey, Accumulator: c.PoISKey.G}
	text := PoISText(info, c.TEEPuk)
	if !use.Workers.VerifyMaster(ctx, types.TEESignature(c.TEESigNeedVerify), text) {
		return ErrVerifyTEESigFailed
	}
	if string(m.State) != StateNotReady {
		return ErrState
	}
	use.Workers.Worked(ctx, c.TEEPuk)
	MinerPublicKeys.Put(ctx, text, who)
	poisTexts.Put(ctx, who, text)
	m.SpaceProofInfo, m.TEESignature = scale.Some(info), types.TEESignature(c.TEESig)
	m.State = State(StateFrozen)
	m.thaw()
	Miners.Put(ctx, who, m)
	all := AllMiners.Get(ctx)
	if !all.TryPush(who) {
		return ErrStorageLimitReached
	}
	AllMiners.Put(ctx, all)
	ctx.Emit(RegisterPoISKeyEvent{Miner: who})
	return nil
}
