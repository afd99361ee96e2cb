package rpc

import (
	"context"
	"strings"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

func (a *api) paymentMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "payment_queryInfo", Handler: a.queryInfo},
		{Name: "payment_queryFeeDetails", Handler: a.queryFeeDetails},
	}
}

// paramExtrinsic decodes the extrinsic that is parameter 0, whose signature may
// be a fake, as the runtime after the block that is parameter 1 reads it, and
// passes both to answer.
func (a *api) paramExtrinsic(call *jsonrpc.Call, answer func(at ahead, x *runtime.Extrinsic, length int) error) error {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return err
	}
	defer view.Close()
	at, err := a.ahead(view)
	if err != nil {
		return err
	}
	x, err := at.rt.DecodeExtrinsic(raw)
	if err != nil {
		return &jsonrpc.Error{Code: codeUndecodable, Message: "Unable to query dispatch info.", Data: err.Error()}
	}
	return answer(at, x, len(raw))
}

// infoOf is the weight of an extrinsic of that length and its fee without the
// tip; an unsigned one pays nothing.
func infoOf(at ahead, x *runtime.Extrinsic, length int) (runtime.RuntimeDispatchInfo, error) {
	info, err := at.rt.QueryInfo(at.Parent, x.Call, length)
	if x.Signature == nil {
		info.PartialFee = scale.U128{}
	}
	return info, err
}

// detailsOf is the fee of an extrinsic by its parts.
func detailsOf(at ahead, x *runtime.Extrinsic, length int) (runtime.FeeDetails, error) {
	if x.Signature == nil {
		return runtime.FeeDetails{}, nil
	}
	return at.rt.QueryFeeDetails(at.Parent, x.Call, length, x.Signature.Extra.Tip)
}

type weightJSON struct {
	RefTime   uint64 `json:"ref_time"`
	ProofSize uint64 `json:"proof_size"`
}

type dispatchInfoJSON struct {
	Weight     weightJSON `json:"weight"`
	Class      string     `json:"class"`
	PartialFee scale.U128 `json:"partialFee"`
}

func (a *api) queryInfo(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	var info runtime.RuntimeDispatchInfo
	err := a.paramExtrinsic(call, func(at ahead, x *runtime.Extrinsic, length int) (err error) {
		info, err = infoOf(at, x, length)
		return err
	})
	if err != nil {
		return dst, err
	}
	return appendJSON(dst, dispatchInfoJSON{
		Weight: weightJSON{info.Weight.RefTime, info.Weight.ProofSize},
		Class:  strings.ToLower(info.Class.String()), PartialFee: info.PartialFee,
	})
}

type inclusionFeeJSON struct {
	BaseFee           hexNumber `json:"baseFee"`
	LenFee            hexNumber `json:"lenFee"`
	AdjustedWeightFee hexNumber `json:"adjustedWeightFee"`
}

type feeDetailsJSON struct {
	InclusionFee *inclusionFeeJSON `json:"inclusionFee"`
}

func (a *api) queryFeeDetails(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	var details runtime.FeeDetails
	err := a.paramExtrinsic(call, func(at ahead, x *runtime.Extrinsic, length int) (err error) {
		details, err = detailsOf(at, x, length)
		return err
	})
	if err != nil {
		return dst, err
	}
	var answer feeDetailsJSON
	if fee, pays := details.InclusionFee.Get(); pays {
		answer.InclusionFee = &inclusionFeeJSON{
			hexNumber(fee.BaseFee), hexNumber(fee.LenFee), hexNumber(fee.AdjustedWeightFee),
		}
	}
	return appendJSON(dst, answer)
}

// hexNumber shows a number as 0x-hex without leading zeros.
type hexNumber scale.U128

// MarshalText implements encoding.TextMarshaler.
func (n hexNumber) MarshalText() ([]byte, error) {
	return scale.U128(n).Big().Append([]byte("0x"), 16), nil
}
