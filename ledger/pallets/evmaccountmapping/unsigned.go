package evmaccountmapping

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// rules admit meta_call without a signature of the extrinsic
// (spec/pallets-storage.md §7).
type rules struct{}

// longevity is how many blocks a pool keeps a meta_call.
const longevity = 5

// Verify recovers the signer: Call if that fails or the tip is too high,
// BadSigner if it is not Who.
func (rules) Verify(rt *runtime.Runtime, call runtime.Call) ([]byte, error) {
	c, ok := call.(MetaCall)
	if !ok || MaxTip.Of(rt).Less(c.Tip.Or(noTip)) {
		return nil, substrate.InvalidCall
	}
	digest, err := c.Digest(rt)
	if err != nil {
		return nil, substrate.InvalidCall
	}
	public, err := crypto.RecoverDigest(digest, c.Signature[:])
	if err != nil {
		return nil, substrate.InvalidCall
	}
	if crypto.Blake2b256(public[:]) != c.Who {
		return nil, substrate.InvalidBadSigner
	}
	return c.provides(), nil
}

// Validate checks the nonce, which must be the next, and that the account can
// pay and live on.
func (rules) Validate(ctx *runtime.Context, call runtime.Call) (valid runtime.ValidUnsigned, err error) {
	c, ok := call.(MetaCall)
	if !ok {
		return valid, substrate.InvalidCall
	}
	switch next := Nonces.Get(ctx, c.Who); {
	case c.Nonce < next:
		return valid, substrate.InvalidStale
	case c.Nonce > next:
		return valid, substrate.InvalidFuture
	}
	if !c.payable(ctx) {
		return valid, substrate.InvalidPayment
	}
	return runtime.ValidUnsigned{Priority: c.priority(ctx), Longevity: longevity}, nil
}

// payable says whether Who could pay both fees and live on.
func (c MetaCall) payable(ctx *runtime.Context) bool {
	due := c.fee(ctx, c.Call.Info()).SaturatingAdd(ServiceFee.Get(ctx))
	return !currency.Reducible(ctx, c.Who, balances.KeepAlive).Less(due)
}

// priority is the tip and one for each part of a block that the inner call
// takes.
func (c MetaCall) priority(ctx *runtime.Context) uint64 {
	info := c.Call.Info()
	block := system.BlockWeights.Get(ctx).MaxBlock
	lengths := system.BlockLength.Get(ctx).Max
	length := uint64(*lengths.Of(info.Class))
	fit := min(
		block.RefTime/max(1, min(info.Weight.RefTime, block.RefTime)),
		block.ProofSize/max(1, min(info.Weight.ProofSize, block.ProofSize)),
		length/max(1, min(uint64(c.length()), length)),
	)
	value := c.Tip.Or(noTip).SaturatingAdd(scale.U128From64(1)).SaturatingMul(scale.U128From64(fit))
	if v, ok := value.Uint64(); ok {
		return v
	}
	return ^uint64(0)
}
