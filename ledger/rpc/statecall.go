package rpc

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// runtimeAPI is a function that clients call by name on the state after a
// block: SCALE arguments in, SCALE result out. A function whose result is
// already JSON appends that to dst itself.
type runtimeAPI func(a *api, at ahead, args *scale.Decoder, dst []byte) ([]byte, error)

// runtimeCall answers state_call: parameter 0 names the function, 1 holds the
// arguments, 2 the block.
func (a *api) runtimeCall(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	name, err := call.Params.String(0)
	if err != nil {
		return dst, err
	}
	args, err := call.Params.Bytes(1)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 2)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	if name == generateKeysFunction && call.Unsafe() {
		out, err := a.generateSessionKeys(args, dst)
		return out, callError(name, err)
	}
	return a.callRuntime(dst, view, name, args)
}

// callRuntime appends the JSON of what a function of the runtime returns in the
// state of view. What is wrong with the call is an *jsonrpc.Error.
func (a *api) callRuntime(dst []byte, view *chain.View, name string, args []byte) ([]byte, error) {
	fn := a.runtimeAPIs[name]
	if fn == nil {
		return dst, executionFailed("Exported method " + name + " is not found")
	}
	at, err := a.ahead(view)
	if err != nil {
		return dst, err
	}
	out, err := fn(a, at, at.rt.NewDecoder(args), dst)
	if err != nil {
		return dst, callError(name, err)
	}
	return out, nil
}

// callError is what the caller of a function is told of its failure.
func callError(name string, err error) error {
	var bad argumentError
	if errors.As(err, &bad) {
		return executionFailed("Bad input data provided to " + name + ": " + bad.Error())
	}
	return err
}

func executionFailed(why string) *jsonrpc.Error {
	return clientError("Execution failed: Other: %s", why)
}

// argumentError is the caller's mistake in the arguments.
type argumentError struct{ error }

// end checks that the arguments are used up.
func end(args *scale.Decoder) error {
	if n := args.Remaining(); n != 0 {
		return argumentError{errors.New("too many bytes")}
	}
	return nil
}

// argument reads one argument.
func argument[T any](args *scale.Decoder) (T, error) {
	v, err := scale.Decode[T](args)
	if err != nil {
		return v, argumentError{err}
	}
	return v, nil
}

// lastArgument reads the last one.
func lastArgument[T any](args *scale.Decoder) (T, error) {
	v, err := argument[T](args)
	if err == nil {
		err = end(args)
	}
	return v, err
}

// appendScale appends the JSON of a SCALE-encoded result.
func appendScale[T any](dst []byte, v T) ([]byte, error) {
	b, err := scale.Marshal(v)
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendHex(dst, b), nil
}

func isFormat(err error) bool { return errors.Is(err, runtime.ErrExtrinsicFormat) }
