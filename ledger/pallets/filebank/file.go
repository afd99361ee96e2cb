package filebank

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// footprint is the space of the whole file, in bytes.
func (f *File) footprint() scale.U128 { return types.Footprint(len(f.SegmentList)) }

// books says what to do when records contradict each other. Calls fail; the
// clean-up, which nobody can repeat, does what it can.
type books bool

const (
	strict  books = true
	lenient books = false
)

func (b books) check(err error) error {
	if b == strict {
		return err
	}
	return nil
}

// enlist adds a file to the end of a user's list.
func enlist(ctx *runtime.Context, user UserBrief, fid types.Hash, size scale.U128) error {
	return UserFiles.Mutate(ctx, user.User, func(list *scale.BoundedVec[UserFile, UserFileBound]) error {
		known := func(r UserFile) bool {
			return r.FileHash == fid && bytes.Equal(r.TerritoryName, user.TerritoryName)
		}
		if slices.ContainsFunc(*list, known) {
			return ErrExisted
		}
		full := uint64(len(*list)) >= uint64(UserFileLimit.Get(ctx))
		if full || !list.TryPush(UserFile{TerritoryName: user.TerritoryName, FileHash: fid, FileSize: size}) {
			return ErrStorageLimitReached
		}
		return nil
	})
}

// share makes a user an owner of a stored file, in the territory that its
// brief names. Nothing is uploaded. A user may own a file in several
// territories and pays for each.
func share(ctx *runtime.Context, fid types.Hash, f File, user UserBrief) error {
	size := f.footprint()
	if err := checkRoom(ctx, user, size); err != nil {
		return err
	}
	if err := territories.AddUsed(ctx, user.User, user.TerritoryName, size); err != nil {
		return err
	}
	if err := enlist(ctx, user, fid, size); err != nil {
		return err
	}
	if uint64(len(f.Owner)) >= uint64(OwnerLimit.Get(ctx)) || !f.Owner.TryPush(user) {
		return ErrBoundedVec
	}
	Files.Put(ctx, fid, f)
	return nil
}

// deliver moves what a user owns of a file to another of its territories.
func deliver(ctx *runtime.Context, fid types.Hash, f File, user substrate.AccountID, target types.TerritoryName) error {
	size := f.footprint()
	for i := range f.Owner {
		o := &f.Owner[i]
		if o.User != user || bytes.Equal(o.TerritoryName, target) {
			continue
		}
		if err := territories.SubUsed(ctx, user, o.TerritoryName, size); err != nil {
			return err
		}
		if err := territories.AddUsed(ctx, user, target, size); err != nil {
			return err
		}
		o.TerritoryName = target
	}
	Files.Put(ctx, fid, f)
	return UserFiles.Mutate(ctx, user, func(list *scale.BoundedVec[UserFile, UserFileBound]) error {
		for i := range *list {
			if r := &(*list)[i]; r.FileHash == fid {
				r.TerritoryName = target
			}
		}
		return nil
	})
}

// disownAll takes all of a user's entries off a file, and the file off the
// user's list. The last owner's entry takes the file with it, also when the
// user held several (spec/pallets-storage.md §12, B3).
func disownAll(ctx *runtime.Context, fid types.Hash, user substrate.AccountID) error {
	f, ok := Files.Get(ctx, fid)
	if !ok {
		return ErrNonExistent
	}
	owned := func(o UserBrief) bool { return o.User == user }
	if !slices.ContainsFunc(f.Owner, owned) {
		return ErrNotOwner
	}
	for i := slices.IndexFunc(f.Owner, owned); i >= 0; i = slices.IndexFunc(f.Owner, owned) {
		if err := disown(ctx, fid, &f, i, strict); err != nil {
			return err
		}
	}
	return UserFiles.Mutate(ctx, user, func(list *scale.BoundedVec[UserFile, UserFileBound]) error {
		*list = slices.DeleteFunc(*list, func(r UserFile) bool { return r.FileHash == fid })
		return nil
	})
}

// disown takes the i-th owner entry off a file and gives its territory the
// space back; with the last entry the file goes.
func disown(ctx *runtime.Context, fid types.Hash, f *File, i int, b books) error {
	o := f.Owner[i]
	if err := b.check(territories.SubUsed(ctx, o.User, o.TerritoryName, f.footprint())); err != nil {
		return err
	}
	f.Owner = slices.Delete(f.Owner, i, i+1)
	if len(f.Owner) > 0 {
		Files.Put(ctx, fid, *f)
		return nil
	}
	return erase(ctx, fid, f, b)
}

// erase removes a file: its miners are rid of the fragments, but certify new
// idle files before the space counts again. Restoral orders for the fragments
// end.
func erase(ctx *runtime.Context, fid types.Hash, f *File, b books) error {
	if err := f.dropOrders(ctx, fid, b); err != nil {
		return err
	}
	for _, h := range f.holders() {
		if err := h.release(ctx, b); err != nil {
			return err
		}
	}
	if err := b.check(territories.SubServiceSpace(ctx, f.footprint())); err != nil {
		return err
	}
	Files.Delete(ctx, fid)
	return nil
}

// holding is what one miner stores of a file.
type holding struct {
	miner    substrate.AccountID
	tagged   []types.Hash
	untagged int
}

// holders lists the miners of a file in the order of their accounts.
func (f *File) holders() []holding {
	var list []holding
	for _, s := range f.SegmentList {
		for _, frag := range s.FragmentList {
			i, found := slices.BinarySearchFunc(list, frag.Miner, func(h holding, m substrate.AccountID) int {
				return bytes.Compare(h.miner[:], m[:])
			})
			if !found {
				list = slices.Insert(list, i, holding{miner: frag.Miner})
			}
			list[i].add(&frag)
		}
	}
	return list
}

func (h *holding) add(f *Fragment) {
	if f.Tag.IsSome() {
		h.tagged = append(h.tagged, f.Hash)
	} else {
		h.untagged++
	}
}

// release rids the miner of what it holds. Of a miner that left others need
// not restore it any more; its own record counts for nothing, so that it does
// not matter whether the filter still has the fragments.
func (h holding) release(ctx *runtime.Context, b books) error {
	if miners.Leaving(ctx, h.miner) {
		_ = ctx.Transaction(func() error { return miners.ForgetFragments(ctx, h.miner, h.tagged) })
		return b.check(miners.AddRestored(ctx, h.miner, fragments(len(h.tagged)+h.untagged)))
	}
	if err := b.check(miners.DropServiceSpace(ctx, h.miner, fragments(len(h.tagged)))); err != nil {
		return err
	}
	if err := b.check(miners.ForgetFragments(ctx, h.miner, h.tagged)); err != nil {
		return err
	}
	return b.check(miners.DropLockedSpace(ctx, h.miner, fragments(h.untagged)))
}
