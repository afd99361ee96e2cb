// Package podr2 lets the chain itself verify that miners hold their service
// data (PoDR² version 2, docs/protocol/podr2.md): it keeps the list of each
// miner's fragments, freezes it while a challenge is open, knows the key that
// tags are made with, and overturns verdicts that contradict the proof.
//
// The lists are dense, so that a challenge can ask for the n-th fragment of a
// miner, and kept for miners of both versions. A change costs the same however
// long the list is, frozen or not: the frozen list is the current one, with
// the slots that changed since kept aside.
package podr2

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

const (
	name  = "Podr2"
	index = 112
)

// Versions of PoDR².
const (
	Version1 = 1
	Version2 = scheme.Version
)

// Storage.
var (
	// Fragments are the fragments with a tag that a miner stores: slots 0 to
	// FragmentCount-1, without gaps, in no particular order.
	Fragments = runtime.NewOptionalDoubleMap[substrate.AccountID, uint32, Digest](
		name, "Fragments", runtime.Blake2_128Concat, runtime.Twox64Concat)

	// FragmentCount is the length of a miner's list.
	FragmentCount = runtime.NewMap[substrate.AccountID, uint32](
		name, "FragmentCount", runtime.Blake2_128Concat)

	// FragmentSlots find a fragment in its miner's list.
	FragmentSlots = runtime.NewOptionalDoubleMap[substrate.AccountID, Digest, Slot](
		name, "FragmentSlot", runtime.Blake2_128Concat, runtime.Identity)

	// Frozen are the lists that open challenges ask about.
	Frozen = runtime.NewOptionalMap[substrate.AccountID, FrozenList](
		name, "Frozen", runtime.Blake2_128Concat)

	// FrozenSlots hold what slots below the count of a frozen list contained
	// before they changed; the other slots are those of Fragments.
	FrozenSlots = runtime.NewOptionalDoubleMap[FrozenID, uint32, Digest](
		name, "FrozenSlots", runtime.Blake2_128Concat, runtime.Twox64Concat)

	// Released are lists of which slots are left to be removed.
	Released = runtime.NewOptionalMap[FrozenID, bool](name, "Released", runtime.Blake2_128Concat)

	// ReleasedCount is the number of entries in Released.
	ReleasedCount = runtime.NewValue[uint32](name, "ReleasedCount")

	// Versions are the versions of PoDR² that miners prove by.
	Versions = runtime.NewMap[substrate.AccountID, uint8](
		name, "Version", runtime.Blake2_128Concat, runtime.Default[uint8](Version1))

	// TaggerKey is the key that TEE workers tag with.
	TaggerKey = runtime.NewOptionalValue[TaggerKeyBytes](name, "TaggerKey")

	// TaggerKeyID names TaggerKey, so that a challenge need not decode it.
	TaggerKeyID = runtime.NewOptionalValue[KeyID](name, "TaggerKeyID")

	// TaggerKeys are all keys that were ever registered. Tags outlive the key
	// that they were made with.
	TaggerKeys = runtime.NewOptionalMap[KeyID, TaggerKeyBytes](
		name, "TaggerKeys", runtime.Identity)
)

// Constants.
var (
	// Samples is the number of blocks that a challenge asks for: 460 find the
	// loss of 1 % of the blocks with 99 % probability.
	Samples = runtime.NewConstant[uint32](name, "Samples", 460)
	// DisputePeriod is the time, in blocks, that a verdict can at least be
	// disputed.
	DisputePeriod = runtime.NewConstant[uint32](name, "DisputePeriod", 600)
	// ReleaseLimit is the number of slots of released lists that one block
	// removes.
	ReleaseLimit = runtime.NewConstant[uint32](name, "ReleaseLimit", 200)
)

// maxSamples is the most that the declared weight of a dispute allows for.
const maxSamples = 500

// Pallet is the declaration page of Podr2: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Fragments,
		FragmentCount,
		FragmentSlots,
		Frozen,
		FrozenSlots,
		Released,
		ReleasedCount,
		Versions,
		TaggerKey,
		TaggerKeyID,
		TaggerKeys,
	},
	Calls: runtime.Calls("pallet_podr2::pallet::Call",
		runtime.NewCall[SetVersion](0, "set_version", runtime.Work(2, 1)),
		runtime.NewCall[RegisterTaggerKey](1, "register_tagger_key", runtime.Work(4, 3)),
		runtime.NewCall[ClearTaggerKey](2, "clear_tagger_key", runtime.Work(1, 2)),
		runtime.NewCall[Dispute](3, "dispute", runtime.Work(verifyReads, verifyWrites)),
		runtime.NewCall[Judge](4, "judge", runtime.Work(verifyReads, verifyWrites)),
	),
	Events: runtime.Events("pallet_podr2::pallet::Event",
		runtime.Event[VersionSetEvent](0, "VersionSet"),
		runtime.Event[TaggerKeyRegisteredEvent](1, "TaggerKeyRegistered"),
		runtime.Event[TaggerKeyClearedEvent](2, "TaggerKeyCleared"),
		runtime.Event[OverturnedEvent](3, "Overturned"),
		runtime.Event[JudgedEvent](4, "Judged"),
	),
	Errors: runtime.Errors("pallet_podr2::pallet::Error",
		ErrNotMiner, ErrInvalidVersion, ErrChallengeOpen, ErrInvalidTaggerKey, ErrTaggerKeyExists,
		ErrNoTaggerKey, ErrMalformedSignature, ErrVerifyTEESigFailed, ErrNoChallenge, ErrNotVersion2,
		ErrNoProof, ErrNoVerdict, ErrVerdictStands, ErrVerdictExists, ErrTooEarly, ErrMalformedHash,
		ErrNotListed, ErrOverflow,
	),
	Constants:    []runtime.ConstantItem{Samples, DisputePeriod, ReleaseLimit},
	OnInitialize: clean,
	Genesis:      genesis,
}
