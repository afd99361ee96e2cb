package utility

import (
	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Batch runs calls in order and stops at the first failure, keeping what was
// done.
type Batch struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// Dispatch emits ItemCompleted for each call and BatchCompleted, or
// BatchInterrupted at the first failure; either way the batch succeeds.
func (c Batch) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := checkBatch(ctx, origin, c.Calls); err != nil {
		return err
	}
	for i, call := range c.Calls {
		if err := ctx.Dispatch(call.Call, origin); err != nil {
			ctx.Emit(BatchInterruptedEvent{Index: uint32(i), Error: runtime.DispatchErrorOf(err)})
			return nil
		}
		ctx.Emit(ItemCompletedEvent{})
	}
	ctx.Emit(BatchCompletedEvent{})
	return nil
}

// DispatchInfo is the sum of the calls.
func (c Batch) DispatchInfo() substrate.DispatchInfo { return sum(c.Calls...) }

func checkBatch(ctx *runtime.Context, origin runtime.Origin, calls []runtime.RuntimeCall) error {
	if origin.None() == nil {
		return runtime.ErrBadOrigin
	}
	if uint64(len(calls)) > uint64(BatchedCallsLimit.Get(ctx)) {
		return ErrTooManyCalls
	}
	return nil
}

// sum adds the calls' costs. A nested call's right to be free does not pass to
// the outer one, which is operational only if all its calls are.
func sum(calls ...runtime.RuntimeCall) substrate.DispatchInfo {
	total := substrate.DispatchInfo{Weight: runtime.WorkWeight(0, 0), Class: substrate.Operational}
	if len(calls) == 0 {
		total.Class = substrate.Normal
	}
	for _, call := range calls {
		info := call.Info()
		total.Weight = total.Weight.Add(info.Weight)
		if info.Class != substrate.Operational {
			total.Class = substrate.Normal
		}
	}
	return total
}

// AsDerivative runs a call as the sub-account that the signer and Index
// derive.
type AsDerivative struct {
	Index uint16              `type:"u16"`
	Call  runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch runs the call as the derived account. What the origin may not call,
// its derivatives may not either.
func (c AsDerivative) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return ctx.Dispatch(c.Call.Call, origin.As(Derivative(who, c.Index)))
}

// DispatchInfo is that of the call.
func (c AsDerivative) DispatchInfo() substrate.DispatchInfo { return sum(c.Call) }

// Derivative is the sub-account with the given index of who.
func Derivative(who substrate.AccountID, index uint16) substrate.AccountID {
	return crypto.Blake2b256([]byte("modlpy/utilisuba"), who[:], []byte{byte(index), byte(index >> 8)})
}

// BatchAll runs calls in order, all or nothing.
type BatchAll struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// Dispatch emits ItemCompleted for each call and BatchCompleted, or fails with
// the first error.
func (c BatchAll) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := checkBatch(ctx, origin, c.Calls); err != nil {
		return err
	}
	origin = origin.Restrict(notBatchAll)
	for _, call := range c.Calls {
		if err := ctx.Dispatch(call.Call, origin); err != nil {
			return err
		}
		ctx.Emit(ItemCompletedEvent{})
	}
	ctx.Emit(BatchCompletedEvent{})
	return nil
}

// notBatchAll keeps all-or-nothing batches out of each other, at any depth;
// root ignores it.
func notBatchAll(call runtime.Call) bool {
	_, nested := call.(BatchAll)
	return !nested
}

// DispatchInfo is the sum of the calls.
func (c BatchAll) DispatchInfo() substrate.DispatchInfo { return sum(c.Calls...) }

// DispatchAs runs a call with the given origin; root.
type DispatchAs struct {
	Origin types.OriginCaller  `scale:"as_origin" type:"Box<T::PalletsOrigin>"`
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits DispatchedAs with the call's outcome. Origins of pallets that
// the chain does not have are refused.
func (c DispatchAs) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	as, err := origins.Of(c.Origin)
	if err != nil {
		return err
	}
	err = ctx.Dispatch(c.Call.Call, as)
	ctx.Emit(DispatchedAsEvent{Result: runtime.DispatchResult(err)})
	return nil
}

// DispatchInfo is that of the call.
func (c DispatchAs) DispatchInfo() substrate.DispatchInfo { return sum(c.Call) }

// ForceBatch runs all calls, whatever fails.
type ForceBatch struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// Dispatch emits ItemCompleted or ItemFailed for each call and BatchCompleted
// or BatchCompletedWithErrors.
func (c ForceBatch) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := checkBatch(ctx, origin, c.Calls); err != nil {
		return err
	}
	failed := false
	for _, call := range c.Calls {
		if err := ctx.Dispatch(call.Call, origin); err != nil {
			failed = true
			ctx.Emit(ItemFailedEvent{Error: runtime.DispatchErrorOf(err)})
			continue
		}
		ctx.Emit(ItemCompletedEvent{})
	}
	if failed {
		ctx.Emit(BatchCompletedWithErrorsEvent{})
	} else {
		ctx.Emit(BatchCompletedEvent{})
	}
	return nil
}

// DispatchInfo is the sum of the calls.
func (c ForceBatch) DispatchInfo() substrate.DispatchInfo { return sum(c.Calls...) }

// WithWeight runs a call as root and charges the given weight; root.
type WithWeight struct {
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
	Weight substrate.Weight    `type:"Weight"`
}

// Dispatch runs the call as root.
func (c WithWeight) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return ctx.Dispatch(c.Call.Call, runtime.RootOrigin())
}

// DispatchInfo has the weight that the caller names.
func (c WithWeight) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: c.Weight, Class: c.Call.Info().Class}
}
