package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/crypto"
)

func (a *api) stateMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "state_getStorage", Aliases: []string{"state_getStorageAt"}, Handler: a.storage},
		{Name: "state_getStorageHash", Aliases: []string{"state_getStorageHashAt"}, Handler: a.storageHash},
		{Name: "state_getStorageSize", Aliases: []string{"state_getStorageSizeAt"}, Handler: a.storageSize},
		{Name: "state_getReadProof", Handler: a.readProof},
		{Name: "state_getChildReadProof", Handler: a.childReadProof},
		{Name: "state_call", Aliases: []string{"state_callAt"}, Handler: a.runtimeCall},
	}
}

// keyBytes is the size of most storage keys; longer ones move to the heap.
const keyBytes = 160

// storedAt reads the key that is parameter 0 at the block that is parameter 1.
func (a *api) storedAt(call *jsonrpc.Call) ([]byte, error) {
	raw := call.Params.Raw(0)
	key, err := jsonrpc.AppendBytes(make([]byte, 0, keyBytes), raw)
	if err != nil {
		return nil, jsonrpc.InvalidParams("parameter 0: %v", err)
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	return view.Get(key)
}

func (a *api) storage(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	v, err := a.storedAt(call)
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendOptionalHex(dst, v), nil
}

func (a *api) storageHash(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	v, err := a.storedAt(call)
	if err != nil || v == nil {
		return append(dst, `null`...), err
	}
	return appendHash(dst, crypto.Blake2b256(v)), nil
}

// storageSize is the length of a value or, if there is none under the key, of
// all values whose keys it begins.
func (a *api) storageSize(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	key, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	v, err := view.Get(key)
	if err != nil {
		return dst, err
	}
	if v != nil {
		return appendUint(dst, uint64(len(v))), nil
	}
	var sum uint64
	err = scan(ctx, view, key, nil, func(_, value []byte) bool {
		sum += uint64(len(value))
		return true
	})
	if err != nil || sum == 0 {
		return append(dst, `null`...), err
	}
	return appendUint(dst, sum), nil
}

// scan calls fn for the pairs under prefix after a key, in ascending order,
// until fn returns false or ctx ends.
func scan(ctx context.Context, view *chain.View, prefix, after []byte, fn func(key, value []byte) bool) error {
	seen := 0
	err := view.Scan(prefix, after, func(key, value []byte) bool {
		if seen++; seen%256 == 0 && ctx.Err() != nil {
			return false
		}
		return fn(key, value)
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// maxProofKeys bounds the keys of one proof.
const maxProofKeys = 1_000

func (a *api) readProof(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	keys, err := keyList(call, 0, maxProofKeys)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	return appendProof(ctx, call, dst, view, keys)
}

// childReadProof proves that there is no child trie under the key that is
// parameter 0: parameter 1 holds keys of the trie, 2 the block.
func (a *api) childReadProof(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	child, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	if _, err := keyList(call, 1, maxProofKeys); err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 2)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	return appendProof(ctx, call, dst, view, [][]byte{child})
}

// appendProof appends what the state of view holds under keys, as a proof.
func appendProof(ctx context.Context, call *jsonrpc.Call, dst []byte, view *chain.View, keys [][]byte) ([]byte, error) {
	nodes, err := view.Prove(keys)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, `{"at":`...)
	dst = appendHash(dst, view.Ref().Hash)
	dst = append(dst, `,"proof":[`...)
	for i, node := range nodes {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dst)-start+2*len(node) > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
		dst = jsonrpc.AppendHex(dst, node)
	}
	return append(dst, `]}`...), ctx.Err()
}

// keyList reads parameter i, a list of at most max storage keys.
func keyList(call *jsonrpc.Call, i, max int) ([][]byte, error) {
	list, err := call.Params.List(i, max)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, len(list))
	for j, raw := range list {
		if keys[j], err = jsonrpc.AppendBytes(nil, raw); err != nil {
			return nil, jsonrpc.InvalidParams("parameter %d, key %d: %v", i, j, err)
		}
	}
	return keys, nil
}
