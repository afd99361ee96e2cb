package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"sync/atomic"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) chainMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "chain_getBlockHash", Aliases: []string{"chain_getHead"}, Handler: a.blockHash},
		{Name: "chain_getFinalizedHead", Aliases: []string{"chain_getFinalisedHead"}, Handler: a.finalizedHead},
		{Name: "chain_getHeader", Handler: a.header},
		{Name: "chain_getBlock", Handler: a.block},
	}
}

// blockHash takes nothing, a number or a list of numbers; a number is a JSON
// number or a hex string. Above the best block the answer is null.
func (a *api) blockHash(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	raw := call.Params.Raw(0)
	if raw == nil {
		return appendHash(dst, a.chain.Best().Hash), nil
	}
	if raw[0] != '[' {
		return a.appendHashAt(dst, raw)
	}
	list, err := call.Params.Elements(0)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, '[')
	for item := range list {
		if len(dst) > start+1 {
			dst = append(dst, ',')
		}
		if dst, err = a.appendHashAt(dst, item); err != nil {
			return dst, err
		}
		if len(dst)-start > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
	}
	return append(dst, ']'), nil
}

func (a *api) appendHashAt(dst, raw []byte) ([]byte, error) {
	number, err := blockNumber(raw)
	if err != nil {
		return dst, err
	}
	if number > math.MaxUint32 {
		return append(dst, `null`...), nil
	}
	hash, err := a.chain.HashAt(uint32(number))
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return append(dst, `null`...), nil
	case err != nil:
		return dst, chainError(err)
	}
	return appendHash(dst, hash), nil
}

// blockNumber reads a JSON number or a string of hex.
func blockNumber(raw []byte) (uint64, error) {
	base := 10
	if digits, ok := bytes.CutPrefix(raw, []byte(`"0x`)); ok && bytes.HasSuffix(digits, []byte(`"`)) {
		raw, base = digits[:len(digits)-1], 16
	}
	n, err := strconv.ParseUint(string(raw), base, 64)
	if err != nil {
		return 0, jsonrpc.InvalidParams("a block number is expected, as a number or as hex")
	}
	return n, nil
}

func (a *api) finalizedHead(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	return appendHash(dst, a.chain.Finalized().Hash), nil
}

func (a *api) header(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := a.hashOrBest(call, 0)
	if err != nil {
		return dst, err
	}
	header, err := a.chain.Header(hash)
	if errors.Is(err, chain.ErrUnknownBlock) {
		return append(dst, `null`...), nil
	}
	if err != nil {
		return dst, chainError(err)
	}
	return a.headers.append(dst, hash, &header)
}

func (a *api) block(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := a.hashOrBest(call, 0)
	if err != nil {
		return dst, err
	}
	header, err := a.chain.Header(hash)
	if errors.Is(err, chain.ErrUnknownBlock) {
		return append(dst, `null`...), nil
	}
	if err != nil {
		return dst, err
	}
	body, err := a.chain.Body(hash)
	if err != nil {
		return dst, chainError(err)
	}
	start := len(dst)
	dst = append(dst, `{"block":{"header":`...)
	if dst, err = a.headers.append(dst, hash, &header); err != nil {
		return dst, err
	}
	dst = append(dst, `,"extrinsics":[`...)
	for i, x := range body {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dst)-start+2*len(x) > call.MaxResult() {
			return dst, call.ErrTooBig()
		}
		dst = jsonrpc.AppendHex(dst, x)
	}
	return append(dst, `]},"justifications":null}`...), nil
}

// headerCache keeps the JSON of the header that was asked for last: at each new
// block, that is the one which all clients ask for.
type headerCache struct{ last atomic.Pointer[cachedHeader] }

type cachedHeader struct {
	hash substrate.H256
	text []byte
}

func (c *headerCache) append(dst []byte, hash substrate.H256, header *substrate.Header) ([]byte, error) {
	last := c.last.Load()
	if last == nil || last.hash != hash {
		text, err := json.Marshal(header)
		if err != nil {
			return dst, err
		}
		last = &cachedHeader{hash, text}
		c.last.Store(last)
	}
	return append(dst, last.text...), nil
}

func appendHash(dst []byte, hash substrate.H256) []byte { return jsonrpc.AppendHex(dst, hash[:]) }

func appendUint[T ~uint32 | ~uint64](dst []byte, v T) []byte {
	return strconv.AppendUint(dst, uint64(v), 10)
}
