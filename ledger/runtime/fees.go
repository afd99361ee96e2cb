package runtime

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// QueryInfo is the declared weight of a call and the fee, without tip, of an
// extrinsic of the given length that carries it, with the prices after the
// block at.
func (rt *Runtime) QueryInfo(at Parent, call RuntimeCall, length int) (info RuntimeDispatchInfo, err error) {
	defer catch(&err)
	declared := call.Info()
	fee, _ := rt.payment.InclusionFee(rt.ReadContext(at), length, declared)
	return RuntimeDispatchInfo{Weight: declared.Weight, Class: declared.Class, PartialFee: fee.Total()}, nil
}

// QueryFeeDetails is the fee of such an extrinsic by its parts.
func (rt *Runtime) QueryFeeDetails(at Parent, call RuntimeCall, length int, tip scale.U128) (d FeeDetails, err error) {
	defer catch(&err)
	d.Tip = tip
	if fee, pays := rt.payment.InclusionFee(rt.ReadContext(at), length, call.Info()); pays {
		d.InclusionFee = scale.Some(fee)
	}
	return d, nil
}

// WeightToFee is the price of a weight before the multiplier.
func (rt *Runtime) WeightToFee(w substrate.Weight) scale.U128 { return rt.payment.WeightFee(w) }

// LengthToFee is the price of so many bytes.
func (rt *Runtime) LengthToFee(length uint32) scale.U128 { return rt.payment.LengthFee(int(length)) }

// AccountNonce is the next nonce of an account after the block at, 0 if the
// account does not exist.
func (rt *Runtime) AccountNonce(at Parent, who substrate.AccountID) (nonce uint32, err error) {
	defer catch(&err)
	nonce, _ = rt.system.Nonce(rt.ReadContext(at), who)
	return nonce, nil
}
