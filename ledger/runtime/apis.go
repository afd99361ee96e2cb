package runtime

import (
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// runtimeAPIs are the functions that `state_call` serves, as V15 metadata
// lists them (spec/wire.md §5.6). The list follows System.Version.
func runtimeAPIs() []metadata.APIDescription {
	type (
		arg    = metadata.ArgDescription
		method = metadata.MethodDescription
	)
	var (
		u32        = scale.TypeOf[uint32]()
		u128       = scale.TypeOf[scale.U128]()
		account    = scale.TypeOf[substrate.AccountID]()
		hash       = scale.TypeOf[substrate.H256]()
		call       = scale.TypeOf[RuntimeCall]()
		weight     = scale.TypeOf[substrate.Weight]()
		opaque     = scale.TypeOf[substrate.OpaqueMetadata]()
		extrinsic  = scale.TypeOf[OpaqueExtrinsic]()
		info       = scale.TypeOf[RuntimeDispatchInfo]()
		details    = scale.TypeOf[FeeDetails]()
		versions   = scale.TypeOf[[]uint32]()
		maybe      = scale.TypeOf[scale.Option[substrate.OpaqueMetadata]]()
		version    = scale.TypeOf[substrate.RuntimeVersion]()
		validity   = scale.TypeOf[TransactionValidity]()
		source     = scale.TypeOf[TransactionSource]()
		keys       = scale.TypeOf[[]byte]()
		seed       = scale.TypeOf[scale.Option[[]byte]]()
		decoded    = scale.TypeOf[scale.Option[[]SessionKey]]()
		noArgs     = []arg{}
		lengthOnly = func(first arg) []arg { return []arg{first, {Name: "len", Type: u32}} }
	)
	return []metadata.APIDescription{
		{Name: "Core", Methods: []method{
			{Name: "version", Args: noArgs, Output: version},
		}},
		{Name: "Metadata", Methods: []method{
			{Name: "metadata", Args: noArgs, Output: opaque},
			{Name: "metadata_at_version", Args: []arg{{Name: "version", Type: u32}}, Output: maybe},
			{Name: "metadata_versions", Args: noArgs, Output: versions},
		}},
		{Name: "TaggedTransactionQueue", Methods: []method{
			{Name: "validate_transaction", Args: []arg{
				{Name: "source", Type: source}, {Name: "tx", Type: extrinsic}, {Name: "block_hash", Type: hash},
			}, Output: validity},
		}},
		{Name: "SessionKeys", Methods: []method{
			{Name: "generate_session_keys", Args: []arg{{Name: "seed", Type: seed}}, Output: keys},
			{Name: "decode_session_keys", Args: []arg{{Name: "encoded", Type: keys}}, Output: decoded},
		}},
		{Name: "AccountNonceApi", Methods: []method{
			{Name: "account_nonce", Args: []arg{{Name: "account", Type: account}}, Output: u32},
		}},
		{Name: "TransactionPaymentApi", Methods: []method{
			{Name: "query_info", Args: lengthOnly(arg{Name: "uxt", Type: extrinsic}), Output: info},
			{Name: "query_fee_details", Args: lengthOnly(arg{Name: "uxt", Type: extrinsic}), Output: details},
			{Name: "query_weight_to_fee", Args: []arg{{Name: "weight", Type: weight}}, Output: u128},
			{Name: "query_length_to_fee", Args: []arg{{Name: "length", Type: u32}}, Output: u128},
		}},
		{Name: "TransactionPaymentCallApi", Methods: []method{
			{Name: "query_call_info", Args: lengthOnly(arg{Name: "call", Type: call}), Output: info},
			{Name: "query_call_fee_details", Args: lengthOnly(arg{Name: "call", Type: call}), Output: details},
			{Name: "query_weight_to_fee", Args: []arg{{Name: "weight", Type: weight}}, Output: u128},
			{Name: "query_length_to_fee", Args: []arg{{Name: "length", Type: u32}}, Output: u128},
		}},
	}
}

// OpaqueExtrinsic is an extrinsic as clients pass it to runtime APIs: its own
// bytes, length prefix included.
type OpaqueExtrinsic []byte

// ScaleType is the generic extrinsic type, so that clients know its parts.
func (OpaqueExtrinsic) ScaleType() scale.TypeInfo {
	x := describeExtrinsic()
	def, err := metadata.UncheckedExtrinsic(x.Address, x.Call, x.Signature, x.Extra).Def()
	if err != nil {
		return scale.TypeInfo{Path: "sp_runtime::OpaqueExtrinsic"}
	}
	return scale.TypeInfo{Path: def.Path, Params: def.Params}
}

// SessionKey is a validator's public key and its kind, as decode_session_keys
// lists them: a tuple on the wire.
type SessionKey struct {
	Public []byte
	Kind   substrate.KeyTypeID
}

// RuntimeDispatchInfo is the answer of query_info.
type RuntimeDispatchInfo struct {
	Weight     substrate.Weight        `type:"Weight"`
	Class      substrate.DispatchClass `type:"DispatchClass"`
	PartialFee scale.U128              `type:"Balance"`
}

// ScaleType is upstream's type.
func (RuntimeDispatchInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path: "pallet_transaction_payment::types::RuntimeDispatchInfo",
		Params: []scale.Param{
			{Name: "Balance", Type: scale.TypeOf[scale.U128]()},
			{Name: "Weight", Type: scale.TypeOf[substrate.Weight]()},
		},
	}
}

// InclusionFee is the fee without the tip, by its parts, in planck.
type InclusionFee struct {
	BaseFee           scale.U128 `type:"Balance"`
	LenFee            scale.U128 `type:"Balance"`
	AdjustedWeightFee scale.U128 `type:"Balance"`
}

// ScaleType is upstream's type.
func (InclusionFee) ScaleType() scale.TypeInfo { return paymentType("InclusionFee") }

// Total is the sum of the parts.
func (f InclusionFee) Total() scale.U128 {
	return f.BaseFee.SaturatingAdd(f.LenFee).SaturatingAdd(f.AdjustedWeightFee)
}

// FeeDetails is the answer of query_fee_details; no inclusion fee if the call
// is free.
type FeeDetails struct {
	InclusionFee scale.Option[InclusionFee] `type:"Option<InclusionFee<Balance>>"`
	Tip          scale.U128                 `type:"Balance"`
}

// ScaleType is upstream's type.
func (FeeDetails) ScaleType() scale.TypeInfo { return paymentType("FeeDetails") }

func paymentType(name string) scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "pallet_transaction_payment::types::" + name,
		Params: []scale.Param{{Name: "Balance", Type: scale.TypeOf[scale.U128]()}},
	}
}

// TransactionSource is where a transaction to validate comes from.
type TransactionSource uint8

// ScaleType is upstream's type.
func (TransactionSource) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:     "sp_runtime::transaction_validity::TransactionSource",
		Variants: []scale.VariantInfo{{Index: 0, Name: "InBlock"}, {Index: 1, Name: "Local"}, {Index: 2, Name: "External"}},
	}
}

// TransactionTags are what a transaction is ordered by, as pools of clients
// see it.
type TransactionTags struct {
	Priority  uint64   `type:"TransactionPriority"`
	Requires  [][]byte `type:"Vec<TransactionTag>"`
	Provides  [][]byte `type:"Vec<TransactionTag>"`
	Longevity uint64   `type:"TransactionLongevity"`
	Propagate bool     `type:"bool"`
}

// ScaleType is upstream's type.
func (TransactionTags) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::transaction_validity::ValidTransaction"}
}

// TransactionValidity is the answer of validate_transaction.
type TransactionValidity = scale.Result[TransactionTags, substrate.TransactionValidityError]
