package babe

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
)

// Sessions follows the validators: they are the authors of their session's
// epoch.
var Sessions = session.Handler{NewSession: newSession, Disabled: disabled}

// newSession makes the babe keys of the session the authorities, announces those
// of the next epoch with its randomness, which the epoch change has just fixed,
// and moves planned configurations on.
func newSession(ctx *runtime.Context, _ bool, current, queued []session.ValidatorKeys) {
	Authorities.Put(ctx, authorities(current))
	NextAuthorities.Put(ctx, authorities(queued))
	if ctx.BlockNumber() == 0 {
		return
	}
	announce(ctx)
	if config, ok := NextEpochConfig.Get(ctx); ok {
		EpochConfig.Put(ctx, config)
	}
	if plan, ok := PendingEpochConfigChange.Get(ctx); ok {
		PendingEpochConfigChange.Delete(ctx)
		NextEpochConfig.Put(ctx, plan.(NextConfigV1).configuration())
		deposit(ctx, nextConfigData{plan})
	}
}

// announce tells the next epoch in the block's digest.
func announce(ctx *runtime.Context) {
	deposit(ctx, nextEpochData{Authorities: NextAuthorities.Get(ctx), Randomness: NextRandomness.Get(ctx)})
}

// authorities are the keys of validators, no more than can be stored.
func authorities(validators []session.ValidatorKeys) AuthoritySet {
	set := make(AuthoritySet, 0, len(validators))
	for _, v := range validators[:min(len(validators), maxAuthorities)] {
		set = append(set, Authority{Key: v.Keys.Babe, Weight: 1})
	}
	return set
}

func disabled(ctx *runtime.Context, index uint32) { deposit(ctx, onDisabled{index}) }
