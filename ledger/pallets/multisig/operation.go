package multisig

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// approval is what one signatory does about an operation.
type approval struct {
	who       substrate.AccountID
	threshold uint16
	others    []substrate.AccountID
	when      scale.Option[Timepoint]
	maxWeight substrate.Weight
	hash      CallHash
	call      *runtime.RuntimeCall // nil: only the hash is known
}

// overhead is the weight of all but the call itself.
func (a approval) overhead() substrate.Weight { return signatoriesWeight(a.others, 2, 2) }

// account checks threshold and signatories and returns the account that is to
// make the call.
func (a approval) account(ctx *runtime.Context) (substrate.AccountID, error) {
	if a.threshold < 2 {
		return substrate.AccountID{}, ErrMinimumThreshold
	}
	return accountOf(ctx, a.who, a.others, a.threshold)
}

// apply begins the operation, approves it or makes the call.
func (a approval) apply(ctx *runtime.Context) error {
	id, err := a.account(ctx)
	if err != nil {
		return err
	}
	op, begun := Multisigs.Get(ctx, id, a.hash)
	when, named := a.when.Get()
	switch {
	case !begun && named:
		return ErrUnexpectedTimepoint
	case !begun:
		return a.begin(ctx, id)
	case !named:
		return ErrNoTimepoint
	case when != op.When:
		return ErrWrongTimepoint
	}
	ctx.ReportWeight(a.overhead())
	at, approved := search(op.Approvals, a.who)
	count := len(op.Approvals)
	needed := !approved && count < int(a.threshold)
	if needed {
		count++
	}
	if a.call != nil && count >= int(a.threshold) {
		return a.execute(ctx, id, op)
	}
	if !needed {
		return ErrAlreadyApproved
	}
	if count > maxSignatories {
		return ErrTooManySignatories
	}
	op.Approvals = slices.Insert(op.Approvals, at, a.who)
	Multisigs.Put(ctx, id, a.hash, op)
	ctx.Emit(MultisigApprovalEvent{Approving: a.who, Timepoint: op.When, Multisig: id, CallHash: a.hash})
	return nil
}

// begin takes the deposit and counts the first approval.
func (a approval) begin(ctx *runtime.Context, id substrate.AccountID) error {
	ctx.ReportWeight(a.overhead())
	deposit := DepositFactor.Get(ctx).SaturatingMul(scale.U128From64(uint64(a.threshold))).SaturatingAdd(DepositBase.Get(ctx))
	if err := currency.Reserve(ctx, a.who, deposit); err != nil {
		return err
	}
	Multisigs.Put(ctx, id, a.hash, Operation{
		When:    Timepoint{Height: ctx.BlockNumber(), Index: ctx.ExtrinsicIndex()},
		Deposit: deposit, Depositor: a.who, Approvals: []substrate.AccountID{a.who},
	})
	ctx.Emit(NewMultisigEvent{Approving: a.who, Multisig: id, CallHash: a.hash})
	return nil
}

// execute makes the call. The operation is over before it runs, so that it
// cannot run twice from inside itself.
func (a approval) execute(ctx *runtime.Context, id substrate.AccountID, op Operation) error {
	if a.call.Info().Weight.AnyGreater(a.maxWeight) {
		return ErrMaxWeightTooLow
	}
	a.end(ctx, id, op)
	post, err := ctx.DispatchPost(a.call.Call, runtime.SignedOrigin(id))
	ctx.ReportWeight(a.overhead().Add(runtime.ActualInfo(a.call.Info(), post).Weight))
	ctx.Emit(MultisigExecutedEvent{
		Approving: a.who, Timepoint: op.When, Multisig: id, CallHash: a.hash, Result: runtime.DispatchResult(err),
	})
	return nil
}

func (a approval) end(ctx *runtime.Context, id substrate.AccountID, op Operation) {
	Multisigs.Delete(ctx, id, a.hash)
	currency.Unreserve(ctx, op.Depositor, op.Deposit)
}

// hashOf is what names a call in an operation.
func hashOf(call runtime.RuntimeCall) (CallHash, error) {
	raw, err := scale.Marshal(call)
	if err != nil {
		return CallHash{}, err
	}
	return crypto.Blake2b256(raw), nil
}
