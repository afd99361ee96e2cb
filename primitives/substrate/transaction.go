package substrate

import "github.com/gocess/gocess/primitives/scale"

// TransactionTag is what a transaction provides or requires, such as (account, nonce).
type TransactionTag = []byte

// ValidTransaction is the pool's verdict on a valid transaction.
type ValidTransaction struct {
	Priority  uint64           `type:"TransactionPriority"`
	Requires  []TransactionTag `type:"Vec<TransactionTag>"`
	Provides  []TransactionTag `type:"Vec<TransactionTag>"`
	Longevity uint64           `type:"TransactionLongevity"` // blocks
	Propagate bool             `type:"bool"`
}

// ScaleType implements the convention of package scale.
func (ValidTransaction) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::transaction_validity::ValidTransaction"}
}

// TransactionValidity is the result of validating a transaction.
type TransactionValidity = scale.Result[ValidTransaction, TransactionValidityError]

// ApplyExtrinsicResult is the result of applying an extrinsic to a block.
type ApplyExtrinsicResult = scale.Result[DispatchResult, TransactionValidityError]

// TransactionSource says where a transaction to validate comes from.
type TransactionSource uint8

// The sources of transactions.
const (
	SourceInBlock TransactionSource = iota
	SourceLocal
	SourceExternal
)

// ScaleType implements the convention of package scale.
func (TransactionSource) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:     "sp_runtime::transaction_validity::TransactionSource",
		Variants: []scale.VariantInfo{{0, "InBlock"}, {1, "Local"}, {2, "External"}},
	}
}

// ExtrinsicInclusionMode says which extrinsics a block may hold.
type ExtrinsicInclusionMode uint8

// The inclusion modes.
const (
	AllExtrinsics ExtrinsicInclusionMode = iota
	OnlyInherents
)

// ScaleType implements the convention of package scale.
func (ExtrinsicInclusionMode) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:     "sp_runtime::ExtrinsicInclusionMode",
		Variants: []scale.VariantInfo{{0, "AllExtrinsics"}, {1, "OnlyInherents"}},
	}
}
