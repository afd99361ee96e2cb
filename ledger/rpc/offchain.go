package rpc

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// The errors of the offchain namespace.
var (
	errOffchainKind = &jsonrpc.Error{Code: 5001, Message: "This storage kind is not available yet."}
	errNoOffchain   = &jsonrpc.Error{Code: codeUnavailable, Message: "Unavailable", Data: "the node has no off-chain storage"}
)

func (a *api) offchainMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "offchain_localStorageGet", Handler: a.offchainGet, Unsafe: true},
		{Name: "offchain_localStorageSet", Handler: a.offchainSet, Unsafe: true},
	}
}

// offchainKey reads parameters 0 and 1: the kind of storage, of which only the
// persistent one exists, and a key.
func (a *api) offchainKey(call *jsonrpc.Call) ([]byte, error) {
	kind, err := call.Params.String(0)
	if err != nil {
		return nil, err
	}
	switch {
	case kind == "LOCAL":
		return nil, errOffchainKind
	case kind != "PERSISTENT":
		return nil, jsonrpc.InvalidParams("parameter 0: PERSISTENT or LOCAL is expected, not %q", kind)
	case a.offchain == nil:
		return nil, errNoOffchain
	}
	return call.Params.Bytes(1)
}

func (a *api) offchainGet(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	key, err := a.offchainKey(call)
	if err != nil {
		return dst, err
	}
	value, err := a.offchain.Get(key)
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendOptionalHex(dst, value), nil
}

// offchainSet stores parameter 2.
func (a *api) offchainSet(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	key, err := a.offchainKey(call)
	if err != nil {
		return dst, err
	}
	value, err := call.Params.Bytes(2)
	if err != nil {
		return dst, err
	}
	if err := a.offchain.Set(key, value); errors.Is(err, ErrOffchainFull) {
		return dst, &jsonrpc.Error{Code: codeUnavailable, Message: "Unavailable", Data: err.Error()}
	} else if err != nil {
		return dst, err
	}
	return append(dst, `null`...), nil
}
