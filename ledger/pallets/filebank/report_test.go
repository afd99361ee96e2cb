package filebank_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func TestTwelveReportsMakeFile(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 3)
	idle := storagehandler.TotalIdleSpace.Get(w.Ctx())
	w.declare(alice, "t", d)
	w.report(d, 0, 11)
	mustEqual(t, "locked by miner 0", w.miner(0).LockSpace, d.column())
	mustEqual(t, "of it in deals", filebank.API{}.LockedInDeals(w.Ctx(), w.miners[0]), d.column())
	w.audit()
	w.report(d, 11, 12)
	var kinds []string
	for _, e := range w.Events() {
		switch e := e.(type) {
		case filebank.StorageCompletedEvent:
			mustEqual(t, "completed file", e.FileHash, d.fid)
			kinds = append(kinds, "StorageCompleted")
		case filebank.TransferReportEvent:
			mustEqual(t, "reported deal", e.DealHash, d.fid)
			mustEqual(t, "reporting miner", e.Account, w.miners[11])
			kinds = append(kinds, "TransferReport")
		}
	}
	if !slices.Equal(kinds, []string{"StorageCompleted", "TransferReport"}) {
		t.Fatalf("events %v", kinds)
	}
	f := w.file(d)
	mustEqual(t, "completion", f.Completion, w.Number())
	mustEqual(t, "size", f.FileSize, d.size)
	mustEqual(t, "state", f.State, filebank.FileActive)
	mustEqual(t, "owners", len(f.Owner), 1)
	for i, s := range f.SegmentList {
		mustEqual(t, "segment", s.Hash, d.segments[i].Hash)
		for j, frag := range s.FragmentList {
			mustEqual(t, "fragment", frag, filebank.Fragment{
				Hash: d.segments[i].FragmentList[j], Avail: true, Miner: w.miners[j],
			})
		}
	}
	mustEqual(t, "used", w.territory(alice, "t").UsedSpace, d.footprint())
	mustEqual(t, "locked", w.territory(alice, "t").LockedSpace, scale.U128{})
	mustEqual(t, "service space", storagehandler.TotalServiceSpace.Get(w.Ctx()), d.footprint())
	mustEqual(t, "idle space", storagehandler.TotalIdleSpace.Get(w.Ctx()), idle.SaturatingSub(d.footprint()))
	list := filebank.UserFiles.Get(w.Ctx(), alice)
	if len(list) != 1 || list[0].FileHash != d.fid || list[0].FileSize != d.footprint() || string(list[0].TerritoryName) != "t" {
		t.Fatalf("files of the user: %+v", list)
	}
	for _, m := range w.miners[:12] {
		mustEqual(t, "pending replacement", sminer.PendingReplacements.Get(w.Ctx(), m), d.column())
		mustEqual(t, "locked in deals", filebank.API{}.LockedInDeals(w.Ctx(), m), scale.U128{})
	}
	w.audit()
}

// Whatever the order of the reports, column i belongs to the miner that
// reported index i.
func TestOrderOfReportsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, nil)
		w.mint(alice, "t", 1)
		d := newData("a", 2)
		w.declare(alice, "t", d)
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "order")
		for _, i := range order {
			w.report(d, i, i+1)
		}
		for _, s := range w.file(d).SegmentList {
			for j, frag := range s.FragmentList {
				if frag.Miner != w.miners[j] {
					t.Fatalf("fragment %d is with another miner", j)
				}
			}
		}
	})
}

func TestReportErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.declare(alice, "t", d)
	w.report(d, 0, 1)
	w.setState(1, sminer.StateFrozen)
	w.do(func(ctx *runtime.Context) {
		m, _ := sminer.Miners.Get(ctx, w.miners[2])
		m.IdleSpace = d.column().SaturatingSub(scale.U128From64(1))
		sminer.Miners.Put(ctx, w.miners[2], m)
	})
	for _, c := range []struct {
		name   string
		miner  account
		column uint8
		deal   hash
		want   error
	}{
		{"column 0", w.miners[3], 0, d.fid, filebank.ErrSpec},
		{"column 13", w.miners[3], 13, d.fid, filebank.ErrSpec},
		{"column 255", w.miners[3], 255, d.fid, filebank.ErrSpec},
		{"no miner", alice, 2, d.fid, sminer.ErrNotMiner},
		{"frozen miner", w.miners[1], 2, d.fid, filebank.ErrMinerState},
		{"no such deal", w.miners[3], 2, hashOf("none"), filebank.ErrNonExistent},
		{"reported column", w.miners[3], 1, d.fid, filebank.ErrExisted},
		{"second column of a miner", w.miners[0], 2, d.fid, filebank.ErrExisted},
		{"the same report", w.miners[0], 1, d.fid, filebank.ErrExisted},
		{"too little idle space", w.miners[2], 2, d.fid, sminer.ErrOverflow},
	} {
		if got := w.Run(c.miner, filebank.TransferReport{Index: c.column, DealHash: c.deal}); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if err := w.Root(filebank.TransferReport{Index: 2, DealHash: d.fid}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root reports: %v", err)
	}
	w.report(d, 3, 12)
	w.wants(nil, w.miners[12], filebank.TransferReport{Index: 2, DealHash: d.fid})
	w.wants(nil, w.miners[13], filebank.TransferReport{Index: 3, DealHash: d.fid})
	w.wants(filebank.ErrNonExistent, w.miners[14], filebank.TransferReport{Index: 3, DealHash: d.fid})
}

// A file cannot complete while the user's list is full; the deadline ends the
// deal then.
func TestCompletionNeedsRoomInUsersList(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.UserFileLimit": 1, "FileBank.DealLife": 5})
	w.mint(alice, "t", 1)
	w.store(alice, "t", newData("a", 1))
	d := newData("b", 1)
	w.declare(alice, "t", d)
	w.report(d, 0, 11)
	w.wants(filebank.ErrStorageLimitReached, w.miners[11], filebank.TransferReport{Index: 12, DealHash: d.fid})
	w.audit()
	w.NextBlocks(5)
	if filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Fatal("the deal is still open")
	}
	w.audit()
}

// A report of a miner that is out of service does not count: its column is
// free again and the deal completes without it.
func TestB21MinersOutOfServiceDoNotBlockDeals(t *testing.T) {
	for _, state := range []string{sminer.StateFrozen, sminer.StateLock, sminer.StateExit, sminer.StateOffline} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t, nil)
			w.mint(alice, "t", 1)
			d := newData("a", 2)
			w.declare(alice, "t", d)
			w.report(d, 0, 11)
			w.do(func(ctx *runtime.Context) {
				if state == sminer.StateExit || state == sminer.StateOffline {
					if err := forceExit(ctx, w.miners[4]); err != nil {
						t.Fatal(err)
					}
				}
				setState(ctx, w.miners[4], state)
			})
			w.audit()
			w.wants(nil, w.miners[11], filebank.TransferReport{Index: 12, DealHash: d.fid})
			deal := w.deal(d)
			mustEqual(t, "reports", len(deal.CompleteList), 11)
			if slices.ContainsFunc(deal.CompleteList, func(r filebank.CompleteInfo) bool { return r.Index == 5 }) {
				t.Fatal("column 5 is still taken")
			}
			mustEqual(t, "locked by the miner", w.miner(4).LockSpace, scale.U128{})
			w.audit()
			w.wants(nil, w.miners[12], filebank.TransferReport{Index: 5, DealHash: d.fid})
			mustEqual(t, "miner of column 5", w.file(d).SegmentList[0].FragmentList[4].Miner, w.miners[12])
			w.audit()
		})
	}
}

// What a leaving miner has locked for files and for deals is told apart, so
// that nothing goes off the total twice.
func TestB22LockOfDealsIsNotLockOfFiles(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	stored, pending := newData("a", 2), newData("b", 3)
	w.store(alice, "t", stored)
	w.declare(alice, "t", pending)
	w.report(pending, 0, 5)
	mustEqual(t, "lock", w.miner(0).LockSpace, stored.column().SaturatingAdd(pending.column()))
	mustEqual(t, "lock of deals", filebank.API{}.LockedInDeals(w.Ctx(), w.miners[0]), pending.column())
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[0]); err != nil {
			t.Fatal(err)
		}
	})
	w.audit()
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "space to restore", target.ServiceSpace, stored.column())
	idle := w.miner(0).IdleSpace
	w.report(pending, 5, 6)
	mustEqual(t, "idle space of the miner that left", w.miner(0).IdleSpace, idle)
	mustEqual(t, "lock of the miner that left", w.miner(0).LockSpace, stored.column())
	w.audit()
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: stored.fid})
	target, _ = sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "restored space", target.RestoredSpace, stored.column())
	w.audit()
}

// A deal that nobody completes ends at its deadline; user and miners get their
// space back and the file can be declared again.
func TestB20DealsTimeOut(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.DealLife": 10})
	w.mint(alice, "t", 1)
	w.mint(bob, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	declared := w.Number()
	w.report(d, 0, 11)
	w.GoTo(declared + 9)
	if !filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Fatal("the deal ended before its deadline")
	}
	w.audit()
	w.NextBlocks(1)
	if filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Fatal("the deal is open at its deadline")
	}
	mustEqual(t, "locked in the territory", w.territory(alice, "t").LockedSpace, scale.U128{})
	mustEqual(t, "locked by miner 0", w.miner(0).LockSpace, scale.U128{})
	w.audit()
	w.wants(filebank.ErrNonExistent, w.miners[11], filebank.TransferReport{Index: 12, DealHash: d.fid})
	w.store(bob, "t", d)
	w.audit()
}

// The last block in which a deal can complete is the one before its deadline.
func TestB20CompletionOneBlockBeforeDeadline(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.DealLife": 10})
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.declare(alice, "t", d)
	declared := w.Number()
	w.report(d, 0, 11)
	w.GoTo(declared + 8)
	w.report(d, 11, 12)
	mustEqual(t, "block", w.Number(), declared+9)
	w.NextBlocks(3)
	w.file(d)
	w.audit()
}

// One block gives up a bounded number of deals; the others follow, oldest
// first.
func TestB20TimeoutsAreBoundedPerBlock(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.DealLife": 3})
	w.mint(alice, "t", 12)
	const n = filebank.MaxDue + 20
	var txs []palletstest.Tx
	for i := range n {
		txs = append(txs, palletstest.Tx{Signer: alice, Call: newData(fmt.Sprint(i), 1).declaration(alice, "t")})
	}
	if err := errors.Join(w.Block(txs...)...); err != nil {
		t.Fatal(err)
	}
	w.NextBlocks(3)
	mustEqual(t, "locked", w.territory(alice, "t").LockedSpace, types.Footprint(20))
	w.audit()
	w.NextBlocks(1)
	mustEqual(t, "locked", w.territory(alice, "t").LockedSpace, scale.U128{})
	w.audit()
}

// A life that passes the last block number lasts for ever.
func TestB20LongLives(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.DealLife": ^uint32(0)})
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.declare(alice, "t", d)
	if deadline, _ := filebank.DealDeadlines.Get(w.Ctx(), d.fid); deadline != ^uint32(0) {
		t.Fatalf("deadline is %d", deadline)
	}
	w.NextBlocks(2)
	w.audit()
}
