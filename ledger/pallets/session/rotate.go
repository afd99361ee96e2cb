package session

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// onInitialize rotates in the first block of an epoch.
func onInitialize(ctx *runtime.Context) {
	if epoch := uint32(epochs.Epoch(ctx)); epoch != CurrentIndex.Get(ctx) {
		rotate(ctx, epoch)
	}
}

// rotate begins a session, in the order of spec/consensus.md §3: the queued
// validators take over, and the next ones are queued.
func rotate(ctx *runtime.Context, session uint32) {
	changed, current := QueuedChanged.Get(ctx), QueuedKeys.Get(ctx)
	for _, h := range handlers {
		if h.BeforeSessionEnds != nil {
			h.BeforeSessionEnds(ctx)
		}
	}
	manager.EndSession(ctx, session-1)
	stashes := stashesOf(current)
	Validators.Put(ctx, stashes)
	if changed {
		DisabledValidators.Put(ctx, []uint32{})
	}
	CurrentIndex.Put(ctx, session)
	manager.StartSession(ctx, session)
	next, elected := manager.NewSession(ctx, session+1)
	if !elected {
		next = stashes
	}
	queued := withKeys(ctx, next)
	if len(queued) == 0 {
		// All have removed their keys. Somebody must go on deciding blocks.
		queued, elected = current, false
	}
	QueuedKeys.Put(ctx, queued)
	QueuedChanged.Put(ctx, elected || !slices.Equal(queued, current))
	ctx.Emit(NewSessionEvent{SessionIndex: session})
	announce(ctx, changed, current, queued)
}

func announce(ctx *runtime.Context, changed bool, current, queued []ValidatorKeys) {
	for _, h := range handlers {
		if h.NewSession != nil {
			h.NewSession(ctx, changed, current, queued)
		}
	}
}

func stashesOf(validators []ValidatorKeys) []substrate.AccountID {
	stashes := make([]substrate.AccountID, len(validators))
	for i, v := range validators {
		stashes[i] = v.Validator
	}
	return stashes
}

// withKeys adds the registered keys to validators and leaves out those who have
// none.
func withKeys(ctx *runtime.Context, stashes []substrate.AccountID) []ValidatorKeys {
	list := make([]ValidatorKeys, 0, len(stashes))
	for _, stash := range stashes {
		if keys, ok := NextKeys.Get(ctx, stash); ok {
			list = append(list, ValidatorKeys{Validator: stash, Keys: keys})
		}
	}
	return list
}
