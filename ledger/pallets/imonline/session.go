package imonline

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/offences"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Epochs says how long a session is, in blocks.
type Epochs interface {
	Duration(ctx *runtime.Context) uint64
}

// Identifier tells what stands behind a validator of a session.
type Identifier interface {
	Identify(ctx *runtime.Context, stash substrate.AccountID, session uint32) staking.Identification
}

// Reporter takes offences.
type Reporter interface {
	Report(ctx *runtime.Context, o offences.Offence, reporters ...substrate.AccountID) error
}

// Excluded knows the validators whose votes consensus does not take.
type Excluded interface {
	IsExcluded(ctx *runtime.Context, stash substrate.AccountID) bool
}

// Set by Wire.
var (
	epochs     Epochs
	identifier Identifier
	reporter   Reporter
	excluded   Excluded
)

// Wire names what this pallet uses of others.
func Wire(e Epochs, i Identifier, r Reporter, x Excluded) {
	epochs, identifier, reporter, excluded = e, i, r, x
}

// Observer counts blocks and votes.
type Observer struct{}

// NoteBlock books the block's author and the votes for its parent on the session
// that the parent belonged to. A vote costs one write per validator and session.
func (Observer) NoteBlock(ctx *runtime.Context, author substrate.AccountID, authored bool) {
	now := session.CurrentIndex.Get(ctx)
	if authored {
		AuthoredBlocks.Put(ctx, now, author, AuthoredBlocks.Get(ctx, now, author)+1)
	}
	voted := ctx.Block().Voted
	if len(voted) == 0 {
		return
	}
	validators := session.Validators.Get(ctx)
	for _, stash := range voted {
		i := slices.Index(validators, stash)
		if i >= 0 && !ReceivedHeartbeats.Contains(ctx, now, uint32(i)) {
			ReceivedHeartbeats.Put(ctx, now, uint32(i), true)
		}
	}
}

// Sessions judges a session when it is over.
var Sessions = session.Handler{BeforeSessionEnds: beforeSessionEnds, NewSession: newSession}

func newSession(ctx *runtime.Context, _ bool, current, _ []session.ValidatorKeys) {
	keys := make(scale.WeakBoundedVec[types.ImOnlineKey, KeyBound], len(current))
	for i, v := range current {
		keys[i] = v.Keys.ImOnline
	}
	Keys.Put(ctx, keys)
	HeartbeatAfter.Put(ctx, ctx.BlockNumber()+uint32(epochs.Duration(ctx)/2))
}

// kind of the offence.
var kind = [16]byte([]byte("im-online:offlin"))

// beforeSessionEnds reports who took no part in the session. Whose votes do not
// count for an offence is not reported for their absence.
func beforeSessionEnds(ctx *runtime.Context) {
	now := session.CurrentIndex.Get(ctx)
	validators := session.Validators.Get(ctx)
	var offline []staking.Identification
	for i, stash := range validators {
		if ReceivedHeartbeats.Contains(ctx, now, uint32(i)) || AuthoredBlocks.Get(ctx, now, stash) > 0 {
			continue
		}
		if !excluded.IsExcluded(ctx, stash) {
			offline = append(offline, identifier.Identify(ctx, stash, now))
		}
	}
	forget(ctx, now)
	if len(offline) == 0 {
		ctx.Emit(AllGoodEvent{})
		return
	}
	ctx.Emit(SomeOfflineEvent{Offline: offline})
	n := uint32(len(validators))
	// The session ends once: the report is no duplicate.
	_ = reporter.Report(ctx, offences.Offence{
		Kind: kind, Slot: scale.MustMarshal(now), Session: now, Offenders: offline,
		Fraction: func(k uint32) substrate.Perbill { return OfflineFraction(k, n) },
	})
}

// OfflineFraction is what each of k validators of n loses that were offline: 7 % ·
// min(3·(k − (⌊n/10⌋+1))/n, 1), nothing for fewer (spec/consensus.md §4.4).
func OfflineFraction(k, n uint32) substrate.Perbill {
	free := n/10 + 1
	if k < free {
		return 0
	}
	x := substrate.PerbillOf(scale.U128From64(3*uint64(k-free)), scale.U128From64(uint64(n)))
	return substrate.Perbill(uint64(x) * 7 / 100)
}

// forget drops the counts of a session.
func forget(ctx *runtime.Context, index uint32) {
	for i := range ReceivedHeartbeats.IterPrefix(ctx, index) {
		ReceivedHeartbeats.Delete(ctx, index, i)
	}
	for stash := range AuthoredBlocks.IterPrefix(ctx, index) {
		AuthoredBlocks.Delete(ctx, index, stash)
	}
}
