package rpc

import (
	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

// hashParam reads parameter i, a block hash.
func hashParam(call *jsonrpc.Call, i int) (hash substrate.H256, err error) {
	b, err := call.Params.Bytes(i)
	if err != nil {
		return hash, err
	}
	if len(b) != len(hash) {
		return hash, jsonrpc.InvalidParams("parameter %d: a hash has 32 bytes, not %d", i, len(b))
	}
	return substrate.H256(b), nil
}

// hashOrBest reads the optional parameter i, by default the best block.
func (a *api) hashOrBest(call *jsonrpc.Call, i int) (substrate.H256, error) {
	if !call.Params.Has(i) {
		return a.chain.Best().Hash, nil
	}
	return hashParam(call, i)
}

// viewAt opens the state after the block that the optional parameter i names,
// by default the best one. The caller closes it.
func (a *api) viewAt(call *jsonrpc.Call, i int) (*chain.View, error) {
	if !call.Params.Has(i) {
		return a.chain.BestView()
	}
	hash, err := hashParam(call, i)
	if err != nil {
		return nil, err
	}
	v, err := a.chain.View(hash)
	if err != nil {
		return nil, stateError(hash, err)
	}
	return v, nil
}

// knownBlock checks that the block which the optional parameter i names exists;
// its state need not.
func (a *api) knownBlock(call *jsonrpc.Call, i int) error {
	if !call.Params.Has(i) {
		return nil
	}
	hash, err := hashParam(call, i)
	if err != nil {
		return err
	}
	if _, err := a.chain.NumberOf(hash); err != nil {
		return stateError(hash, err)
	}
	return nil
}
