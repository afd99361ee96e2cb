package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// codeUnavailable is the error for what this kind of node does not have, from
// the range that JSON-RPC 2.0 leaves to servers.
const codeUnavailable = -32000

// unavailable are methods of other Substrate nodes for which there is nothing
// here to answer with (spec/consensus.md §9.3). rpc_methods does not list them;
// who calls one anyway is told why, and what to use.
var unavailable = []struct {
	why     string
	methods []string
}{
	{
		"there are no GRANDPA rounds: a block is final when it is committed; use chain_subscribeFinalizedHeads",
		[]string{"grandpa_roundState", "grandpa_proveFinality", "grandpa_subscribeJustifications", "grandpa_unsubscribeJustifications"},
	},
	{
		"there are no BEEFY commitments: a block is final when it is committed; use chain_getFinalizedHead",
		[]string{"beefy_getFinalizedHead", "beefy_subscribeJustifications", "beefy_unsubscribeJustifications"},
	},
	{
		"the chain keeps no Merkle mountain range; use state_getReadProof",
		[]string{"mmr_root", "mmr_generateProof", "mmr_verifyProof", "mmr_verifyProofStateless"},
	},
	{
		"nodes start from snapshots, not from light chain specs; use cess node --state-sync",
		[]string{"sync_state_genSyncSpec"},
	},
	{
		"a block is not executed again for its witness; use state_getReadProof and state_traceBlock",
		[]string{"dev_getBlockStats"},
	},
	{
		"the level of the log is set when the node starts; restart it with another one",
		[]string{"system_addLogFilter", "system_resetLogFilter"},
	},
}

func unavailableMethods() []jsonrpc.Method {
	var list []jsonrpc.Method
	for _, group := range unavailable {
		err := &jsonrpc.Error{Code: codeUnavailable, Message: "Unavailable", Data: group.why}
		refuse := func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) { return dst, err }
		for _, name := range group.methods {
			list = append(list, jsonrpc.Method{Name: name, Unlisted: true, Handler: refuse})
		}
	}
	return list
}
