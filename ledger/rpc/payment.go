package rpc

import (
	"context"
	"strings"

	"github.com/gocess/gocess/ledger/chain"
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
// be a fake, and opens the state after the block that is parameter 1.
func (a *api) paramExtrinsic(call *jsonrpc.Call) (*runtime.Extrinsic, int, *chain.View, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return nil, 0, nil, err
	}
	x, err := runtime.DecodeExtrinsic(raw)
	if err != nil {
		return nil, 0, nil, &jsonrpc.Error{Code: codeUndecodable, Message: "Unable to query dispatch info.", Data: err.Error()}
	}
	view, err := a.viewAt(call, 1)
	return x, len(raw), view, err
}

// infoOf is the weight of an extrinsic of that length and its fee without the
// tip; an unsigned one pays nothing.
func (a *api) infoOf(at runtime.Parent, x *runtime.Extrinsic, length int) (runtime.RuntimeDispatchInfo, error) {
	info, err := a.runtime.QueryInfo(at, x.Call, length)
	if x.Signature == nil {
		info.PartialFee = scale.U128{}
	}
	return info, err
}

// detailsOf is the fee of an extrinsic by its parts.
func (a *api) detailsOf(at runtime.Parent, x *runtime.Extrinsic, length int) (runtime.FeeDetails, error) {
	if x.Signature == nil {
		return runtime.FeeDetails{}, nil
	}
	return a.runtime.QueryFeeDetails(at, x.Call, length, x.Signature.Extra.Tip)
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
	x, length, view, err := a.paramExtrinsic(call)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	info, err := a.infoOf(view.Parent(), x, length)
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
	x, length, view, err := a.paramExtrinsic(call)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	details, err := a.detailsOf(view.Parent(), x, length)
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
