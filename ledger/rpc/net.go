package rpc

import (
	"context"
	"strconv"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) netMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "net_listening", Handler: constant(true)},
		{Name: "net_version", Handler: constant(strconv.FormatUint(a.cfg.EVMChainID, 10))},
		{Name: "net_peerCount", Handler: a.netPeerCount},
	}
}

func (a *api) netPeerCount(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	return jsonrpc.AppendString(dst, "0x"+strconv.FormatInt(int64(len(a.node.Peers())), 16)), nil
}
