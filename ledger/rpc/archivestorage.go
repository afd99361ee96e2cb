package rpc

import (
	"context"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// archiveStorage reads items of the state after a block, parameter 0. The items
// are parameter 1, the child trie is 2; there are no child tries here.
func (a *api) archiveStorage(_ context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return nil, err
	}
	items, err := storageItems(call, 1, true)
	if err != nil {
		return nil, err
	}
	child, err := optionalBytes(call, 2)
	if err != nil {
		return nil, err
	}
	if child != nil {
		items = nil
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		walk := &storageWalk{items: items}
		return a.sendPages(ctx, sub, "storage", func(page *eventPage) (bool, error) {
			view, err := a.openState(hash)
			if err != nil {
				return false, err
			}
			defer view.Close()
			return walk.page(ctx, view, page.add)
		})
	}, nil
}

// eventPage collects the events of one page of results.
type eventPage struct {
	name   string
	texts  []byte
	bounds []int // ends of the events in texts
}

// add appends an event with these members.
func (p *eventPage) add(members []byte) {
	p.texts = append(p.texts, `{"event":"`...)
	p.texts = append(p.texts, p.name...)
	p.texts = append(p.texts, `",`...)
	p.texts = append(p.texts, members...)
	p.texts = append(p.texts, '}')
	p.bounds = append(p.bounds, len(p.texts))
}

func (p *eventPage) reset() { p.texts, p.bounds = p.texts[:0], p.bounds[:0] }

// sendPages sends what next puts on pages until next says that nothing is left,
// and then the closing event: name with "Done", or with "Error".
func (a *api) sendPages(ctx context.Context, sub *jsonrpc.Subscription, name string, next func(*eventPage) (done bool, err error)) error {
	page := &eventPage{name: name}
	for {
		page.reset()
		done, err := a.work(ctx, func() (bool, error) { return next(page) })
		if err != nil {
			reason, known := failure(err)
			if !known {
				return err
			}
			text := jsonrpc.AppendString([]byte(`{"event":"`+name+`Error","error":`), reason)
			return sub.Notify(append(text, '}'))
		}
		start := 0
		for _, end := range page.bounds {
			if err := sub.Notify(page.texts[start:end]); err != nil {
				return err
			}
			start = end
		}
		if done {
			return sub.Notify([]byte(`{"event":"` + name + `Done"}`))
		}
	}
}

// work runs fn as one of the few readers of the state that work outside of
// calls at a time. fn must not wait for a client.
func (a *api) work(ctx context.Context, fn func() (bool, error)) (bool, error) {
	select {
	case a.readers <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-a.readers }()
	return fn()
}
