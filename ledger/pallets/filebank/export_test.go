package filebank

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// MaxDue is maxDue.
const MaxDue = maxDue

// Agenda lists the deals in the order in which they will be given up.
func Agenda(ctx *runtime.Context) (deals []types.Hash, blocks []types.BlockNumber) {
	for a := range dealAgenda.Iter(ctx) {
		deals, blocks = append(deals, a.What), append(blocks, a.Block.number())
	}
	return deals, blocks
}

// DealsOf lists the deals in the index of a territory.
func DealsOf(ctx *runtime.Context, t ExpiredTerritory) (deals []types.Hash) {
	for fid := range territoryDeals.IterPrefix(ctx, t) {
		deals = append(deals, fid)
	}
	return deals
}

// ColumnLocks is what open deals keep locked, per miner.
func ColumnLocks(ctx *runtime.Context) map[substrate.AccountID]scale.U128 {
	locks := map[substrate.AccountID]scale.U128{}
	for m, x := range columnLocks.Iter(ctx) {
		locks[m] = x
	}
	return locks
}

// Claims lists the claimed restoral orders in the order in which they lapse.
func Claims(ctx *runtime.Context) (fragments []types.Hash) {
	for a := range claimAgenda.Iter(ctx) {
		fragments = append(fragments, a.What)
	}
	return fragments
}

// Backlog lists the territories that ClearUserList has no room for.
func Backlog(ctx *runtime.Context) (list []ExpiredTerritory) {
	for _, t := range clearBacklog.Iter(ctx) {
		list = append(list, t)
	}
	return list
}

// CheckDeclared is the check of what a new deal declares.
func (c UploadDeclaration) CheckDeclared(bound bool) error { return c.checkDeclared(bound) }

// Clearing is what StorageHandler asks.
func Clearing(ctx *runtime.Context, t ExpiredTerritory) bool {
	return API{}.Clearing(ctx, t.Owner, t.Name)
}
