package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) authorMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "author_submitExtrinsic", Handler: a.submit},
		{Name: "author_pendingExtrinsics", Handler: a.pending},
		{Name: "author_removeExtrinsic", Handler: a.removeExtrinsics, Unsafe: true},
	}
}

func (a *api) authorFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{{
		Subscribe:    "author_submitAndWatchExtrinsic",
		Unsubscribe:  "author_unwatchExtrinsic",
		Notification: "author_extrinsicUpdate",
		Source:       a.submitAndWatch,
	}}
}

func (a *api) submit(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	hash, err := a.pool.Submit(ctx, raw)
	if err != nil {
		return dst, poolError(err)
	}
	return appendHash(dst, hash), nil
}

// submitAndWatch answers a refused extrinsic with an error and sends the
// statuses of an accepted one until it is final or lost.
func (a *api) submitAndWatch(ctx context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return nil, err
	}
	watch, err := a.pool.SubmitAndWatch(ctx, raw)
	if err != nil {
		return nil, poolError(err)
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		var text []byte
		for {
			status, err := watch.Next(ctx)
			if errors.Is(err, io.EOF) || errors.Is(err, pool.ErrClosed) {
				return nil
			}
			if err != nil {
				return err
			}
			text = appendStatus(text[:0], status)
			if err := sub.Notify(text); err != nil {
				return err
			}
		}
	}, nil
}

// appendStatus writes a status as clients parse it: gsrpc goes by the literal
// beginning, without blanks (spec/wire.md §5.5).
func appendStatus(dst []byte, s pool.Status) []byte {
	switch s.Kind {
	case pool.Future:
		return append(dst, `"future"`...)
	case pool.Ready:
		return append(dst, `"ready"`...)
	case pool.InBlock:
		return append(appendHash(append(dst, `{"inBlock":`...), s.Block), '}')
	case pool.Finalized:
		return append(appendHash(append(dst, `{"finalized":`...), s.Block), '}')
	case pool.Usurped:
		return append(appendHash(append(dst, `{"usurped":`...), s.By), '}')
	case pool.Dropped:
		return append(dst, `"dropped"`...)
	}
	return append(dst, `"invalid"`...)
}

func (a *api) pending(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '[')
	for i, x := range a.pool.Pending() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dst)-start+2*len(x) > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
		dst = jsonrpc.AppendHex(dst, x)
	}
	return append(dst, ']'), nil
}

// maxRemoved bounds the extrinsics that one call removes.
const maxRemoved = 10_000

// removeExtrinsics takes a list of {"hash":…} and {"extrinsic":…} and answers
// with the hashes of those that were in the pool.
func (a *api) removeExtrinsics(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	list, err := call.Params.List(0, maxRemoved)
	if err != nil {
		return dst, err
	}
	hashes := make([]substrate.H256, len(list))
	for i, item := range list {
		if hashes[i], err = namedExtrinsic(item); err != nil {
			return dst, jsonrpc.InvalidParams("extrinsic %d: %v", i, err)
		}
	}
	removed := a.pool.Remove(hashes...)
	if removed == nil {
		removed = []substrate.H256{}
	}
	return appendJSON(dst, removed)
}

// namedExtrinsic is the hash that {"hash":…} or {"extrinsic":…} names.
func namedExtrinsic(raw []byte) (substrate.H256, error) {
	var name struct {
		Hash      *substrate.H256
		Extrinsic json.RawMessage
	}
	if err := json.Unmarshal(raw, &name); err != nil {
		return substrate.H256{}, err
	}
	if name.Hash != nil {
		return *name.Hash, nil
	}
	x, err := jsonrpc.AppendBytes(nil, name.Extrinsic)
	return runtime.ExtrinsicHash(x), err
}
