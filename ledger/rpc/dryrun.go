package rpc

import (
	"context"
	"time"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// dispatchResult and applyResult are what applying an extrinsic gives: the
// outcome of its call, or why no block includes it.
type (
	dispatchResult = substrate.DispatchResult
	applyResult    = scale.Result[dispatchResult, substrate.TransactionValidityError]
)

// dryRun runs an extrinsic, parameter 0, on the state after a block, parameter
// 1, and forgets what it did.
func (a *api) dryRun(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	at, err := a.ahead(view)
	if err != nil {
		return dst, err
	}
	result, err := apply(at, raw)
	if isFormat(err) {
		return dst, &jsonrpc.Error{Code: codeUndecodable, Message: "Unable to dry run extrinsic.", Data: err.Error()}
	}
	if err != nil {
		return dst, err
	}
	return appendScale(dst, result)
}

// blockBuilderApply is dryRun as a function of the runtime.
func blockBuilderApply(_ *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	raw, err := rawExtrinsic(args)
	if err == nil {
		err = end(args)
	}
	if err != nil {
		return dst, err
	}
	result, err := apply(at, raw)
	if isFormat(err) {
		return dst, argumentError{err}
	}
	if err != nil {
		return dst, err
	}
	return appendScale(dst, result)
}

// apply runs an extrinsic as the only one of a block that begins now.
func apply(at ahead, raw []byte) (applyResult, error) {
	checked, err := at.rt.Check(at.Parent, raw)
	if err == nil {
		var result, refused error
		info := runtime.BlockInfo{TimeMs: uint64(time.Now().UnixMilli())}
		result, refused, err = at.rt.DryRun(at.Parent, info, checked)
		if err == nil && refused == nil {
			return scale.Ok[dispatchResult, substrate.TransactionValidityError](runtime.DispatchResult(result)), nil
		}
		if refused != nil {
			err = refused
		}
	}
	reason, known := validityError(err)
	if !known {
		return applyResult{}, err
	}
	return scale.Err[dispatchResult](reason), nil
}
