package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

// followedBody starts to read the body of a block.
func (a *api) followedBody(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, hash, err := followedBlock(call)
	switch {
	case err != nil:
		return dst, err
	case f == nil:
		return append(dst, `{"result":"limitReached"}`...), nil
	}
	return f.start(call, dst, 0, func(op *operation) error {
		body, err := a.chain.Body(hash)
		if err != nil {
			return stateError(hash, err)
		}
		return op.send("operationBodyDone", func(dst []byte) []byte {
			return appendHexList(append(dst, `,"value":`...), body)
		})
	}), nil
}

// followedCall starts a function of the runtime: parameter 2 names it, 3 holds
// its arguments.
func (a *api) followedCall(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, hash, err := followedBlock(call)
	if err != nil {
		return dst, err
	}
	name, err := call.Params.String(2)
	if err != nil {
		return dst, err
	}
	args, err := call.Params.Bytes(3)
	switch {
	case err != nil:
		return dst, err
	case f == nil:
		return append(dst, `{"result":"limitReached"}`...), nil
	case !f.withRuntime:
		return dst, errWithoutRuntime
	}
	return f.start(call, dst, 0, func(op *operation) error {
		var output []byte
		_, err := a.work(op.ctx, func() (done bool, err error) {
			view, err := a.openState(hash)
			if err != nil {
				return false, err
			}
			defer view.Close()
			output, err = a.callRuntime(nil, view, name, args)
			return true, err
		})
		if err != nil {
			return err
		}
		return op.send("operationCallDone", func(dst []byte) []byte {
			return append(append(dst, `,"output":`...), output...)
		})
	}), nil
}

// followedStorage starts to read items of the state, parameter 2. Parameter 3
// names a child trie, of which there are none.
func (a *api) followedStorage(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	f, hash, err := followedBlock(call)
	if err != nil {
		return dst, err
	}
	items, err := storageItems(call, 2, false)
	if err != nil {
		return dst, err
	}
	child, err := optionalBytes(call, 3)
	switch {
	case err != nil:
		return dst, err
	case f == nil:
		return append(dst, `{"result":"limitReached"}`...), nil
	}
	return f.start(call, dst, max(len(items), 1), func(op *operation) error {
		walk := &storageWalk{}
		if child == nil {
			walk.items = items[:min(len(items), op.size)]
		}
		return a.walkStorage(op, walk, hash)
	}), nil
}

// walkStorage sends what a storage query finds, page by page. Before each
// further page of descendants it waits for the client, so that a long answer
// does not hold up the rest of the connection.
func (a *api) walkStorage(op *operation, walk *storageWalk, hash substrate.H256) error {
	for {
		var items []byte
		done, err := a.work(op.ctx, func() (bool, error) {
			view, err := a.openState(hash)
			if err != nil {
				return false, err
			}
			defer view.Close()
			return walk.page(op.ctx, view, func(members []byte) {
				if items != nil {
					items = append(items, ',')
				}
				items = append(append(append(items, '{'), members...), '}')
			})
		})
		if err != nil {
			return err
		}
		if items != nil {
			err := op.send("operationStorageItems", func(dst []byte) []byte {
				return append(append(append(dst, `,"items":[`...), items...), ']')
			})
			if err != nil {
				return err
			}
		}
		if done {
			return op.send("operationStorageDone", nil)
		}
		if walk.items[0].kind.descends() {
			if err := op.wait(); err != nil {
				return err
			}
		}
	}
}
