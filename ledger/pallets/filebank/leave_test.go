package filebank_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
)

// newExitWorld is a chain where miners may leave at once, with three tagged
// files.
func newExitWorld(t *testing.T) (*world, []data) {
	w := newWorld(t, map[string]any{
		"FileBank.RestoralOrderLife": orderLife, "Sminer.StakingLockBlock": 1, "Sminer.ExitLock": 5,
	})
	w.Must(alice, storagehandler.MintTerritory{GiBCount: 4, TerritoryName: terr("t"), Days: 1000})
	files := []data{newData("a", 1), newData("b", 2), newData("c", 3)}
	for _, d := range files {
		w.store(alice, "t", d)
		for i := range types.FragmentCount {
			w.tagAll(d, i)
		}
	}
	w.audit()
	return w, files
}

// readable holds that every segment of every file can be put together from
// miners that have their fragments.
func (w *world) readable(files []data) {
	w.t.Helper()
	for _, d := range files {
		for i, s := range w.file(d).SegmentList {
			n := 0
			for _, frag := range s.FragmentList {
				m, _ := sminer.Miners.Get(w.Ctx(), frag.Miner)
				if frag.Avail && live(m) {
					n++
				}
			}
			if n < 4 {
				w.t.Fatalf("block %d: %d fragments of segment %d are left", w.Number(), n, i)
			}
		}
	}
}

// restoreAll lets the miners in service restore what those that left stored,
// while every file stays readable, and tag it.
func (w *world) restoreAll(files []data) {
	w.t.Helper()
	for _, d := range files {
		for i, s := range d.segments {
			for j, fragment := range s.FragmentList {
				from := w.file(d).SegmentList[i].FragmentList[j].Miner
				if !sminer.RestoralTargets.Contains(w.Ctx(), from) {
					continue
				}
				w.readable(files)
				by := w.spare(d, i)
				w.Must(w.miners[by], filebank.ClaimRestoralNoexistOrder{Miner: from, FileHash: d.fid, RestoralFragment: fragment})
				w.readable(files)
				w.complete(by, fragment)
				w.tagAll(d, by)
				w.audit()
			}
		}
		for _, s := range w.file(d).SegmentList {
			for _, frag := range s.FragmentList {
				if m, _ := sminer.Miners.Get(w.Ctx(), frag.Miner); !live(m) || !frag.Avail || !frag.Tag.IsSome() {
					w.t.Fatalf("a fragment is not back: %+v", frag)
				}
			}
		}
	}
}

// spare is a miner in service that has nothing of a segment.
func (w *world) spare(d data, segment int) int {
	w.t.Helper()
	held := map[account]bool{}
	for _, frag := range w.file(d).SegmentList[segment].FragmentList {
		held[frag.Miner] = true
	}
	for i, who := range w.miners {
		if string(w.miner(i).State) == sminer.StatePositive && !held[who] {
			return i
		}
	}
	w.t.Fatal("no miner is left to restore a fragment")
	return 0
}

// A loaded miner leaves of its own will: its collateral comes back as soon as
// others have all its fragments, and no data is lost.
func TestExitOfLoadedMiner(t *testing.T) {
	w, files := newExitWorld(t)
	who, collateral := w.miners[0], w.miner(0).Collateral
	w.Must(who, sminer.MinerExitPrep{Miner: who})
	w.wants(filebank.ErrNonExistent, w.miners[12], filebank.ClaimRestoralNoexistOrder{
		Miner: who, FileHash: files[0].fid, RestoralFragment: files[0].segments[0].FragmentList[0],
	})
	w.NextBlocks(5)
	mustEqual(t, "state", string(w.miner(0).State), sminer.StateExit)
	w.audit()
	w.wants(sminer.ErrState, who, sminer.MinerWithdraw{})
	w.restoreAll(files)
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), who)
	mustEqual(t, "restored", target.RestoredSpace, target.ServiceSpace)
	before := balances.API{}.Reserved(w.Ctx(), who)
	w.Must(who, sminer.MinerWithdraw{})
	mustEqual(t, "returned", before.SaturatingSub(balances.API{}.Reserved(w.Ctx(), who)), collateral)
	w.audit()
}

// Miners that fail together, as many as there are spare ones: with three of
// twelve gone every segment still has more than it needs, and gets them back.
func TestMinersFailAtOnce(t *testing.T) {
	for n := 1; n <= 3; n++ {
		w, files := newExitWorld(t)
		for i := range n {
			w.leave(3 * i)
		}
		w.audit()
		w.restoreAll(files)
		for i := range n {
			target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[3*i])
			mustEqual(t, "restored", target.RestoredSpace, target.ServiceSpace)
		}
		w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: files[2].fid})
		w.audit()
	}
}

// A miner that leaves in the middle of everything: a deal, a claim, an order
// of its own, tagged and untagged fragments. Nothing of it stays locked, and
// what others restore is what it stored.
func TestForcedExitInTheMiddle(t *testing.T) {
	w, files := newExitWorld(t)
	untagged, pending := newData("untagged", 2), newData("pending", 4)
	w.store(alice, "t", untagged)
	w.declare(alice, "t", pending)
	w.report(pending, 0, 3)
	own := w.lose(files[2], 0, 0)
	// A file of miners 1 to 12, of which miner 0 claims a fragment.
	other := newData("other", 1)
	w.declare(alice, "t", other)
	for i := range types.FragmentCount {
		w.Must(w.miners[i+1], filebank.TransferReport{Index: uint8(i + 1), DealHash: other.fid})
	}
	claimed := other.segments[0].FragmentList[5]
	w.Must(w.miners[6], filebank.GenerateRestoralOrder{FileHash: other.fid, RestoralFragment: claimed})
	w.claim(0, claimed)
	w.audit()

	stored := w.miner(0).ServiceSpace.SaturatingAdd(untagged.column())
	w.leave(0)
	w.audit()
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "space to restore", target.ServiceSpace, stored)
	w.report(pending, 3, 4) // drops the column of miner 0
	w.Must(w.miners[14], filebank.TransferReport{Index: 1, DealHash: pending.fid})
	w.claim(13, own)
	w.complete(13, own)
	w.tagAll(files[2], 13)
	w.audit()
	w.GoTo(w.order(claimed).Deadline + 1)
	mustEqual(t, "lock", w.miner(0).LockSpace, untagged.column())
	w.claim(13, claimed)
	w.complete(13, claimed)
	for i := 1; i < types.FragmentCount; i++ {
		w.tagAll(untagged, i)
	}
	w.restoreAll(append(files, untagged))
	target, _ = sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "restored", target.RestoredSpace, target.ServiceSpace)
	w.audit()
}
