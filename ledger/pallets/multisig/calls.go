package multisig

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// AsMultiThreshold1 makes a call as an account of which the signer alone may
// dispose, like each of the others.
type AsMultiThreshold1 struct {
	OtherSignatories []substrate.AccountID `type:"Vec<T::AccountId>"`
	Call             runtime.RuntimeCall   `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch fails with the call's error and emits no event of its own.
func (c AsMultiThreshold1) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	id, err := accountOf(ctx, who, c.OtherSignatories, 1)
	if err != nil {
		return err
	}
	return ctx.Dispatch(c.Call.Call, runtime.SignedOrigin(id))
}

// DispatchInfo is that of the call.
func (c AsMultiThreshold1) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{
		Weight: c.Call.Info().Weight.Add(signatoriesWeight(c.OtherSignatories, 0, 0)), Class: c.Call.Info().Class,
	}
}

// AsMulti approves a call and makes it if the signer's is the last approval
// that it needs. OtherSignatories are in ascending order; MaybeTimepoint is of
// the first approval and missing for the first.
type AsMulti struct {
	Threshold        uint16                  `type:"u16"`
	OtherSignatories []substrate.AccountID   `type:"Vec<T::AccountId>"`
	MaybeTimepoint   scale.Option[Timepoint] `type:"Option<Timepoint<BlockNumberFor<T>>>"`
	Call             runtime.RuntimeCall     `type:"Box<<T as Config>::RuntimeCall>"`
	MaxWeight        substrate.Weight        `type:"Weight"`
}

// Dispatch emits NewMultisig, MultisigApproval or MultisigExecuted.
func (c AsMulti) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	hash, err := hashOf(c.Call)
	if err != nil {
		return err
	}
	return approval{
		who: who, threshold: c.Threshold, others: c.OtherSignatories, when: c.MaybeTimepoint,
		maxWeight: c.MaxWeight, hash: hash, call: &c.Call,
	}.apply(ctx)
}

// DispatchInfo has room for a call of MaxWeight.
func (c AsMulti) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: c.MaxWeight.Add(signatoriesWeight(c.OtherSignatories, 2, 2))}
}

// ApproveAsMulti approves a call by its hash, without the call.
type ApproveAsMulti struct {
	Threshold        uint16                  `type:"u16"`
	OtherSignatories []substrate.AccountID   `type:"Vec<T::AccountId>"`
	MaybeTimepoint   scale.Option[Timepoint] `type:"Option<Timepoint<BlockNumberFor<T>>>"`
	CallHash         CallHash                `type:"[u8; 32]"`
	MaxWeight        substrate.Weight        `type:"Weight"` // unused
}

// Dispatch emits NewMultisig or MultisigApproval.
func (c ApproveAsMulti) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return approval{
		who: who, threshold: c.Threshold, others: c.OtherSignatories, when: c.MaybeTimepoint,
		maxWeight: c.MaxWeight, hash: c.CallHash,
	}.apply(ctx)
}

// DispatchInfo counts the signatories.
func (c ApproveAsMulti) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: signatoriesWeight(c.OtherSignatories, 2, 2)}
}

// CancelAsMulti gives up an operation that the signer began.
type CancelAsMulti struct {
	Threshold        uint16                `type:"u16"`
	OtherSignatories []substrate.AccountID `type:"Vec<T::AccountId>"`
	Timepoint        Timepoint             `type:"Timepoint<BlockNumberFor<T>>"`
	CallHash         CallHash              `type:"[u8; 32]"`
}

// Dispatch emits MultisigCancelled and returns the deposit.
func (c CancelAsMulti) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	a := approval{who: who, threshold: c.Threshold, others: c.OtherSignatories, hash: c.CallHash}
	id, err := a.account(ctx)
	if err != nil {
		return err
	}
	op, ok := Multisigs.Get(ctx, id, c.CallHash)
	switch {
	case !ok:
		return ErrNotFound
	case op.When != c.Timepoint:
		return ErrWrongTimepoint
	case op.Depositor != who:
		return ErrNotOwner
	}
	a.end(ctx, id, op)
	ctx.Emit(MultisigCancelledEvent{Cancelling: who, Timepoint: op.When, Multisig: id, CallHash: c.CallHash})
	return nil
}

// DispatchInfo counts the signatories.
func (c CancelAsMulti) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: signatoriesWeight(c.OtherSignatories, 2, 2)}
}

// refTimePerSignatory covers ordering and hashing one account, in picoseconds.
const refTimePerSignatory = 100_000

func signatoriesWeight(others []substrate.AccountID, reads, writes uint64) substrate.Weight {
	w := runtime.WorkWeight(reads, writes)
	w.RefTime += uint64(len(others)) * refTimePerSignatory
	return w
}
