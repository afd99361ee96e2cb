package rpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) stateQueryMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "state_queryStorageAt", Handler: a.queryStorageAt},
		{Name: "state_queryStorage", Handler: a.queryStorage, Unsafe: true},
	}
}

// maxQueryKeys bounds the keys of one query or subscription.
const maxQueryKeys = 10_000

// queryStorageAt reads several keys of one block: one change set that lists
// them all.
func (a *api) queryStorageAt(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	keys, err := keyList(call, 0, maxQueryKeys)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	set := newChangeSet(append(dst, '['), view.Ref().Hash)
	limit := len(dst) + call.MaxResult()
	for _, key := range keys {
		value, err := view.Get(key)
		if err != nil {
			return dst, err
		}
		if set.add(key, value); len(set.text) > limit {
			return dst, call.ErrTooBig()
		}
		if ctx.Err() != nil {
			return dst, ctx.Err()
		}
	}
	return append(set.close(), ']'), nil
}

// queryStorage reads several keys of a range of blocks: the first block's
// change set lists them all, the others those that changed.
func (a *api) queryStorage(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	keys, err := keyList(call, 0, maxQueryKeys)
	if err != nil {
		return dst, err
	}
	from, to, err := a.blockRange(call)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, '[')
	last := make([][]byte, len(keys))
	for number := uint64(from); number <= uint64(to); number++ {
		hash, err := a.chain.HashAt(uint32(number))
		if err != nil {
			return dst, stateError(hash, err)
		}
		view, err := a.chain.View(hash)
		if err != nil {
			return dst, stateError(hash, err)
		}
		before := len(dst)
		if before > start+1 {
			dst = append(dst, ',')
		}
		set := newChangeSet(dst, hash)
		err = set.addChanged(ctx, view, keys, last, number == uint64(from))
		if err := errors.Join(err, view.Close()); err != nil {
			return dst, err
		}
		if dst = dst[:before]; set.count > 0 || number == uint64(from) {
			dst = set.close()
		}
		if len(dst)-start > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
	}
	return append(dst, ']'), nil
}

// blockRange reads the range from parameter 1 to the optional parameter 2.
func (a *api) blockRange(call *jsonrpc.Call) (from, to uint32, err error) {
	first, err := hashParam(call, 1)
	if err != nil {
		return 0, 0, err
	}
	last, err := a.hashOrBest(call, 2)
	if err != nil {
		return 0, 0, err
	}
	invalid := func(why string) error {
		return &jsonrpc.Error{
			Code:    codeStateBlockRange,
			Message: fmt.Sprintf("Cannot resolve a block range ['%s' ... '%s]. %s", first, last, why),
		}
	}
	if from, err = a.chain.NumberOf(first); err == nil {
		to, err = a.chain.NumberOf(last)
	}
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return 0, 0, invalid("UnknownBlock: Header was not found in the database")
	case err != nil:
		return 0, 0, err
	case from > to:
		return 0, 0, invalid(fmt.Sprintf("from number > to number: %d > %d", from, to))
	}
	return from, to, nil
}

// changeSet writes {"block":hash,"changes":[[key,value],…]}.
type changeSet struct {
	text  []byte
	count int
}

func newChangeSet(dst []byte, block substrate.H256) *changeSet {
	dst = append(dst, `{"block":`...)
	dst = appendHash(dst, block)
	return &changeSet{text: append(dst, `,"changes":[`...)}
}

func (s *changeSet) add(key, value []byte) {
	if s.count > 0 {
		s.text = append(s.text, ',')
	}
	s.count++
	s.text = append(jsonrpc.AppendHex(append(s.text, '['), key), ',')
	s.text = append(jsonrpc.AppendOptionalHex(s.text, value), ']')
}

// addChanged adds the keys whose values differ from last, or all, and updates
// last.
func (s *changeSet) addChanged(ctx context.Context, view *chain.View, keys, last [][]byte, all bool) error {
	for i, key := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		value, err := view.Get(key)
		if err != nil {
			return err
		}
		if all || !bytes.Equal(value, last[i]) || (value == nil) != (last[i] == nil) {
			s.add(key, value)
		}
		last[i] = value
	}
	return nil
}

func (s *changeSet) close() []byte { return append(s.text, `]}`...) }
