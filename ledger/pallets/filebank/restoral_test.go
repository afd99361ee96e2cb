package filebank_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// orderLife is RestoralOrderLife in these tests, in blocks.
const orderLife = 40

var oneFragment = scale.U128From64(types.FragmentSize)

// newLossWorld is a chain with a stored file of two segments.
func newLossWorld(t palletstest.TB) (*world, data) {
	w := newWorld(t, map[string]any{"FileBank.RestoralOrderLife": orderLife})
	w.Must(alice, storagehandler.MintTerritory{GiBCount: 2, TerritoryName: terr("t"), Days: 300})
	d := newData("a", 2)
	w.store(alice, "t", d)
	return w, d
}

func (w *world) order(fragment hash) filebank.RestoralOrder {
	w.t.Helper()
	o, ok := filebank.RestoralOrders.Get(w.Ctx(), fragment)
	if !ok {
		w.t.Fatal("no such order")
	}
	return o
}

// lose makes miner j order the restoral of its fragment of segment i.
func (w *world) lose(d data, i, j int) hash {
	w.t.Helper()
	fragment := d.segments[i].FragmentList[j]
	w.Must(w.miners[j], filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: fragment})
	return fragment
}

func (w *world) claim(miner int, fragment hash) {
	w.t.Helper()
	w.Must(w.miners[miner], filebank.ClaimRestoralOrder{RestoralFragment: fragment})
}

func (w *world) complete(miner int, fragment hash) {
	w.t.Helper()
	w.Must(w.miners[miner], filebank.RestoralOrderComplete{FragmentHash: fragment})
}

func (w *world) tagAll(d data, miner int) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) {
		if err := tag(ctx, w.miners[miner], d.fid); err != nil {
			w.t.Fatal(err)
		}
	})
}

// The whole way of a lost fragment: the file is readable at every moment, since
// only one of the segment's fragments is away and it has a holder throughout.
func TestRestoral(t *testing.T) {
	w, d := newLossWorld(t)
	w.tagAll(d, 0)
	before := w.miner(0)
	lost := w.lose(d, 1, 0)
	mustEqual(t, "event", palletstest.EventsOf[filebank.GenerateRestoralOrderEvent](w.Chain)[0],
		filebank.GenerateRestoralOrderEvent{Miner: w.miners[0], FragmentHash: lost})
	mustEqual(t, "order", w.order(lost), filebank.RestoralOrder{
		Miner: w.miners[0], OriginMiner: w.miners[0], FragmentHash: lost, FileHash: d.fid, GenBlock: w.Number(),
	})
	frag := w.file(d).SegmentList[1].FragmentList[0]
	mustEqual(t, "available", frag.Avail, false)
	mustEqual(t, "holder", frag.Miner, w.miners[0])
	w.audit()

	idle := w.miner(12).IdleSpace
	w.claim(12, lost)
	mustEqual(t, "event", palletstest.EventsOf[filebank.ClaimRestoralOrderEvent](w.Chain)[0],
		filebank.ClaimRestoralOrderEvent{Miner: w.miners[12], OrderID: lost})
	o := w.order(lost)
	mustEqual(t, "claimant", o.Miner, w.miners[12])
	mustEqual(t, "claims", o.Count, 1)
	mustEqual(t, "deadline", o.Deadline, w.Number()+orderLife)
	mustEqual(t, "lock of the claimant", w.miner(12).LockSpace, oneFragment)
	mustEqual(t, "space of the claimant that a leave would take off the total",
		filebank.API{}.LockedInDeals(w.Ctx(), w.miners[12]), oneFragment)
	mustEqual(t, "holder during the claim", w.file(d).SegmentList[1].FragmentList[0].Miner, w.miners[0])
	w.audit()

	w.complete(12, lost)
	mustEqual(t, "event", palletstest.EventsOf[filebank.RecoveryCompletedEvent](w.Chain)[0],
		filebank.RecoveryCompletedEvent{Miner: w.miners[12], OrderID: lost})
	mustEqual(t, "fragment", w.file(d).SegmentList[1].FragmentList[0],
		filebank.Fragment{Hash: lost, Avail: true, Miner: w.miners[12]})
	if filebank.RestoralOrders.Contains(w.Ctx(), lost) {
		t.Error("the order is still there")
	}
	m := w.miner(12)
	mustEqual(t, "idle space of the claimant", m.IdleSpace, idle.SaturatingSub(oneFragment))
	mustEqual(t, "lock of the claimant", m.LockSpace, oneFragment)
	mustEqual(t, "pending replacement", sminer.PendingReplacements.Get(w.Ctx(), w.miners[12]), oneFragment)
	mustEqual(t, "service space of the former holder", w.miner(0).ServiceSpace, before.ServiceSpace.SaturatingSub(oneFragment))
	w.audit()

	// The restored fragment needs a tag of its own.
	w.tagAll(d, 12)
	mustEqual(t, "service space of the claimant", w.miner(12).ServiceSpace, oneFragment)
	w.audit()
}

// Upstream lowers the idle space of the miner, not the network's.
func TestB17RestoralLowersTotalIdleSpace(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 3)
	total := storagehandler.TotalIdleSpace.Get(w.Ctx())
	w.claim(12, lost)
	mustEqual(t, "total while claimed", storagehandler.TotalIdleSpace.Get(w.Ctx()), total)
	w.complete(12, lost)
	mustEqual(t, "total", storagehandler.TotalIdleSpace.Get(w.Ctx()), total.SaturatingSub(oneFragment))
	mustEqual(t, "lock of the former holder", w.miner(3).LockSpace, oneFragment)
	w.audit()
}

func TestRestoralErrors(t *testing.T) {
	w, d := newLossWorld(t)
	open, claimed := w.lose(d, 0, 0), w.lose(d, 0, 1)
	w.claim(12, claimed)
	w.setState(13, sminer.StateFrozen)
	w.do(func(ctx *runtime.Context) {
		m, _ := sminer.Miners.Get(ctx, w.miners[14])
		m.IdleSpace = oneFragment.SaturatingSub(scale.U128From64(1))
		sminer.Miners.Put(ctx, w.miners[14], m)
	})
	held := d.segments[0].FragmentList[2]
	generate := func(fid, fragment hash) runtime.Call {
		return filebank.GenerateRestoralOrder{FileHash: fid, RestoralFragment: fragment}
	}
	claim := func(fragment hash) runtime.Call { return filebank.ClaimRestoralOrder{RestoralFragment: fragment} }
	noexist := func(miner account, fid, fragment hash) runtime.Call {
		return filebank.ClaimRestoralNoexistOrder{Miner: miner, FileHash: fid, RestoralFragment: fragment}
	}
	complete := func(fragment hash) runtime.Call { return filebank.RestoralOrderComplete{FragmentHash: fragment} }
	for _, c := range []struct {
		name string
		who  account
		call runtime.Call
		want error
	}{
		{"second order", w.miners[0], generate(d.fid, open), filebank.ErrExisted},
		{"order for no file", w.miners[2], generate(hashOf("none"), held), filebank.ErrNonExistent},
		{"order of another miner", w.miners[3], generate(d.fid, held), filebank.ErrSpec},
		{"order for no fragment", w.miners[2], generate(d.fid, hashOf("none")), filebank.ErrSpec},
		{"claim by no miner", alice, claim(open), sminer.ErrNotMiner},
		{"claim by a frozen miner", w.miners[13], claim(open), filebank.ErrMinerState},
		{"claim of no order", w.miners[12], claim(held), filebank.ErrNonExistent},
		{"claim of a claimed order", w.miners[14], claim(claimed), filebank.ErrSpec},
		{"second claim of the same miner", w.miners[12], claim(claimed), filebank.ErrSpec},
		{"claim without space", w.miners[14], claim(open), sminer.ErrOverflow},
		{"claim by a holder of the segment", w.miners[5], claim(open), filebank.ErrRulesNotAllowed},
		{"claim by a claimant of the segment", w.miners[12], claim(open), filebank.ErrRulesNotAllowed},
		{"claim for a miner that is there", w.miners[12], noexist(w.miners[2], d.fid, held), filebank.ErrNonExistent},
		{"claim for a leaver when there is an order", w.miners[12], noexist(w.miners[0], d.fid, open), filebank.ErrExisted},
		{"completion by no miner", alice, complete(claimed), sminer.ErrNotMiner},
		{"completion by a frozen miner", w.miners[13], complete(claimed), filebank.ErrMinerState},
		{"completion of no order", w.miners[12], complete(held), filebank.ErrNonExistent},
		{"completion by another miner", w.miners[14], complete(claimed), filebank.ErrSpec},
		{"completion without a claim", w.miners[0], complete(open), filebank.ErrExpired},
	} {
		if got := w.Run(c.who, c.call); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	for _, call := range []runtime.Call{generate(d.fid, held), claim(open), noexist(w.miners[0], d.fid, held), complete(claimed)} {
		if err := w.Root(call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T by root: %v", call, err)
		}
	}
}

// At its deadline a claim can neither be kept nor be had by others; one block
// later it is theirs, and the space of the first claimant is free again.
func TestLapsedClaimReturns(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 0)
	idle := w.miner(12).IdleSpace
	w.claim(12, lost)
	deadline := w.order(lost).Deadline
	w.GoTo(deadline - 1)
	w.wants(filebank.ErrExpired, w.miners[12], filebank.RestoralOrderComplete{FragmentHash: lost})
	mustEqual(t, "block", w.Number(), deadline)
	w.audit()
	w.wants(nil, w.miners[13], filebank.ClaimRestoralOrder{RestoralFragment: lost})
	mustEqual(t, "idle space of the first claimant", w.miner(12).IdleSpace, idle)
	mustEqual(t, "lock of the first claimant", w.miner(12).LockSpace, scale.U128{})
	mustEqual(t, "claims", w.order(lost).Count, 2)
	w.audit()
	w.wants(filebank.ErrSpec, w.miners[12], filebank.RestoralOrderComplete{FragmentHash: lost})
	w.GoTo(w.order(lost).Deadline + 1)
	o := w.order(lost)
	mustEqual(t, "miner of the open order", o.Miner, w.miners[0])
	mustEqual(t, "deadline of the open order", o.Deadline, 0)
	w.audit()
	w.claim(12, lost)
	w.GoTo(w.order(lost).Deadline - 2)
	w.complete(12, lost)
	w.audit()
}

// One block opens a bounded number of orders again; a claim of another miner
// need not wait for it.
func TestLapsingIsBoundedPerBlock(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.RestoralOrderLife": 10})
	w.mint(alice, "t", 20)
	const n = filebank.MaxDue + 20
	d := newData("a", n)
	w.store(alice, "t", d)
	var lost, claims []palletstest.Tx
	for _, s := range d.segments {
		lost = append(lost, palletstest.Tx{Signer: w.miners[0], Call: filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: s.FragmentList[0]}})
		claims = append(claims, palletstest.Tx{Signer: w.miners[12], Call: filebank.ClaimRestoralOrder{RestoralFragment: s.FragmentList[0]}})
	}
	if err := errors.Join(append(w.Block(lost...), w.Block(claims...)...)...); err != nil {
		t.Fatal(err)
	}
	w.GoTo(w.Number() + 10)
	mustEqual(t, "locked", w.miner(12).LockSpace, oneFragment.SaturatingMul(scale.U128From64(n)))
	w.NextBlocks(1)
	mustEqual(t, "locked", w.miner(12).LockSpace, oneFragment.SaturatingMul(scale.U128From64(20)))
	w.NextBlocks(1)
	mustEqual(t, "locked", w.miner(12).LockSpace, scale.U128{})
	w.audit()
}

// Upstream lets the miner that lost a fragment claim its own order, which it
// can never complete.
func TestB18OriginMayNotClaim(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 0)
	w.wants(filebank.ErrSpec, w.miners[0], filebank.ClaimRestoralOrder{RestoralFragment: lost})
	w.claim(12, lost)
	w.audit()
}

// Twelve different miners hold a segment, whatever the order of claims; those
// of other segments do not matter.
func TestTwelveDistinctHolders(t *testing.T) {
	w, d := newLossWorld(t)
	a, b, c := w.lose(d, 0, 0), w.lose(d, 0, 1), w.lose(d, 1, 0)
	w.claim(12, a)
	w.wants(filebank.ErrRulesNotAllowed, w.miners[12], filebank.ClaimRestoralOrder{RestoralFragment: b})
	w.claim(12, c)
	w.claim(13, b)
	w.complete(12, a)
	w.complete(12, c)
	w.complete(13, b)
	w.audit()
	// The miner that lost a fragment may restore another one of the segment.
	e := w.lose(d, 0, 2)
	w.claim(0, e)
	w.complete(0, e)
	w.audit()
}

// Equal fragments in several places, here an empty file's: each is restored on
// its own, one after the other, and a miner may hold copies in different
// segments.
func TestB19CopiesOfFragmentAreRestoredOneByOne(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.RestoralOrderLife": orderLife})
	w.mint(alice, "t", 2)
	d := newData("a", 3)
	for i := range d.segments {
		d.segments[i] = d.segments[0]
	}
	d.name()
	w.store(alice, "t", d)
	w.tagAll(d, 0)
	for i := range 3 {
		lost := w.lose(d, i, 0)
		w.wants(filebank.ErrExisted, w.miners[0], filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: lost})
		w.audit()
		w.claim(12, lost)
		w.complete(12, lost)
		mustEqual(t, "holder", w.file(d).SegmentList[i].FragmentList[0].Miner, w.miners[12])
		w.audit()
	}
	mustEqual(t, "service space of the former holder", w.miner(0).ServiceSpace, scale.U128{})
	w.tagAll(d, 12)
	w.audit()

	// A copy in another file waits until the first is restored.
	other := newData("b", 1)
	other.segments[0].FragmentList[4] = d.segments[0].FragmentList[4]
	w.store(alice, "t", other)
	lost := w.lose(other, 0, 4)
	w.wants(filebank.ErrExisted, w.miners[4], filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: lost})
	w.claim(13, lost)
	w.complete(13, lost)
	mustEqual(t, "holder of the other copy", w.file(d).SegmentList[0].FragmentList[4].Miner, w.miners[4])
	w.lose(d, 0, 4)
	w.audit()
}

// An order whose fragment is not there any more ends without an event.
func TestB33NothingToRestore(t *testing.T) {
	w, d := newLossWorld(t)
	lost, gone := w.lose(d, 0, 0), w.lose(d, 1, 1)
	w.claim(12, lost)
	w.claim(13, gone)
	w.do(func(ctx *runtime.Context) {
		f, _ := filebank.Files.Get(ctx, d.fid)
		f.SegmentList[0].FragmentList[0].Avail = true
		filebank.Files.Put(ctx, d.fid, f)
	})
	w.complete(12, lost)
	w.do(func(ctx *runtime.Context) { filebank.Files.Delete(ctx, d.fid) })
	w.complete(13, gone)
	if n := len(palletstest.EventsOf[filebank.RecoveryCompletedEvent](w.Chain)); n > 0 {
		t.Errorf("%d events", n)
	}
	for i, fragment := range []hash{lost, gone} {
		if filebank.RestoralOrders.Contains(w.Ctx(), fragment) {
			t.Error("the order is still there")
		}
		mustEqual(t, "lock of the claimant", w.miner(12+i).LockSpace, scale.U128{})
	}
}
