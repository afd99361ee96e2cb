package rpc

import (
	"encoding/json"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// api answers the methods.
type api struct {
	cfg      Config
	chain    Chain
	pool     Pool
	runtime  Runtime
	node     Node
	offchain Offchain
	keystore Keys // nil without a keystore
	table    *jsonrpc.Table

	texts       sync.Map // *runtime.Runtime → *runtimeText
	headers     headerCache
	runtimeAPIs map[string]runtimeAPI
	readers     chan struct{} // one per reader of the state outside of calls
}

// readersPerCPU bounds the readers of the state that serve subscriptions and
// operations at once, beside those that serve calls.
const readersPerCPU = 8

// New makes the server; Serve of the result runs it, and Close ends it before
// the backend is closed.
func New(cfg Config, backend Backend) (*jsonrpc.Server, error) {
	if backend.Chain == nil || backend.Pool == nil || backend.Runtime == nil {
		return nil, errors.New("rpc: Chain, Pool and Runtime are needed")
	}
	cfg.setDefaults()
	a := &api{
		cfg:      cfg,
		chain:    backend.Chain,
		pool:     backend.Pool,
		runtime:  backend.Runtime,
		node:     backend.Node,
		offchain: backend.Offchain,
		keystore: backend.Keys,
		table:    jsonrpc.NewTable(),
		readers:  make(chan struct{}, readersPerCPU*goruntime.GOMAXPROCS(0)),
	}
	if a.node == nil {
		a.node = alone{}
	}
	a.runtimeAPIs = runtimeAPITable()
	a.table.Add(slices.Concat(
		a.rpcMethods(),
		a.systemMethods(),
		a.chainMethods(),
		a.stateMethods(),
		a.stateKeyMethods(),
		a.stateQueryMethods(),
		a.versionMethods(),
		a.childStateMethods(),
		a.authorMethods(),
		a.authorKeyMethods(),
		a.paymentMethods(),
		a.netMethods(),
		a.operatorMethods(),
		a.offchainMethods(),
		a.traceMethods(),
		a.changeMethods(),
		unavailableMethods(),
		a.chainSpecMethods(),
		a.chainHeadMethods(),
		a.archiveMethods(),
		a.transactionMethods(),
	)...)
	a.table.AddFeed(slices.Concat(
		a.headFeeds(),
		a.storageFeeds(),
		a.versionFeeds(),
		a.authorFeeds(),
		a.followFeeds(),
		a.archiveFeeds(),
		a.transactionFeeds(),
	)...)
	if cfg.Extend != nil {
		cfg.Extend(a.table)
	}
	return jsonrpc.New(cfg.Server, a.table)
}

// appendJSON appends the JSON of a value off the fast path.
func appendJSON(dst []byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return dst, fmt.Errorf("encode answer: %w", err)
	}
	return append(dst, b...), nil
}
