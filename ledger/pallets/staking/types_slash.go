package staking

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// UnappliedSlash is a slash that waits, in planck.
type UnappliedSlash struct {
	Validator substrate.AccountID   `type:"AccountId"`
	Own       types.Balance         `type:"Balance"`
	Others    []AccountAmount       `type:"Vec<(AccountId, Balance)>"`
	Reporters []substrate.AccountID `type:"Vec<AccountId>"`
	Payout    types.Balance         `type:"Balance"` // what all reporters together get
}

// ScaleType is upstream's `UnappliedSlash`.
func (UnappliedSlash) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::UnappliedSlash", Params: []scale.Param{accountParam, balanceParam}}
}

// AccountAmount is a nominator's part of a slash, in planck.
type AccountAmount struct {
	Account substrate.AccountID
	Amount  types.Balance
}

// ValidatorSlash is the part of its stake that a validator lost and the
// amount, in planck.
type ValidatorSlash struct {
	Fraction substrate.Perbill
	Amount   types.Balance
}

// Spans are the times between the slashes of a stash, in eras.
type Spans struct {
	SpanIndex        uint32   `type:"SpanIndex"`
	LastStart        uint32   `type:"EraIndex"`
	LastNonzeroSlash uint32   `type:"EraIndex"`
	Prior            []uint32 `type:"Vec<EraIndex>"` // lengths of earlier spans, the latest first
}

// ScaleType is upstream's `SlashingSpans`.
func (Spans) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::slashing::SlashingSpans"}
}

// SpanKey names a span of a stash.
type SpanKey struct {
	Stash substrate.AccountID
	Span  uint32
}

// SpanRecord is what was slashed in a span, and paid to reporters, in planck.
type SpanRecord struct {
	Slashed types.Balance `type:"Balance"`
	PaidOut types.Balance `type:"Balance"`
}

// ScaleType is upstream's `SpanRecord`.
func (SpanRecord) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::slashing::SpanRecord", Params: []scale.Param{balanceParam}}
}
