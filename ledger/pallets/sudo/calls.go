package sudo

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Sudo runs a call as root.
type Sudo struct {
	Call runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits Sudid with the call's outcome. It is free.
func (c Sudo) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return asRoot(ctx, origin, c.Call)
}

// DispatchInfo is that of the call.
func (c Sudo) DispatchInfo() substrate.DispatchInfo { return wrap(c.Call) }

func asRoot(ctx *runtime.Context, origin runtime.Origin, call runtime.RuntimeCall) error {
	if err := requireSudo(ctx, origin); err != nil {
		return err
	}
	err := ctx.Dispatch(call.Call, runtime.RootOrigin())
	ctx.Emit(SudidEvent{SudoResult: runtime.DispatchResult(err)})
	ctx.WaiveFee()
	return nil
}

// requireSudo lets the sudo account pass, and root itself.
func requireSudo(ctx *runtime.Context, origin runtime.Origin) error {
	if origin.Root() == nil {
		return nil
	}
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if key, ok := Key.Get(ctx); !ok || key != who {
		return ErrRequireSudo
	}
	return nil
}

func wrap(call runtime.RuntimeCall) substrate.DispatchInfo {
	info := call.Info()
	info.Weight = info.Weight.Add(runtime.WorkWeight(1, 0))
	info.PaysFee = substrate.PaysYes
	return info
}

// SudoUncheckedWeight runs a call as root and charges the given weight.
type SudoUncheckedWeight struct {
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
	Weight substrate.Weight    `type:"Weight"`
}

// Dispatch does what Sudo does.
func (c SudoUncheckedWeight) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return asRoot(ctx, origin, c.Call)
}

// DispatchInfo has the weight that the caller names.
func (c SudoUncheckedWeight) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: c.Weight, Class: c.Call.Info().Class}
}

// SetKey hands the sudo account over.
type SetKey struct {
	New substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// Dispatch emits KeyChanged.
func (c SetKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := requireSudo(ctx, origin); err != nil {
		return err
	}
	to, err := system.Lookup(ctx, c.New)
	if err != nil {
		return err
	}
	old, _ := Key.Get(ctx)
	Key.Put(ctx, to)
	ctx.Emit(KeyChangedEvent{Old: scale.Some(old), New: to})
	ctx.WaiveFee()
	return nil
}

// SudoAs runs a call as the given account.
type SudoAs struct {
	Who  substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Call runtime.RuntimeCall    `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits SudoAsDone with the call's outcome. It is free.
func (c SudoAs) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := requireSudo(ctx, origin); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Who)
	if err != nil {
		return err
	}
	err = ctx.Dispatch(c.Call.Call, runtime.SignedOrigin(who))
	ctx.Emit(SudoAsDoneEvent{SudoResult: runtime.DispatchResult(err)})
	ctx.WaiveFee()
	return nil
}

// DispatchInfo is that of the call.
func (c SudoAs) DispatchInfo() substrate.DispatchInfo { return wrap(c.Call) }

// RemoveKey removes the sudo account for ever.
type RemoveKey struct{}

// Dispatch emits KeyRemoved.
func (c RemoveKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := requireSudo(ctx, origin); err != nil {
		return err
	}
	Key.Delete(ctx)
	ctx.Emit(KeyRemovedEvent{})
	ctx.WaiveFee()
	return nil
}
