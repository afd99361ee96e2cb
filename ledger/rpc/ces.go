package rpc

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The ces namespace tells a TEE worker's relayer how blocks changed the state
// (spec/wire.md §5.8).

// Error codes of the ces namespace.
const (
	codeCesRange     = 20003
	codeCesTooMany   = 20004
	codeCesBlock     = 20005
	codeCesUnknown   = 20006
	maxChangedBlocks = 10_000
)

// changeMethods may compare whole states, for blocks that are not new: only who
// runs the node may ask for that.
func (a *api) changeMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "ces_getStorageChanges", Handler: a.storageChanges(false), Unsafe: true},
		{Name: "ces_getStorageChangesWithRoot", Handler: a.storageChanges(true), Unsafe: true},
		{Name: "ces_getStorageChangesAt", Handler: a.storageChangesAt, Unsafe: true},
		{Name: "ces_getMqNextSequence", Unlisted: true, Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			return dst, &jsonrpc.Error{Code: codeCesUnknown, Message: "Unavailable: the chain has no CesMq pallet"}
		}},
	}
}

// storageChanges lists the changes of the blocks from parameter 0 to parameter
// 1, both included.
func (a *api) storageChanges(withRoot bool) jsonrpc.Handler {
	return func(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
		var ends [2]uint32
		for i := range ends {
			hash, err := hashParam(call, i)
			if err != nil {
				return dst, err
			}
			if ends[i], err = a.chain.NumberOf(hash); err != nil {
				return dst, cesError(err)
			}
		}
		switch from, to := ends[0], ends[1]; {
		case from > to:
			return dst, &jsonrpc.Error{Code: codeCesRange, Message: fmt.Sprintf("Invalid range: block %d comes after block %d", from, to)}
		case to-from >= maxChangedBlocks:
			return dst, &jsonrpc.Error{Code: codeCesTooMany, Message: fmt.Sprintf("Too many blocks: %d of at most %d", uint64(to-from)+1, maxChangedBlocks)}
		}
		limit := len(dst) + call.MaxResult()
		dst = append(dst, '[')
		for number := uint64(ends[0]); number <= uint64(ends[1]); number++ {
			if number > uint64(ends[0]) {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = a.appendChanges(ctx, call, dst, uint32(number), withRoot, limit); err != nil {
				return dst, cesError(err)
			}
		}
		return append(dst, ']'), nil
	}
}

// appendChanges appends one block's changes as JSON, if dst stays within limit.
func (a *api) appendChanges(ctx context.Context, call *jsonrpc.Call, dst []byte, number uint32, withRoot bool, limit int) ([]byte, error) {
	if withRoot {
		dst = append(dst, `{"changes":`...)
	}
	dst = append(dst, `{"mainStorageChanges":[`...)
	first := true
	err := a.changes(ctx, number, func(key, _, is []byte) error {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsonrpc.AppendHex(append(dst, '['), key), ',')
		if dst = append(jsonrpc.AppendOptionalHex(dst, is), ']'); len(dst) > limit {
			return call.ErrTooBig()
		}
		return nil
	})
	if err != nil {
		return dst, err
	}
	dst = append(dst, `],"childStorageChanges":[]}`...)
	if !withRoot {
		return dst, nil
	}
	hash, err := a.chain.HashAt(number)
	if err != nil {
		return dst, err
	}
	header, err := a.chain.Header(hash)
	if err != nil {
		return dst, err
	}
	dst = append(dst, `,"stateRoot":[`...)
	for i, b := range header.StateRoot {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUint(dst, uint32(b))
	}
	return append(dst, `]}`...), nil
}

// change and changeList are a block's changes on the wire.
type change struct {
	Key   []byte
	Value scale.Option[[]byte]
}

type changeList struct {
	Main  []change
	Child []struct {
		Key     []byte
		Changes []change
	}
}

// storageChangesAt is the SCALE form of one block's changes.
func (a *api) storageChangesAt(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return dst, err
	}
	number, err := a.chain.NumberOf(hash)
	if err != nil {
		return dst, cesError(err)
	}
	var list changeList
	size := 0
	err = a.changes(ctx, number, func(key, _, is []byte) error {
		value := scale.None[[]byte]()
		if is != nil {
			value = scale.Some(is)
		}
		list.Main = append(list.Main, change{key, value})
		if size += 2 * (len(key) + len(is) + 8); size > call.MaxResult() {
			return call.ErrTooBig()
		}
		return nil
	})
	if err != nil {
		return dst, cesError(err)
	}
	encoded, err := scale.Marshal(list)
	if err != nil {
		return dst, err
	}
	return append(hex.AppendEncode(append(dst, `"0x`...), encoded), '"'), nil
}

// cesError turns a failed look-up of a block into the answer of the namespace.
func cesError(err error) error {
	switch {
	case errors.Is(err, chain.ErrUnknownBlock):
		return &jsonrpc.Error{Code: codeCesBlock, Message: "Invalid block: it is unknown"}
	case errors.Is(err, chain.ErrNotKept), errors.Is(err, state.ErrPruned):
		return &jsonrpc.Error{Code: codeCesUnknown, Message: "Unavailable: the state is no longer kept; ask an archive node"}
	}
	return stateError(substrate.H256{}, err)
}
