package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
)

// diffItem is one item of archive_v1_storageDiff.
type diffItem struct {
	prefix []byte
	kind   itemKind // value or hash
	child  bool     // of a child trie, of which there are none
	after  []byte   // the keys up to this one have been compared
}

// diffItems reads parameter i. Without it, everything is compared.
func diffItems(call *jsonrpc.Call, i int) ([]diffItem, error) {
	if !call.Params.Has(i) {
		return []diffItem{{kind: itemValue}}, nil
	}
	list, err := call.Params.List(i, maxStorageItems)
	if err != nil {
		return nil, err
	}
	items := make([]diffItem, len(list))
	for j, raw := range list {
		var text struct {
			Key, ChildTrieKey *json.RawMessage
			ReturnType        itemKind
		}
		err := json.Unmarshal(raw, &text)
		if err == nil && text.Key != nil {
			items[j].prefix, err = jsonrpc.AppendBytes(nil, *text.Key)
		}
		if err != nil {
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: %v", i, j, err)
		}
		if text.ReturnType != itemValue && text.ReturnType != itemHash {
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: unknown returnType %q", i, j, text.ReturnType)
		}
		items[j].kind, items[j].child = text.ReturnType, text.ChildTrieKey != nil
	}
	return items, nil
}

// archiveStorageDiff compares the state after a block, parameter 0, with that
// after an ancestor, parameter 2, by default its parent. The items are
// parameter 1.
func (a *api) archiveStorageDiff(_ context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return nil, err
	}
	items, err := diffItems(call, 1)
	if err != nil {
		return nil, err
	}
	d := &storageDiff{api: a, items: items}
	if d.block, err = a.chain.NumberOf(hash); err != nil {
		return refusedDiff(stateError(hash, err))
	}
	switch {
	case call.Params.Has(2):
		before, err := hashParam(call, 2)
		if err != nil {
			return nil, err
		}
		if d.before, err = a.chain.NumberOf(before); err != nil {
			return refusedDiff(stateError(before, err))
		}
		if d.before > d.block {
			return refusedDiff(clientError("Block %s is not an ancestor of %s", before, hash))
		}
	case d.block == 0:
		return refusedDiff(clientError("Block %s has no parent", hash))
	default:
		d.before = d.block - 1
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		return a.sendPages(ctx, sub, "storageDiff", func(page *eventPage) (bool, error) { return d.page(ctx, page) })
	}, nil
}

// refusedDiff is a stream that ends with err, if that is the client's.
func refusedDiff(err error) (jsonrpc.Stream, error) {
	reason, known := failure(err)
	if !known {
		return nil, err
	}
	return func(_ context.Context, sub *jsonrpc.Subscription) error {
		text := jsonrpc.AppendString([]byte(`{"event":"storageDiffError","error":`), reason)
		return sub.Notify(append(text, '}'))
	}, nil
}

// storageDiff is a comparison of two states on its way, in pages.
type storageDiff struct {
	api           *api
	before, block uint32
	items         []diffItem
}

// pageKeys bounds the keys that are compared for one page: most are equal.
const pageKeys = 20_000

// page compares until a page is full, and returns true when nothing is left.
func (d *storageDiff) page(ctx context.Context, page *eventPage) (done bool, err error) {
	old, err := d.open(d.before)
	if err != nil {
		return false, err
	}
	defer old.Close()
	now, err := d.open(d.block)
	if err != nil {
		return false, err
	}
	defer now.Close()
	written, err := d.written()
	if err != nil {
		return false, err
	}
	budget := pageKeys
	compare := comparison(compareAll)
	if written != nil {
		compare = compareKeys(written)
	}
	for ; len(d.items) > 0; d.items = d.items[1:] {
		item := &d.items[0]
		if item.child {
			continue
		}
		full := false
		err := compare(item, old, now, func(key, was, is []byte) bool {
			if budget--; budget < 0 || len(page.texts) >= pageBytes || ctx.Err() != nil {
				full = true
				return false
			}
			item.after = key
			if members := diffMembers(item.kind, key, was, is); members != nil {
				page.add(members)
			}
			return true
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || full {
			return false, err
		}
	}
	return true, nil
}

func (d *storageDiff) open(number uint32) (*chain.View, error) {
	hash, err := d.api.chain.HashAt(number)
	if err != nil {
		return nil, stateError(hash, err)
	}
	return d.api.openState(hash)
}

// written lists the keys that the block wrote, ascending, if the other state is
// its parent's and the block still knows; else nil.
func (d *storageDiff) written() ([][]byte, error) {
	if d.before+1 != d.block {
		return nil, nil
	}
	block, err := d.api.chain.Block(d.block)
	if errors.Is(err, chain.ErrNotKept) {
		return nil, nil // of the block, only the state is here
	}
	if err != nil {
		return nil, err
	}
	return block.Written, nil
}

// A comparison calls put for keys under the item's prefix and after its last
// one, in ascending order, with what two states hold under each, until put
// returns false.
type comparison func(item *diffItem, old, now *chain.View, put func(key, was, is []byte) bool) error

// compareKeys compares these keys, which are in ascending order.
func compareKeys(keys [][]byte) comparison {
	return func(item *diffItem, old, now *chain.View, put func(key, was, is []byte) bool) error {
		from, _ := slices.BinarySearchFunc(keys, item.prefix, bytes.Compare)
		for _, key := range keys[from:] {
			if !bytes.HasPrefix(key, item.prefix) {
				return nil
			}
			if item.after != nil && bytes.Compare(key, item.after) <= 0 {
				continue
			}
			was, err := old.Get(key)
			if err != nil {
				return err
			}
			is, err := now.Get(key)
			if err != nil {
				return err
			}
			if !put(key, was, is) {
				return nil
			}
		}
		return nil
	}
}

// compareAll compares every key that either state has.
func compareAll(item *diffItem, old, now *chain.View, put func(key, was, is []byte) bool) (err error) {
	a, b := newCursor(old, item), newCursor(now, item)
	defer func() { err = errors.Join(err, a.it.Close(), b.it.Close()) }()
	for a.ok || b.ok {
		order := 0
		switch {
		case !b.ok:
			order = -1
		case !a.ok:
			order = 1
		default:
			order = bytes.Compare(a.key, b.key)
		}
		var key, was, is []byte
		if order <= 0 {
			key, was = a.key, a.value
		}
		if order >= 0 {
			key, is = b.key, b.value
		}
		if !put(key, was, is) {
			return nil
		}
		if order <= 0 {
			a.next()
		}
		if order >= 0 {
			b.next()
		}
	}
	return nil
}

// cursor is an iterator that shows where it is.
type cursor struct {
	it         *state.Iterator
	ok         bool
	key, value []byte
}

func newCursor(view *chain.View, item *diffItem) *cursor {
	c := &cursor{it: view.Iter(item.prefix, item.after)}
	c.next()
	return c
}

func (c *cursor) next() {
	if c.ok = c.it.Next(); c.ok {
		c.key, c.value = bytes.Clone(c.it.Key()), append([]byte{}, c.it.Value()...)
	}
}

// diffMembers are the members of the event for a key whose value was and is;
// nil stands for none. They are nil when nothing changed.
func diffMembers(kind itemKind, key, was, is []byte) []byte {
	change, shown := "modified", is
	switch {
	case !differ(was, is):
		return nil
	case was == nil:
		change = "added"
	case is == nil:
		change, shown = "deleted", nil
	}
	members := jsonrpc.AppendHex([]byte(`"key":`), key)
	if shown != nil {
		members = append(members, `,"`+kind+`":`...)
		members = jsonrpc.AppendHex(members, fieldOf(kind, shown))
	}
	return append(members, `,"type":"`+change+`"`...)
}

// differ compares two values; nil stands for none, which is not the empty one.
func differ(was, is []byte) bool { return (was == nil) != (is == nil) || !bytes.Equal(was, is) }
