package attestation_test

import (
	"reflect"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestBlocksAreDeterministic: two nodes that run the same calls, good and bad,
// have the same errors, events and state.
func TestBlocksAreDeterministic(t *testing.T) {
	a, b := newWorld(t, nil), newWorld(t, nil)
	var calls []runtime.Call
	for _, c := range append(a.tdx(at(1)), a.snp(at(1), false)) {
		calls = append(calls, attestation.SubmitCollateral{Collateral: c})
	}
	good := a.quote(registration, blockHash(5))
	for n := 0; n < len(good.Quote); n += 500 {
		bad := attestation.TDXQuote{Quote: append([]byte(nil), good.Quote...)}
		bad.Quote[n] ^= 0x40
		calls = append(calls, attestation.SubmitEvidence{Report: bad})
	}
	calls = append(calls, attestation.SubmitEvidence{Report: good},
		attestation.SubmitEvidence{Report: a.report(attestationtest.Guest{ReportData: data(substrate.H256{9}, blockHash(6))})})
	minimum := attestation.SetMinimumTCB{Authority: attestation.AMDMilan, TCB: scale.Some(uint64(attestationtest.TCB))}
	if err := a.Root(minimum); err != nil || b.Root(minimum) != nil {
		t.Fatal(err)
	}
	for i, call := range calls {
		errA, errB := a.Run(palletstest.Dave, call), b.Run(palletstest.Dave, call)
		if errA != errB || !reflect.DeepEqual(a.Events(), b.Events()) {
			t.Fatalf("call %d: %v and %v", i, errA, errB)
		}
	}
	if !reflect.DeepEqual(a.Keys(), b.Keys()) {
		t.Fatal("the states have different keys")
	}
	for _, r := range []substrate.H256{registration, {9}} {
		va, ok := a.stored(r)
		if vb, _ := b.stored(r); !ok || va != vb {
			t.Fatalf("stored %+v and %+v", va, vb)
		}
	}
}

// BenchmarkSubmitEvidence is a block with one quote; the budget for the quote
// is 50 ms.
func BenchmarkSubmitEvidence(b *testing.B) {
	w := newWorld(b, nil)
	w.all()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		quote := w.quote(substrate.H256{byte(i), byte(i >> 8), 1}, blockHash(w.Number()))
		b.StartTimer()
		if err := w.evidence(quote); err != nil {
			b.Fatal(err)
		}
	}
}
