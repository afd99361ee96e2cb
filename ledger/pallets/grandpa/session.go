package grandpa

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// engine names GRANDPA in digests.
var engine = substrate.EngineID{'F', 'R', 'N', 'K'}

// consensusLog is what a digest tells voters.
type consensusLog interface{ consensusLog() }

type (
	scheduledChange struct {
		NextAuthorities []Authority
		Delay           uint32 // blocks
	}
	onDisabled struct{ Authority uint64 }
)

func (scheduledChange) consensusLog() {}
func (onDisabled) consensusLog()      {}

var _ = scale.RegisterEnum[consensusLog](
	scale.TypeInfo{Path: "sp_consensus_grandpa::ConsensusLog"},
	scale.V[consensusLog, scheduledChange](1, "ScheduledChange"),
	scale.V[consensusLog, onDisabled](3, "OnDisabled"),
)

func deposit(ctx *runtime.Context, log consensusLog) {
	system.DepositLog(ctx, substrate.DigestItem{
		Kind: substrate.DigestConsensus, Engine: engine, Data: scale.MustMarshal(log),
	})
}

// Sessions follows the validators: they make the blocks of their session final.
var Sessions = session.Handler{NewSession: newSession, Disabled: disabled}

// newSession makes the grandpa keys of the session the voters. If they differ
// from those before, a new set begins. The session is in every case the last one
// of its set so far.
func newSession(ctx *runtime.Context, changed bool, current, _ []session.ValidatorKeys) {
	next := make(AuthoritySet, 0, len(current))
	for _, v := range current[:min(len(current), maxAuthorities)] {
		next = append(next, Authority{Key: v.Keys.Grandpa, Weight: 1})
	}
	changed = changed || !slices.Equal(next, Authorities.Get(ctx))
	id := CurrentSetID.Get(ctx)
	switch {
	case ctx.BlockNumber() == 0:
		Authorities.Put(ctx, next)
	case changed || Stalled.Exists(ctx):
		id++
		begin(ctx, id, next)
	}
	SetIDSession.Put(ctx, id, session.CurrentIndex.Get(ctx))
}

// begin starts a set of voters with the block that runs: its header says so.
func begin(ctx *runtime.Context, id uint64, next AuthoritySet) {
	Stalled.Delete(ctx)
	CurrentSetID.Put(ctx, id)
	if keep := MaxSetIDSessionEntries.Get(ctx); id >= keep {
		SetIDSession.Delete(ctx, id-keep)
	}
	Authorities.Put(ctx, next)
	deposit(ctx, scheduledChange{NextAuthorities: next})
	ctx.Emit(NewAuthoritiesEvent{AuthoritySet: next})
}

func disabled(ctx *runtime.Context, index uint32) {
	deposit(ctx, onDisabled{Authority: uint64(index)})
}

// setIDOf finds the set of voters of a session: the first one that reaches so
// far. For a session that is forgotten it is the oldest set that is known.
func setIDOf(ctx *runtime.Context, index uint32) uint64 {
	id := CurrentSetID.Get(ctx)
	for id > 0 {
		if last, ok := SetIDSession.Get(ctx, id-1); !ok || last < index {
			break
		}
		id--
	}
	return id
}
