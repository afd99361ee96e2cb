package preimage

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// NotePreimage stores bytes under their hash, against a deposit. Root, and
// anybody who provides what the chain requested, leaves none.
type NotePreimage struct {
	Bytes []byte `type:"Vec<u8>"`
}

// Dispatch emits Noted. It is free if the preimage was requested.
func (c NotePreimage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if origin.Root() == nil {
		if _, err := (API{}).Note(ctx, c.Bytes); err != nil {
			return err
		}
		ctx.WaiveFee()
		return nil
	}
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if len(c.Bytes) > MaxSize {
		return ErrTooBig
	}
	hash := substrate.H256(crypto.Blake2b256(c.Bytes))
	length := uint32(len(c.Bytes))
	status, known := Statuses.Get(ctx, hash)
	if !known {
		return noteAgainstDeposit(ctx, who, hash, c.Bytes)
	}
	s, requested := status.(Requested)
	if !requested || s.MaybeLen.IsSome() {
		return ErrAlreadyNoted
	}
	s.MaybeLen = scale.Some(length)
	Statuses.Put(ctx, hash, s)
	store(ctx, hash, c.Bytes)
	ctx.WaiveFee()
	return nil
}

// DispatchInfo grows with the bytes to be hashed and stored.
func (c NotePreimage) DispatchInfo() substrate.DispatchInfo {
	w := runtime.WorkWeight(3, 4)
	w.RefTime += uint64(len(c.Bytes)) * refTimePerByte
	return substrate.DispatchInfo{Weight: w}
}

// refTimePerByte covers hashing a byte and writing it, in picoseconds.
const refTimePerByte = 4_000

// UnnotePreimage takes bytes back: their owner regains the deposit. They stay
// while somebody needs them.
type UnnotePreimage struct {
	Hash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits Cleared if the bytes go.
func (c UnnotePreimage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	owner := scale.None[substrate.AccountID]()
	if origin.Root() != nil {
		who, err := origin.Signed()
		if err != nil {
			return err
		}
		owner = scale.Some(who)
	}
	return unnote(ctx, c.Hash, owner)
}

// RequestPreimage says that the chain needs a preimage; root.
type RequestPreimage struct {
	Hash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits Requested at the first request.
func (c RequestPreimage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return API{}.Request(ctx, c.Hash)
}

// UnrequestPreimage takes one request back; root.
type UnrequestPreimage struct {
	Hash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits Cleared if nobody needs or pays for the bytes any more.
func (c UnrequestPreimage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return API{}.Unrequest(ctx, c.Hash)
}

// EnsureUpdated brings statuses to their present form.
type EnsureUpdated struct {
	Hashes []substrate.H256 `type:"Vec<T::Hash>"`
}

// Dispatch finds nothing to do: this chain has written no other form.
func (c EnsureUpdated) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	switch {
	case len(c.Hashes) == 0:
		return ErrTooFew
	case len(c.Hashes) > maxUpdates:
		return ErrTooMany
	}
	return nil
}
