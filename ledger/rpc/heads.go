package rpc

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) headFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{
		{
			Subscribe:          "chain_subscribeNewHeads",
			SubscribeAliases:   []string{"chain_subscribeNewHead", "subscribe_newHead"},
			Unsubscribe:        "chain_unsubscribeNewHeads",
			UnsubscribeAliases: []string{"chain_unsubscribeNewHead", "unsubscribe_newHead"},
			Notification:       "chain_newHead",
			Source:             a.bestHeads,
		},
		{
			Subscribe:    "chain_subscribeAllHeads",
			Unsubscribe:  "chain_unsubscribeAllHeads",
			Notification: "chain_allHead",
			Source:       a.bestHeads,
		},
		{
			Subscribe:          "chain_subscribeFinalizedHeads",
			SubscribeAliases:   []string{"chain_subscribeFinalisedHeads"},
			Unsubscribe:        "chain_unsubscribeFinalizedHeads",
			UnsubscribeAliases: []string{"chain_unsubscribeFinalisedHeads"},
			Notification:       "chain_finalizedHead",
			Source:             a.finalizedHeads,
		},
	}
}

// bestHeads sends the best header at once and then every new one, without gaps.
func (a *api) bestHeads(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
	first := a.chain.Best().Number
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		order := headOrderOf(sub.Conn())
		order.join(sub, first)
		defer order.leave(sub)
		return a.sendHeads(ctx, sub, first, nil, func(number uint32) error {
			order.sent(sub, number)
			return nil
		})
	}, nil
}

// finalizedHeads does the same, but each header follows those of the
// connection's other head subscriptions (spec/wire.md §8).
func (a *api) finalizedHeads(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
	first := a.chain.Finalized().Number
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		order := headOrderOf(sub.Conn())
		return a.sendHeads(ctx, sub, first, func(number uint32) error { return order.wait(ctx, number) }, nil)
	}, nil
}

// sendHeads sends the headers from number first on, calling before and after
// around each.
func (a *api) sendHeads(ctx context.Context, sub *jsonrpc.Subscription, first uint32, before, after func(uint32) error) error {
	feed := a.chain.SubscribeFrom(first)
	var text []byte
	for {
		block, err := feed.Next(ctx)
		if err != nil {
			return endOfFeed(err)
		}
		if before != nil {
			if err := before(block.Number); err != nil {
				return err
			}
		}
		if text, err = a.headers.append(text[:0], block.Hash, &block.Header); err != nil {
			return err
		}
		if err := sub.Notify(text); err != nil {
			return err
		}
		if after != nil {
			if err := after(block.Number); err != nil {
				return err
			}
		}
	}
}

// endOfFeed is what a subscription returns when its feed ended: nothing if the
// node is going away.
func endOfFeed(err error) error {
	if errors.Is(err, chain.ErrClosed) {
		return nil
	}
	return err
}

// headOrder makes the finalized heads of a connection wait for the best heads
// of the same connection.
type headOrder struct {
	mu      sync.Mutex // guards the fields below
	next    map[*jsonrpc.Subscription]uint32
	low     uint32        // smallest value in next
	changed chan struct{} // closed and replaced when low rises
}

type headOrderKey struct{}

func headOrderOf(c *jsonrpc.Conn) *headOrder {
	return c.Value(headOrderKey{}, func() any {
		return &headOrder{next: make(map[*jsonrpc.Subscription]uint32), low: math.MaxUint32, changed: make(chan struct{})}
	}).(*headOrder)
}

// join announces a subscription that will send from number first on.
func (o *headOrder) join(sub *jsonrpc.Subscription, first uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next[sub] = first
	o.update()
}

func (o *headOrder) sent(sub *jsonrpc.Subscription, number uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next[sub] = number + 1
	o.update()
}

func (o *headOrder) leave(sub *jsonrpc.Subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.next, sub)
	o.update()
}

func (o *headOrder) update() {
	low := uint32(math.MaxUint32)
	for _, n := range o.next {
		low = min(low, n)
	}
	if low > o.low {
		close(o.changed)
		o.changed = make(chan struct{})
	}
	o.low = low
}

// wait returns once every joined subscription has sent number.
func (o *headOrder) wait(ctx context.Context, number uint32) error {
	for {
		o.mu.Lock()
		low, changed := o.low, o.changed
		o.mu.Unlock()
		if low > number {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
