package attestation_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var registration = substrate.H256{1, 2, 3}

// TestEvidenceIsRemembered by the registration it names, until it expires.
func TestEvidenceIsRemembered(t *testing.T) {
	w := newWorld(t, map[string]any{"Attestation.EvidenceLife": 10})
	w.all()
	named := w.Number()
	w.refuse("quote", w.evidence(w.quote(registration, blockHash(named))), nil)
	v, ok := w.stored(registration)
	want := attestation.Verified{
		Kind: attestation.TDX, Measurement: v.Measurement, Registration: registration,
		Confidence: 1, Block: named, Expires: w.Number() + 10,
	}
	if !ok || v != want || v.Measurement.IsZero() {
		t.Fatalf("stored %+v", v)
	}
	got := palletstest.EventsOf[attestation.EvidenceAcceptedEvent](w.Chain)
	if len(got) != 1 || got[0].Registration != registration || got[0].Expires != want.Expires {
		t.Fatalf("events %+v", w.Events())
	}
	w.NextBlocks(9)
	if _, ok := w.stored(registration); !ok {
		t.Fatal("forgotten too early")
	}
	w.NextBlocks(1)
	if _, ok := w.stored(registration); ok {
		t.Fatal("not forgotten")
	}
	for block := range attestation.Expiring.Iter(w.Ctx()) {
		t.Fatalf("block %d has still something to forget", block)
	}
}

// TestNewerEvidenceLivesLonger: the expiry of what it replaced does not end
// it.
func TestNewerEvidenceLivesLonger(t *testing.T) {
	w := newWorld(t, map[string]any{"Attestation.EvidenceLife": 10})
	w.all()
	first := w.quote(registration, blockHash(w.Number()))
	w.refuse("first", w.evidence(first), nil)
	w.refuse("again", w.evidence(first), attestation.ErrStale)
	w.NextBlocks(5)
	w.refuse("second", w.evidence(w.quote(registration, blockHash(w.Number()))), nil)
	w.NextBlocks(9)
	if _, ok := w.stored(registration); !ok {
		t.Fatal("forgotten with the first")
	}
}

// TestFreshness: evidence names one of the last EvidenceAge blocks.
func TestFreshness(t *testing.T) {
	w := newWorld(t, map[string]any{"Attestation.EvidenceAge": 20})
	w.all()
	w.GoTo(50) // evidence is judged in block 51 and after
	for name, block := range map[string]substrate.H256{
		"no block": {}, "too old": blockHash(30), "of the future": blockHash(51 + 20), "of nowhere": {9},
	} {
		w.refuse(name, w.evidence(w.quote(registration, block)), attestation.ErrStale)
	}
	w.GoTo(60)
	w.refuse("the oldest", w.evidence(w.quote(registration, blockHash(41))), nil)
	w.refuse("the newest", w.evidence(w.quote(registration, blockHash(61))), nil)
}

// TestEvidenceIsSpentOnce: a worker's evidence names later blocks each time,
// and the chain remembers the last as long as an older one could be fresh.
func TestEvidenceIsSpentOnce(t *testing.T) {
	w := newWorld(t, map[string]any{"Attestation.EvidenceAge": 20, "Attestation.EvidenceLife": 30})
	w.all()
	worker := [32]byte{7}
	w.refuse("quote", w.evidence(w.quote(registration, blockHash(w.Number()))), nil)
	v, _ := w.stored(registration)
	w.refuse("use", w.use(worker, v), nil)
	if _, ok := w.stored(registration); ok {
		t.Fatal("not spent")
	}
	w.refuse("use again", w.use(worker, v), attestation.ErrStale)
	older := v
	older.Block--
	w.refuse("an older one", w.use(worker, older), attestation.ErrStale)
	w.refuse("another worker", w.use([32]byte{8}, v), nil)
	newer := v
	newer.Block++
	w.refuse("a newer one", w.use(worker, newer), nil)

	w.GoTo(newer.Block + 20)
	if !attestation.LastUsed.Contains(w.Ctx(), worker) {
		t.Fatal("forgotten while older evidence is fresh")
	}
	w.NextBlocks(30)
	for block := range attestation.Expiring.Iter(w.Ctx()) {
		t.Fatalf("block %d has still something to forget", block)
	}
	if attestation.LastUsed.Contains(w.Ctx(), worker) || attestation.LastUsed.Contains(w.Ctx(), [32]byte{8}) {
		t.Fatal("remembered for ever")
	}
}

func TestSNPEvidence(t *testing.T) {
	w := newWorld(t, nil)
	fresh := func(g attestationtest.Guest) attestationtest.Guest {
		g.ReportData = data(registration, blockHash(w.Number()))
		return g
	}
	w.refuse("no collateral", w.evidence(w.report(fresh(attestationtest.Guest{}))), attestation.ErrCollateralMissing)
	w.refuse("line", w.submit(w.snp(at(1), false)), nil)
	w.refuse("no minimum", w.evidence(w.report(fresh(attestationtest.Guest{}))), attestation.ErrCollateralMissing)
	minimum := func(tcb uint64) {
		w.refuse("minimum", w.Root(attestation.SetMinimumTCB{Authority: attestation.AMDMilan, TCB: scale.Some(tcb)}), nil)
	}
	minimum(attestationtest.TCB + 1)
	w.refuse("below the minimum", w.evidence(w.report(fresh(attestationtest.Guest{}))), attestation.ErrTCB)
	minimum(attestationtest.TCB)
	w.refuse("debug", w.evidence(w.report(fresh(attestationtest.Guest{Debug: true}))), attestation.ErrPolicy)
	w.refuse("the cloud's issuer is missing", w.evidence(w.report(fresh(attestationtest.Guest{VLEK: true}))), attestation.ErrCollateralMissing)
	w.refuse("the cloud's line", w.submit(w.snp(at(2), true)), nil)
	w.refuse("the cloud's key", w.evidence(w.report(fresh(attestationtest.Guest{VLEK: true}))), nil)
	w.refuse("the processor's key", w.evidence(w.report(fresh(attestationtest.Guest{}))), nil)
	if v, ok := w.stored(registration); !ok || v.Kind != attestation.SEVSNP || v.Confidence != 1 {
		t.Fatalf("stored %+v", v)
	}
	changed := w.report(fresh(attestationtest.Guest{}))
	changed.Report[0x90]++
	w.refuse("changed", w.evidence(changed), attestation.ErrSignature)
	w.refuse("empty", w.evidence(attestation.SNPReport{}), attestation.ErrMalformed)
}

func TestTDXEvidenceRefused(t *testing.T) {
	w := newWorld(t, nil)
	quote := func(attributes uint64) attestation.TDXQuote {
		return attestation.TDXQuote{Quote: w.intel.Quote(attestationtest.TD{
			Attributes: attributes, ReportData: data(registration, blockHash(w.Number())),
		})}
	}
	for _, piece := range w.tdx(at(1)) {
		w.refuse("collateral is not complete", w.evidence(quote(attestationtest.SEPTVEDisable)), attestation.ErrCollateralMissing)
		w.refuse("collateral", w.submit(piece), nil)
	}
	w.refuse("debug", w.evidence(quote(attestationtest.SEPTVEDisable|1)), attestation.ErrPolicy)
	w.refuse("#VE", w.evidence(quote(0)), attestation.ErrPolicy)
	w.refuse("allow #VE", w.Root(attestation.SetAllowSEPTVE{Allowed: true}), nil)
	w.refuse("#VE, allowed", w.evidence(quote(0)), nil)
	if v, _ := w.stored(registration); v.Confidence != 3 {
		t.Fatalf("confidence %d", v.Confidence)
	}
	w.refuse("SGX", w.evidence(attestation.TDXQuote{Quote: append([]byte{3, 0}, make([]byte, 1000)...)}), attestation.ErrUnsupported)
	w.refuse("garbage", w.evidence(attestation.TDXQuote{Quote: []byte{1}}), attestation.ErrMalformed)
	w.refuse("revocation", w.submit(attestation.TDXPCKCRL{List: w.intel.RevokedPCK(at(2)), Chain: w.intel.Issuers()}), nil)
	w.refuse("revoked", w.evidence(quote(attestationtest.SEPTVEDisable)), attestation.ErrCertificate)
}

// TestVerificationCounts: a block has room for few of these calls.
func TestVerificationCounts(t *testing.T) {
	for _, call := range []runtime.Call{attestation.SubmitEvidence{}, attestation.SubmitCollateral{}} {
		info := runtime.RuntimeCall{Call: call}.Info()
		if info.Weight.RefTime < 50_000_000_000 || info.PaysFee != substrate.PaysYes {
			t.Errorf("%T costs %+v", call, info)
		}
	}
}
