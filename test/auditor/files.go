package auditor

import (
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func territoryKey(owner account, name types.TerritoryName) string {
	return string(owner[:]) + string(name)
}

// territories holds that the parts of a territory are its files, its deals and
// what is left, and that the network sold what its territories have.
func (a *auditor) territories() {
	used, lock := map[string]scale.U128{}, map[string]scale.U128{}
	for owner, list := range filebank.UserFiles.Iter(a.ctx) {
		for _, r := range list {
			k := territoryKey(owner, r.TerritoryName)
			used[k] = used[k].SaturatingAdd(r.FileSize)
		}
	}
	for _, d := range filebank.Deals.Iter(a.ctx) {
		k := territoryKey(d.User.User, d.User.TerritoryName)
		lock[k] = lock[k].SaturatingAdd(types.Footprint(len(d.SegmentList)))
	}
	var purchased scale.U128
	for _, ref := range storagehandler.TerritoryKeys.Iter(a.ctx) {
		t, ok := storagehandler.Territories.Get(a.ctx, ref.Owner, ref.Name)
		if !ok {
			a.fault("a key of the territory %s, which does not exist", ref.Name)
			continue
		}
		k := territoryKey(ref.Owner, ref.Name)
		a.equal(t.UsedSpace.SaturatingAdd(t.LockedSpace).SaturatingAdd(t.RemainingSpace), t.TotalSpace, "parts of territory %s", ref.Name)
		a.equal(t.UsedSpace, used[k], "used space of territory %s", ref.Name)
		a.equal(t.LockedSpace, lock[k], "locked space of territory %s", ref.Name)
		delete(used, k)
		delete(lock, k)
		if t.State != storagehandler.TerritoryExpired {
			purchased = purchased.SaturatingAdd(t.TotalSpace)
		}
		if (t.State == storagehandler.TerritoryOnConsignment) != storagehandler.Consignments.Contains(a.ctx, t.Token) {
			a.fault("territory %s is in state %d, which its consignment contradicts", ref.Name, t.State)
		}
	}
	if len(used)+len(lock) > 0 {
		a.fault("%d files and %d deals in territories that do not exist", len(used), len(lock))
	}
	a.equal(storagehandler.PurchasedSpace.Get(a.ctx), purchased, "purchased space")
}

// files holds that owners and users' lists agree and that the fragments of a
// segment are with twelve miners.
func (a *auditor) files() {
	owners := map[string]int{}
	var service scale.U128
	for fid, f := range filebank.Files.Iter(a.ctx) {
		if len(f.Owner) == 0 || filebank.Deals.Contains(a.ctx, fid) {
			a.fault("file %s has %d owners, or is a deal too", fid[:8], len(f.Owner))
		}
		for _, o := range f.Owner {
			owners[string(fid[:])+territoryKey(o.User, o.TerritoryName)]++
		}
		for _, s := range f.SegmentList {
			service = service.SaturatingAdd(size(len(s.FragmentList)))
			holders := map[account]bool{}
			for _, frag := range s.FragmentList {
				holders[frag.Miner] = true
			}
			if len(s.FragmentList) != types.FragmentCount || len(holders) != types.FragmentCount {
				a.fault("file %s has a segment of %d fragments with %d miners", fid[:8], len(s.FragmentList), len(holders))
			}
		}
	}
	for owner, list := range filebank.UserFiles.Iter(a.ctx) {
		for _, r := range list {
			owners[string(r.FileHash[:])+territoryKey(owner, r.TerritoryName)]--
		}
	}
	for k, n := range owners {
		if n != 0 {
			a.fault("%d owner entries more than records of file %s", n, k[:8])
		}
	}
	a.equal(storagehandler.TotalServiceSpace.Get(a.ctx), service, "total service space")
}

// deals holds that reports are of different columns and miners, and that every
// deal has a deadline ahead.
func (a *auditor) deals() {
	n, deadlines := 0, 0
	for fid, d := range filebank.Deals.Iter(a.ctx) {
		n++
		columns, miners := map[uint8]bool{}, map[account]bool{}
		for _, r := range d.CompleteList {
			columns[r.Index], miners[r.Miner] = true, true
		}
		if k := len(d.CompleteList); k >= types.FragmentCount || len(columns) != k || len(miners) != k {
			a.fault("deal %s: %d reports of %d columns by %d miners", fid[:8], k, len(columns), len(miners))
		}
		if at, ok := filebank.DealDeadlines.Get(a.ctx, fid); !ok || at+100 < a.ctx.BlockNumber() {
			a.fault("deal %s ends at block %d, %v", fid[:8], at, ok)
		}
	}
	for range filebank.DealDeadlines.Iter(a.ctx) {
		deadlines++
	}
	if deadlines != n {
		a.fault("%d deals, %d deadlines", n, deadlines)
	}
}

// orders holds that there is an order exactly for each lost fragment.
func (a *auditor) orders() {
	lost, orders := map[types.Hash]int{}, 0
	for fid, f := range filebank.Files.Iter(a.ctx) {
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if frag.Avail {
					continue
				}
				lost[frag.Hash]++
				o, ok := filebank.RestoralOrders.Get(a.ctx, frag.Hash)
				if !ok || o.FileHash != fid || o.OriginMiner != frag.Miner {
					a.fault("fragment %s is lost, its order is %v of miner %s", frag.Hash[:8], ok, short(o.OriginMiner))
				}
			}
		}
	}
	for fragment, o := range filebank.RestoralOrders.Iter(a.ctx) {
		orders++
		if lost[fragment] != 1 || o.Deadline == 0 && o.Miner != o.OriginMiner || o.Deadline != 0 && o.Miner == o.OriginMiner {
			a.fault("%d lost fragments %s, the order is %+v", lost[fragment], fragment[:8], o)
		}
	}
	if orders != len(lost) {
		a.fault("%d orders for %d lost fragments", orders, len(lost))
	}
}
