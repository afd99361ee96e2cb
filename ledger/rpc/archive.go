package rpc

import (
	"context"
	"errors"
	"math"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// archiveMethods answer for any block of the past (JSON-RPC interface
// specification, archive). A node that discards old states does not have them:
// clients take the group as a promise.
func (a *api) archiveMethods() []jsonrpc.Method {
	if a.cfg.Pruned {
		return nil
	}
	return []jsonrpc.Method{
		{Name: "archive_v1_genesisHash", Handler: a.genesisHash},
		{Name: "archive_v1_finalizedHeight", Handler: a.finalizedHeight},
		{Name: "archive_v1_hashByHeight", Handler: a.hashByHeight},
		{Name: "archive_v1_header", Handler: a.archiveHeader},
		{Name: "archive_v1_body", Handler: a.archiveBody},
		{Name: "archive_v1_call", Handler: a.archiveCall},
	}
}

func (a *api) archiveFeeds() []jsonrpc.Feed {
	if a.cfg.Pruned {
		return nil
	}
	return []jsonrpc.Feed{
		{
			Subscribe:    "archive_v1_storage",
			Unsubscribe:  "archive_v1_stopStorage",
			Notification: "archive_v1_storageEvent",
			Acknowledge:  "null",
			Source:       a.archiveStorage,
		},
		{
			Subscribe:    "archive_v1_storageDiff",
			Unsubscribe:  "archive_v1_stopStorageDiff",
			Notification: "archive_v1_storageDiffEvent",
			Acknowledge:  "null",
			Source:       a.archiveStorageDiff,
		},
	}
}

func (a *api) finalizedHeight(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	return appendUint(dst, a.chain.Finalized().Number), nil
}

// hashByHeight lists the one block of a height, or none above the best block.
func (a *api) hashByHeight(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	raw := call.Params.Raw(0)
	if raw == nil {
		return dst, jsonrpc.InvalidParams("parameter 0: a block number is expected")
	}
	number, err := blockNumber(raw)
	if err != nil {
		return dst, err
	}
	if number > math.MaxUint32 {
		return append(dst, `[]`...), nil
	}
	hash, err := a.chain.HashAt(uint32(number))
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return append(dst, `[]`...), nil
	case err != nil:
		return dst, chainError(err)
	}
	return append(appendHash(append(dst, '['), hash), ']'), nil
}

func (a *api) archiveHeader(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return dst, err
	}
	return a.appendHeader(dst, hash)
}

// appendHeader appends the SCALE form of a block's header, null for an unknown
// block.
func (a *api) appendHeader(dst []byte, hash substrate.H256) ([]byte, error) {
	header, err := a.chain.Header(hash)
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return append(dst, `null`...), nil
	case err != nil:
		return dst, chainError(err)
	}
	encoded, err := scale.Marshal(header)
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendHex(dst, encoded), nil
}

func (a *api) archiveBody(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return dst, err
	}
	body, err := a.chain.Body(hash)
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return append(dst, `null`...), nil
	case err != nil:
		return dst, chainError(err)
	}
	size := 0
	for _, x := range body {
		if size += 2*len(x) + 5; size > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
	}
	return appendHexList(dst, body), nil
}

// appendHexList appends a list of byte strings.
func appendHexList(dst []byte, list [][]byte) []byte {
	dst = append(dst, '[')
	for i, b := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonrpc.AppendHex(dst, b)
	}
	return append(dst, ']')
}

// archiveCall runs a function of the runtime: parameter 0 names the block, 1
// the function, 2 holds the arguments. What goes wrong in the call is part of
// the answer.
func (a *api) archiveCall(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return dst, err
	}
	name, err := call.Params.String(1)
	if err != nil {
		return dst, err
	}
	args, err := call.Params.Bytes(2)
	if err != nil {
		return dst, err
	}
	if _, err := a.chain.NumberOf(hash); errors.Is(err, chain.ErrUnknownBlock) {
		return append(dst, `null`...), nil
	}
	start := len(dst)
	dst = append(dst, `{"success":true,"value":`...)
	view, err := a.openState(hash)
	if err == nil {
		defer view.Close()
		dst, err = a.callRuntime(dst, view, name, args)
	}
	if err == nil {
		return append(dst, '}'), nil
	}
	reason, known := failure(err)
	if !known {
		return dst[:start], err
	}
	dst = append(dst[:start], `{"success":false,"error":`...)
	return append(jsonrpc.AppendString(dst, reason), '}'), nil
}

// openState opens the state after a block. What is wrong with the block is an
// *jsonrpc.Error.
func (a *api) openState(hash substrate.H256) (*chain.View, error) {
	view, err := a.chain.View(hash)
	if err != nil {
		return nil, stateError(hash, err)
	}
	return view, nil
}

// failure is what a client is told of an error inside of an answer; known is
// false when the error is the node's own.
func failure(err error) (reason string, known bool) {
	var e *jsonrpc.Error
	if errors.As(err, &e) {
		return e.Message, true
	}
	return "", false
}
