package attestation_test

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	primitive "github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/scale"
)

// TestCollateralGetsNewer: a later piece replaces an earlier one, never the
// other way round; the same again is no news.
func TestCollateralGetsNewer(t *testing.T) {
	w := newWorld(t, nil)
	w.GoTo(20)
	older, newer := append(w.tdx(at(10)), w.snp(at(10), false)), append(w.tdx(at(60)), w.snp(at(60), false))
	for i := range newer {
		w.refuse("first", w.submit(older[i]), nil)
		w.refuse("newer", w.submit(newer[i]), nil)
		got := palletstest.EventsOf[attestation.CollateralUpdatedEvent](w.Chain)
		if len(got) != 1 || got[0] != (attestation.CollateralUpdatedEvent{Variant: uint8(i), Issued: 60}) {
			t.Fatalf("variant %d: events %+v", i, w.Events())
		}
		w.refuse("older", w.submit(older[i]), attestation.ErrNotNewer)
		w.refuse("the same", w.submit(newer[i]), attestation.ErrNotNewer)
	}
	info, ok := attestation.TCBInfos.Get(w.Ctx(), attestationtest.FMSPC)
	if c := newer[0].(attestation.TDXTCBInfo); !ok || !bytes.Equal(info.Body, c.Body) || info.Issued != 60 {
		t.Fatalf("TCB info of %d", info.Issued)
	}
	w.refuse("another issuer of the line", w.submit(w.snp(at(10), true)), nil)
}

func TestCollateralRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.GoTo(20)
	stranger, err := attestationtest.NewIntel(start)
	if err != nil {
		t.Fatal(err)
	}
	good := w.intel.Collateral(attestationtest.Rating{}, at(60))
	forged := attestation.TDXTCBInfo(good.TCBInfo)
	forged.Body = bytes.Replace(forged.Body, []byte("UpToDate"), []byte("Up2Date!"), 1)
	for name, test := range map[string]struct {
		c    attestation.Collateral
		want error
	}{
		"changed":       {forged, attestation.ErrSignature},
		"foreign root":  {attestation.TDXTCBInfo(stranger.Collateral(attestationtest.Rating{}, at(60)).TCBInfo), attestation.ErrCertificate},
		"another thing": {attestation.TDXTCBInfo(good.QEIdentity), attestation.ErrUnsupported},
		"of the future": {attestation.TDXQEIdentity(w.intel.Collateral(attestationtest.Rating{}, at(10_000)).QEIdentity), attestation.ErrExpired},
		"foreign list":  {attestation.TDXRootCRL{List: stranger.RootCRL(at(60)), Root: w.intel.RootDER()}, attestation.ErrSignature},
		"revoked ASK": {attestation.SNPLine{
			Issuer: w.snp(at(1), false).(attestation.SNPLine).Issuer, Root: w.snp(at(1), false).(attestation.SNPLine).Root,
			CRL: w.amd.RevokedASK(at(60)),
		}, attestation.ErrCertificate},
		"nothing":  {attestation.SNPLine{}, attestation.ErrMalformed},
		"too long": {attestation.TDXPCKCRL{List: make([]byte, primitive.MaxCollateral+1)}, attestation.ErrMalformed},
	} {
		w.refuse(name, w.submit(test.c), test.want)
	}
	w.refuse("unsigned", w.Root(attestation.SubmitCollateral{Collateral: attestation.TDXTCBInfo(good.TCBInfo)}), runtime.ErrBadOrigin)
	w.refuse("evidence, unsigned", w.Root(attestation.SubmitEvidence{Report: attestation.TDXQuote{}}), runtime.ErrBadOrigin)
}

// TestVendorsRootsOnly: a chain that names no roots of its own trusts the
// vendors' alone.
func TestVendorsRootsOnly(t *testing.T) {
	w := newWorld(t, map[string]any{"Attestation.DevelopmentRoots": primitive.Roots{}})
	for _, c := range append(w.tdx(at(1)), w.snp(at(1), false)) {
		w.refuse("collateral", w.submit(c), attestation.ErrCertificate)
	}
}

func TestPolicyIsRoots(t *testing.T) {
	w := newWorld(t, nil)
	minimum := attestation.SetMinimumTCB{Authority: attestation.AMDGenoa, TCB: scale.Some(uint64(7))}
	w.refuse("minimum, signed", w.Run(palletstest.Dave, minimum), runtime.ErrBadOrigin)
	w.refuse("#VE, signed", w.Run(palletstest.Dave, attestation.SetAllowSEPTVE{Allowed: true}), runtime.ErrBadOrigin)
	w.refuse("minimum of Intel", w.Root(attestation.SetMinimumTCB{Authority: attestation.Intel, TCB: scale.Some(uint64(7))}), attestation.ErrUnsupported)
	w.refuse("minimum", w.Root(minimum), nil)
	if got := palletstest.EventsOf[attestation.MinimumTCBSetEvent](w.Chain); len(got) != 1 || got[0].TCB != minimum.TCB {
		t.Fatalf("events %+v", w.Events())
	}
	if tcb, ok := attestation.MinimumTCB.Get(w.Ctx(), attestation.AMDGenoa); !ok || tcb != 7 {
		t.Fatalf("minimum %d", tcb)
	}
	w.refuse("no minimum", w.Root(attestation.SetMinimumTCB{Authority: attestation.AMDGenoa}), nil)
	if attestation.MinimumTCB.Contains(w.Ctx(), attestation.AMDGenoa) {
		t.Fatal("the minimum stays")
	}
	w.refuse("#VE", w.Root(attestation.SetAllowSEPTVE{Allowed: true}), nil)
	if !attestation.AllowSEPTVE.Get(w.Ctx()) || len(palletstest.EventsOf[attestation.AllowSEPTVESetEvent](w.Chain)) != 1 {
		t.Fatal("not allowed")
	}
}

func TestGenesis(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{"Attestation": attestation.Genesis{
		MinimumTCB: map[primitive.Authority]uint64{primitive.AMDMilan: 5}, AllowSEPTVE: true,
	}}})
	tcb, ok := attestation.MinimumTCB.Get(c.Ctx(), attestation.AMDMilan)
	if !ok || tcb != 5 || !attestation.AllowSEPTVE.Get(c.Ctx()) {
		t.Fatal("genesis is not in force")
	}
	for _, raw := range []string{`{"minimumTcb":{"intel":1}}`, `{"minimumTcb":{"via":1}}`, `{"minimum":1}`} {
		if err := attestation.Pallet.Genesis(c.Ctx(), []byte(raw)); err == nil {
			t.Errorf("%s: accepted", raw)
		}
	}
}
