package filebank

import (
	"encoding/binary"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// extra is where the pallet keeps what upstream does not have. Metadata does
// not list these items, so that its shape stays that of the reference.
const extra = "FileBankExtra"

var (
	// DealDeadlines are the blocks in which open deals are given up. Every
	// deal has one.
	DealDeadlines = runtime.NewOptionalMap[types.Hash, types.BlockNumber](
		extra, "DealDeadline", runtime.Blake2_128Concat)

	// dealAgenda lists the deals in the order of their deadlines.
	dealAgenda = runtime.NewOptionalMap[appointment, bool](extra, "DealAgenda", runtime.Identity)

	// territoryDeals are the open deals of a territory.
	territoryDeals = runtime.NewOptionalDoubleMap[ExpiredTerritory, types.Hash, bool](
		extra, "TerritoryDeals", runtime.Blake2_128Concat, runtime.Identity)

	// claimAgenda lists the claimed restoral orders in the order of their
	// deadlines.
	claimAgenda = runtime.NewOptionalMap[appointment, bool](extra, "ClaimAgenda", runtime.Identity)

	// columnLocks is the space of each miner that open deals and claims of
	// restoral orders keep locked.
	columnLocks = runtime.NewMap[substrate.AccountID, scale.U128](
		extra, "ColumnLocks", runtime.Blake2_128Concat)

	// clearBacklog continues ClearUserList when that is full; inBacklog finds
	// its entries by territory.
	clearBacklog = runtime.NewOptionalMap[backlogKey, ExpiredTerritory](
		extra, "ClearBacklog", runtime.Identity)
	inBacklog = runtime.NewOptionalMap[ExpiredTerritory, bool](
		extra, "InBacklog", runtime.Blake2_128Concat)
)

// appointment sorts deals, by fid, and orders, by fragment, by deadline.
type appointment struct {
	Block orderedBlock
	What  types.Hash
}

// backlogKey sorts expired territories by the block of their expiry and the
// place in it.
type backlogKey struct {
	Block orderedBlock
	Place orderedBlock
}

// orderedBlock is a number whose encoding sorts like the number itself.
type orderedBlock [4]byte

func ordered(n uint32) (b orderedBlock) {
	binary.BigEndian.PutUint32(b[:], n)
	return b
}

func (b orderedBlock) number() uint32 { return binary.BigEndian.Uint32(b[:]) }

// territoryOf is where a deal or an owner entry takes its space from.
func territoryOf(u UserBrief) ExpiredTerritory {
	return ExpiredTerritory{Owner: u.User, Name: u.TerritoryName}
}

// schedule enters a new deal in the indices.
func schedule(ctx *runtime.Context, fid types.Hash, user UserBrief) {
	deadline := ctx.BlockNumber() + min(DealLife.Get(ctx), ^uint32(0)-ctx.BlockNumber())
	DealDeadlines.Put(ctx, fid, deadline)
	dealAgenda.Put(ctx, appointment{ordered(deadline), fid}, true)
	territoryDeals.Put(ctx, territoryOf(user), fid, true)
}

// unschedule takes a deal that is over out of the indices.
func unschedule(ctx *runtime.Context, fid types.Hash, user UserBrief) {
	if deadline, ok := DealDeadlines.Get(ctx, fid); ok {
		dealAgenda.Delete(ctx, appointment{ordered(deadline), fid})
	}
	DealDeadlines.Delete(ctx, fid)
	territoryDeals.Delete(ctx, territoryOf(user), fid)
}
