package rpc

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// maxBroadcasts bounds the transactions that a connection has broadcast at a
// time; clients may count on four.
const maxBroadcasts = 16

// broadcasts are the transactions that a connection wants to be broadcast.
type broadcasts struct {
	mu     sync.Mutex // guards the fields below
	cancel map[string]context.CancelFunc
	lastID uint64
}

type broadcastsKey struct{}

func broadcastsOf(c *jsonrpc.Conn) *broadcasts {
	return c.Value(broadcastsKey{}, func() any {
		return &broadcasts{cancel: make(map[string]context.CancelFunc)}
	}).(*broadcasts)
}

// begin makes room for another transaction; ok is false when there is none.
func (b *broadcasts) begin(parent context.Context) (ctx context.Context, id string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.cancel) >= maxBroadcasts {
		return nil, "", false
	}
	b.lastID++
	id = strconv.FormatUint(b.lastID, 10)
	ctx, b.cancel[id] = context.WithCancel(parent)
	return ctx, id, true
}

// end forgets a transaction; false if it is not known.
func (b *broadcasts) end(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	cancel, ok := b.cancel[id]
	if ok {
		cancel()
		delete(b.cancel, id)
	}
	return ok
}

// broadcast offers a transaction to the pool, which tells the peers of it, again
// and again until it is final, the client stops it or the connection is gone.
// The client is not told what becomes of it. Without a connection, over HTTP,
// there is no room for any.
func (a *api) broadcast(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	if call.Conn() == nil {
		return append(dst, `null`...), nil
	}
	all := broadcastsOf(call.Conn())
	ctx, id, ok := all.begin(call.Conn().Context())
	if !ok {
		return append(dst, `null`...), nil
	}
	call.After(func(sent bool) {
		if !sent || a.offer(ctx, raw) {
			all.end(id)
		}
	})
	return jsonrpc.AppendString(dst, id), nil
}

// offer keeps a transaction in the pool. It returns true once the transaction
// is final, and false when ctx ends or the node goes away.
func (a *api) offer(ctx context.Context, raw []byte) bool {
	for ctx.Err() == nil {
		next := a.chain.Best().Number + 1
		watch, err := a.pool.SubmitAndWatch(ctx, raw)
		switch {
		case err == nil:
			final, err := isFinal(ctx, watch)
			if final || err != nil {
				return final
			}
		case errors.Is(err, pool.ErrClosed):
			return false
		}
		// A block may lift the refusal, or end what stands in the way.
		if _, err := a.chain.SubscribeFrom(next).Next(ctx); err != nil {
			return false
		}
	}
	return false
}

// isFinal follows a transaction to its end in the pool and reports whether that
// was a final block.
func isFinal(ctx context.Context, watch *pool.Watch) (bool, error) {
	final := false
	for {
		status, err := watch.Next(ctx)
		if errors.Is(err, io.EOF) {
			return final, nil
		}
		if err != nil {
			return false, err
		}
		final = status.Kind == pool.Finalized
	}
}

func (a *api) stopBroadcast(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	id, err := call.Params.String(0)
	if err != nil {
		return dst, err
	}
	if call.Conn() == nil || !broadcastsOf(call.Conn()).end(id) {
		return dst, jsonrpc.InvalidParams("parameter 0: no transaction is broadcast under the id %q", id)
	}
	return append(dst, `null`...), nil
}
