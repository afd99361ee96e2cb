package transactionpayment

import "github.com/gocess/gocess/primitives/scale"

// Release is a storage layout of this pallet.
type Release uint8

// The layouts.
const (
	ReleaseV1Ancient Release = 0
	ReleaseV2        Release = 1
)

func (Release) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_transaction_payment::Releases", Variants: []scale.VariantInfo{
		{Index: 0, Name: "V1Ancient"},
		{Index: 1, Name: "V2"},
	}}
}
