package treasury

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// SpendingEvent opens the payments of a spend period with what can be spent.
type SpendingEvent struct {
	BudgetRemaining types.Balance `type:"BalanceOf<T, I>"`
}

// AwardedEvent reports a local spend that was paid.
type AwardedEvent struct {
	ProposalIndex uint32              `type:"ProposalIndex"`
	Award         types.Balance       `type:"BalanceOf<T, I>"`
	Account       substrate.AccountID `type:"T::AccountId"`
}

// BurntEvent reports what was burned because nobody claimed it.
type BurntEvent struct {
	BurntFunds types.Balance `type:"BalanceOf<T, I>"`
}

// RolloverEvent closes the payments with what remains.
type RolloverEvent struct {
	RolloverBalance types.Balance `type:"BalanceOf<T, I>"`
}

// DepositEvent reports fees or slashed stake that the treasury got.
type DepositEvent struct {
	Value types.Balance `type:"BalanceOf<T, I>"`
}

// SpendApprovedEvent reports a local spend that waits for the end of the
// period.
type SpendApprovedEvent struct {
	ProposalIndex uint32              `type:"ProposalIndex"`
	Amount        types.Balance       `type:"BalanceOf<T, I>"`
	Beneficiary   substrate.AccountID `type:"T::AccountId"`
}

// UpdatedInactiveEvent reports that the treasury's share of the inactive
// issuance changed.
type UpdatedInactiveEvent struct {
	Reactivated types.Balance `type:"BalanceOf<T, I>"`
	Deactivated types.Balance `type:"BalanceOf<T, I>"`
}

// AssetSpendApprovedEvent reports a spend that can be claimed from block
// ValidFrom to before ExpireAt.
type AssetSpendApprovedEvent struct {
	Index       uint32              `type:"SpendIndex"`
	AssetKind   AssetKind           `type:"T::AssetKind"`
	Amount      types.Balance       `type:"AssetBalanceOf<T, I>"`
	Beneficiary substrate.AccountID `type:"T::Beneficiary"`
	ValidFrom   types.BlockNumber   `type:"BlockNumberFor<T>"`
	ExpireAt    types.BlockNumber   `type:"BlockNumberFor<T>"`
}

// AssetSpendVoidedEvent reports a spend that was taken back.
type AssetSpendVoidedEvent struct {
	Index uint32 `type:"SpendIndex"`
}

// PaidEvent reports a spend that was claimed.
type PaidEvent struct {
	Index     uint32         `type:"SpendIndex"`
	PaymentID substrate.Unit `scale:"payment_id" type:"<T::Paymaster as Pay>::Id"`
}

// PaymentFailedEvent would report a payment that failed later; payments here
// fail at once or never.
type PaymentFailedEvent struct {
	Index     uint32         `type:"SpendIndex"`
	PaymentID substrate.Unit `scale:"payment_id" type:"<T::Paymaster as Pay>::Id"`
}

// SpendProcessedEvent reports a spend that is done with and forgotten.
type SpendProcessedEvent struct {
	Index uint32 `type:"SpendIndex"`
}
