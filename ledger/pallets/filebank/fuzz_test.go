package filebank_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// errUndo takes back what a fuzzed call did.
var errUndo = errors.New("undo")

// try dispatches a call, holds that the records agree afterwards, and undoes it.
func try(t *testing.T, ctx *runtime.Context, who account, call runtime.Call) {
	t.Helper()
	err := ctx.Transaction(func() error {
		if ctx.Dispatch(call, runtime.SignedOrigin(who)) == nil {
			if err := audit(ctx); err != nil {
				t.Fatalf("%T: %v", call, err)
			}
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
}

// FuzzTagReport signs whatever a report may say, as a worker that is deceived
// would.
func FuzzTagReport(f *testing.F) {
	w, d := newTagWorld(f, 2)
	for i := range 2 {
		f.Add(scale.MustMarshal(tagReport(w.Ctx(), w.miners[i], d.fid, fullTEE).TagSigInfo))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		info, err := scale.Unmarshal[filebank.TagSigInfo](raw)
		if err != nil {
			return
		}
		try(t, w.Ctx(), info.Miner, signedReport(info))
	})
}

// FuzzCalls runs any call of any pallet that decodes, for a miner that has an
// order open and one claimed.
func FuzzCalls(f *testing.F) {
	w, d := newLossWorld(f)
	lost := w.lose(d, 0, 0)
	w.claim(12, w.lose(d, 1, 1))
	for _, call := range []runtime.Call{
		filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: d.segments[0].FragmentList[2]},
		filebank.ClaimRestoralOrder{RestoralFragment: lost},
		filebank.ClaimRestoralNoexistOrder{Miner: w.miners[1], FileHash: d.fid, RestoralFragment: lost},
		filebank.RestoralOrderComplete{FragmentHash: d.segments[1].FragmentList[1]},
		tagReport(w.Ctx(), w.miners[12], d.fid, fullTEE),
		w.cert(12, 1025),
		w.replace(12, 1),
		filebank.TransferReport{Index: 1, DealHash: d.fid},
		filebank.DeleteFile{Owner: w.miners[12], FileHash: d.fid},
	} {
		f.Add(scale.MustMarshal(runtime.RuntimeCall{Call: call}))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		call, err := scale.Unmarshal[runtime.RuntimeCall](raw)
		if err != nil || len(raw) == 0 || raw[0] != 104 {
			return
		}
		try(t, w.Ctx(), w.miners[12], call.Call)
	})
}
