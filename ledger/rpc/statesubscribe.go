package rpc

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) storageFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{{
		Subscribe:    "state_subscribeStorage",
		Unsubscribe:  "state_unsubscribeStorage",
		Notification: "state_storage",
		Source:       a.subscribeStorage,
	}}
}

// maxWatchedKeys bounds the keys of all storage subscriptions of a connection:
// they stay in memory.
const maxWatchedKeys = 100_000

type watchedKeysKey struct{}

type watchedKeys struct{ count atomic.Int64 }

// subscribeStorage sends the values of all keys at once and then, for each
// block that wrote any of them, the written ones, whether their values changed
// or not. Without keys it sends every write, which is unsafe.
func (a *api) subscribeStorage(_ context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	first := a.chain.Best().Number
	if !call.Params.Has(0) {
		if !call.Unsafe() {
			return nil, jsonrpc.ErrUnsafe
		}
		return func(ctx context.Context, sub *jsonrpc.Subscription) error {
			return a.sendWrites(ctx, sub, first+1, writtenKeys)
		}, nil
	}
	keys, err := keyList(call, 0, maxQueryKeys)
	if err != nil {
		return nil, err
	}
	watched := call.Conn().Value(watchedKeysKey{}, func() any { return new(watchedKeys) }).(*watchedKeys)
	if watched.count.Add(int64(len(keys))) > maxWatchedKeys {
		watched.count.Add(-int64(len(keys)))
		return nil, &jsonrpc.Error{
			Code: jsonrpc.CodeTooManySubscriptions, Message: "Too many subscriptions on the connection",
			Data: "Too many storage keys are subscribed to",
		}
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		defer watched.count.Add(-int64(len(keys)))
		if err := a.sendValues(ctx, sub, first, keys); err != nil {
			return err
		}
		return a.sendWrites(ctx, sub, first+1, func(b *chain.Block, parent *chain.View, view *chain.View) ([][]byte, error) {
			return writtenOf(keys, b, parent, view)
		})
	}, nil
}

// sendValues sends the values of all keys after block number.
func (a *api) sendValues(ctx context.Context, sub *jsonrpc.Subscription, number uint32, keys [][]byte) error {
	block, err := a.chain.SubscribeFrom(number).Next(ctx)
	if err != nil {
		return endOfFeed(err)
	}
	return a.sendChanges(sub, block, func(*chain.View) ([][]byte, error) { return keys, nil })
}

// writes picks the keys to report of a block. parent is the state before it and
// nil when the block knows what it wrote.
type writes func(b *chain.Block, parent, view *chain.View) ([][]byte, error)

// sendWrites follows the chain from block number first on.
func (a *api) sendWrites(ctx context.Context, sub *jsonrpc.Subscription, first uint32, pick writes) error {
	feed := a.chain.SubscribeFrom(first)
	for {
		block, err := feed.Next(ctx)
		if err != nil {
			return endOfFeed(err)
		}
		err = a.sendChanges(sub, block, func(view *chain.View) (keys [][]byte, err error) {
			if block.Written != nil {
				return pick(block, nil, view)
			}
			parent, err := a.chain.View(block.Header.ParentHash)
			if err != nil {
				return nil, stateError(block.Header.ParentHash, err)
			}
			defer func() { err = errors.Join(err, parent.Close()) }()
			return pick(block, parent, view)
		})
		if err != nil {
			return err
		}
	}
}

// sendChanges sends one change set of the picked keys, unless there are none.
func (a *api) sendChanges(sub *jsonrpc.Subscription, block *chain.Block, pick func(*chain.View) ([][]byte, error)) error {
	view, err := a.chain.View(block.Hash)
	if err != nil {
		return stateError(block.Hash, err)
	}
	defer view.Close()
	keys, err := pick(view)
	if err != nil || len(keys) == 0 {
		return err
	}
	set := newChangeSet(nil, block.Hash)
	for _, key := range keys {
		value, err := view.Get(key)
		if err != nil {
			return err
		}
		set.add(key, value)
	}
	return sub.Notify(set.close())
}

// writtenOf picks those of keys that the block wrote, in their order. When the
// block has forgotten what it wrote, those whose values changed.
func writtenOf(keys [][]byte, b *chain.Block, parent, view *chain.View) ([][]byte, error) {
	var out [][]byte
	for _, key := range keys {
		written, err := wrote(key, b, parent, view)
		if err != nil {
			return nil, err
		}
		if written {
			out = append(out, key)
		}
	}
	return out, nil
}

func wrote(key []byte, b *chain.Block, parent, view *chain.View) (bool, error) {
	if parent == nil {
		_, found := slices.BinarySearchFunc(b.Written, key, bytes.Compare)
		return found, nil
	}
	before, err := parent.Get(key)
	if err != nil {
		return false, err
	}
	after, err := view.Get(key)
	if err != nil {
		return false, err
	}
	return !bytes.Equal(before, after) || (before == nil) != (after == nil), nil
}

// writtenKeys picks everything that the block wrote.
func writtenKeys(b *chain.Block, parent, _ *chain.View) ([][]byte, error) {
	if parent != nil {
		return nil, clientError("the changes of block %s are no longer known", b.Hash)
	}
	return b.Written, nil
}
