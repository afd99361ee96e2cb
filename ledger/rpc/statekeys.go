package rpc

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) stateKeyMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "state_getKeysPaged", Aliases: []string{"state_getKeysPagedAt"}, Handler: a.keysPaged},
		{Name: "state_getKeys", Handler: a.keys},
		{Name: "state_getPairs", Handler: a.pairs, Unsafe: true},
	}
}

// maxPage is the most keys of one page.
const maxPage = 1_000

// keysPaged lists keys under a prefix that follow the start key, which need not
// exist.
func (a *api) keysPaged(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	prefix, err := optionalBytes(call, 0)
	if err != nil {
		return dst, err
	}
	count, err := call.Params.Uint32(1)
	if err != nil {
		return dst, err
	}
	after, err := optionalBytes(call, 2)
	if err != nil {
		return dst, err
	}
	if count > maxPage {
		return dst, &jsonrpc.Error{
			Code:    codeStateCount,
			Message: fmt.Sprintf("count exceeds maximum value. value: %d, max: %d", count, maxPage),
		}
	}
	view, err := a.viewAt(call, 3)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	return appendKeys(ctx, call, dst, view, prefix, after, int(count), false)
}

// keys lists all keys under a prefix.
func (a *api) keys(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	return a.all(ctx, call, dst, false)
}

func (a *api) pairs(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	return a.all(ctx, call, dst, true)
}

func (a *api) all(ctx context.Context, call *jsonrpc.Call, dst []byte, values bool) ([]byte, error) {
	prefix, err := optionalBytes(call, 0)
	if err != nil {
		return dst, err
	}
	view, err := a.viewAt(call, 1)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	return appendKeys(ctx, call, dst, view, prefix, nil, -1, values)
}

// appendKeys appends the list of at most max keys, or of [key,value] pairs. A
// negative max is no limit but the size of the answer.
func appendKeys(ctx context.Context, call *jsonrpc.Call, dst []byte, view *chain.View, prefix, after []byte, max int, values bool) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '[')
	if max == 0 {
		return append(dst, ']'), nil
	}
	count, tooBig := 0, false
	err := scan(ctx, view, prefix, after, func(key, value []byte) bool {
		if tooBig = len(dst)-start+2*(len(key)+valueBytes(values, value)) > call.MaxResult(); tooBig {
			return false
		}
		if count > 0 {
			dst = append(dst, ',')
		}
		if values {
			dst = append(jsonrpc.AppendHex(append(dst, '['), key), ',')
			dst = append(jsonrpc.AppendHex(dst, value), ']')
		} else {
			dst = jsonrpc.AppendHex(dst, key)
		}
		count++
		return count != max
	})
	switch {
	case err != nil:
		return dst, err
	case tooBig:
		return dst, call.ErrTooBig()
	}
	return append(dst, ']'), nil
}

// optionalBytes reads parameter i, nil when it is missing.
func optionalBytes(call *jsonrpc.Call, i int) ([]byte, error) {
	if !call.Params.Has(i) {
		return nil, nil
	}
	return call.Params.Bytes(i)
}

func valueBytes(wanted bool, value []byte) int {
	if wanted {
		return len(value)
	}
	return 0
}
