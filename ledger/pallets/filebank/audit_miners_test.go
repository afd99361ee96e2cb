package filebank_test

import (
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func live(m sminer.Miner) bool {
	return string(m.State) != sminer.StateExit && string(m.State) != sminer.StateOffline
}

func (a *auditor) miners() {
	type space struct {
		service, lock, deals scale.U128
		filter               types.BloomFilter
		tagged               []hash
	}
	spaces := map[account]*space{}
	of := func(m account) *space {
		if spaces[m] == nil {
			spaces[m] = &space{}
		}
		return spaces[m]
	}
	fragment := scale.U128From64(types.FragmentSize)
	for _, f := range filebank.Files.Iter(a.ctx) {
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if m := of(frag.Miner); frag.Tag.IsSome() {
					m.service = m.service.SaturatingAdd(fragment)
					m.tagged = append(m.tagged, frag.Hash)
					if err := m.filter.Insert(frag.Hash); err != nil {
						a.fault("fragment %v: %w", frag.Hash, err)
					}
				} else {
					m.lock = m.lock.SaturatingAdd(fragment)
				}
			}
		}
	}
	for _, d := range filebank.Deals.Iter(a.ctx) {
		for _, r := range d.CompleteList {
			m := of(r.Miner)
			m.deals = m.deals.SaturatingAdd(fragment.SaturatingMul(scale.U128From64(uint64(len(d.SegmentList)))))
		}
	}
	for _, o := range filebank.RestoralOrders.Iter(a.ctx) {
		if o.Deadline != 0 {
			of(o.Miner).deals = of(o.Miner).deals.SaturatingAdd(fragment)
		}
	}
	locks := filebank.ColumnLocks(a.ctx)
	var idle scale.U128
	for who, m := range sminer.Miners.Iter(a.ctx) {
		s := of(who)
		a.equal(locks[who], s.deals, "space in open deals and claims of miner %v", who)
		delete(locks, who)
		if !live(m) {
			target, _ := sminer.RestoralTargets.Get(a.ctx, who)
			left := target.ServiceSpace.SaturatingSub(target.RestoredSpace)
			a.equal(left, s.service.SaturatingAdd(s.lock), "space to restore of miner %v", who)
			continue
		}
		a.equal(m.ServiceSpace, s.service, "10: service space of miner %v", who)
		a.equal(m.LockSpace, s.lock.SaturatingAdd(s.deals), "10: locked space of miner %v", who)
		if m.ServiceBloomFilter != s.filter {
			a.fault("10: the filter of miner %v does not count its fragments", who)
		}
		a.listed(who, s.tagged)
		a.idleFiles(who, m, s.deals)
		if all := m.IdleSpace.SaturatingAdd(m.ServiceSpace).SaturatingAdd(m.LockSpace); m.DeclarationSpace.Less(all) {
			a.fault("10: miner %v has %v of %v declared", who, all, m.DeclarationSpace)
		}
		idle = idle.SaturatingAdd(m.IdleSpace).SaturatingAdd(s.deals)
	}
	if len(locks) > 0 {
		a.fault("%d locks of accounts that are no miners", len(locks))
	}
	a.equal(storagehandler.TotalIdleSpace.Get(a.ctx), idle, "9: total idle space")
}

// listed holds that Podr2 challenges a miner on its tagged fragments, each as
// often as it has it.
func (a *auditor) listed(who account, tagged []hash) {
	copies := map[[32]byte]uint32{}
	for _, h := range tagged {
		digest, err := h.Digest()
		if err != nil {
			a.fault("fragment %v: %w", h, err)
		}
		copies[digest]++
	}
	n := 0
	for digest, slot := range podr2.FragmentSlots.IterPrefix(a.ctx, who) {
		n++
		if copies[digest] != slot.Copies {
			a.fault("fragment %x is listed %d times and stored %d times", digest, slot.Copies, copies[digest])
		}
	}
	if n != len(copies) {
		a.fault("%d fragments of miner %v are listed, %d are stored", n, who, len(copies))
	}
}

// idleFiles holds that the idle files of a miner's PoIS record are its idle
// space, what deals and claims took of it, and what is to be replaced
// (spec/pallets-mining.md §1.1).
func (a *auditor) idleFiles(who account, m sminer.Miner, locked scale.U128) {
	info, _ := m.SpaceProofInfo.Get()
	files := scale.U128From64((info.Rear - info.Front) * sminer.IdleFileSize.Get(a.ctx))
	pending := sminer.PendingReplacements.Get(a.ctx, who)
	a.equal(files, m.IdleSpace.SaturatingAdd(locked).SaturatingAdd(pending), "idle files of miner %v", who)
}
