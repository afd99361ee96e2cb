// Package preimage stores the encodings of calls under their hash, so that
// others can refer to a call that is too long to carry: an account that notes
// one leaves a deposit; one that the chain itself requested is free.
package preimage

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Preimage"
	index = 34
)

// Storage.
var (
	// OldStatus is unused: it held statuses of a form that no block of this
	// chain has written. Clients expect the entry.
	OldStatus = runtime.NewOptionalMap[substrate.H256, OldRequestStatus](name, "StatusFor", runtime.Identity)

	// Statuses say who noted a preimage and who needs it.
	Statuses = runtime.NewOptionalMap[substrate.H256, RequestStatus](name, "RequestStatusFor", runtime.Identity)

	// Preimages are the bytes themselves, by hash and length.
	Preimages = runtime.NewOptionalMap[Key, scale.BoundedVec[byte, SizeBound]](name, "PreimageFor", runtime.Identity)
)

// Parameters that upstream compiles in.
var (
	// BaseDeposit and ByteDeposit, in planck, are what noting a preimage holds.
	BaseDeposit = runtime.NewParameter(name, "BaseDeposit", types.Tokens(1))
	ByteDeposit = runtime.NewParameter(name, "ByteDeposit", scale.U128From64(10_000_000_000_000_000))
)

// Pallet is the declaration page of Preimage: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		OldStatus,
		Statuses,
		Preimages,
	},
	Calls: runtime.Calls("pallet_preimage::pallet::Call",
		runtime.NewCall[NotePreimage](0, "note_preimage", runtime.Work(3, 4)),
		runtime.NewCall[UnnotePreimage](1, "unnote_preimage", runtime.Work(3, 4)),
		runtime.NewCall[RequestPreimage](2, "request_preimage", runtime.Work(1, 1)),
		runtime.NewCall[UnrequestPreimage](3, "unrequest_preimage", runtime.Work(1, 2)),
		runtime.NewCall[EnsureUpdated](4, "ensure_updated", runtime.Work(0, 0)),
	),
	Events: runtime.Events("pallet_preimage::pallet::Event",
		runtime.Event[NotedEvent](0, "Noted"),
		runtime.Event[RequestedEvent](1, "Requested"),
		runtime.Event[ClearedEvent](2, "Cleared"),
	),
	Errors: runtime.Errors("pallet_preimage::pallet::Error",
		ErrTooBig, ErrAlreadyNoted, ErrNotAuthorized, ErrNotNoted, ErrRequested, ErrNotRequested,
		ErrTooMany, ErrTooFew,
	),
	Constants: []runtime.ConstantItem{BaseDeposit, ByteDeposit},
}
