package preimage

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Key finds the bytes of a preimage: its BLAKE2-256 hash and length in bytes.
type Key struct {
	Hash   substrate.H256
	Length uint32
}

// RequestStatus says who noted a preimage and how many need it.
type RequestStatus interface{ requestStatus() }

// The variants of RequestStatus.
type (
	// Unrequested is kept only because its owner pays for it.
	Unrequested struct {
		Ticket Deposit `type:"(AccountId, Ticket)"`
		Len    uint32  `type:"u32"`
	}
	// Requested is needed Count times; the bytes, of length MaybeLen, may not
	// have been noted yet.
	Requested struct {
		MaybeTicket scale.Option[Deposit] `type:"Option<(AccountId, Ticket)>"`
		Count       uint32                `type:"u32"`
		MaybeLen    scale.Option[uint32]  `type:"Option<u32>"`
	}
)

func (Unrequested) requestStatus() {}
func (Requested) requestStatus()   {}

var _ = scale.RegisterEnum[RequestStatus](
	scale.TypeInfo{Path: "pallet_preimage::RequestStatus", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Ticket", Type: scale.TypeOf[HoldConsideration]()},
	}},
	scale.V[RequestStatus, Unrequested](0, "Unrequested"),
	scale.V[RequestStatus, Requested](1, "Requested"),
)

// Deposit is what an account left for a preimage.
type Deposit struct {
	Owner  substrate.AccountID
	Ticket HoldConsideration
}

// HoldConsideration is an amount held on an account, in planck.
type HoldConsideration struct {
	Amount types.Balance `scale:"_" type:"F::Balance"`
}

// ScaleType is the framework's `HoldConsideration`.
func (HoldConsideration) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "frame_support::traits::tokens::fungible::HoldConsideration",
		Params: []scale.Param{{Name: "A"}, {Name: "F"}, {Name: "R"}, {Name: "D"}, {Name: "Fp"}},
	}
}

// OldRequestStatus is the form of RequestStatus with reserved deposits.
type OldRequestStatus interface{ oldRequestStatus() }

// OldDeposit is an amount reserved on an account, in planck.
type OldDeposit struct {
	Owner  substrate.AccountID
	Amount types.Balance
}

// The variants of OldRequestStatus.
type (
	OldUnrequested struct {
		Deposit OldDeposit `type:"(AccountId, Balance)"`
		Len     uint32     `type:"u32"`
	}
	OldRequested struct {
		Deposit scale.Option[OldDeposit] `type:"Option<(AccountId, Balance)>"`
		Count   uint32                   `type:"u32"`
		Len     scale.Option[uint32]     `type:"Option<u32>"`
	}
)

func (OldUnrequested) oldRequestStatus() {}
func (OldRequested) oldRequestStatus()   {}

var _ = scale.RegisterEnum[OldRequestStatus](
	scale.TypeInfo{Path: "pallet_preimage::OldRequestStatus", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
	}},
	scale.V[OldRequestStatus, OldUnrequested](0, "Unrequested"),
	scale.V[OldRequestStatus, OldRequested](1, "Requested"),
)

// MaxSize bounds a preimage, in bytes.
const MaxSize = 4 << 20

// maxUpdates is how many hashes ensure_updated takes.
const maxUpdates = 1024

// SizeBound is MaxSize, checked while decoding.
type SizeBound struct{}

func (SizeBound) Max() int { return MaxSize }
