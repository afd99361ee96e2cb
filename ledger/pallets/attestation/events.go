package attestation

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// CollateralUpdatedEvent reports newer collateral: the variant of Collateral
// and when the vendor issued it, in Unix seconds.
type CollateralUpdatedEvent struct {
	Variant uint8
	Issued  uint64
}

// EvidenceAcceptedEvent reports that a worker may register with evidence.
type EvidenceAcceptedEvent struct {
	Registration substrate.H256
	Kind         Kind
	Measurement  substrate.H256
	Confidence   uint8
	Expires      types.BlockNumber
}

// MinimumTCBSetEvent reports the lowest acceptable firmware of a product line;
// None accepts no report of it.
type MinimumTCBSetEvent struct {
	Authority Authority
	TCB       scale.Option[uint64] `scale:"tcb"`
}

// AllowSEPTVESetEvent reports whether TDX machines may do without
// SEPT_VE_DISABLE.
type AllowSEPTVESetEvent struct {
	Allowed bool
}
