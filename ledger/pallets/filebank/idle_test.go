package filebank_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func TestCertIdleSpace(t *testing.T) {
	w := newWorld(t, nil)
	before, total := w.miner(0), storagehandler.TotalIdleSpace.Get(w.Ctx())
	info := w.proofInfo(0)
	call := w.cert(0, info.Rear+256)
	w.Must(w.miners[0], call)
	added := scale.U128From64(256 * types.IdleFileSize)
	mustEqual(t, "event", palletstest.EventsOf[filebank.IdleSpaceCertEvent](w.Chain)[0],
		filebank.IdleSpaceCertEvent{Account: w.miners[0], Space: added})
	m := w.miner(0)
	mustEqual(t, "idle space", m.IdleSpace, before.IdleSpace.SaturatingAdd(added))
	mustEqual(t, "total", storagehandler.TotalIdleSpace.Get(w.Ctx()), total.SaturatingAdd(added))
	mustEqual(t, "PoIS record", w.proofInfo(0), call.IdleSigInfo)
	mustEqual(t, "kept signature", m.TEESignature, types.TEESignature(call.TEESig))
	mustEqual(t, "credit", w.points(fullStash), 4) // 16 GiB
	mustEqual(t, "last work", teeworker.LastWork.Get(w.Ctx(), fullTEE), w.Number())
	w.audit()
	// The counters keep a proof from counting twice.
	w.wants(sminer.ErrCount, w.miners[0], call)
	w.audit()
}

func TestIdleProofErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.setState(5, sminer.StateFrozen)
	rear := w.proofInfo(0).Rear
	good := w.cert(0, rear+1)
	with := func(change func(*filebank.CertIdleSpace)) filebank.CertIdleSpace {
		c := good
		change(&c)
		return c
	}
	resigned := func(change func(*types.SpaceProofInfo), tee types.WorkerPublicKey) filebank.CertIdleSpace {
		info := good.IdleSigInfo
		change(&info)
		return signedIdle(info, tee)
	}
	same := func(*types.SpaceProofInfo) {}
	frozen := w.cert(5, w.proofInfo(5).Rear+1)
	for _, c := range []struct {
		name string
		who  account
		call filebank.CertIdleSpace
		want error
	}{
		{"verifier", w.miners[0], resigned(same, verifierTEE), filebank.ErrTEENoPermission},
		{"unknown worker", w.miners[0], resigned(same, strangerTEE), filebank.ErrTEENoPermission},
		{"short signature", w.miners[0], with(func(c *filebank.CertIdleSpace) { c.TEESigNeedVerify = c.TEESigNeedVerify[:10] }), filebank.ErrMalformedSignature},
		{"short kept signature", w.miners[0], with(func(c *filebank.CertIdleSpace) { c.TEESig = c.TEESig[:63] }), filebank.ErrMalformedSignature},
		{"forged signature", w.miners[0], with(func(c *filebank.CertIdleSpace) { c.TEESigNeedVerify = make([]byte, 64) }), filebank.ErrVerifyTEESigFailed},
		{"changed record", w.miners[0], with(func(c *filebank.CertIdleSpace) { c.IdleSigInfo.Rear++ }), filebank.ErrVerifyTEESigFailed},
		{"signature for another worker", w.miners[0], with(func(c *filebank.CertIdleSpace) { c.TEEPuk = secondTEE }), filebank.ErrVerifyTEESigFailed},
		{"frozen miner", w.miners[5], frozen, sminer.ErrNotPositiveState},
		{"no new files", w.miners[0], resigned(func(i *types.SpaceProofInfo) { i.Rear = rear }, fullTEE), sminer.ErrCount},
		{"files gone meanwhile", w.miners[0], resigned(func(i *types.SpaceProofInfo) { i.Front++ }, fullTEE), sminer.ErrCount},
		{"more than declared", w.miners[0], resigned(func(i *types.SpaceProofInfo) { i.Rear = 1 << 20 }, fullTEE), sminer.ErrExceedingDeclarationSpace},
	} {
		if got := w.Run(c.who, c.call); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	for _, call := range []runtime.Call{good, filebank.ReplaceIdleSpace(good)} {
		if err := w.Root(call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T by root: %v", call, err)
		}
	}
	mustEqual(t, "credit for nothing", w.points(fullStash), 0)
	w.audit()
	w.wants(nil, w.miners[0], good)
}

// Upstream takes the proof of another miner with equal counters, or over
// another PoIS key.
func TestB16IdleProofsAreTheMinersOwn(t *testing.T) {
	w, _ := newTagWorld(t, 10) // so that there is something to replace
	foreign := w.cert(1, w.proofInfo(1).Rear+1)
	w.wants(filebank.ErrMiner, w.miners[0], foreign)
	other := w.cert(0, w.proofInfo(0).Rear+1).IdleSigInfo
	other.PoISKey = poisKey(w.miners[1])
	w.wants(filebank.ErrMiner, w.miners[0], signedIdle(other, fullTEE))

	w.wants(filebank.ErrMiner, w.miners[0], w.replace(1, 1))
	gone := w.replace(0, 1).IdleSigInfo
	gone.PoISKey = poisKey(w.miners[1])
	w.wants(filebank.ErrMiner, w.miners[0], filebank.ReplaceIdleSpace(signedIdle(gone, fullTEE)))
	w.wants(nil, w.miners[1], foreign)
	w.audit()
}

func TestReplaceIdleSpace(t *testing.T) {
	w, d := newTagWorld(t, 20) // 160 MiB for each miner: two idle files and a half
	mustEqual(t, "pending", sminer.PendingReplacements.Get(w.Ctx(), w.miners[0]), d.column())
	before := w.miner(0)
	w.wants(sminer.ErrOverflow, w.miners[0], w.replace(0, 3))
	w.wants(sminer.ErrCount, w.miners[0], w.replace(0, 0))
	moved := w.replace(0, 2)
	moved.IdleSigInfo.Rear++
	moved.TEESigNeedVerify = sign(master, filebank.IdleSpacePayload(moved.IdleSigInfo, fullTEE))
	w.wants(sminer.ErrCount, w.miners[0], moved)

	call := w.replace(0, 2)
	w.Must(w.miners[0], call)
	removed := scale.U128From64(2 * types.IdleFileSize)
	mustEqual(t, "event", palletstest.EventsOf[filebank.ReplaceIdleSpaceEvent](w.Chain)[0],
		filebank.ReplaceIdleSpaceEvent{Account: w.miners[0], Space: removed})
	mustEqual(t, "pending", sminer.PendingReplacements.Get(w.Ctx(), w.miners[0]), d.column().SaturatingSub(removed))
	mustEqual(t, "idle space", w.miner(0).IdleSpace, before.IdleSpace)
	mustEqual(t, "PoIS record", w.proofInfo(0), call.IdleSigInfo)
	mustEqual(t, "credit", w.points(fullStash), 2)
	w.audit()
	w.wants(sminer.ErrCount, w.miners[0], call)
	w.wants(sminer.ErrInsufficientReplaceable, w.miners[0], w.replace(0, 3))
	w.wants(sminer.ErrInsufficientReplaceable, w.miners[12], w.replace(12, 1))
	w.audit()
}

// A fined miner stores the data that came before, and may make room for it; so
// may one that is leaving. Upstream refuses both.
func TestFrozenMinersReplaceIdleSpace(t *testing.T) {
	w, _ := newTagWorld(t, 20)
	w.setState(0, sminer.StateFrozen)
	w.setState(1, sminer.StateLock)
	for i := range 2 {
		w.wants(sminer.ErrNotPositiveState, w.miners[i], w.cert(i, w.proofInfo(i).Rear+1))
		w.Must(w.miners[i], w.replace(i, 2))
		mustEqual(t, "replaced files", w.proofInfo(i).Front, 2)
	}
	w.audit()
	call := w.replace(2, 1)
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[2]); err != nil {
			t.Fatal(err)
		}
	})
	w.wants(sminer.ErrNotPositiveState, w.miners[2], call)
}
