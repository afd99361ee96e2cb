package scheduler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Preimages keeps calls that are too long for an agenda. Every Note and every
// Request is matched by one Unrequest.
type Preimages interface {
	Note(ctx *runtime.Context, bytes []byte) (substrate.H256, error)
	Request(ctx *runtime.Context, hash substrate.H256) error
	Unrequest(ctx *runtime.Context, hash substrate.H256) error
	Fetch(ctx *runtime.Context, hash substrate.H256, length uint32) ([]byte, bool)
	Length(ctx *runtime.Context, hash substrate.H256) (uint32, bool)
}

// preimages is set by Wire.
var preimages Preimages

// Wire names what this pallet uses of others.
func Wire(p Preimages) { preimages = p }

// bound encodes a call for an agenda; a long one becomes a preimage.
func bound(ctx *runtime.Context, call runtime.RuntimeCall) (BoundedCall, error) {
	raw, err := scale.Marshal(call)
	if err != nil {
		return nil, err
	}
	if len(raw) <= maxInline {
		return InlineCall{Bytes: raw}, nil
	}
	hash, err := preimages.Note(ctx, raw)
	if err != nil {
		return nil, err
	}
	return LookupCall{Hash: hash, Len: uint32(len(raw))}, nil
}

// peek decodes a bounded call; false if the chain does not have it or its
// bytes are no call.
func peek(ctx *runtime.Context, c BoundedCall) (runtime.RuntimeCall, bool) {
	var raw []byte
	ok := true
	switch c := c.(type) {
	case InlineCall:
		raw = c.Bytes
	case LookupCall:
		raw, ok = preimages.Fetch(ctx, c.Hash, c.Len)
	case LegacyCall:
		var length uint32
		if length, ok = preimages.Length(ctx, c.Hash); ok {
			raw, ok = preimages.Fetch(ctx, c.Hash, length)
		}
	}
	if !ok {
		return runtime.RuntimeCall{}, false
	}
	call, err := runtime.DecodeCall(ctx, raw)
	return call, err == nil
}

// drop ends the task's need for its call's preimage.
func drop(ctx *runtime.Context, c BoundedCall) {
	if hash, ok := preimageOf(c); ok {
		// Root may have taken the request back before; then nothing is left
		// to do.
		_ = preimages.Unrequest(ctx, hash)
	}
}

func preimageOf(c BoundedCall) (substrate.H256, bool) {
	switch c := c.(type) {
	case LookupCall:
		return c.Hash, true
	case LegacyCall:
		return c.Hash, true
	}
	return substrate.H256{}, false
}

// size is how many bytes the task's call has beside the agenda.
func size(c BoundedCall) uint64 {
	if l, ok := c.(LookupCall); ok {
		return uint64(l.Len)
	}
	return 0
}
