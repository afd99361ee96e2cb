// Package grandpa keeps the set of validators that make blocks final, under the
// names that GRANDPA clients read. Finality itself is consensus's: a block is
// final when it exists, and its voters are CometBFT's validators
// (spec/consensus.md §9.3). Double votes, which CometBFT proves, become
// offences here.
package grandpa

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

const (
	name  = "Grandpa"
	index = 16
)

// Storage.
var (
	// State says whether finality works; Live for ever.
	State = runtime.NewValue(name, "State", runtime.Default[StoredState](Live{}))

	// PendingChange is a change of voters that is still to come: never, a new
	// set counts from the first block of its session.
	PendingChange = runtime.NewOptionalValue[StoredPendingChange](name, "PendingChange")

	// NextForced is the block from which on a change may be forced: never set.
	NextForced = runtime.NewOptionalValue[types.BlockNumber](name, "NextForced")

	// Stalled asks for a new set id in the next session, whatever the voters.
	Stalled = runtime.NewOptionalValue[StalledAt](name, "Stalled")

	// CurrentSetID counts the sets of voters, from 0 at genesis.
	CurrentSetID = runtime.NewValue[uint64](name, "CurrentSetId")

	// SetIDSession is the last session, so far, of each set of voters.
	SetIDSession = runtime.NewOptionalMap[uint64, uint32](name, "SetIdSession", runtime.Twox64Concat)

	// Authorities are the voters of the current session.
	Authorities = runtime.NewValue[AuthoritySet](name, "Authorities")
)

// Constants, with the values of the reference network.
var (
	MaxAuthorities         = runtime.NewConstant[uint32](name, "MaxAuthorities", maxAuthorities)
	MaxNominators          = runtime.NewConstant[uint32](name, "MaxNominators", 64)             // exposure size that offence reports allow for
	MaxSetIDSessionEntries = runtime.NewConstant[uint64](name, "MaxSetIdSessionEntries", 4_032) // entries of SetIDSession that are kept
)

// Pallet is the declaration page of Grandpa: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		State,
		PendingChange,
		NextForced,
		Stalled,
		CurrentSetID,
		SetIDSession,
		Authorities,
	},
	Calls: runtime.Calls("pallet_grandpa::pallet::Call",
		runtime.NewCall[ReportEquivocation](0, "report_equivocation", runtime.Work(2, 0)),
		runtime.NewCall[ReportEquivocationUnsigned](1, "report_equivocation_unsigned", runtime.Work(2, 0)),
		runtime.NewCall[NoteStalled](2, "note_stalled", runtime.Work(0, 1)),
	),
	Events: runtime.Events("pallet_grandpa::pallet::Event",
		runtime.Event[NewAuthoritiesEvent](0, "NewAuthorities"),
		runtime.Event[PausedEvent](1, "Paused"),
		runtime.Event[ResumedEvent](2, "Resumed"),
	).WithParams(),
	Errors: runtime.Errors("pallet_grandpa::pallet::Error",
		ErrPauseFailed, ErrResumeFailed, ErrChangePending, ErrTooSoon,
		ErrInvalidKeyOwnershipProof, ErrInvalidEquivocationProof, ErrDuplicateOffenceReport,
	),
	Constants: []runtime.ConstantItem{MaxAuthorities, MaxNominators, MaxSetIDSessionEntries},
}
