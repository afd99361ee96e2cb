package attestation_test

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	primitive "github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The test chain starts in 1970; intel and amd are authorities for that time.
var (
	start = time.Unix(0, 0)
	intel = sync.OnceValues(func() (*attestationtest.Intel, error) { return attestationtest.NewIntel(start) })
	amd   = sync.OnceValues(func() (*attestationtest.AMD, error) { return attestationtest.NewAMD(start) })
)

// world is a chain that trusts both authorities.
type world struct {
	*palletstest.Chain
	t     palletstest.TB
	intel *attestationtest.Intel
	amd   *attestationtest.AMD
}

func newWorld(t palletstest.TB, constants map[string]any) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	if w.intel, err = intel(); err != nil {
		t.Fatal(err)
	}
	if w.amd, err = amd(); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"Attestation.DevelopmentRoots": primitive.Roots{w.intel.Root(), w.amd.Root()}}
	for name, v := range constants {
		all[name] = v
	}
	w.Chain = palletstest.New(t, palletstest.Genesis{Constants: all})
	return w
}

// at is a time in seconds of the chain.
func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

func (w *world) submit(c attestation.Collateral) error {
	w.t.Helper()
	return w.Run(palletstest.Dave, attestation.SubmitCollateral{Collateral: c})
}

func (w *world) evidence(r attestation.Report) error {
	w.t.Helper()
	return w.Run(palletstest.Eve, attestation.SubmitEvidence{Report: r})
}

func (w *world) refuse(what string, err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("%s: got %v, want %v", what, err, want)
	}
}

// tdx are the pieces that go with quotes, in the order of their variants.
func (w *world) tdx(issued time.Time) []attestation.Collateral {
	c := w.intel.Collateral(attestationtest.Rating{}, issued)
	return []attestation.Collateral{
		attestation.TDXTCBInfo(c.TCBInfo), attestation.TDXQEIdentity(c.QEIdentity),
		attestation.TDXPCKCRL{List: c.PCKCRL, Chain: w.intel.Issuers()},
		attestation.TDXRootCRL{List: c.RootCRL, Root: w.intel.RootDER()},
	}
}

func (w *world) snp(issued time.Time, vlek bool) attestation.Collateral {
	c := w.amd.Collateral(attestationtest.Guest{VLEK: vlek}, issued)
	return attestation.SNPLine{Issuer: c.Issuer, Root: c.Root, CRL: c.CRL}
}

// all brings collateral and a minimum.
func (w *world) all() {
	w.t.Helper()
	for _, c := range append(w.tdx(at(1)), w.snp(at(1), false), w.snp(at(1), true)) {
		w.refuse("collateral", w.submit(c), nil)
	}
	w.refuse("minimum", w.Root(attestation.SetMinimumTCB{
		Authority: attestation.AMDMilan, TCB: scale.Some(uint64(attestationtest.TCB)),
	}), nil)
}

// blockHash is the hash that the test chain gives to a block.
func blockHash(number uint32) substrate.H256 {
	return crypto.Blake2b256(binary.LittleEndian.AppendUint32(nil, number))
}

// data names a registration and a block.
func data(registration, block substrate.H256) (d [64]byte) {
	copy(d[:32], registration[:])
	copy(d[32:], block[:])
	return d
}

func (w *world) quote(registration, block substrate.H256) attestation.TDXQuote {
	return attestation.TDXQuote{Quote: w.intel.Quote(attestationtest.TD{
		Attributes: attestationtest.SEPTVEDisable, ReportData: data(registration, block),
	})}
}

func (w *world) report(g attestationtest.Guest) attestation.SNPReport {
	return attestation.SNPReport{Report: w.amd.Report(g), Endorsement: w.amd.Collateral(g, at(1)).Endorsement}
}

func (w *world) stored(registration substrate.H256) (attestation.Verified, bool) {
	return attestation.API{}.Stored(w.Ctx(), registration)
}

// use spends evidence for a worker in a block of its own.
func (w *world) use(worker [32]byte, v attestation.Verified) error {
	w.t.Helper()
	return w.Do(func(ctx *runtime.Context) error { return attestation.API{}.Use(ctx, worker, v) })
}
