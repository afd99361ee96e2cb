package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// chainSpecMethods tell which chain this is (JSON-RPC interface specification,
// chainSpec).
func (a *api) chainSpecMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "chainSpec_v1_chainName", Handler: constant(a.cfg.ChainName)},
		{Name: "chainSpec_v1_genesisHash", Handler: a.genesisHash},
		{Name: "chainSpec_v1_properties", Handler: constant(a.cfg.Properties)},
	}
}

func (a *api) genesisHash(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	return appendHash(dst, a.chain.Genesis()), nil
}
