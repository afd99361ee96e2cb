package multisig

import "github.com/gocess/gocess/primitives/substrate"

// NewMultisigEvent reports the first approval of a call.
type NewMultisigEvent struct {
	Approving substrate.AccountID `type:"T::AccountId"`
	Multisig  substrate.AccountID `type:"T::AccountId"`
	CallHash  CallHash            `type:"CallHash"`
}

// MultisigApprovalEvent reports a further approval.
type MultisigApprovalEvent struct {
	Approving substrate.AccountID `type:"T::AccountId"`
	Timepoint Timepoint           `type:"Timepoint<BlockNumberFor<T>>"`
	Multisig  substrate.AccountID `type:"T::AccountId"`
	CallHash  CallHash            `type:"CallHash"`
}

// MultisigExecutedEvent reports the last approval and the call's outcome.
type MultisigExecutedEvent struct {
	Approving substrate.AccountID      `type:"T::AccountId"`
	Timepoint Timepoint                `type:"Timepoint<BlockNumberFor<T>>"`
	Multisig  substrate.AccountID      `type:"T::AccountId"`
	CallHash  CallHash                 `type:"CallHash"`
	Result    substrate.DispatchResult `type:"DispatchResult"`
}

// MultisigCancelledEvent reports an operation that its beginner gave up.
type MultisigCancelledEvent struct {
	Cancelling substrate.AccountID `type:"T::AccountId"`
	Timepoint  Timepoint           `type:"Timepoint<BlockNumberFor<T>>"`
	Multisig   substrate.AccountID `type:"T::AccountId"`
	CallHash   CallHash            `type:"CallHash"`
}
