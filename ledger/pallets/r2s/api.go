package r2s

import (
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Uses is what this pallet needs of others.
type Uses struct {
	Sessions   Sessions
	Candidates Candidates
	Credits    Credits
	Epochs     Epochs
}

// Sessions tells which session runs and the keys that validators registered.
type Sessions interface {
	CurrentIndex(ctx *runtime.Context) uint32
	Keys(ctx *runtime.Context, stash substrate.AccountID) (types.SessionKeys, bool)
}

// Candidates tells who wants to validate.
type Candidates interface {
	IsCandidate(ctx *runtime.Context, stash substrate.AccountID) bool
}

// Credits are what validators' TEE workers earned.
type Credits interface {
	Credits(ctx *runtime.Context) []schedulercredit.Credit
}

// Epochs tells the sessions of blocks, and randomness.
type Epochs interface {
	// EpochOf is the epoch of a block, which is at least 1.
	EpochOf(ctx *runtime.Context, block uint32) uint64
	// NextRandomness is made of all blocks of the epoch before.
	NextRandomness(ctx *runtime.Context) [32]byte
	// BlockRandomness is fixed after the parent block.
	BlockRandomness(ctx *runtime.Context) [32]byte
}

var uses Uses // set by Wire

// Wire names what this pallet uses of others.
func Wire(u Uses) { uses = u }

// API is what other pallets and consensus ask: who is alive, who is elected, who
// decided a block.
type API struct{}

// Alive says whether a candidate showed life recently enough to be elected in
// this session.
func (API) Alive(ctx *runtime.Context, stash substrate.AccountID) bool {
	seen, ok := LastSeen.Get(ctx, stash)
	return ok && recent(ctx, seen)
}

func recent(ctx *runtime.Context, seen uint32) bool {
	now, window := uses.Sessions.CurrentIndex(ctx), LifeWindow.Get(ctx)
	return now < window || seen >= now-window
}

// KeyChanges forgets the life of who registers other keys: nobody has seen a node
// with these. The votes of a validator that serves are made with the keys that it
// had until two sessions later.
var KeyChanges = session.Handler{
	KeysChanged: func(ctx *runtime.Context, stash substrate.AccountID) {
		LastSeen.Delete(ctx, stash)
		if _, has := uses.Sessions.Keys(ctx, stash); has {
			VotesCountFrom.Put(ctx, stash, uses.Sessions.CurrentIndex(ctx)+2)
		} else {
			VotesCountFrom.Delete(ctx, stash)
		}
	},
}

// onInitialize notes who voted for the parent block, or against it: in the
// session of that block.
func onInitialize(ctx *runtime.Context) {
	b := ctx.Block()
	if len(b.Voted) == 0 || b.Number < 2 {
		return
	}
	session := uint32(uses.Epochs.EpochOf(ctx, b.Number-1))
	for _, stash := range b.Voted {
		if from, ok := VotesCountFrom.Get(ctx, stash); ok && session < from {
			continue
		}
		see(ctx, stash, session)
	}
}

// see notes a sign of life, with one write per session.
func see(ctx *runtime.Context, stash substrate.AccountID, session uint32) {
	if seen, ok := LastSeen.Get(ctx, stash); !ok || seen < session {
		LastSeen.Put(ctx, stash, session)
	}
}
