package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// childStateMethods answer for child tries. Only the Contracts pallet makes
// them on the reference chain, and no pallet does here: every one is empty.
func (a *api) childStateMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "childstate_getKeys", Aliases: []string{"state_getChildKeys"}, Handler: a.emptyAt(2, `[]`)},
		{Name: "childstate_getKeysPaged", Aliases: []string{"childstate_getKeysPagedAt"}, Handler: a.emptyAt(4, `[]`)},
		{Name: "childstate_getStorage", Aliases: []string{"state_getChildStorage"}, Handler: a.emptyAt(2, `null`)},
		{Name: "childstate_getStorageHash", Aliases: []string{"state_getChildStorageHash"}, Handler: a.emptyAt(2, `null`)},
		{Name: "childstate_getStorageSize", Aliases: []string{"state_getChildStorageSize"}, Handler: a.emptyAt(2, `null`)},
		{Name: "childstate_getStorageEntries", Handler: a.childStorageEntries},
	}
}

// emptyAt checks the child trie's key and the block, optional parameter at, and
// answers with text.
func (a *api) emptyAt(at int, text string) jsonrpc.Handler {
	return func(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
		if _, err := call.Params.Bytes(0); err != nil {
			return dst, err
		}
		if err := a.knownBlock(call, at); err != nil {
			return dst, err
		}
		return append(dst, text...), nil
	}
}

func (a *api) childStorageEntries(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	if _, err := call.Params.Bytes(0); err != nil {
		return dst, err
	}
	keys, err := keyList(call, 1, maxQueryKeys)
	if err != nil {
		return dst, err
	}
	if err := a.knownBlock(call, 2); err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `null`...)
	}
	return append(dst, ']'), nil
}
