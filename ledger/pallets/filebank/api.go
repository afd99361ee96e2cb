package filebank

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Operators is what this pallet needs of the register of delegations.
type Operators interface {
	// Allowed says whether owner lets operator act for it.
	Allowed(ctx *runtime.Context, owner, operator substrate.AccountID) bool
}

// Territories is what this pallet needs of leased space and of the network's
// totals. Sizes are in bytes; errors are StorageHandler's and leave the
// territory as it was.
type Territories interface {
	// CheckOwner returns NotHaveTerritory if there is no such territory.
	CheckOwner(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName) error
	// Expired is also true of a territory that does not exist.
	Expired(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName) bool
	// Available is the remaining space, whatever the state.
	Available(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName) (scale.U128, error)
	// AddUsed turns remaining space of an active territory into used space.
	AddUsed(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName, size scale.U128) error
	// SubUsed undoes AddUsed, in any state.
	SubUsed(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName, size scale.U128) error
	// LockSpace turns remaining space of an active territory into locked space.
	LockSpace(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName, size scale.U128) error
	// UnlockSpace undoes LockSpace, in any state.
	UnlockSpace(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName, size scale.U128) error
	// UseLocked turns locked space into used space, in any state.
	UseLocked(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName, size scale.U128) error

	// FreezeAndExpire runs the lease task of a block and lists the territories
	// that expired in it.
	FreezeAndExpire(ctx *runtime.Context, now types.BlockNumber) []storagehandler.ExpiredTerritory
	// Cleared says that an expired territory holds no file and no deal any
	// more.
	Cleared(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName) error

	AddIdleSpace(ctx *runtime.Context, size scale.U128) error
	SubIdleSpace(ctx *runtime.Context, size scale.U128) error
	AddServiceSpace(ctx *runtime.Context, size scale.U128) error
	SubServiceSpace(ctx *runtime.Context, size scale.U128) error
}

// Miners is what this pallet needs of storage miners. Sizes are in bytes.
type Miners interface {
	// State is one of sminer's states, or its NotMiner.
	State(ctx *runtime.Context, who substrate.AccountID) (string, error)
	// LockSpace takes idle space for a column of a deal or a fragment to
	// restore.
	LockSpace(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// UnlockSpace undoes LockSpace.
	UnlockSpace(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// DropLockedSpace forgets fragments without a tag.
	DropLockedSpace(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// LockToService turns locked space into service space: fragments got their
	// tags.
	LockToService(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// AddFragments notes fragments with a tag, on which the miner is
	// challenged.
	AddFragments(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash) error
	// DropServiceSpace forgets fragments with a tag.
	DropServiceSpace(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// ForgetFragments undoes AddFragments.
	ForgetFragments(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash) error
	// AddPendingReplacement notes idle files that must make room.
	AddPendingReplacement(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// AddIdleSpace makes info the miner's record and returns the idle space
	// that it adds; the caller has checked sig.
	AddIdleSpace(ctx *runtime.Context, who substrate.AccountID, info types.SpaceProofInfo, sig types.TEESignature) (scale.U128, error)
	// ShrinkIdle makes info the miner's record and returns the number of idle
	// files that it removes.
	ShrinkIdle(ctx *runtime.Context, who substrate.AccountID, info types.SpaceProofInfo, sig types.TEESignature) (files uint64, err error)
	// SettleReplacement undoes AddPendingReplacement.
	SettleReplacement(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
	// IdleFileSize is the size of one idle file.
	IdleFileSize(ctx *runtime.Context) uint64
	// Snapshot has the miner's PoIS key.
	Snapshot(ctx *runtime.Context, who substrate.AccountID) (idle, service scale.U128, filter types.BloomFilter, info types.SpaceProofInfo, sig types.TEESignature, err error)
	// Leaving says whether others restore the miner's fragments.
	Leaving(ctx *runtime.Context, who substrate.AccountID) bool
	// AddRestored notes fragments of a leaving miner that need no restoring.
	AddRestored(ctx *runtime.Context, who substrate.AccountID, size scale.U128) error
}

// Workers is what this pallet needs of TEE workers.
type Workers interface {
	// CanMark says whether the worker may tag and certify.
	CanMark(ctx *runtime.Context, tee types.WorkerPublicKey) bool
	// VerifyMaster says whether a present or former master key made the
	// signature.
	VerifyMaster(ctx *runtime.Context, sig types.TEESignature, payload [32]byte) bool
	// Worked notes that the worker is alive.
	Worked(ctx *runtime.Context, tee types.WorkerPublicKey)
	// Stash is the validator behind the worker; an error means that there is
	// none, and nobody to credit.
	Stash(ctx *runtime.Context, tee types.WorkerPublicKey) (substrate.AccountID, error)
}

// Credits counts the work of TEE workers for their validators. Sizes are in
// bytes.
type Credits interface {
	RecordTag(ctx *runtime.Context, stash substrate.AccountID, size scale.U128)
	RecordCertIdle(ctx *runtime.Context, stash substrate.AccountID, size scale.U128)
	RecordReplace(ctx *runtime.Context, stash substrate.AccountID, size scale.U128)
}

// Set by Wire.
var (
	operators   Operators
	territories Territories
	miners      Miners
	workers     Workers
	credits     Credits
)

// Wire names what this pallet uses of others.
func Wire(o Operators, t Territories, m Miners, w Workers, c Credits) {
	operators, territories, miners, workers, credits = o, t, m, w, c
}

// API is what other pallets may ask about files.
type API struct{}

// LockedInDeals is the part of a miner's locked space, in bytes, that belongs
// to open deals and to claims of restoral orders; the rest are fragments of
// complete files that have no tag.
//
// It is still idle space in the network's total. When a miner leaves, its idle
// space and this part go off the total, and others restore only service space
// and the rest of the locked space (spec/pallets-storage.md §12, B22). The
// pallet itself drops the miner's columns when it next meets the deal, and its
// claims when they lapse.
func (API) LockedInDeals(ctx *runtime.Context, miner substrate.AccountID) scale.U128 {
	return columnLocks.Get(ctx, miner)
}

// Clearing says whether files or deals of an expired territory are still to be
// removed.
func (API) Clearing(ctx *runtime.Context, owner substrate.AccountID, territory types.TerritoryName) bool {
	if inBacklog.Contains(ctx, ExpiredTerritory{owner, territory}) {
		return true
	}
	return slices.ContainsFunc(ClearUserList.Get(ctx), func(t ExpiredTerritory) bool {
		return t.Owner == owner && bytes.Equal(t.Name, territory)
	})
}

// permits is the permission rule of spec/pallets-storage.md §2.3.
func permits(ctx *runtime.Context, owner, operator substrate.AccountID) bool {
	return owner == operator || operators.Allowed(ctx, owner, operator)
}
