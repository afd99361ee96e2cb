// Package multisig makes calls on behalf of accounts that several others
// control together: so many of them must approve a call before it runs.
package multisig

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Multisig"
	index = 36
)

// Storage.
var (
	// Multisigs are the calls that some have approved, by the account that is
	// to make them and the call's hash.
	Multisigs = runtime.NewOptionalDoubleMap[substrate.AccountID, CallHash, Operation](
		name, "Multisigs", runtime.Twox64Concat, runtime.Blake2_128Concat)
)

// Constants, with the values of the reference network. Deposits are in planck.
var (
	DepositBase    = runtime.NewConstant(name, "DepositBase", centitokens(1088)) // for one call
	DepositFactor  = runtime.NewConstant(name, "DepositFactor", centitokens(32)) // for each approval that it needs
	MaxSignatories = runtime.NewConstant[uint32](name, "MaxSignatories", maxSignatories)
)

// centitokens is n hundredths of a token in planck.
func centitokens(n uint64) types.Balance { return types.Tokens(n).Div64(100) }

// Pallet is the declaration page of Multisig: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Multisigs},
	Calls: runtime.Calls("pallet_multisig::pallet::Call",
		runtime.NewCall[AsMultiThreshold1](0, "as_multi_threshold_1", runtime.Work(0, 0)),
		runtime.NewCall[AsMulti](1, "as_multi", runtime.Work(2, 2)),
		runtime.NewCall[ApproveAsMulti](2, "approve_as_multi", runtime.Work(2, 2)),
		runtime.NewCall[CancelAsMulti](3, "cancel_as_multi", runtime.Work(2, 2)),
	),
	Events: runtime.Events("pallet_multisig::pallet::Event",
		runtime.Event[NewMultisigEvent](0, "NewMultisig"),
		runtime.Event[MultisigApprovalEvent](1, "MultisigApproval"),
		runtime.Event[MultisigExecutedEvent](2, "MultisigExecuted"),
		runtime.Event[MultisigCancelledEvent](3, "MultisigCancelled"),
	),
	Errors: runtime.Errors("pallet_multisig::pallet::Error",
		ErrMinimumThreshold, ErrAlreadyApproved, ErrNoApprovalsNeeded, ErrTooFewSignatories, ErrTooManySignatories,
		ErrSignatoriesOutOfOrder, ErrSenderInSignatories, ErrNotFound, ErrNotOwner, ErrNoTimepoint, ErrWrongTimepoint,
		ErrUnexpectedTimepoint, ErrMaxWeightTooLow, ErrAlreadyStored,
	),
	Constants: []runtime.ConstantItem{DepositBase, DepositFactor, MaxSignatories},
}

// CallHash is blake2-256 of a call's encoding.
type CallHash = [32]byte

// Timepoint is where in the chain an operation began. It tells apart two of the
// same call.
type Timepoint struct {
	Height types.BlockNumber `type:"BlockNumber"`
	Index  uint32            `type:"u32"` // of the extrinsic in the block
}

// ScaleType is upstream's `Timepoint`.
func (Timepoint) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_multisig::Timepoint", Params: []scale.Param{
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}

// Operation is a call that waits for approvals.
type Operation struct {
	When Timepoint `type:"Timepoint<BlockNumber>"`
	// Deposit, in planck, is reserved on Depositor, who began the operation.
	Deposit   types.Balance                                         `type:"Balance"`
	Depositor substrate.AccountID                                   `type:"AccountId"`
	Approvals scale.BoundedVec[substrate.AccountID, ApprovalsBound] `type:"BoundedVec<AccountId, MaxApprovals>"` // ascending
}

// ScaleType is upstream's `Multisig`.
func (Operation) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_multisig::Multisig", Params: []scale.Param{
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "MaxApprovals"},
	}}
}

// maxSignatories bounds who controls one account together.
const maxSignatories = 100

// ApprovalsBound is maxSignatories, checked while decoding.
type ApprovalsBound struct{}

func (ApprovalsBound) Max() int { return maxSignatories }
