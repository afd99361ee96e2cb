package rpc

import (
	"errors"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// runtimeAPITable lists the functions of state_call (spec/wire.md §5.6).
func runtimeAPITable() map[string]runtimeAPI {
	return map[string]runtimeAPI{
		"Core_version": coreVersion,

		"Metadata_metadata":            metadataLegacy,
		"Metadata_metadata_versions":   metadataVersions,
		"Metadata_metadata_at_version": metadataAtVersion,

		"AccountNonceApi_account_nonce": accountNonce,

		"TaggedTransactionQueue_validate_transaction": validateTransaction,

		"BlockBuilder_apply_extrinsic": blockBuilderApply,

		"SessionKeys_decode_session_keys": decodeSessionKeys,
		generateKeysFunction:              refuseSessionKeys,

		"TransactionPaymentApi_query_info":          extrinsicFee(infoOf),
		"TransactionPaymentApi_query_fee_details":   extrinsicFee(detailsOf),
		"TransactionPaymentApi_query_weight_to_fee": weightToFee,
		"TransactionPaymentApi_query_length_to_fee": lengthToFee,

		"TransactionPaymentCallApi_query_call_info":        callFee(callInfo),
		"TransactionPaymentCallApi_query_call_fee_details": callFee(callDetails),
		"TransactionPaymentCallApi_query_weight_to_fee":    weightToFee,
		"TransactionPaymentCallApi_query_length_to_fee":    lengthToFee,
	}
}

func coreVersion(a *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	if err := end(args); err != nil {
		return dst, err
	}
	text, err := a.textOf(at.rt)
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendHex(dst, text.scale), nil
}

func metadataLegacy(a *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	if err := end(args); err != nil {
		return dst, err
	}
	text, err := a.textOf(at.rt)
	if err != nil {
		return dst, err
	}
	m, err := text.v14.get()
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendHex(dst, m.opaque), nil
}

func metadataVersions(_ *api, _ ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	if err := end(args); err != nil {
		return dst, err
	}
	return appendScale(dst, []uint32{14, 15})
}

func metadataAtVersion(a *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	version, err := lastArgument[uint32](args)
	if err != nil {
		return dst, err
	}
	forms, err := a.textOf(at.rt)
	if err != nil {
		return dst, err
	}
	text := map[uint32]*metadataText{14: forms.v14, 15: forms.v15}[version]
	if text == nil {
		return jsonrpc.AppendHex(dst, []byte{0}), nil
	}
	m, err := text.get()
	if err != nil {
		return dst, err
	}
	return append(dst, m.some...), nil
}

func accountNonce(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	who, err := lastArgument[substrate.AccountID](args)
	if err != nil {
		return dst, err
	}
	nonce, err := at.rt.AccountNonce(at.Parent, who)
	if err != nil {
		return dst, err
	}
	return appendScale(dst, nonce)
}

// validateTransaction judges an extrinsic as the pool would.
func validateTransaction(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	if _, err := argument[runtime.TransactionSource](args); err != nil {
		return dst, err
	}
	raw, err := rawExtrinsic(args)
	if err != nil {
		return dst, err
	}
	if _, err := lastArgument[substrate.H256](args); err != nil {
		return dst, err
	}
	checked, err := at.rt.Check(at.Parent, raw)
	if isFormat(err) {
		return dst, argumentError{err}
	}
	var valid runtime.ValidTransaction
	if err == nil {
		valid, err = at.rt.Validate(at.Parent, checked)
	}
	if err != nil {
		reason, known := validityError(err)
		if !known {
			return dst, err
		}
		return appendScale(dst, scale.Err[runtime.TransactionTags](reason))
	}
	result := runtime.TransactionTags{
		Priority:  valid.Priority,
		Provides:  [][]byte{nonceTag(checked.Signer, valid.Nonce)},
		Longevity: valid.Longevity,
		Propagate: true,
	}
	if valid.Nonce > valid.Expected {
		result.Requires = [][]byte{nonceTag(checked.Signer, valid.Nonce-1)}
	}
	return appendScale(dst, scale.Ok[runtime.TransactionTags, substrate.TransactionValidityError](result))
}

// nonceTag is SCALE (account, nonce).
func nonceTag(who substrate.AccountID, nonce uint32) []byte {
	return append(who[:], byte(nonce), byte(nonce>>8), byte(nonce>>16), byte(nonce>>24))
}

// validityError finds the verdict in err.
func validityError(err error) (substrate.TransactionValidityError, bool) {
	var invalid substrate.InvalidTransaction
	if errors.As(err, &invalid) {
		return substrate.Invalid(invalid), true
	}
	var unknown substrate.UnknownTransaction
	if errors.As(err, &unknown) {
		return substrate.Unknown(unknown), true
	}
	return substrate.TransactionValidityError{}, false
}

// rawExtrinsic reads an extrinsic and gives its bytes with the length prefix.
func rawExtrinsic(args *scale.Decoder) ([]byte, error) {
	body, err := argument[[]byte](args)
	if err != nil {
		return nil, err
	}
	raw, err := scale.Marshal(body)
	if err != nil {
		return nil, argumentError{err}
	}
	return raw, nil
}

// extrinsicFee prices an extrinsic; what counts as its length is the argument,
// not the number of bytes given.
func extrinsicFee[T any](price func(at ahead, x *runtime.Extrinsic, length int) (T, error)) runtimeAPI {
	return func(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
		raw, err := rawExtrinsic(args)
		if err != nil {
			return dst, err
		}
		length, err := lastArgument[uint32](args)
		if err != nil {
			return dst, err
		}
		x, err := at.rt.DecodeExtrinsic(raw)
		if err != nil {
			return dst, argumentError{err}
		}
		answer, err := price(at, x, int(length))
		if err != nil {
			return dst, err
		}
		return appendScale(dst, answer)
	}
}

// callFee prices a call as that of a signed extrinsic without tip.
func callFee[T any](price func(at ahead, call runtime.RuntimeCall, length int) (T, error)) runtimeAPI {
	return func(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
		call, err := argument[runtime.RuntimeCall](args)
		if err != nil {
			return dst, err
		}
		length, err := lastArgument[uint32](args)
		if err != nil {
			return dst, err
		}
		answer, err := price(at, call, int(length))
		if err != nil {
			return dst, err
		}
		return appendScale(dst, answer)
	}
}

func callInfo(at ahead, call runtime.RuntimeCall, length int) (runtime.RuntimeDispatchInfo, error) {
	return at.rt.QueryInfo(at.Parent, call, length)
}

func callDetails(at ahead, call runtime.RuntimeCall, length int) (runtime.FeeDetails, error) {
	return at.rt.QueryFeeDetails(at.Parent, call, length, scale.U128{})
}

func weightToFee(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	weight, err := lastArgument[substrate.Weight](args)
	if err != nil {
		return dst, err
	}
	return appendScale(dst, at.rt.WeightToFee(weight))
}

func lengthToFee(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	length, err := lastArgument[uint32](args)
	if err != nil {
		return dst, err
	}
	return appendScale(dst, at.rt.LengthToFee(length))
}
