package filebank_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// audit holds all records against each other: the invariants of
// spec/pallets-storage.md §11, by their numbers, and those of the pallet's own
// indices.
func audit(ctx *runtime.Context) error {
	a := auditor{ctx: ctx}
	a.territories()
	a.files()
	a.deals()
	a.orders()
	a.miners()
	a.money()
	return errors.Join(a.faults...)
}

func (w *world) audit() {
	w.t.Helper()
	if err := audit(w.Ctx()); err != nil {
		w.t.Fatalf("block %d: %v", w.Number(), err)
	}
}

type auditor struct {
	ctx    *runtime.Context
	faults []error
}

func (a *auditor) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

func (a *auditor) equal(got, want scale.U128, format string, args ...any) {
	if got != want {
		a.fault("%s: %v, want %v", fmt.Sprintf(format, args...), got, want)
	}
}

func key(t territory) string { return string(t.Owner[:]) + string(t.Name) }

func (a *auditor) territories() {
	used, locked := map[string]scale.U128{}, map[string]scale.U128{}
	for owner, list := range filebank.UserFiles.Iter(a.ctx) {
		for _, r := range list {
			k := key(territory{Owner: owner, Name: r.TerritoryName})
			used[k] = used[k].SaturatingAdd(r.FileSize)
		}
	}
	for _, d := range filebank.Deals.Iter(a.ctx) {
		k := key(territory{Owner: d.User.User, Name: d.User.TerritoryName})
		locked[k] = locked[k].SaturatingAdd(types.Footprint(len(d.SegmentList)))
	}
	var purchased scale.U128
	for _, ref := range storagehandler.TerritoryKeys.Iter(a.ctx) {
		t, ok := storagehandler.Territories.Get(a.ctx, ref.Owner, ref.Name)
		if !ok {
			a.fault("5: a key of the territory %s, which does not exist", ref.Name)
			continue
		}
		sum := t.UsedSpace.SaturatingAdd(t.LockedSpace).SaturatingAdd(t.RemainingSpace)
		a.equal(sum, t.TotalSpace, "1: parts of territory %s", ref.Name)
		k := key(ref2territory(ref))
		a.equal(t.UsedSpace, used[k], "2: used space of territory %s", ref.Name)
		a.equal(t.LockedSpace, locked[k], "2: locked space of territory %s", ref.Name)
		delete(used, k)
		delete(locked, k)
		if t.State != storagehandler.TerritoryExpired {
			purchased = purchased.SaturatingAdd(t.TotalSpace)
		}
	}
	if len(used)+len(locked) > 0 {
		a.fault("2: %d files and %d deals in territories that do not exist", len(used), len(locked))
	}
	a.equal(storagehandler.PurchasedSpace.Get(a.ctx), purchased, "4: purchased space")
}

func ref2territory(r storagehandler.TerritoryRef) territory {
	return territory{Owner: r.Owner, Name: r.Name}
}

func (a *auditor) files() {
	owners := map[string]int{}
	var service scale.U128
	for fid, f := range filebank.Files.Iter(a.ctx) {
		if len(f.Owner) == 0 {
			a.fault("3: file %v has no owner", fid)
		}
		if filebank.Deals.Contains(a.ctx, fid) {
			a.fault("3: %v is both a file and a deal", fid)
		}
		for _, o := range f.Owner {
			owners[string(fid[:])+key(territory{Owner: o.User, Name: o.TerritoryName})]++
		}
		for _, s := range f.SegmentList {
			service = service.SaturatingAdd(scale.U128From64(uint64(len(s.FragmentList)) * types.FragmentSize))
			holders := map[account]bool{}
			for _, frag := range s.FragmentList {
				holders[frag.Miner] = true
			}
			if len(s.FragmentList) != types.FragmentCount || len(holders) != types.FragmentCount {
				a.fault("file %v has a segment of %d fragments with %d miners", fid, len(s.FragmentList), len(holders))
			}
		}
	}
	for owner, list := range filebank.UserFiles.Iter(a.ctx) {
		for _, r := range list {
			owners[string(r.FileHash[:])+key(territory{Owner: owner, Name: r.TerritoryName})]--
			if f, ok := filebank.Files.Get(a.ctx, r.FileHash); ok {
				a.equal(r.FileSize, types.Footprint(len(f.SegmentList)), "size of the record of %v", r.FileHash)
			}
		}
	}
	for k, n := range owners {
		if n != 0 {
			a.fault("3: %d owner entries more than records of %s", n, k[:64])
		}
	}
	a.equal(storagehandler.TotalServiceSpace.Get(a.ctx), service, "8: total service space")
}

func (a *auditor) deals() {
	agenda, blocks := filebank.Agenda(a.ctx)
	if !slices.IsSorted(blocks) {
		a.fault("the agenda is not in order: %v", blocks)
	}
	n := 0
	for fid, d := range filebank.Deals.Iter(a.ctx) {
		n++
		indices, miners := map[uint8]bool{}, map[account]bool{}
		for _, r := range d.CompleteList {
			if r.Index < 1 || r.Index > types.FragmentCount {
				a.fault("11: deal %v has column %d", fid, r.Index)
			}
			indices[r.Index], miners[r.Miner] = true, true
		}
		if n := len(d.CompleteList); n > 11 || len(indices) != n || len(miners) != n {
			a.fault("11: %d reports, %d columns, %d miners of deal %v", n, len(indices), len(miners), fid)
		}
		deadline, ok := filebank.DealDeadlines.Get(a.ctx, fid)
		if i := slices.Index(agenda, fid); !ok || i < 0 || blocks[i] != deadline {
			a.fault("deal %v is not on the agenda", fid)
		}
		where := territory{Owner: d.User.User, Name: d.User.TerritoryName}
		if !slices.Contains(filebank.DealsOf(a.ctx, where), fid) {
			a.fault("deal %v is not in the index of its territory", fid)
		}
	}
	deadlines := 0
	for range filebank.DealDeadlines.Iter(a.ctx) {
		deadlines++
	}
	indexed := 0
	for _, ref := range storagehandler.TerritoryKeys.Iter(a.ctx) {
		indexed += len(filebank.DealsOf(a.ctx, ref2territory(ref)))
	}
	if len(agenda) != n || deadlines != n || indexed != n {
		a.fault("%d deals, %d on the agenda, %d deadlines, %d indexed", n, len(agenda), deadlines, indexed)
	}
}

// orders holds that there is an order exactly for each fragment that is not
// available, which is with its origin miner, and that claims are on the agenda,
// not past their deadline, and of miners that may hold the fragment.
func (a *auditor) orders() {
	lost := map[hash]int{}
	for fid, f := range filebank.Files.Iter(a.ctx) {
		for _, s := range f.SegmentList {
			claimants := map[account]bool{}
			for _, frag := range s.FragmentList {
				claimants[frag.Miner] = true
			}
			for _, frag := range s.FragmentList {
				if frag.Avail {
					continue
				}
				lost[frag.Hash]++
				o, ok := filebank.RestoralOrders.Get(a.ctx, frag.Hash)
				if !ok || o.FileHash != fid || o.OriginMiner != frag.Miner || o.FragmentHash != frag.Hash {
					a.fault("12: fragment %v is lost and its order is %+v", frag.Hash, o)
				}
				if o.Deadline == 0 {
					continue
				}
				if claimants[o.Miner] {
					a.fault("12: the claimant of fragment %v has another one of the segment", frag.Hash)
				}
				claimants[o.Miner] = true
			}
		}
	}
	orders, claims := 0, 0
	agenda := filebank.Claims(a.ctx)
	for fragment, o := range filebank.RestoralOrders.Iter(a.ctx) {
		orders++
		if lost[fragment] != 1 {
			a.fault("12: %d lost fragments of the order for %v", lost[fragment], fragment)
		}
		if o.Deadline == 0 {
			if o.Miner != o.OriginMiner {
				a.fault("12: order %v is open and has a claimant", fragment)
			}
			continue
		}
		claims++
		if o.Miner == o.OriginMiner || o.Deadline < a.ctx.BlockNumber() || !slices.Contains(agenda, fragment) {
			a.fault("12: claim of %v until %d in block %d", fragment, o.Deadline, a.ctx.BlockNumber())
		}
	}
	if orders != len(lost) || claims != len(agenda) {
		a.fault("12: %d orders, %d lost fragments, %d claims, %d on the agenda", orders, len(lost), claims, len(agenda))
	}
}

func (a *auditor) money() {
	var sum scale.U128
	for _, info := range system.Accounts.Iter(a.ctx) {
		sum = sum.SaturatingAdd(info.Data.Free).SaturatingAdd(info.Data.Reserved)
	}
	a.equal(balances.TotalIssuance.Get(a.ctx), sum, "13: total issuance")
}
