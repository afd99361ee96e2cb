package teeworker_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// strict is a chain that asks for evidence but not for a known program.
func strict() teeworker.Genesis {
	no := false
	return teeworker.Genesis{CesealVerifyRequired: &no}
}

func (w *world) level(key types.WorkerPublicKey) (provider scale.Option[teeworker.AttestationProvider], level uint8) {
	got, ok := teeworker.Workers.Get(w.Ctx(), key)
	if !ok {
		w.t.Fatalf("no worker %x", key)
	}
	return got.AttestationProvider, got.ConfidenceLevel
}

// TestRegisterWithQuote: a TDX quote may come with the registration, or before
// it.
func TestRegisterWithQuote(t *testing.T) {
	w := newWorld(t, strict(), nil)
	w.collateral()
	p, q := pair(t, "p"), pair(t, "q")
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(p), Attestation: dcap(w.quote(info(p)))})
	if provider, level := w.level(public(p)); provider != scale.Some(teeworker.ProviderDcap) || level != 2 {
		t.Fatalf("provider %v, level %d", provider, level)
	}
	w.refuse("without evidence", teeworker.RegisterWorker{Info: info(q)}, teeworker.ErrNoneAttestationDisabled)
	w.Must(palletstest.Dave, attestation.SubmitEvidence{Report: attestation.TDXQuote{Quote: w.quote(info(q))}})
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(q)})
	if provider, level := w.level(public(q)); provider != scale.Some(teeworker.ProviderDcap) || level != 2 {
		t.Fatalf("provider %v, level %d", provider, level)
	}
	w.refuse("evidence spent", teeworker.RegisterWorker{Info: info(q)}, teeworker.ErrNoneAttestationDisabled)
}

func TestRegisterWithSNPReport(t *testing.T) {
	w := newWorld(t, strict(), nil)
	w.collateral()
	p := pair(t, "p")
	w.Must(palletstest.Dave, attestation.SubmitEvidence{Report: w.snpReport(info(p))})
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(p)})
	if provider, level := w.level(public(p)); provider != scale.Some(teeworker.ProviderDcap) || level != 1 {
		t.Fatalf("provider %v, level %d", provider, level)
	}
}

// TestMachines: the record of a worker cannot tell AMD from Intel, but pallet
// attestation does, as long as the worker is one.
func TestMachines(t *testing.T) {
	w := newWorld(t, strict(), nil)
	w.collateral()
	amd, intel, forced := pair(t, "amd"), pair(t, "intel"), pair(t, "forced")
	w.Must(palletstest.Dave, attestation.SubmitEvidence{Report: w.snpReport(info(amd))})
	measured := palletstest.EventsOf[attestation.EvidenceAcceptedEvent](w.Chain)[0].Measurement
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(amd)})
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(intel), Attestation: dcap(w.quote(info(intel)))})
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(forced), Attestation: dcap(w.quote(info(forced)))})
	if m, ok := attestation.Machines.Get(w.Ctx(), public(amd)); !ok || m.Kind != attestation.SEVSNP || m.Measurement != measured {
		t.Fatalf("machine %+v", m)
	}
	if m, ok := attestation.Machines.Get(w.Ctx(), public(intel)); !ok || m.Kind != attestation.TDX {
		t.Fatalf("machine %+v", m)
	}
	w.root(teeworker.ForceClearTEE{Worker: public(amd)})
	w.root(teeworker.ForceRegisterWorker{PublicKey: public(forced), StashAccount: scale.Some(palletstest.Bob)})
	for _, gone := range []types.WorkerPublicKey{public(amd), public(forced)} {
		if attestation.Machines.Contains(w.Ctx(), gone) {
			t.Errorf("a machine of %x", gone[:4])
		}
	}
}

// TestEvidenceNamesTheRegistration: whatever differs in the registration, the
// genesis hash included, evidence for another one is of no use.
func TestEvidenceNamesTheRegistration(t *testing.T) {
	w := newWorld(t, strict(), nil)
	w.collateral()
	p := pair(t, "p")
	for name, change := range map[string]func(*teeworker.WorkerRegistrationInfo){
		"key":      func(i *teeworker.WorkerRegistrationInfo) { i.PublicKey[0]++ },
		"endpoint": func(i *teeworker.WorkerRegistrationInfo) { i.Endpoint = "trap:1" },
		"role":     func(i *teeworker.WorkerRegistrationInfo) { i.Role = teeworker.Verifier },
		"version":  func(i *teeworker.WorkerRegistrationInfo) { i.Version++ },
	} {
		i := info(p)
		quote := w.quote(i)
		change(&i)
		w.refuse(name, teeworker.RegisterWorker{Info: i, Attestation: dcap(quote)}, teeworker.ErrInvalidCesealInfoHash)
	}
	moved := info(p)
	quote := w.quote(moved)
	moved.StashAccount = scale.Some(palletstest.Charlie)
	if err := w.Run(palletstest.Charlie, teeworker.RegisterWorker{Info: moved, Attestation: dcap(quote)}); !errors.Is(err, teeworker.ErrInvalidCesealInfoHash) {
		t.Errorf("stash: %v", err)
	}
	other := info(p)
	other.GenesisBlockHash = substrate.H256{1}
	w.refuse("another chain", teeworker.RegisterWorker{Info: other, Attestation: dcap(w.quote(other))}, teeworker.ErrInvalidCesealInfoHash)
}

// TestOldRegistrationsStayDead: evidence of before cannot bring an old
// endpoint back, neither from the chain's memory nor anew.
func TestOldRegistrationsStayDead(t *testing.T) {
	w := newWorld(t, strict(), nil)
	w.collateral()
	p := pair(t, "p")
	first, second := info(p), info(p)
	second.Endpoint = "new:1"
	old := w.quote(first)
	w.Must(palletstest.Dave, attestation.SubmitEvidence{Report: attestation.TDXQuote{Quote: old}})
	w.NextBlocks(1)
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: second, Attestation: dcap(w.quote(second))})
	w.refuse("remembered", teeworker.RegisterWorker{Info: first}, teeworker.ErrOutdatedIASReport)
	w.refuse("anew", teeworker.RegisterWorker{Info: first, Attestation: dcap(old)}, teeworker.ErrOutdatedIASReport)
	w.NextBlocks(1)
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: first, Attestation: dcap(w.quote(first))})
}

// TestEvidenceCannotBeTakenBack: where evidence is optional, a worker that has
// shown some needs it again.
func TestEvidenceCannotBeTakenBack(t *testing.T) {
	w := newWorld(t, open(), nil)
	w.collateral()
	p := pair(t, "p")
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(p), Attestation: dcap(w.quote(info(p)))})
	if err := w.Run(palletstest.Bob, teeworker.RegisterWorker{Info: info(p)}); !errors.Is(err, teeworker.ErrNoneAttestationDisabled) {
		t.Fatalf("without evidence: %v", err)
	}
}

// TestAllowedPrograms: the measurement has to be on the list.
func TestAllowedPrograms(t *testing.T) {
	w := newWorld(t, teeworker.Genesis{}, nil)
	w.collateral()
	p := pair(t, "p")
	w.Must(palletstest.Dave, attestation.SubmitEvidence{Report: attestation.TDXQuote{Quote: w.quote(info(p))}})
	accepted := palletstest.EventsOf[attestation.EvidenceAcceptedEvent](w.Chain)
	if len(accepted) != 1 || accepted[0].Registration != info(p).Hash() || accepted[0].Confidence != 2 || accepted[0].Kind != attestation.TDX {
		t.Fatalf("events %+v", w.Events())
	}
	w.refuse("unknown program", teeworker.RegisterWorker{Info: info(p)}, teeworker.ErrCesealRejected)
	w.root(teeworker.AddCeseal{Hash: accepted[0].Measurement})
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(p)})
	w.root(teeworker.RemoveCeseal{Hash: accepted[0].Measurement})
	w.refuse("forbidden program", teeworker.RegisterWorker{Info: info(p), Attestation: dcap(w.quote(info(p)))}, teeworker.ErrCesealRejected)
}

// TestQuoteErrors: each refusal has upstream's code.
func TestQuoteErrors(t *testing.T) {
	w := newWorld(t, strict(), nil)
	p := pair(t, "p")
	register := func(quote []byte) teeworker.RegisterWorker {
		return teeworker.RegisterWorker{Info: info(p), Attestation: dcap(quote)}
	}
	w.refuse("no collateral", register(w.quote(info(p))), teeworker.ErrCodec)
	w.collateral()
	flipped := w.quote(info(p))
	flipped[700]++
	w.refuse("signature", register(flipped), teeworker.ErrRSASignatureIsInvalid)
	v := must[*attestationtest.Intel](t)(intel())
	w.refuse("debug", register(v.Quote(attestationtest.TD{
		Attributes: attestationtest.SEPTVEDisable | 1, ReportData: w.reportData(info(p)),
	})), teeworker.ErrInvalidQuoteStatus)
	stale := info(p).Hash()
	var data [64]byte
	copy(data[:], stale[:])
	w.refuse("no block named", register(v.Quote(attestationtest.TD{
		Attributes: attestationtest.SEPTVEDisable, ReportData: data,
	})), teeworker.ErrOutdatedIASReport)
	other := must[*attestationtest.Intel](t)(attestationtest.NewIntel(zero))
	w.refuse("another root", register(other.Quote(attestationtest.TD{
		Attributes: attestationtest.SEPTVEDisable, ReportData: w.reportData(info(p)),
	})), teeworker.ErrCertificateChainIsInvalid)
	cut := w.quote(info(p))
	w.refuse("cut", register(cut[:len(cut)-1]), teeworker.ErrInvalidDCAPQuote)
}
