package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

// chainHeadMethods are called on the connection that made the subscription they
// name, parameter 0. Everywhere else there is no such subscription.
func (a *api) chainHeadMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "chainHead_v1_header", Handler: a.followedHeader},
		{Name: "chainHead_v1_body", Handler: a.followedBody},
		{Name: "chainHead_v1_call", Handler: a.followedCall},
		{Name: "chainHead_v1_storage", Handler: a.followedStorage},
		{Name: "chainHead_v1_continue", Handler: a.continueOperation},
		{Name: "chainHead_v1_stopOperation", Handler: a.stopOperation},
		{Name: "chainHead_v1_unpin", Handler: a.unpin},
	}
}

// followOf is the live subscription that parameter 0 names, nil when there is
// none.
func followOf(call *jsonrpc.Call) (*follow, error) {
	id, err := call.Params.String(0)
	if err != nil || call.Conn() == nil {
		return nil, err
	}
	return followsOf(call.Conn()).find(id), nil
}

// followedBlock reads parameters 0 and 1, a subscription and a block that it
// has pinned. The subscription is nil when it is not alive.
func followedBlock(call *jsonrpc.Call) (*follow, substrate.H256, error) {
	f, err := followOf(call)
	if err != nil {
		return nil, substrate.H256{}, err
	}
	hash, err := hashParam(call, 1)
	if err != nil || f == nil {
		return nil, hash, err
	}
	return f, hash, f.isPinned(hash)
}

func (a *api) followedHeader(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, hash, err := followedBlock(call)
	if err != nil || f == nil {
		return append(dst, `null`...), err
	}
	return a.appendHeader(dst, hash)
}

// unpin takes one hash or a list of them as parameter 1.
func (a *api) unpin(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, err := followOf(call)
	if err != nil {
		return dst, err
	}
	var hashes []substrate.H256
	if raw := call.Params.Raw(1); raw != nil && raw[0] == '[' {
		hashes, err = hashList(call, 1, 2*maxPinAge)
	} else {
		hashes = make([]substrate.H256, 1)
		hashes[0], err = hashParam(call, 1)
	}
	if err != nil {
		return dst, err
	}
	if f != nil {
		if err := f.unpin(hashes); err != nil {
			return dst, err
		}
	}
	return append(dst, `null`...), nil
}

// hashList reads parameter i, a list of at most max block hashes.
func hashList(call *jsonrpc.Call, i, max int) ([]substrate.H256, error) {
	list, err := keyList(call, i, max)
	if err != nil {
		return nil, err
	}
	hashes := make([]substrate.H256, len(list))
	for j, b := range list {
		if len(b) != len(hashes[j]) {
			return nil, jsonrpc.InvalidParams("parameter %d, hash %d: a hash has 32 bytes, not %d", i, j, len(b))
		}
		hashes[j] = substrate.H256(b)
	}
	return hashes, nil
}

func (a *api) continueOperation(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, err := followOf(call)
	if err != nil {
		return dst, err
	}
	id, err := call.Params.String(1)
	if err != nil {
		return dst, err
	}
	if f != nil {
		if err := f.resume(id); err != nil {
			return dst, err
		}
	}
	return append(dst, `null`...), nil
}

func (a *api) stopOperation(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, err := followOf(call)
	if err != nil {
		return dst, err
	}
	id, err := call.Params.String(1)
	if err != nil {
		return dst, err
	}
	if f != nil {
		f.abort(id)
	}
	return append(dst, `null`...), nil
}
