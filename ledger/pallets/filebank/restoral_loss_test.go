package filebank_test

import (
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// Nobody has to restore what its owner deleted.
func TestDeletionEndsOrders(t *testing.T) {
	for _, end := range []string{"delete", "root_clear", "expire"} {
		t.Run(end, func(t *testing.T) {
			w, d := newLossWorld(t)
			w.tagAll(d, 0)
			if end == "expire" {
				w.GoTo(w.territory(alice, "t").Deadline + frozenBlocks - 10)
			}
			open, claimed := w.lose(d, 0, 0), w.lose(d, 1, 1)
			w.claim(12, claimed)
			switch end {
			case "delete":
				w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
			case "root_clear":
				if err := w.Root(filebank.RootClearFile{Owner: alice, FileHash: d.fid}); err != nil {
					t.Fatal(err)
				}
			case "expire":
				w.expire(alice, "t")
			}
			for _, fragment := range []hash{open, claimed} {
				if filebank.RestoralOrders.Contains(w.Ctx(), fragment) {
					t.Error("an order is left")
				}
			}
			mustEqual(t, "lock of the claimant", w.miner(12).LockSpace, scale.U128{})
			mustEqual(t, "claims on the agenda", len(filebank.Claims(w.Ctx())), 0)
			w.audit()
		})
	}
}

// Fragments of a miner that left are claimed without an order of its own, and
// count for its target when they are restored.
func TestNoexistOrder(t *testing.T) {
	w, d := newLossWorld(t)
	w.tagAll(d, 0)
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[0]); err != nil {
			t.Fatal(err)
		}
	})
	for i := range 2 {
		lost := d.segments[i].FragmentList[0]
		call := filebank.ClaimRestoralNoexistOrder{Miner: w.miners[0], FileHash: d.fid, RestoralFragment: lost}
		w.wants(filebank.ErrRulesNotAllowed, w.miners[7], call)
		w.wants(filebank.ErrMinerState, w.miners[0], call)
		w.wants(filebank.ErrNonExistent, w.miners[12], filebank.ClaimRestoralNoexistOrder{Miner: w.miners[0], FileHash: hashOf("none"), RestoralFragment: lost})
		w.wants(filebank.ErrSpec, w.miners[12], filebank.ClaimRestoralNoexistOrder{Miner: w.miners[0], FileHash: d.fid, RestoralFragment: hashOf("none")})
		w.wants(nil, w.miners[12], call)
		mustEqual(t, "order", w.order(lost), filebank.RestoralOrder{
			Count: 1, Miner: w.miners[12], OriginMiner: w.miners[0], FragmentHash: lost, FileHash: d.fid,
			GenBlock: w.Number(), Deadline: w.Number() + orderLife,
		})
		w.audit()
		// The first claimant lets it lapse; then it is an order like any other.
		w.GoTo(w.order(lost).Deadline + 1)
		w.wants(filebank.ErrExisted, w.miners[12], call)
		w.claim(12, lost)
		w.complete(12, lost)
		target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
		mustEqual(t, "restored", target.RestoredSpace, oneFragment.SaturatingMul(scale.U128From64(uint64(i+1))))
		w.audit()
	}
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "restored in the end", target.RestoredSpace, target.ServiceSpace)
}

// A claimant that is forced out takes its idle space with it, once; the order
// is open again when the claim lapses.
func TestForcedExitOfClaimant(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 0)
	w.claim(12, lost)
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[12]); err != nil {
			t.Fatal(err)
		}
	})
	w.audit()
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[12])
	mustEqual(t, "space to restore", target.ServiceSpace, scale.U128{})
	w.wants(filebank.ErrMinerState, w.miners[12], filebank.RestoralOrderComplete{FragmentHash: lost})
	w.GoTo(w.order(lost).Deadline + 1)
	mustEqual(t, "lock of the miner that left", w.miner(12).LockSpace, scale.U128{})
	w.audit()
	w.claim(13, lost)
	w.complete(13, lost)
	w.audit()
}

// The miner that lost a fragment may leave before somebody restores it.
func TestForcedExitOfOrigin(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 0)
	w.claim(12, lost)
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[0]); err != nil {
			t.Fatal(err)
		}
	})
	w.complete(12, lost)
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "restored", target.RestoredSpace, oneFragment)
	mustEqual(t, "to restore", target.ServiceSpace, d.column())
	w.audit()
}

// Miners that are frozen meanwhile cannot complete; the claim lapses.
func TestFrozenClaimant(t *testing.T) {
	w, d := newLossWorld(t)
	lost := w.lose(d, 0, 0)
	w.claim(12, lost)
	w.setState(12, sminer.StateFrozen)
	w.wants(filebank.ErrMinerState, w.miners[12], filebank.RestoralOrderComplete{FragmentHash: lost})
	w.GoTo(w.order(lost).Deadline + 1)
	mustEqual(t, "lock", w.miner(12).LockSpace, scale.U128{})
	w.audit()
}

// Eight of the twelve fragments of a segment can be lost at once and come back.
func TestEightLossesAtOnce(t *testing.T) {
	w, d := newLossWorld(t)
	for j := range 4 {
		w.tagAll(d, j)
	}
	var lost []hash
	for j := range 8 {
		lost = append(lost, w.lose(d, 0, j))
	}
	avail := 0
	for _, f := range w.file(d).SegmentList[0].FragmentList {
		if f.Avail {
			avail++
		}
	}
	mustEqual(t, "available fragments", avail, 4)
	w.audit()
	free := []int{12, 13, 14} // who can help first; then those who lost theirs
	for j, fragment := range lost {
		w.claim(free[0], fragment)
		w.complete(free[0], fragment)
		free = append(free[1:], j)
		w.audit()
	}
	for _, f := range w.file(d).SegmentList[0].FragmentList {
		if !f.Avail {
			t.Errorf("fragment %s is not back", fmt.Sprint(f.Hash)[:8])
		}
	}
}
