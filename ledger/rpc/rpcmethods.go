package rpc

import (
	"context"
	"sync"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) rpcMethods() []jsonrpc.Method {
	// The table is complete when the first call comes.
	public := sync.OnceValue(func() []string { return a.table.Names(false) })
	all := sync.OnceValue(func() []string { return a.table.Names(true) })
	return []jsonrpc.Method{{
		Name: "rpc_methods",
		Handler: func(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
			names := public
			if call.Unsafe() {
				names = all
			}
			return appendJSON(dst, map[string][]string{"methods": names()})
		},
	}}
}
