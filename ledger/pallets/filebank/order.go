package filebank

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// The life of a restoral order: it is open, with its origin miner as Miner and
// no deadline; a claim makes another miner its Miner until a deadline, and
// locks that miner's space like a column of a deal; it is open again when the
// deadline has passed, and ends when the claimant has the fragment or the file
// is gone. While it exists, the fragment stays with its origin miner and is
// not available, so that readers go to others of its segment.

// claimed says whether a miner has promised to restore the fragment. A claim
// whose deadline has passed counts until lapse.
func (o *RestoralOrder) claimed() bool { return o.Deadline != 0 }

// open marks the fragment of a new order as lost and returns its segment. The
// caller stores the order.
func (o *RestoralOrder) open(ctx *runtime.Context) (*Segment, error) {
	if RestoralOrders.Contains(ctx, o.FragmentHash) {
		return nil, ErrExisted
	}
	file, ok := Files.Get(ctx, o.FileHash)
	if !ok {
		return nil, ErrNonExistent
	}
	i, j, ok := file.find(func(f *Fragment) bool {
		return f.Hash == o.FragmentHash && f.Miner == o.OriginMiner && f.Avail
	})
	if !ok {
		return nil, ErrSpec
	}
	file.SegmentList[i].FragmentList[j].Avail = false
	Files.Put(ctx, o.FileHash, file)
	return &file.SegmentList[i], nil
}

// find is the place of the first fragment of its kind.
func (f *File) find(is func(*Fragment) bool) (segment, fragment int, ok bool) {
	for i := range f.SegmentList {
		for j := range f.SegmentList[i].FragmentList {
			if is(&f.SegmentList[i].FragmentList[j]) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// lost is the place of the fragment that an order is for. The same fragment may
// be in several places; only one of them is lost at a time
// (spec/pallets-storage.md §12, B19).
func (f *File) lost(o *RestoralOrder) (segment, fragment int, ok bool) {
	return f.find(func(f *Fragment) bool {
		return f.Hash == o.FragmentHash && f.Miner == o.OriginMiner && !f.Avail
	})
}

func (s *Segment) heldBy(miner substrate.AccountID) bool {
	return slices.ContainsFunc(s.FragmentList, func(f Fragment) bool { return f.Miner == miner })
}

// claimedBy says whether a miner is about to restore a fragment of the segment.
func (s *Segment) claimedBy(ctx *runtime.Context, fid types.Hash, miner substrate.AccountID) bool {
	return slices.ContainsFunc(s.FragmentList, func(f Fragment) bool {
		if f.Avail {
			return false
		}
		o, ok := RestoralOrders.Get(ctx, f.Hash)
		return ok && o.FileHash == fid && o.OriginMiner == f.Miner && o.claimed() && o.Miner == miner
	})
}

// claim gives an open order to a miner. The twelve fragments of a segment are
// with twelve miners, also when all open claims are kept.
func (o *RestoralOrder) claim(ctx *runtime.Context, s *Segment, miner substrate.AccountID) error {
	if s.heldBy(miner) || s.claimedBy(ctx, o.FileHash, miner) {
		return ErrRulesNotAllowed
	}
	if err := lockColumn(ctx, miner, fragments(1)); err != nil {
		return err
	}
	now := ctx.BlockNumber()
	o.Count++
	o.Miner = miner
	o.Deadline = now + min(RestoralOrderLife.Get(ctx), ^types.BlockNumber(0)-now)
	RestoralOrders.Put(ctx, o.FragmentHash, *o)
	claimAgenda.Put(ctx, o.appointment(), true)
	ctx.Emit(ClaimRestoralOrderEvent{Miner: miner, OrderID: o.FragmentHash})
	return nil
}

func (o *RestoralOrder) appointment() appointment {
	return appointment{ordered(o.Deadline), o.FragmentHash}
}

// lapse takes the order away from its claimant, whose space is free again.
func (o *RestoralOrder) lapse(ctx *runtime.Context) {
	if !o.claimed() {
		return
	}
	insist(ctx, func(b books) error { return b.check(releaseColumn(ctx, o.Miner, fragments(1))) })
	claimAgenda.Delete(ctx, o.appointment())
	o.Miner, o.Deadline = o.OriginMiner, 0
	RestoralOrders.Put(ctx, o.FragmentHash, *o)
}

// close ends an order without a restored fragment.
func (o *RestoralOrder) close(ctx *runtime.Context, b books) error {
	if o.claimed() {
		if err := b.check(releaseColumn(ctx, o.Miner, fragments(1))); err != nil {
			return err
		}
		claimAgenda.Delete(ctx, o.appointment())
	}
	RestoralOrders.Delete(ctx, o.FragmentHash)
	return nil
}

// settle hands the fragment over to the claimant. The space of the claim is
// that of a fragment without a tag now, as if a deal had completed: it is no
// idle space of the network any more (spec/pallets-storage.md §12, B17), and
// idle files must make room for it.
func (o *RestoralOrder) settle(ctx *runtime.Context, frag *Fragment) error {
	unlist(ctx, o.Miner, fragments(1))
	if err := territories.SubIdleSpace(ctx, fragments(1)); err != nil {
		return err
	}
	if err := miners.AddPendingReplacement(ctx, o.Miner, fragments(1)); err != nil {
		return err
	}
	former := holding{miner: o.OriginMiner}
	former.add(frag)
	if err := former.release(ctx, strict); err != nil {
		return err
	}
	*frag = Fragment{Hash: frag.Hash, Avail: true, Miner: o.Miner}
	claimAgenda.Delete(ctx, o.appointment())
	RestoralOrders.Delete(ctx, o.FragmentHash)
	return nil
}

// dropOrders ends the orders for fragments of a file that goes.
func (f *File) dropOrders(ctx *runtime.Context, fid types.Hash, b books) error {
	for _, s := range f.SegmentList {
		for _, frag := range s.FragmentList {
			if frag.Avail {
				continue
			}
			o, ok := RestoralOrders.Get(ctx, frag.Hash)
			if !ok || o.FileHash != fid || o.OriginMiner != frag.Miner {
				continue
			}
			if err := o.close(ctx, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// lapseClaims opens orders again whose claimants let the deadline pass.
func lapseClaims(ctx *runtime.Context) {
	n := 0
	for due := range claimAgenda.Iter(ctx) {
		if due.Block.number() >= ctx.BlockNumber() || n == maxDue {
			return
		}
		n++
		claimAgenda.Delete(ctx, due)
		if o, ok := RestoralOrders.Get(ctx, due.What); ok && o.appointment() == due {
			o.lapse(ctx)
		}
	}
}
