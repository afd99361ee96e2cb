package filebank_test

import (
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// BenchmarkDeal is a whole deal: one declaration and twelve reports, by the
// number of segments.
func BenchmarkDeal(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			w := newWorld(b, nil)
			w.mint(alice, "t", 100)
			d := newData("a", n)
			txs := []palletstest.Tx{{Signer: alice, Call: d.declaration(alice, "t")}}
			for i := range types.FragmentCount {
				txs = append(txs, palletstest.Tx{Signer: w.miners[i], Call: filebank.TransferReport{Index: uint8(i + 1), DealHash: d.fid}})
			}
			for b.Loop() {
				for _, err := range w.Block(txs...) {
					if err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
				w.refill()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkTagReport is a miner's report of the tags of one file, by the number
// of its fragments.
func BenchmarkTagReport(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("fragments=%d", n), func(b *testing.B) {
			w, d := newTagWorld(b, n)
			call := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
			for b.Loop() {
				if err := w.Ctx().Dispatch(call, runtime.SignedOrigin(w.miners[0])); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRestoral is the whole way of one lost fragment, by the number of the
// file's segments.
func BenchmarkRestoral(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			w, d := newTagWorld(b, n)
			lost := d.segments[n/2].FragmentList[0]
			for b.Loop() {
				ctx := w.Ctx()
				for _, step := range []palletstest.Tx{
					{Signer: w.miners[0], Call: filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: lost}},
					{Signer: w.miners[12], Call: filebank.ClaimRestoralOrder{RestoralFragment: lost}},
					{Signer: w.miners[12], Call: filebank.RestoralOrderComplete{FragmentHash: lost}},
				} {
					if err := ctx.Dispatch(step.Call, runtime.SignedOrigin(step.Signer)); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// refill gives miners back the idle space that deleted files cost them.
func (w *world) refill() {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) {
		for _, who := range w.miners {
			refill(ctx, who)
		}
	})
}

// BenchmarkClean is a block that removes as many files of an expired territory
// as it may.
func BenchmarkClean(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, nil)
		w.mint(alice, "t", 40)
		for i := range 300 {
			d := newData(fmt.Sprint(i), 1)
			txs := []palletstest.Tx{{Signer: alice, Call: d.declaration(alice, "t")}}
			for j := range types.FragmentCount {
				txs = append(txs, palletstest.Tx{Signer: w.miners[j], Call: filebank.TransferReport{Index: uint8(j + 1), DealHash: d.fid}})
			}
			w.Block(txs...)
			if i == 0 {
				w.Must(alice, storagehandler.RenewalTerritory{TerritoryName: terr("t"), Days: 1000})
			}
		}
		w.do(func(ctx *runtime.Context) { expireNow(ctx, alice, terr("t")) })
		b.StartTimer()
		w.NextBlocks(1)
		b.StopTimer()
		if n := len(filebank.UserFiles.Get(w.Ctx(), alice)); n > 1 {
			b.Fatalf("%d files are left", n)
		}
		b.StartTimer()
	}
}
