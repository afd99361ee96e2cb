package filebank_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// The clean-up removes the files of the expired territory and nothing else.
func TestB5ExpiryTouchesItsTerritoryOnly(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	gone, shared := newData("gone", 2), newData("shared", 1)
	w.store(alice, "t", gone)
	w.NextBlocks(5)
	w.mint(alice, "u", 1)
	w.mint(bob, "t", 1)
	kept := newData("kept", 1)
	w.store(alice, "u", kept)
	w.store(alice, "u", shared)
	w.declare(alice, "t", shared)
	w.declare(bob, "t", shared)
	w.expire(alice, "t")
	if filebank.Files.Contains(w.Ctx(), gone.fid) {
		t.Error("a file of the expired territory is still there")
	}
	w.file(kept)
	if owners := w.file(shared).Owner; len(owners) != 2 || string(owners[0].TerritoryName) != "u" || owners[1].User != bob {
		t.Errorf("owners of the shared file: %+v", owners)
	}
	if list := filebank.UserFiles.Get(w.Ctx(), alice); len(list) != 2 || list[0].FileHash != kept.fid || list[1].FileHash != shared.fid {
		t.Errorf("files of Alice: %+v", list)
	}
	terr := w.territory(alice, "t")
	mustEqual(t, "used", terr.UsedSpace, scale.U128{})
	mustEqual(t, "remaining", terr.RemainingSpace, terr.TotalSpace)
	mustEqual(t, "queue", len(filebank.ClearUserList.Get(w.Ctx())), 0)
	w.audit()
}

// The work of a block is bounded and goes on in the next one, however many
// territories expire at once.
func TestB5WorkIsSpreadOverBlocks(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.ClearLimit": 3})
	owners := []account{alice, bob, charlie}
	var txs []palletstest.Tx
	for _, o := range owners {
		txs = append(txs, palletstest.Tx{Signer: o, Call: storagehandler.MintTerritory{GiBCount: 1, TerritoryName: terr("t"), Days: leaseBlocks}})
	}
	if err := errors.Join(w.Block(txs...)...); err != nil {
		t.Fatal(err)
	}
	// Four files and one deal each.
	for i, o := range owners {
		for j := range 4 {
			w.declare(o, "t", newData(fmt.Sprint(i, j), 1))
			w.report(newData(fmt.Sprint(i, j), 1), 0, 12)
		}
		w.declare(o, "t", newData(fmt.Sprint(i, "deal"), 1))
	}
	w.expire(alice, "t")
	files := func() (n int) {
		for range filebank.Files.Iter(w.Ctx()) {
			n++
		}
		return n
	}
	deals := func() (n int) {
		for range filebank.Deals.Iter(w.Ctx()) {
			n++
		}
		return n
	}
	queue := filebank.ClearUserList.Get(w.Ctx())
	last := queue[len(queue)-1]
	blocks := 0
	for filebank.Clearing(w.Ctx(), last) {
		if blocks++; blocks > 10 {
			t.Fatal("the queue does not become empty")
		}
		was := files() + deals()
		err := w.Run(last.Owner, storagehandler.ReactivateTerritory{TerritoryName: terr("t"), Days: 30})
		if filebank.Clearing(w.Ctx(), last) != errors.Is(err, storagehandler.ErrState) {
			t.Fatalf("reactivated while files are left: %v", err)
		}
		if removed := was - files() - deals(); removed > 3 {
			t.Fatalf("one block removed %d files and deals", removed)
		}
		w.audit()
	}
	mustEqual(t, "files", files(), 0)
	mustEqual(t, "deals", deals(), 0)
	if blocks < 2 {
		t.Errorf("all was done in %d blocks", blocks)
	}
	for _, o := range owners {
		if o != last.Owner {
			w.wants(nil, o, storagehandler.ReactivateTerritory{TerritoryName: terr("t"), Days: 30})
		}
	}
	w.audit()
}

// A territory waits for its turn behind others and cannot be leased again
// meanwhile.
func TestB5LongQueueLosesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.mint(bob, "t", 1)
	w.fillQueue(w.territory(alice, "t").Deadline+frozenBlocks-1, 1000)
	w.NextBlocks(1)
	w.file(d)
	alices, bobs := territory{Owner: alice, Name: terr("t")}, territory{Owner: bob, Name: terr("t")}
	if filebank.Clearing(w.Ctx(), bobs) {
		t.Error("Bob's territory is in the queue, and did not expire")
	}
	for blocks := 0; filebank.Files.Contains(w.Ctx(), d.fid); blocks++ {
		if blocks > 10 {
			t.Fatal("the file is not removed")
		}
		if !filebank.Clearing(w.Ctx(), alices) {
			t.Fatal("the territory has a file and is not in the queue")
		}
		w.NextBlocks(1)
	}
	w.NextBlocks(10)
	if filebank.Clearing(w.Ctx(), alices) {
		t.Error("the territory is empty and still in the queue")
	}
	w.audit()
}

// fillQueue puts n territories that do not exist in the queue, in the given
// block.
func (w *world) fillQueue(block uint32, n int) {
	w.t.Helper()
	w.GoTo(block - 1)
	w.do(func(ctx *runtime.Context) {
		var queue []filebank.ExpiredTerritory
		for i := range n {
			queue = append(queue, filebank.ExpiredTerritory{Owner: dave, Name: terr(fmt.Sprint(i))})
		}
		filebank.ClearUserList.Put(ctx, queue)
	})
}

// Territories for which ClearUserList has no room wait elsewhere.
func TestB5Backlog(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.ClearLimit": 1})
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.fillQueue(w.territory(alice, "t").Deadline+frozenBlocks-1, 2000)
	w.NextBlocks(1)
	alices := territory{Owner: alice, Name: terr("t")}
	if list := filebank.Backlog(w.Ctx()); len(list) != 1 || !sameTerritory(list[0], alices) {
		t.Fatalf("backlog %+v", list)
	}
	if !filebank.Clearing(w.Ctx(), alices) {
		t.Fatal("the territory can be leased again, and has a file")
	}
	w.wants(storagehandler.ErrState, alice, storagehandler.ReactivateTerritory{TerritoryName: terr("t"), Days: 30})
	mustEqual(t, "backlog one block later", len(filebank.Backlog(w.Ctx())), 0)
	if !filebank.Clearing(w.Ctx(), alices) {
		t.Fatal("the territory was lost on the way to the list")
	}
	w.audit()
}

// Records that contradict each other do not stop the clean-up.
func TestB5DamagedRecordsDoNotStopCleanUp(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	a, b, deal := newData("a", 1), newData("b", 1), newData("deal", 1)
	w.store(alice, "t", a)
	w.store(alice, "t", b)
	w.declare(alice, "t", deal)
	w.report(deal, 0, 3)
	w.do(func(ctx *runtime.Context) {
		// Less service space than the files need, and no lock for the deal.
		storagehandler.TotalServiceSpace.Put(ctx, a.column())
		t, _ := storagehandler.Territories.Get(ctx, alice, terr("t"))
		t.LockedSpace = scale.U128{}
		storagehandler.Territories.Put(ctx, alice, terr("t"), t)
		filebank.Files.Delete(ctx, b.fid)
	})
	w.expire(alice, "t")
	for _, d := range []data{a, b} {
		if filebank.Files.Contains(w.Ctx(), d.fid) {
			t.Error("a file is left")
		}
	}
	if filebank.Deals.Contains(w.Ctx(), deal.fid) {
		t.Error("the deal is left")
	}
	mustEqual(t, "locked by miner 0 and not for b", w.miner(0).LockSpace, b.column())
	mustEqual(t, "queue", len(filebank.ClearUserList.Get(w.Ctx())), 0)
	terr := w.territory(alice, "t")
	mustEqual(t, "remaining", terr.RemainingSpace, terr.TotalSpace)
}

// Expiry ends the deals of the territory and gives user and miners their
// space back; the territory can then be leased again and used.
func TestB6ExpiryDropsDeals(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	w.report(d, 0, 11)
	w.GoTo(w.territory(alice, "t").Deadline + frozenBlocks - 1)
	if !filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Fatal("the deal is gone while the territory is frozen")
	}
	w.audit()
	w.NextBlocks(1)
	if filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Fatal("the deal outlives its territory")
	}
	mustEqual(t, "locked in the territory", w.territory(alice, "t").LockedSpace, scale.U128{})
	mustEqual(t, "locked by miner 0", w.miner(0).LockSpace, scale.U128{})
	w.audit()
	w.wants(nil, alice, storagehandler.ReactivateTerritory{TerritoryName: terr("t"), Days: 30})
	w.store(alice, "t", d)
	w.audit()
}

// A report for an expired territory ends the deal at once, without an event,
// and frees the user's space as well as the miners'.
func TestB6ReportAfterExpiryEndsDeal(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.ClearLimit": 1})
	w.mint(alice, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	w.report(d, 0, 5)
	// Others in the queue come first.
	w.fillQueue(w.territory(alice, "t").Deadline+frozenBlocks-1, 10)
	w.NextBlocks(1)
	mustEqual(t, "state", w.territory(alice, "t").State, storagehandler.TerritoryExpired)
	w.wants(storagehandler.ErrNotActive, alice, d.declaration(alice, "t"))
	w.wants(nil, w.miners[5], filebank.TransferReport{Index: 6, DealHash: d.fid})
	if n := len(palletstest.EventsOf[filebank.TransferReportEvent](w.Chain)); n != 0 {
		t.Errorf("%d events", n)
	}
	if filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Error("the deal is still open")
	}
	mustEqual(t, "locked in the territory", w.territory(alice, "t").LockedSpace, scale.U128{})
	mustEqual(t, "locked by miner 0", w.miner(0).LockSpace, scale.U128{})
	w.NextBlocks(10)
	mustEqual(t, "queue", len(filebank.ClearUserList.Get(w.Ctx())), 0)
	w.audit()
}

// A deal can leave an expired territory until the clean-up comes to it.
func TestB6DealMovesOutOfExpiredTerritory(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.ClearLimit": 1})
	w.mint(alice, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	w.report(d, 0, 5)
	w.fillQueue(w.territory(alice, "t").Deadline+frozenBlocks-1, 10)
	w.mint(alice, "u", 1)
	w.wants(nil, alice, d.declaration(alice, "u"))
	w.NextBlocks(10)
	mustEqual(t, "queue", len(filebank.ClearUserList.Get(w.Ctx())), 0)
	w.report(d, 5, 12)
	mustEqual(t, "used", w.territory(alice, "u").UsedSpace, d.footprint())
	w.audit()
}

// A frozen territory keeps its files, its deals may complete, and files can be
// deleted and delivered out of it.
func TestFrozenTerritory(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.NextBlocks(5)
	w.mint(alice, "u", 1)
	a, b, c := newData("a", 1), newData("b", 1), newData("c", 1)
	w.store(alice, "t", a)
	w.store(alice, "t", b)
	w.declare(alice, "t", c)
	w.GoTo(w.territory(alice, "t").Deadline)
	mustEqual(t, "state", w.territory(alice, "t").State, storagehandler.TerritoryFrozen)
	w.wants(nil, alice, c.declaration(alice, "t"))
	w.report(c, 0, 12)
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: a.fid})
	w.wants(nil, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: b.fid, TargetTerritory: terr("u")})
	mustEqual(t, "used", w.territory(alice, "t").UsedSpace, c.footprint())
	w.audit()
	w.wants(nil, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: c.fid, TargetTerritory: terr("t")})
	w.audit()
	w.wants(nil, alice, storagehandler.RenewalTerritory{TerritoryName: terr("t"), Days: 30})
	w.file(c)
	w.audit()
}

// The empty hook writes nothing: blocks without files cost nothing.
func TestHookWritesNothingWithoutWork(t *testing.T) {
	w := newWorld(t, nil)
	before := fmt.Sprint(filebank.ClearUserList.Get(w.Ctx()))
	w.NextBlocks(3)
	if !filebank.ClearUserList.Exists(w.Ctx()) {
		t.Error("clients cannot read ClearUserList")
	}
	mustEqual(t, "queue", fmt.Sprint(filebank.ClearUserList.Get(w.Ctx())), before)
}
