package treasury

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Proposal is a local spend. Proposer and Bond are of the time when accounts
// proposed spends; now the proposer is the beneficiary and the bond zero.
type Proposal struct {
	Proposer    substrate.AccountID `type:"AccountId"`
	Value       types.Balance       `type:"Balance"` // planck
	Beneficiary substrate.AccountID `type:"AccountId"`
	Bond        types.Balance       `type:"Balance"`
}

// ScaleType is upstream's type.
func (Proposal) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_treasury::Proposal", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
	}}
}

// AssetKind says what a spend is paid in.
type AssetKind = uint32

// NativeAsset is the chain's own token, the only asset that it has.
const NativeAsset AssetKind = 0

// SpendStatus is a claimable spend.
type SpendStatus struct {
	AssetKind   AssetKind           `type:"AssetKind"`
	Amount      types.Balance       `type:"AssetBalance"` // in the asset's smallest unit
	Beneficiary substrate.AccountID `type:"Beneficiary"`
	ValidFrom   types.BlockNumber   `type:"BlockNumber"`
	ExpireAt    types.BlockNumber   `type:"BlockNumber"`
	Status      PaymentState        `type:"PaymentState<PaymentId>"`
}

// ScaleType is upstream's type.
func (SpendStatus) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_treasury::SpendStatus", Params: []scale.Param{
		{Name: "AssetKind", Type: scale.TypeOf[AssetKind]()},
		{Name: "AssetBalance", Type: scale.TypeOf[types.Balance]()},
		{Name: "Beneficiary", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
		{Name: "PaymentId", Type: scale.TypeOf[substrate.Unit]()},
	}}
}

// PaymentState says how far the payment of a spend has come.
type PaymentState interface{ paymentState() }

// The variants of PaymentState.
type (
	PaymentPending   struct{}
	PaymentAttempted struct {
		ID substrate.Unit `scale:"id" type:"Id"`
	}
	PaymentFailed struct{}
)

func (PaymentPending) paymentState()   {}
func (PaymentAttempted) paymentState() {}
func (PaymentFailed) paymentState()    {}

var _ = scale.RegisterEnum[PaymentState](
	scale.TypeInfo{
		Path:   "pallet_treasury::PaymentState",
		Params: []scale.Param{{Name: "Id", Type: scale.TypeOf[substrate.Unit]()}},
	},
	scale.V[PaymentState, PaymentPending](0, "Pending"),
	scale.V[PaymentState, PaymentAttempted](1, "Attempted"),
	scale.V[PaymentState, PaymentFailed](2, "Failed"),
)

// maxApprovals bounds the local spends that wait.
const maxApprovals = 100

// ApprovalBound is maxApprovals, checked while decoding.
type ApprovalBound struct{}

func (ApprovalBound) Max() int { return maxApprovals }
