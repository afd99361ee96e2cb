package rpc

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// Error codes of the Substrate namespaces (spec/wire.md §5.2).
const (
	codeUndecodable     = 2
	codeChainOther      = 3001
	codeStateBlockRange = 4001
	codeStateCount      = 4002
	codeStateClient     = 4003
)

// Error codes of the JSON-RPC interface specification.
const (
	codeFollowLimit       = -32800
	codeInvalidBlock      = -32801
	codeInvalidRuntime    = -32802
	codeInvalidContinue   = -32803
	codeInvalidDuplicates = -32804
)

var (
	errNotPinned       = &jsonrpc.Error{Code: codeInvalidBlock, Message: "Invalid block hash"}
	errWithoutRuntime  = &jsonrpc.Error{Code: codeInvalidRuntime, Message: "The runtime updates flag must be set"}
	errNotWaiting      = &jsonrpc.Error{Code: codeInvalidContinue, Message: "The operation does not wait to be continued"}
	errDuplicateHashes = &jsonrpc.Error{Code: codeInvalidDuplicates, Message: "Received duplicate hashes"}
)

// clientError is the state namespace's error for what the client layer of a
// Substrate node would report.
func clientError(format string, args ...any) *jsonrpc.Error {
	return &jsonrpc.Error{Code: codeStateClient, Message: "Client error: " + fmt.Sprintf(format, args...)}
}

// stateError turns a failed look-up of a block's state into the answer of the
// state namespace.
func stateError(hash substrate.H256, err error) error {
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return clientError("UnknownBlock: Header was not found in the database: %s", hash)
	case errors.Is(err, state.ErrPruned):
		return clientError("UnknownBlock: State already discarded for %s", hash)
	case errors.Is(err, chain.ErrNotKept):
		return clientError("%v", err)
	}
	return err
}

// chainError is what a client is told of a failed look-up of a block's header
// or body.
func chainError(err error) error {
	if errors.Is(err, chain.ErrNotKept) {
		return &jsonrpc.Error{Code: codeChainOther, Message: err.Error()}
	}
	return err
}

// poolError passes the pool's refusal on.
func poolError(err error) error {
	var refused *pool.Error
	if !errors.As(err, &refused) {
		return err
	}
	e := &jsonrpc.Error{Code: refused.Code, Message: refused.Message}
	if refused.Data != "" {
		e.Data = refused.Data
	}
	return e
}
