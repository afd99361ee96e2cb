package preimage

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets do with preimages. Every Note and every Request is
// to be matched by one Unrequest.
type API struct{}

// Note stores bytes for the chain, which pays no deposit, and requests them
// once. Upstream counts no further request when the same bytes are noted
// again, so that the first user's drop takes them from the second.
func (API) Note(ctx *runtime.Context, bytes []byte) (substrate.H256, error) {
	if len(bytes) > MaxSize {
		return substrate.H256{}, ErrTooBig
	}
	hash := substrate.H256(crypto.Blake2b256(bytes))
	s, err := requested(ctx, hash)
	if err != nil {
		return substrate.H256{}, err
	}
	if s.MaybeLen.IsNone() {
		s.MaybeLen = scale.Some(uint32(len(bytes)))
		store(ctx, hash, bytes)
	}
	Statuses.Put(ctx, hash, s)
	return hash, nil
}

// Request says that a preimage is needed, whether or not the chain has it. It
// emits Requested the first time.
func (API) Request(ctx *runtime.Context, hash substrate.H256) error {
	s, err := requested(ctx, hash)
	if err != nil {
		return err
	}
	Statuses.Put(ctx, hash, s)
	if s.Count == 1 {
		ctx.Emit(RequestedEvent{Hash: hash})
	}
	return nil
}

// requested is the status with one request more; it is not stored yet.
func requested(ctx *runtime.Context, hash substrate.H256) (Requested, error) {
	status, _ := Statuses.Get(ctx, hash)
	switch s := status.(type) {
	case Unrequested:
		return Requested{MaybeTicket: scale.Some(s.Ticket), Count: 1, MaybeLen: scale.Some(s.Len)}, nil
	case Requested:
		if s.Count == math.MaxUint32 {
			return s, runtime.ErrOverflow
		}
		s.Count++
		return s, nil
	}
	return Requested{Count: 1}, nil
}

// Unrequest takes one request back. With the last one go bytes that nobody
// pays for. It returns ErrNotRequested.
func (API) Unrequest(ctx *runtime.Context, hash substrate.H256) error {
	status, _ := Statuses.Get(ctx, hash)
	s, ok := status.(Requested)
	if !ok {
		return ErrNotRequested
	}
	if s.Count > 1 {
		s.Count--
		Statuses.Put(ctx, hash, s)
		return nil
	}
	length, noted := s.MaybeLen.Get()
	ticket, paid := s.MaybeTicket.Get()
	switch {
	case noted && paid:
		Statuses.Put(ctx, hash, Unrequested{Ticket: ticket, Len: length})
	case noted:
		clearBytes(ctx, hash, length)
	default:
		Statuses.Delete(ctx, hash)
	}
	return nil
}

// Fetch returns the preimage of the given length in bytes; false if the chain
// does not have it.
func (API) Fetch(ctx *runtime.Context, hash substrate.H256, length uint32) ([]byte, bool) {
	return Preimages.Get(ctx, Key{hash, length})
}

// Length is the length of a preimage that the chain has, in bytes.
func (API) Length(ctx *runtime.Context, hash substrate.H256) (uint32, bool) {
	status, _ := Statuses.Get(ctx, hash)
	switch s := status.(type) {
	case Unrequested:
		return s.Len, true
	case Requested:
		return s.MaybeLen.Get()
	}
	return 0, false
}
