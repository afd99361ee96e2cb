package auditor

import (
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// holding is what files, deals and orders say that a miner has. Spaces are in
// bytes.
type holding struct {
	service, lock, deals scale.U128
	filter               types.BloomFilter
	copies               map[podr2.Digest]uint32 // of tagged fragments
}

// holdings adds up what files, deals and orders say of every miner.
func (a *auditor) holdings() map[account]*holding {
	all := map[account]*holding{}
	of := func(m account) *holding {
		if all[m] == nil {
			all[m] = &holding{copies: map[podr2.Digest]uint32{}}
		}
		return all[m]
	}
	for _, f := range filebank.Files.Iter(a.ctx) {
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				h := of(frag.Miner)
				if frag.Tag.IsNone() {
					h.lock = h.lock.SaturatingAdd(fragmentSize)
					continue
				}
				h.service = h.service.SaturatingAdd(fragmentSize)
				digest, err := frag.Hash.Digest()
				if err == nil {
					err = h.filter.Insert(frag.Hash)
				}
				if err != nil {
					a.fault("fragment %s: %w", frag.Hash[:8], err)
				}
				h.copies[digest]++
			}
		}
	}
	for _, d := range filebank.Deals.Iter(a.ctx) {
		for _, r := range d.CompleteList {
			of(r.Miner).deals = of(r.Miner).deals.SaturatingAdd(size(len(d.SegmentList)))
		}
	}
	for _, o := range filebank.RestoralOrders.Iter(a.ctx) {
		if o.Deadline != 0 {
			of(o.Miner).deals = of(o.Miner).deals.SaturatingAdd(fragmentSize)
		}
	}
	return all
}

// miners holds that a miner's spaces, filter and list are those of the files,
// deals and orders that name it.
func (a *auditor) miners() {
	all := a.holdings()
	idleFile := sminer.IdleFileSize.Get(a.ctx)
	for who, m := range sminer.Miners.Iter(a.ctx) {
		h := all[who]
		if h == nil {
			h = new(holding)
		}
		delete(all, who)
		a.equal(filebank.API{}.LockedInDeals(a.ctx, who), h.deals, "space in deals and claims of miner %s", short(who))
		left := string(m.State) == sminer.StateExit || string(m.State) == sminer.StateOffline
		a.list(who, h, left)
		if left {
			target, _ := sminer.RestoralTargets.Get(a.ctx, who)
			a.equal(target.ServiceSpace.SaturatingSub(target.RestoredSpace), h.service.SaturatingAdd(h.lock), "space to restore of miner %s", short(who))
			continue
		}
		a.equal(m.ServiceSpace, h.service, "service space of miner %s", short(who))
		a.equal(m.LockSpace, h.lock.SaturatingAdd(h.deals), "locked space of miner %s", short(who))
		if m.ServiceBloomFilter != h.filter {
			a.fault("the filter of miner %s does not count its fragments", short(who))
		}
		info, _ := m.SpaceProofInfo.Get()
		files := scale.U128From64(info.Rear - info.Front).SaturatingMul(scale.U128From64(idleFile))
		a.equal(files, m.IdleSpace.SaturatingAdd(h.deals).SaturatingAdd(sminer.PendingReplacements.Get(a.ctx, who)), "idle files of miner %s", short(who))
		if m.DeclarationSpace.Less(m.IdleSpace.SaturatingAdd(m.ServiceSpace).SaturatingAdd(m.LockSpace)) {
			a.fault("miner %s uses more than it declared", short(who))
		}
	}
	for who := range all {
		a.fault("files, deals or orders name %s, which is no miner", short(who))
	}
}

// list holds that the chain's list of a miner's fragments is dense and has what
// files say, as often as they say it. The list of a miner that left is not kept
// up.
func (a *auditor) list(who account, h *holding, left bool) {
	listed := 0
	for digest, slot := range podr2.FragmentSlots.IterPrefix(a.ctx, who) {
		listed++
		at, ok := podr2.Fragments.Get(a.ctx, who, slot.Index)
		if !ok || at != digest {
			a.fault("slot %d of miner %s is not that of its fragment", slot.Index, short(who))
		}
		if !left && h.copies[digest] != slot.Copies {
			a.fault("miner %s has a fragment %d times, listed %d times", short(who), h.copies[digest], slot.Copies)
		}
	}
	if n := podr2.FragmentCount.Get(a.ctx, who); int(n) != listed {
		a.fault("%d fragments of miner %s, counted %d", listed, short(who), n)
	}
	if !left && listed != len(h.copies) {
		a.fault("%d fragments of miner %s are listed, %d stored", listed, short(who), len(h.copies))
	}
}
