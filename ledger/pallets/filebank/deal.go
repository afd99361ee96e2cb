package filebank

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// footprint is the space of the whole deal, in bytes.
func (d *Deal) footprint() scale.U128 { return types.Footprint(len(d.SegmentList)) }

// column is the space that one miner needs for the deal: a fragment of every
// segment.
func (d *Deal) column() scale.U128 { return fragments(len(d.SegmentList)) }

func fragments(n int) scale.U128 { return scale.U128From64(uint64(n) * types.FragmentSize) }

// reserve locks space for a deal. A territory cannot be filled to the last
// byte: more than the footprint must remain.
func reserve(ctx *runtime.Context, user UserBrief, size scale.U128) error {
	if err := checkRoom(ctx, user, size); err != nil {
		return err
	}
	return territories.LockSpace(ctx, user.User, user.TerritoryName, size)
}

func checkRoom(ctx *runtime.Context, user UserBrief, size scale.U128) error {
	room, err := territories.Available(ctx, user.User, user.TerritoryName)
	if err != nil {
		return err
	}
	if !size.Less(room) {
		return ErrInsufficientAvailableSpace
	}
	return nil
}

// open makes a new deal.
func open(ctx *runtime.Context, fid types.Hash, d Deal) error {
	if err := reserve(ctx, d.User, d.footprint()); err != nil {
		return err
	}
	Deals.Put(ctx, fid, d)
	schedule(ctx, fid, d.User)
	return nil
}

// amend answers a declaration of a deal that is open already: repeating one's
// own declaration is harmless and may move the deal to another territory, and
// nobody else can touch it (spec/pallets-storage.md §12, B1). The deadline
// stays: a deal cannot hold the space of miners for ever.
func amend(ctx *runtime.Context, fid types.Hash, old, renewed Deal) error {
	if old.User.User != renewed.User.User || !slices.EqualFunc(old.SegmentList, renewed.SegmentList, SegmentList.equal) {
		return ErrExisted
	}
	if bytes.Equal(old.User.TerritoryName, renewed.User.TerritoryName) {
		if territories.Expired(ctx, old.User.User, old.User.TerritoryName) {
			return storagehandler.ErrNotActive
		}
	} else {
		if err := reserve(ctx, renewed.User, old.footprint()); err != nil {
			return err
		}
		if err := unreserve(ctx, old); err != nil {
			return err
		}
		territoryDeals.Delete(ctx, territoryOf(old.User), fid)
		territoryDeals.Put(ctx, territoryOf(renewed.User), fid, true)
	}
	renewed.CompleteList = old.CompleteList
	Deals.Put(ctx, fid, renewed)
	return nil
}

func (s SegmentList) equal(t SegmentList) bool {
	return s.Hash == t.Hash && slices.Equal(s.FragmentList, t.FragmentList)
}

func unreserve(ctx *runtime.Context, d Deal) error {
	if territories.CheckOwner(ctx, d.User.User, d.User.TerritoryName) != nil {
		return nil
	}
	return territories.UnlockSpace(ctx, d.User.User, d.User.TerritoryName, d.footprint())
}

// cancel ends an open deal without a file: user and miners get their space
// back.
func cancel(ctx *runtime.Context, fid types.Hash, d Deal, b books) error {
	if err := b.check(unreserve(ctx, d)); err != nil {
		return err
	}
	for _, report := range d.CompleteList {
		if err := b.check(releaseColumn(ctx, report.Miner, d.column())); err != nil {
			return err
		}
	}
	Deals.Delete(ctx, fid)
	unschedule(ctx, fid, d.User)
	return nil
}

// report enters a miner's column in a deal. It returns Existed when the deal
// has a report of that column or of that miner.
func (d *Deal) report(ctx *runtime.Context, r CompleteInfo) error {
	if err := d.dropReports(ctx); err != nil {
		return err
	}
	for _, other := range d.CompleteList {
		if other.Index == r.Index || other.Miner == r.Miner {
			return ErrExisted
		}
	}
	if err := lockColumn(ctx, r.Miner, d.column()); err != nil {
		return err
	}
	d.CompleteList = append(d.CompleteList, r)
	return nil
}

// dropReports takes the reports of miners out of service off a deal, so that
// others can take their columns (spec/pallets-storage.md §12, B21).
func (d *Deal) dropReports(ctx *runtime.Context) error {
	kept := d.CompleteList[:0]
	for _, report := range d.CompleteList {
		if state, err := miners.State(ctx, report.Miner); err == nil && state == sminer.StatePositive {
			kept = append(kept, report)
			continue
		}
		if err := releaseColumn(ctx, report.Miner, d.column()); err != nil {
			return err
		}
	}
	d.CompleteList = kept
	return nil
}

// lockColumn takes a miner's space for a column of a deal or a claimed
// fragment.
func lockColumn(ctx *runtime.Context, miner substrate.AccountID, size scale.U128) error {
	if err := miners.LockSpace(ctx, miner, size); err != nil {
		return err
	}
	return columnLocks.Mutate(ctx, miner, func(locked *scale.U128) error {
		*locked = locked.SaturatingAdd(size)
		return nil
	})
}

// releaseColumn gives a miner its space back. That of a miner that left is
// gone: the network's total has forgotten it already, see LockedInDeals.
func releaseColumn(ctx *runtime.Context, miner substrate.AccountID, size scale.U128) error {
	unlist(ctx, miner, size)
	switch state, err := miners.State(ctx, miner); {
	case err != nil:
		return nil
	case state == sminer.StateExit || state == sminer.StateOffline:
		return miners.DropLockedSpace(ctx, miner, size)
	default:
		return miners.UnlockSpace(ctx, miner, size)
	}
}

// unlist forgets that an open deal or claim keeps space of the miner locked.
func unlist(ctx *runtime.Context, miner substrate.AccountID, size scale.U128) {
	if rest := columnLocks.Get(ctx, miner).SaturatingSub(size); rest.IsZero() {
		columnLocks.Delete(ctx, miner)
	} else {
		columnLocks.Put(ctx, miner, rest)
	}
}

// complete makes the file of a deal whose columns are all reported.
func complete(ctx *runtime.Context, fid types.Hash, d Deal) error {
	for _, report := range d.CompleteList {
		unlist(ctx, report.Miner, d.column())
		if err := miners.AddPendingReplacement(ctx, report.Miner, d.column()); err != nil {
			return err
		}
	}
	size := d.footprint()
	if err := territories.UseLocked(ctx, d.User.User, d.User.TerritoryName, size); err != nil {
		return err
	}
	if err := territories.SubIdleSpace(ctx, size); err != nil {
		return err
	}
	if err := territories.AddServiceSpace(ctx, size); err != nil {
		return err
	}
	if err := enlist(ctx, d.User, fid, size); err != nil {
		return err
	}
	Files.Put(ctx, fid, d.file(ctx.BlockNumber()))
	Deals.Delete(ctx, fid)
	unschedule(ctx, fid, d.User)
	ctx.Emit(StorageCompletedEvent{FileHash: fid})
	return nil
}

// file assigns column i of every segment to the miner that reported index i.
// The order of the reports does not matter.
func (d *Deal) file(now types.BlockNumber) File {
	slices.SortFunc(d.CompleteList, func(a, b CompleteInfo) int { return int(a.Index) - int(b.Index) })
	f := File{FileSize: d.FileSize, Completion: now, State: FileActive}
	f.Owner = append(f.Owner, d.User)
	for _, s := range d.SegmentList {
		segment := Segment{Hash: s.Hash}
		for j, hash := range s.FragmentList {
			segment.FragmentList = append(segment.FragmentList, Fragment{
				Hash: hash, Avail: true, Miner: d.CompleteList[j].Miner,
			})
		}
		f.SegmentList = append(f.SegmentList, segment)
	}
	return f
}
