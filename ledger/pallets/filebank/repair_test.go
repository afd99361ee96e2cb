package filebank_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Upstream's calls of the government zero what a miner, or the network, stores
// although the files are still there: none of them can be deleted afterwards.
func TestClearedServiceBooksAreThoseOfTheFiles(t *testing.T) {
	w, d := newTagWorld(t, 3)
	untagged := newData("b", 2)
	w.store(alice, "t", untagged)
	for _, who := range w.miners[:types.FragmentCount] {
		w.Must(who, tagReport(w.Ctx(), who, d.fid, fullTEE))
	}
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[3]); err != nil {
			t.Fatal(err)
		}
	})
	w.audit()
	clear := func() {
		t.Helper()
		for _, call := range []runtime.Call{sminer.ClearMinerService{Miner: w.miners[0]}, storagehandler.ClearServiceSpace{}} {
			if err := w.Root(call); err != nil {
				t.Fatalf("%T: %v", call, err)
			}
		}
		w.audit()
	}
	clear()
	mustEqual(t, "service space", w.miner(0).ServiceSpace, d.column())
	w.do(func(ctx *runtime.Context) {
		m, _ := sminer.Miners.Get(ctx, w.miners[0])
		m.ServiceSpace, m.ServiceBloomFilter[7] = scale.U128From64(5), 99
		sminer.Miners.Put(ctx, w.miners[0], m)
		storagehandler.TotalServiceSpace.Put(ctx, scale.U128From64(3))
	})
	clear()
	if err := w.Root(sminer.ClearMinerService{Miner: w.miners[3]}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("a miner that left: %v", err)
	}
	w.Must(alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	w.Must(alice, filebank.DeleteFile{Owner: alice, FileHash: untagged.fid})
	clear()
	mustEqual(t, "service space", storagehandler.TotalServiceSpace.Get(w.Ctx()), scale.U128{})
	if m := w.miner(0); !m.ServiceSpace.IsZero() || m.ServiceBloomFilter != (types.BloomFilter{}) {
		t.Fatal("the miner has service space without files")
	}
}
