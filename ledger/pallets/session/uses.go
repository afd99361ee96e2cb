package session

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Epochs is what sessions follow: session k is epoch k.
type Epochs interface {
	Epoch(ctx *runtime.Context) uint64
}

// Manager decides who validates. When session i+1 starts, EndSession(i),
// StartSession(i+1) and NewSession(i+2) are called in this order
// (spec/consensus.md §3).
type Manager interface {
	EndSession(ctx *runtime.Context, session uint32)
	StartSession(ctx *runtime.Context, session uint32)
	// NewSession names the validators of a session, in the order that author
	// indices refer to; false if those of the session before go on.
	NewSession(ctx *runtime.Context, session uint32) ([]substrate.AccountID, bool)
	// GenesisSessions tells the validators of sessions 0 and 1; session 0 starts.
	GenesisSessions(ctx *runtime.Context, validators []substrate.AccountID)
	// StashOf finds the stash of the account that controls it, which registers
	// its keys.
	StashOf(ctx *runtime.Context, controller substrate.AccountID) (substrate.AccountID, bool)
}

// Handler follows sessions; each function may be nil.
type Handler struct {
	// BeforeSessionEnds is called in the first block of the next session, before
	// anything changes.
	BeforeSessionEnds func(ctx *runtime.Context)
	// NewSession tells the validators of the session that begins, with the keys
	// that they use in it, and those of the one after it. changed says that
	// current differs from the session before in validators, keys or stakes. It is
	// called at genesis, too, with the same validators twice.
	NewSession func(ctx *runtime.Context, changed bool, current, queued []ValidatorKeys)
	// Disabled is called when the validator with this index is disabled.
	Disabled func(ctx *runtime.Context, index uint32)
	// KeysChanged is called when a validator registers other keys than it has, or
	// removes them; not at genesis.
	KeysChanged func(ctx *runtime.Context, stash substrate.AccountID)
}

// Set by Wire.
var (
	epochs   Epochs
	manager  Manager
	handlers []Handler
)

// Wire names what this pallet uses of others, and who follows it, in the order
// of the session keys: Grandpa, Babe, ImOnline, AuthorityDiscovery, others.
func Wire(e Epochs, m Manager, h ...Handler) { epochs, manager, handlers = e, m, h }
