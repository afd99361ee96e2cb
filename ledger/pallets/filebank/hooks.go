package filebank

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// maxDue bounds the deals that one block gives up at their deadline, and the
// claims of restoral orders.
const maxDue = 100

// genesis makes the records that upstream writes before any user does.
func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var none struct{}
	if err := types.DecodeGenesis(raw, &none); err != nil {
		return err
	}
	storageVersion.Put(ctx, 2)
	ClearUserList.Put(ctx, nil)
	return nil
}

// onInitialize runs the lease task, cleans expired territories up and gives up
// deals and claims whose time is over.
func onInitialize(ctx *runtime.Context) {
	enqueue(ctx)
	clean(ctx)
	giveUp(ctx)
	lapseClaims(ctx)
}

// enqueue adds the territories that expire in this block to ClearUserList, as
// far as it has room, and the others to the backlog.
func enqueue(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	expired := territories.FreezeAndExpire(ctx, now)
	queue := ClearUserList.Get(ctx)
	before := len(queue)
	for key, t := range clearBacklog.Iter(ctx) {
		if !queue.TryPush(t) {
			break
		}
		clearBacklog.Delete(ctx, key)
		inBacklog.Delete(ctx, t)
	}
	for i, e := range expired {
		t := ExpiredTerritory{Owner: e.Owner, Name: e.Name}
		if !queue.TryPush(t) {
			clearBacklog.Put(ctx, backlogKey{ordered(now), ordered(uint32(i))}, t)
			inBacklog.Put(ctx, t, true)
		}
	}
	if len(queue) != before {
		ClearUserList.Put(ctx, queue)
	}
}

// clean empties the territories at the front of ClearUserList, as far as a
// block's share of work goes (spec/pallets-storage.md §12, B5).
func clean(ctx *runtime.Context) {
	queue := ClearUserList.Get(ctx)
	done := 0
	for work := int64(max(1, ClearLimit.Get(ctx))); work > 0 && done < len(queue); done++ {
		if !empty(ctx, queue[done], &work) {
			break
		}
	}
	if done > 0 {
		ClearUserList.Put(ctx, queue[done:])
	}
}

// empty ends the deals and files of an expired territory and says whether
// nothing is left. It counts work down: one for each deal, file and territory,
// more for large files and long lists.
func empty(ctx *runtime.Context, t ExpiredTerritory, work *int64) bool {
	for fid := range territoryDeals.IterPrefix(ctx, t) {
		if *work <= 0 {
			return false
		}
		*work--
		territoryDeals.Delete(ctx, t, fid)
		abandon(ctx, fid)
	}
	list := UserFiles.Get(ctx, t.Owner)
	*work -= min(int64(len(list))/1000, *work/2)
	before, left := len(list), false
	list = slices.DeleteFunc(list, func(r UserFile) bool {
		if !bytes.Equal(r.TerritoryName, t.Name) {
			return false
		}
		if *work <= 0 {
			left = true
			return false
		}
		*work -= 1 + lose(ctx, r.FileHash, t)/100
		return true
	})
	if len(list) != before {
		UserFiles.Put(ctx, t.Owner, list)
	}
	if left {
		return false
	}
	*work--
	// The only error is that the territory is gone, which is as good.
	_ = ctx.Transaction(func() error { return territories.Cleared(ctx, t.Owner, t.Name) })
	return true
}

// lose takes the entry of an expired territory off a file and returns the
// number of the file's segments.
func lose(ctx *runtime.Context, fid types.Hash, t ExpiredTerritory) (segments int64) {
	f, ok := Files.Get(ctx, fid)
	if !ok {
		return 0
	}
	i := slices.IndexFunc(f.Owner, func(o UserBrief) bool {
		return o.User == t.Owner && bytes.Equal(o.TerritoryName, t.Name)
	})
	if i < 0 {
		return 0
	}
	insist(ctx, func(b books) error {
		copied := f
		copied.Owner = slices.Clone(f.Owner)
		return disown(ctx, fid, &copied, i, b)
	})
	return int64(len(f.SegmentList))
}

// giveUp ends deals at their deadline (spec/pallets-storage.md §12, B20).
func giveUp(ctx *runtime.Context) {
	n := 0
	for due := range dealAgenda.Iter(ctx) {
		if due.Block.number() > ctx.BlockNumber() || n == maxDue {
			return
		}
		n++
		dealAgenda.Delete(ctx, due)
		abandon(ctx, due.What)
	}
}

func abandon(ctx *runtime.Context, fid types.Hash) {
	d, ok := Deals.Get(ctx, fid)
	if !ok {
		return
	}
	insist(ctx, func(b books) error { return cancel(ctx, fid, d, b) })
}

// insist does fn as a whole or, if records contradict each other, as far as
// possible: what a hook has to do must not come back for ever.
func insist(ctx *runtime.Context, fn func(books) error) {
	for _, b := range []books{strict, lenient} {
		if ctx.Transaction(func() error { return fn(b) }) == nil {
			return
		}
	}
}
