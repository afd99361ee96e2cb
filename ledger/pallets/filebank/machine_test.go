package filebank_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// entry is an owner entry or an open deal as the model knows it.
type entry struct {
	fid   hash
	where string
}

// machine is a chain and what a client that saw all blocks believes of it.
type machine struct {
	*world
	users []account
	names []string
	pool  []data

	owners map[entry]int    // owner entries of files
	deals  map[entry]uint32 // open deals and their deadlines
	places map[string]territory
	done   map[string]int // what happened, how often
	reborn string         // a territory that expired and was reactivated in the last block
}

const dealLife = 25

func newMachine(t *rapid.T) *machine {
	m := &machine{
		world: newWorld(t, map[string]any{
			"FileBank.DealLife": dealLife, "FileBank.ClearLimit": 2, "FileBank.RestoralOrderLife": 12,
			"StorageHandler.FrozenDays": 4, "Sminer.IdleFileSize": 16 << 20,
		}),
		users: []account{alice, bob, charlie}, names: []string{"t", "u"},
		owners: map[entry]int{}, deals: map[entry]uint32{}, places: map[string]territory{},
		done: map[string]int{},
	}
	for i, n := range []int{1, 1, 2, 3, 5, 11} {
		m.pool = append(m.pool, newData(fmt.Sprintf("file %d", i), n))
	}
	m.pool[3].segments[2] = m.pool[3].segments[1] // equal segments in one file
	m.pool[4].segments[0] = m.pool[2].segments[0] // and in two
	m.pool[3].name()
	m.pool[4].name()
	for _, u := range m.users[:2] {
		for _, n := range m.names {
			m.mint(u, n, 1)
		}
	}
	m.authorize(bob, dave)
	m.do(func(ctx *runtime.Context) { // two miners with room for little
		for _, who := range m.miners[13:] {
			miner, _ := sminer.Miners.Get(ctx, who)
			total := scale.U128From64(types.IdleFileSize)
			if err := (storagehandler.API{}).SubIdleSpace(ctx, miner.IdleSpace.SaturatingSub(total)); err != nil {
				t.Fatal(err)
			}
			miner.IdleSpace = total
			sminer.Miners.Put(ctx, who, miner)
			certify(ctx, who)
		}
	})
	m.world.t = t
	return m
}

func (m *machine) user(t *rapid.T) account { return rapid.SampledFrom(m.users).Draw(t, "user") }
func (m *machine) name(t *rapid.T) string  { return rapid.SampledFrom(m.names).Draw(t, "territory") }
func (m *machine) data(t *rapid.T) data    { return rapid.SampledFrom(m.pool).Draw(t, "file") }

// signer is the owner, mostly.
func (m *machine) signer(t *rapid.T, owner account) account {
	return rapid.SampledFrom([]account{owner, owner, owner, dave}).Draw(t, "signer")
}

func (m *machine) place(owner account, name string) string {
	where := territory{Owner: owner, Name: terr(name)}
	m.places[key(where)] = where
	return key(where)
}

// calls runs file calls in one block and holds that they cost their fees only.
func (m *machine) calls(t *rapid.T, txs ...palletstest.Tx) []error {
	before := balancesOf(m.Ctx())
	errs := m.Block(txs...)
	for i, err := range errs {
		if runtime.IsValidityError(err) {
			t.Fatalf("%T: %v", txs[i].Call, err)
		}
	}
	fees := map[account]scale.U128{}
	for _, fee := range palletstest.EventsOf[transactionpayment.TransactionFeePaidEvent](m.Chain) {
		fees[fee.Who] = fees[fee.Who].SaturatingAdd(fee.ActualFee)
	}
	after := balancesOf(m.Ctx())
	for who := range after {
		switch paid := before[who].SaturatingSub(after[who]); {
		case who == pallets.Treasury || who == palletstest.Author:
		case paid != fees[who] || before[who].Less(after[who]):
			t.Fatalf("a balance changed from %v to %v; the fees are %v", before[who], after[who], fees[who])
		}
	}
	return errs
}

func (m *machine) call(t *rapid.T, signer account, c runtime.Call) error {
	return m.calls(t, palletstest.Tx{Signer: signer, Call: c})[0]
}

func balancesOf(ctx *runtime.Context) map[account]scale.U128 {
	all := map[account]scale.U128{}
	for who, info := range system.Accounts.Iter(ctx) {
		all[who] = info.Data.Free.SaturatingAdd(info.Data.Reserved)
	}
	return all
}

func (m *machine) declare(t *rapid.T) {
	d, owner, name := m.data(t), m.user(t), m.name(t)
	c := d.declaration(owner, name)
	if rapid.IntRange(0, 9).Draw(t, "junk") == 0 {
		c.DealInfo = slices.Clone(c.DealInfo)
		c.DealInfo[0].FragmentList = slices.Clone(c.DealInfo[0].FragmentList)
		c.DealInfo[0].FragmentList[3] = hashOf("junk")
	}
	old, open := filebank.Deals.Get(m.Ctx(), d.fid)
	if m.call(t, m.signer(t, owner), c) != nil {
		return
	}
	m.settle(t) // what the hook did comes first
	if _, ok := filebank.Files.Get(m.Ctx(), d.fid); ok {
		m.owners[entry{d.fid, m.place(owner, name)}]++
		m.done["shared"]++
		return
	}
	deadline := m.Number() + dealLife
	if open {
		if was := (entry{d.fid, m.place(old.User.User, string(old.User.TerritoryName))}); m.deals[was] != 0 {
			deadline = m.deals[was]
			m.done["amended"]++
			delete(m.deals, was)
		}
	}
	m.deals[entry{d.fid, m.place(owner, name)}] = deadline
}

// reports lets miners report columns of one deal, all in one block.
func (m *machine) reports(t *rapid.T, d data, of map[uint8]account, order []uint8) {
	var txs []palletstest.Tx
	for _, index := range order {
		txs = append(txs, palletstest.Tx{Signer: of[index], Call: filebank.TransferReport{Index: index, DealHash: d.fid}})
	}
	deal, _ := filebank.Deals.Get(m.Ctx(), d.fid)
	m.calls(t, txs...)
	if len(palletstest.EventsOf[filebank.StorageCompletedEvent](m.Chain)) == 0 {
		m.settle(t)
		return
	}
	e := entry{d.fid, m.place(deal.User.User, string(deal.User.TerritoryName))}
	if m.deals[e] == 0 {
		t.Fatal("a deal completed that was not open")
	}
	delete(m.deals, e)
	m.settle(t)
	m.owners[e]++
	m.done["completed"]++
	for _, s := range m.file(d).SegmentList {
		for j, frag := range s.FragmentList {
			for _, r := range deal.CompleteList {
				if miner, again := of[r.Index]; int(r.Index) == j+1 && frag.Miner != r.Miner && (!again || frag.Miner != miner) {
					t.Fatalf("column %d is with a miner that did not report it", r.Index)
				}
			}
		}
	}
}

func (m *machine) report(t *rapid.T) {
	index := uint8(rapid.IntRange(0, 13).Draw(t, "index"))
	m.reports(t, m.openDeal(t), map[uint8]account{index: rapid.SampledFrom(m.miners).Draw(t, "miner")}, []uint8{index})
}

// finish reports the free columns of a deal, now and then without some.
func (m *machine) finish(t *rapid.T) {
	d := m.openDeal(t)
	deal, _ := filebank.Deals.Get(m.Ctx(), d.fid)
	of, order := map[uint8]account{}, []uint8{}
	miners := slices.DeleteFunc(rapid.Permutation(m.miners).Draw(t, "miners"), func(who account) bool {
		return slices.ContainsFunc(deal.CompleteList, func(r filebank.CompleteInfo) bool { return r.Miner == who })
	})
	columns := rapid.Permutation([]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).Draw(t, "columns")
	for _, index := range columns {
		if len(miners) > 0 && !taken(deal, index) {
			of[index], order, miners = miners[0], append(order, index), miners[1:]
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "some") == 0 {
		order = order[:len(order)/2]
	}
	m.reports(t, d, of, order)
}

// openDeal is a file of the pool that waits for reports, if there is one.
func (m *machine) openDeal(t *rapid.T) data { return m.pick(t, filebank.Deals.Contains) }

// stored is a file of the pool that is stored, if there is one.
func (m *machine) stored(t *rapid.T) data { return m.pick(t, filebank.Files.Contains) }

func (m *machine) pick(t *rapid.T, is func(*runtime.Context, hash) bool) data {
	ctx := m.Ctx()
	fit := slices.DeleteFunc(slices.Clone(m.pool), func(d data) bool { return !is(ctx, d.fid) })
	if len(fit) == 0 {
		fit = m.pool
	}
	return rapid.SampledFrom(fit).Draw(t, "file")
}

func taken(d filebank.Deal, index uint8) bool {
	return slices.ContainsFunc(d.CompleteList, func(r filebank.CompleteInfo) bool { return r.Index == index })
}

func (m *machine) forget(t *rapid.T, fid hash, owner account) {
	m.done["deleted"]++
	m.settle(t)
	maps.DeleteFunc(m.owners, func(e entry, _ int) bool { return e.fid == fid && m.places[e.where].Owner == owner })
}

func (m *machine) delete(t *rapid.T) {
	owner, fid := m.user(t), m.stored(t).fid
	if m.call(t, m.signer(t, owner), filebank.DeleteFile{Owner: owner, FileHash: fid}) == nil {
		m.forget(t, fid, owner)
	}
}

func (m *machine) clear(t *rapid.T) {
	owner, fid := m.user(t), m.stored(t).fid
	if m.Root(filebank.RootClearFile{Owner: owner, FileHash: fid}) == nil {
		m.forget(t, fid, owner)
	}
}

func (m *machine) deliver(t *rapid.T) {
	owner, fid, name := m.user(t), m.stored(t).fid, m.name(t)
	c := filebank.TerritoryFileDelivery{User: owner, FileHash: fid, TargetTerritory: terr(name)}
	if m.call(t, m.signer(t, owner), c) != nil {
		return
	}
	m.settle(t)
	target, moved := entry{fid, m.place(owner, name)}, 0
	for e, n := range m.owners {
		if e.fid == fid && m.places[e.where].Owner == owner {
			delete(m.owners, e)
			moved += n
		}
	}
	m.owners[target] = moved
	m.done["delivered"]++
}

// lease mints, renews, enlarges or reactivates.
func (m *machine) lease(t *rapid.T) {
	owner, name := m.user(t), terr(m.name(t))
	call := rapid.SampledFrom([]runtime.Call{
		storagehandler.MintTerritory{GiBCount: 1, TerritoryName: name, Days: 30},
		storagehandler.RenewalTerritory{TerritoryName: name, Days: 5},
		storagehandler.ReactivateTerritory{TerritoryName: name, Days: 8},
		storagehandler.ReactivateTerritory{TerritoryName: name, Days: 8},
		storagehandler.ExpandingTerritory{TerritoryName: name, GiBCount: 1},
		storagehandler.TerritoryRename{OldName: name, NewName: terr(m.name(t))},
	}).Draw(t, "lease")
	if err := m.Run(owner, call); err == nil {
		if again, ok := call.(storagehandler.ReactivateTerritory); ok {
			m.reborn = m.place(owner, string(again.TerritoryName))
		}
	}
	m.settle(t)
	m.reborn = ""
}

// tag reports the tags of all that two miners store of a file, or of all but
// one fragment.
func (m *machine) tag(t *rapid.T) {
	fid, f := m.fragment(t)
	for _, who := range []account{f.Miner, rapid.SampledFrom(m.miners).Draw(t, "miner")} {
		report := tagReport(m.Ctx(), who, fid, rapid.SampledFrom([]types.WorkerPublicKey{fullTEE, secondTEE, markerTEE}).Draw(t, "worker"))
		if n := len(report.TagSigInfo.Digest); n > 1 && rapid.IntRange(0, 5).Draw(t, "leave out") == 0 {
			report.TagSigInfo.Digest = report.TagSigInfo.Digest[1:]
			report = signedReport(report.TagSigInfo)
		}
		err := m.call(t, m.either(t, who), report)
		m.settle(t)
		if err == nil && len(report.TagSigInfo.Digest) > 0 {
			m.done["tagged"]++
		}
	}
}

func (m *machine) changeState(t *rapid.T) {
	who := rapid.SampledFrom(m.miners[:4]).Draw(t, "miner")
	state := rapid.SampledFrom([]string{sminer.StatePositive, sminer.StatePositive, sminer.StateFrozen}).Draw(t, "state")
	m.do(func(ctx *runtime.Context) {
		if miner, _ := sminer.Miners.Get(ctx, who); live(miner) {
			setState(ctx, who, state)
		}
	})
}

// leave forces one of three miners out for good, rarely, and lets others claim
// its fragments.
func (m *machine) leave(t *rapid.T) {
	who := rapid.SampledFrom(m.miners[3:6]).Draw(t, "miner")
	if !filebank.Files.Contains(m.Ctx(), m.stored(t).fid) {
		return
	}
	m.do(func(ctx *runtime.Context) {
		if miner, _ := sminer.Miners.Get(ctx, who); live(miner) {
			if err := forceExit(ctx, who); err != nil {
				t.Fatal(err)
			}
			m.done["left"]++
		}
	})
	m.settle(t)
	m.claim(t)
	m.restore(t)
}

func (m *machine) wait(t *rapid.T) {
	for range rapid.IntRange(1, 6).Draw(t, "blocks") {
		m.NextBlocks(1)
		m.check(t)
	}
}
