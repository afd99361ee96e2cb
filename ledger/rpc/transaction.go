package rpc

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) transactionMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "transaction_v1_broadcast", Handler: a.broadcast},
		{Name: "transaction_v1_stop", Handler: a.stopBroadcast},
	}
}

func (a *api) transactionFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{{
		Subscribe:    "transactionWatch_v1_submitAndWatch",
		Unsubscribe:  "transactionWatch_v1_unwatch",
		Notification: "transactionWatch_v1_watchEvent",
		Acknowledge:  "null",
		Source:       a.watchTransaction,
	}}
}

// watchTransaction submits a transaction and reports what becomes of it
// (JSON-RPC interface specification, transactionWatch_v1_submitAndWatch). Other
// than in the author namespace, a refusal is an event.
func (a *api) watchTransaction(ctx context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	raw, err := call.Params.Bytes(0)
	if err != nil {
		return nil, err
	}
	watch, err := a.pool.SubmitAndWatch(ctx, raw)
	var refused *pool.Error
	if err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		if refused != nil {
			return sub.Notify(refusalEvent(refused))
		}
		validated := false
		for {
			status, err := watch.Next(ctx)
			if errors.Is(err, io.EOF) || errors.Is(err, pool.ErrClosed) {
				return nil
			}
			if err != nil {
				return err
			}
			if status.Kind <= pool.Ready {
				if validated {
					continue // only the order of the account's transactions changed
				}
				validated = true
			}
			text, err := a.transactionEvent(status, raw)
			if err != nil {
				return err
			}
			if err := sub.Notify(text); err != nil {
				return err
			}
		}
	}, nil
}

// transactionEvent is the event for a status of the transaction raw.
func (a *api) transactionEvent(s pool.Status, raw []byte) ([]byte, error) {
	switch s.Kind {
	case pool.Future, pool.Ready:
		return []byte(`{"event":"validated"}`), nil
	case pool.InBlock:
		return a.appendIncluded([]byte(`{"event":"bestChainBlockIncluded","block":`), s.Block, raw)
	case pool.Finalized:
		return a.appendIncluded([]byte(`{"event":"finalized","block":`), s.Block, raw)
	case pool.Usurped:
		return lostEvent("invalid", "Another transaction, "+s.By.String()+", took its place"), nil
	case pool.Dropped:
		return lostEvent("dropped", "The transaction lost its place in the pool"), nil
	}
	return lostEvent("invalid", "The transaction cannot be included any more"), nil
}

// appendIncluded appends where the transaction is and closes the event.
func (a *api) appendIncluded(dst []byte, block substrate.H256, raw []byte) ([]byte, error) {
	body, err := a.chain.Body(block)
	if err != nil {
		return dst, err
	}
	for i, x := range body {
		if bytes.Equal(x, raw) {
			dst = appendHash(append(dst, `{"hash":`...), block)
			return append(appendUint(append(dst, `,"index":`...), uint32(i)), `}}`...), nil
		}
	}
	return dst, errors.New("a block lacks an extrinsic that the pool saw included in it")
}

func lostEvent(event, why string) []byte {
	text := append([]byte(`{"event":"`), event...)
	return append(jsonrpc.AppendString(append(text, `","error":`...), why), '}')
}

// refusalEvent is the event for a transaction that did not enter the pool.
func refusalEvent(e *pool.Error) []byte {
	why := e.Message
	if e.Data != "" {
		why += ": " + e.Data
	}
	switch e.Code {
	case pool.CodeAlreadyImported, pool.CodeImmediatelyDropped:
		return lostEvent("dropped", why)
	}
	return lostEvent("invalid", why)
}
