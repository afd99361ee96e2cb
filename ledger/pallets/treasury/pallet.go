// Package treasury keeps the chain's common money: four fifths of all fees and
// tips, slashed stake, and what anybody gives to its account. Root approves
// spends. Local ones are paid when a spend period ends, and half of what then
// remains is burned unless an approved spend has to wait; the others are
// claimed by anybody within a payout period. Root or more than half of the
// council takes an approval back.
package treasury

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Treasury"
	index = 17
)

// Storage.
var (
	// ProposalCount is the number of local spends so far: the next one's index.
	ProposalCount = runtime.NewValue[uint32](name, "ProposalCount")

	// Proposals are the approved local spends that are not paid yet.
	Proposals = runtime.NewOptionalMap[uint32, Proposal](name, "Proposals", runtime.Twox64Concat)

	// Deactivated is the part of the inactive issuance that the treasury's
	// money makes up, in planck.
	Deactivated = runtime.NewValue[types.Balance](name, "Deactivated")

	// Approvals are the indices of Proposals in the order of payment.
	Approvals = runtime.NewValue[scale.BoundedVec[uint32, ApprovalBound]](name, "Approvals")

	// SpendCount is the number of claimable spends so far.
	SpendCount = runtime.NewValue[uint32](name, "SpendCount")

	// Spends are the claimable spends that are not done with.
	Spends = runtime.NewOptionalMap[uint32, SpendStatus](name, "Spends", runtime.Twox64Concat)

	// LastSpendPeriod is the block in which the last spend period ended.
	LastSpendPeriod = runtime.NewOptionalValue[types.BlockNumber](name, "LastSpendPeriod")
)

// Constants, with the values of the reference network.
var (
	SpendPeriod  = runtime.NewConstant[types.BlockNumber](name, "SpendPeriod", 14_400) // blocks between payments
	Burn         = runtime.NewConstant[substrate.Permill](name, "Burn", 500_000)       // of what remains then
	PalletID     = runtime.NewConstant(name, "PalletId", types.TreasuryPot)            // whose account is the pot
	MaxApprovals = runtime.NewConstant[uint32](name, "MaxApprovals", maxApprovals)     // local spends that wait
	PayoutPeriod = runtime.NewConstant[types.BlockNumber](name, "PayoutPeriod", 432_000)
)

// instance are the type parameters of a pallet that may occur several times.
var instance = []scale.Param{{Name: "T"}, {Name: "I"}}

// Pallet is the declaration page of Treasury: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		ProposalCount,
		Proposals,
		Deactivated,
		Approvals,
		SpendCount,
		Spends,
		LastSpendPeriod,
	},
	Calls: runtime.Calls("pallet_treasury::pallet::Call",
		runtime.NewCall[SpendLocal](3, "spend_local", runtime.Work(2, 3)),
		runtime.NewCall[RemoveApproval](4, "remove_approval", runtime.Work(1, 2)),
		runtime.NewCall[Spend](5, "spend", runtime.Work(1, 2)),
		runtime.NewCall[Payout](6, "payout", runtime.Work(3, 3)),
		runtime.NewCall[CheckStatus](7, "check_status", runtime.Work(1, 1)),
		runtime.NewCall[VoidSpend](8, "void_spend", runtime.Work(1, 1)),
	).WithParams(instance...),
	Events: runtime.Events("pallet_treasury::pallet::Event",
		runtime.Event[SpendingEvent](0, "Spending"),
		runtime.Event[AwardedEvent](1, "Awarded"),
		runtime.Event[BurntEvent](2, "Burnt"),
		runtime.Event[RolloverEvent](3, "Rollover"),
		runtime.Event[DepositEvent](4, "Deposit"),
		runtime.Event[SpendApprovedEvent](5, "SpendApproved"),
		runtime.Event[UpdatedInactiveEvent](6, "UpdatedInactive"),
		runtime.Event[AssetSpendApprovedEvent](7, "AssetSpendApproved"),
		runtime.Event[AssetSpendVoidedEvent](8, "AssetSpendVoided"),
		runtime.Event[PaidEvent](9, "Paid"),
		runtime.Event[PaymentFailedEvent](10, "PaymentFailed"),
		runtime.Event[SpendProcessedEvent](11, "SpendProcessed"),
	).WithParams(instance...),
	Errors: runtime.Errors("pallet_treasury::pallet::Error",
		ErrInvalidIndex, ErrTooManyApprovals, ErrInsufficientPermission, ErrProposalNotApproved,
		ErrFailedToConvertBalance, ErrSpendExpired, ErrEarlyPayout, ErrAlreadyAttempted, ErrPayoutError,
		ErrNotAttempted, ErrInconclusive,
	).WithParams(instance...),
	Constants:    []runtime.ConstantItem{SpendPeriod, Burn, PalletID, MaxApprovals, PayoutPeriod},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
