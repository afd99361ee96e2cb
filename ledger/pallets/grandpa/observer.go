package grandpa

import (
	"github.com/gocess/gocess/ledger/pallets/offences"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// KeyHistory knows whose consensus keys decided past blocks.
type KeyHistory interface {
	// HolderAt finds the validator by its consensus address, the session of the
	// block and the number of its validators.
	HolderAt(ctx *runtime.Context, address [20]byte, block uint32) (stash substrate.AccountID, session, validators uint32, ok bool)
	// Exclude takes the votes of a validator away.
	Exclude(ctx *runtime.Context, stash substrate.AccountID)
}

// Identifier tells what stands behind a validator of a session.
type Identifier interface {
	Identify(ctx *runtime.Context, stash substrate.AccountID, session uint32) staking.Identification
}

// Reporter takes offences.
type Reporter interface {
	Report(ctx *runtime.Context, o offences.Offence, reporters ...substrate.AccountID) error
}

// Set by Wire.
var (
	keys       KeyHistory
	identifier Identifier
	reporter   Reporter
)

// Wire names what this pallet uses of others.
func Wire(k KeyHistory, i Identifier, r Reporter) { keys, identifier, reporter = k, i, r }

// Observer turns evidence that a block carries into offences. CometBFT has
// verified it: two votes of one validator for one step of a round, or a commit
// that was signed for light clients alone.
type Observer struct{}

// kind of the offence.
var kind = [16]byte([]byte("grandpa:equivoca"))

// TimeSlot is when an equivocation happened.
type TimeSlot struct {
	SetID uint64
	Round uint64 // the height of the block
}

// NoteBlock reports the misbehaviours of a block and takes the offenders' votes
// away. Those of validators whom nobody remembers are too old to be punished.
func (Observer) NoteBlock(ctx *runtime.Context, _ substrate.AccountID, _ bool) {
	for _, m := range ctx.Block().Misbehaviours {
		stash, session, n, ok := keys.HolderAt(ctx, m.Address, m.Height)
		if !ok {
			continue
		}
		// A duplicate, such as a light client attack with a double vote in it,
		// changes nothing.
		_ = reporter.Report(ctx, offences.Offence{
			Kind:      kind,
			Slot:      scale.MustMarshal(TimeSlot{setIDOf(ctx, session), uint64(m.Height)}),
			Session:   session,
			Offenders: []staking.Identification{identifier.Identify(ctx, stash, session)},
			Fraction:  func(k uint32) substrate.Perbill { return EquivocationFraction(k, n) },
		})
		keys.Exclude(ctx, stash)
	}
}

// EquivocationFraction is what each of k validators of n loses that equivocated
// in one time slot: min(3k/n, 1)² (spec/consensus.md §2.6).
func EquivocationFraction(k, n uint32) substrate.Perbill {
	x := uint64(substrate.PerbillOf(scale.U128From64(3*uint64(k)), scale.U128From64(uint64(n))))
	return substrate.Perbill(x * x / 1_000_000_000)
}
