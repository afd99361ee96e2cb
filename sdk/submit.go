package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/jsonrpc"
)

// Receipt is what became of an extrinsic that a block includes. Blocks are
// final: it does not change any more.
type Receipt struct {
	Hash   substrate.H256 // of the extrinsic
	Block  substrate.H256
	Number uint32
	Index  uint32 // of the extrinsic in its block
	// Events are the extrinsic's own, in order.
	Events []any
}

// CallError is a call that a block includes and that failed: its fee is paid,
// its effects are undone.
type CallError struct {
	Call   string // "Balances.transfer_keep_alive"
	Reason string // "FileBank.NoPermission"
	Err    substrate.DispatchError
}

// Error names the call and the reason as metadata does.
func (e *CallError) Error() string { return fmt.Sprintf("%s failed: %s", e.Call, e.Reason) }

// Unwrap is the error on the wire.
func (e *CallError) Unwrap() error { return e.Err }

// Is matches the errors that pallets declare: errors.Is(err, filebank.ErrExisted).
func (e *CallError) Is(target error) bool {
	m, ok := target.(*runtime.ModuleError)
	return ok && runtime.DispatchErrorOf(m) == e.Err
}

// TxOption tunes one extrinsic.
type TxOption func(*txOptions)

type txOptions struct {
	tip      scale.U128
	progress func(status string)
}

// WithTip pays the block's author for being preferred; nothing by default.
func WithTip(planck scale.U128) TxOption { return func(o *txOptions) { o.tip = planck } }

// WithProgress is told the states of the extrinsic as the node sees them:
// ready, inBlock, finalized and so on.
func WithProgress(fn func(status string)) TxOption { return func(o *txOptions) { o.progress = fn } }

// ErrNotIncluded is returned when an extrinsic was given up: dropped by the
// node, or too old. It had no effect and never will.
var ErrNotIncluded = errors.New("the extrinsic was not included in a block")

// maxNonceTries bounds how often another nonce is tried.
const maxNonceTries = 5

// Submit signs call, sends it and waits until a block includes it. It returns
// a *CallError, with the receipt, when the call itself failed.
//
// Many submissions of one signer may be under way at once; they are included
// in the order in which the node accepted them. When the connection breaks,
// Submit sends the extrinsic again, since a node that was killed forgot it, and
// looks for it on chain until its era ends.
func (c *Client) Submit(ctx context.Context, s Signer, call runtime.Call, opts ...TxOption) (*Receipt, error) {
	var o txOptions
	for _, opt := range opts {
		opt(&o)
	}
	x, sub, err := c.send(ctx, s, call, &o)
	if err != nil {
		return nil, fmt.Errorf("submit %s: %w", runtime.RuntimeCall{Call: call}.Name(), err)
	}
	block, err := c.await(ctx, x, sub, &o)
	if err != nil {
		c.noncesOf(s.AccountID()).forget()
		return nil, fmt.Errorf("submit %s: %w", runtime.RuntimeCall{Call: call}.Name(), err)
	}
	return c.receipt(ctx, x.hash, block, call)
}

// send gets the extrinsic into the node's pool. The account's nonces are
// locked meanwhile, so that extrinsics reach the pool in the order of nonces.
func (c *Client) send(ctx context.Context, s Signer, call runtime.Call, o *txOptions) (*signed, *jsonrpc.Subscription, error) {
	n := c.noncesOf(s.AccountID())
	n.mu.Lock()
	defer n.mu.Unlock()
	for try := 1; ; try++ {
		if !n.known {
			if err := c.conn.Call(ctx, &n.next, "system_accountNextIndex", substrate.AccountID(s.AccountID())); err != nil {
				return nil, nil, err
			}
			n.known = true
		}
		x, err := c.sign(ctx, s, call, n.next, o.tip)
		if err != nil {
			return nil, nil, err
		}
		sub, err := c.conn.Subscribe(ctx, "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", hexBytes(x.raw))
		switch {
		case err == nil:
			n.next++
			return x, sub, nil
		case errors.Is(err, jsonrpc.ErrDisconnected):
			// It may have arrived: look for it before anything else.
			n.known = false
			return x, nil, nil
		}
		n.known = false
		if badProof(err) && try < maxNonceTries {
			if changed, failure := c.learnVersion(ctx); failure != nil {
				return nil, nil, failure
			} else if changed {
				continue // the chain runs another runtime by now
			}
		}
		if !staleNonce(err) || try == maxNonceTries {
			return nil, nil, err
		}
	}
}

// await returns the block that includes x.
func (c *Client) await(ctx context.Context, x *signed, sub *jsonrpc.Subscription, o *txOptions) (substrate.H256, error) {
	if sub == nil {
		return c.search(ctx, x)
	}
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return substrate.H256{}, ctx.Err()
		case raw, ok := <-sub.C:
			if !ok {
				return c.search(ctx, x)
			}
			status, block, err := parseStatus(raw)
			if err != nil {
				return substrate.H256{}, err
			}
			if o.progress != nil {
				o.progress(status)
			}
			switch status {
			case "inBlock", "finalized":
				return block, nil
			case "usurped", "dropped", "invalid":
				return substrate.H256{}, fmt.Errorf("%w: %s", ErrNotIncluded, status)
			}
		}
	}
}

func parseStatus(raw json.RawMessage) (status string, block substrate.H256, err error) {
	if json.Unmarshal(raw, &status) == nil {
		return status, block, nil
	}
	var tagged map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tagged); err != nil {
		return "", block, fmt.Errorf("extrinsic status: %w", err)
	}
	for tag, value := range tagged {
		if tag == "inBlock" || tag == "finalized" {
			err = json.Unmarshal(value, &block)
		}
		return tag, block, err
	}
	return "", block, errors.New("extrinsic status is empty")
}

const searchEvery = time.Second

// search looks for x on chain until its era is over, and gives it to the node
// again as long as it is not there.
func (c *Client) search(ctx context.Context, x *signed) (substrate.H256, error) {
	next := x.birth + 1
	for {
		head, err := c.Height(ctx)
		if err != nil && ctx.Err() != nil {
			return substrate.H256{}, ctx.Err()
		}
		for err == nil && next <= head && uint64(next) <= x.death {
			var hash substrate.H256
			if hash, err = c.HashAt(ctx, next); err != nil {
				break
			}
			var body [][]byte
			if body, err = c.Body(ctx, hash); err != nil {
				break
			}
			if indexOf(body, x.hash) >= 0 {
				return hash, nil
			}
			next++
		}
		if err == nil && uint64(next) > x.death {
			return substrate.H256{}, fmt.Errorf("%w: its era ended with block %d", ErrNotIncluded, x.death)
		}
		if err == nil {
			c.resend(ctx, x)
		}
		select {
		case <-ctx.Done():
			return substrate.H256{}, ctx.Err()
		case <-time.After(searchEvery):
		}
	}
}

// resend gives x to the node once more. The node refuses what it has already
// and what cannot be included any more; whether it was is seen on chain.
func (c *Client) resend(ctx context.Context, x *signed) {
	if err := c.conn.Call(ctx, nil, "author_submitExtrinsic", hexBytes(x.raw)); err != nil {
		c.log.Debug("sent an extrinsic again", "hash", x.hash, "err", err)
	}
}

func indexOf(body [][]byte, hash substrate.H256) int {
	for i, raw := range body {
		if runtime.ExtrinsicHash(raw) == hash {
			return i
		}
	}
	return -1
}

// receipt reads the outcome of an included extrinsic.
func (c *Client) receipt(ctx context.Context, hash, block substrate.H256, call runtime.Call) (*Receipt, error) {
	header, err := c.Header(ctx, &block)
	if err != nil {
		return nil, err
	}
	body, err := c.Body(ctx, block)
	if err != nil {
		return nil, err
	}
	index := indexOf(body, hash)
	if index < 0 {
		return nil, fmt.Errorf("block %v does not hold extrinsic %v", block, hash)
	}
	r := &Receipt{Hash: hash, Block: block, Number: header.Number, Index: uint32(index)}
	records, err := Get(ctx, c.At(block), system.Events)
	if err != nil {
		return nil, fmt.Errorf("events of block %v: %w", block, err)
	}
	for _, record := range records {
		if i, ok := record.Phase.Extrinsic(); !ok || i != r.Index {
			continue
		}
		r.Events = append(r.Events, record.Event.Event)
		if failed, ok := record.Event.Event.(system.ExtrinsicFailedEvent); ok {
			return r, &CallError{
				Call:   runtime.RuntimeCall{Call: call}.Name(),
				Reason: runtime.ErrorName(failed.DispatchError),
				Err:    failed.DispatchError,
			}
		}
	}
	return r, nil
}

// EventOf finds the first event of type E in a receipt.
func EventOf[E any](r *Receipt) (E, bool) {
	for _, e := range r.Events {
		if v, ok := e.(E); ok {
			return v, true
		}
	}
	var zero E
	return zero, false
}
