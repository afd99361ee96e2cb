package teeworker_test

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	primitive "github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// world is a chain on which Bob and Charlie are bonded and no evidence is
// asked for.
type world struct {
	*palletstest.Chain
	t palletstest.TB
}

// zero is when the test chain starts.
var zero = time.Unix(0, 0)

// intel and amd are authorities for the time of the test chain, which starts
// in 1970.
var (
	intel = sync.OnceValues(func() (*attestationtest.Intel, error) { return attestationtest.NewIntel(zero) })
	amd   = sync.OnceValues(func() (*attestationtest.AMD, error) { return attestationtest.NewAMD(zero) })
)

func must[T any](t palletstest.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t palletstest.TB, g teeworker.Genesis, constants map[string]any) *world {
	t.Helper()
	all := map[string]any{"Attestation.DevelopmentRoots": primitive.Roots{
		must[*attestationtest.Intel](t)(intel()).Root(), must[*attestationtest.AMD](t)(amd()).Root(),
	}}
	for name, v := range constants {
		all[name] = v
	}
	w := &world{palletstest.New(t, palletstest.Genesis{
		Constants: all,
		Pallets: map[string]any{
			"TeeWorker": g,
			"Staking":   staking.Genesis{MinValidatorBond: types.Tokens(100)},
		},
	}), t}
	for _, stash := range []substrate.AccountID{palletstest.Bob, palletstest.Charlie} {
		w.Must(stash, staking.Bond{Value: types.Tokens(10_000), Payee: staking.PayStash{}})
	}
	return w
}

// open is the genesis of a chain for development.
func open() teeworker.Genesis {
	no := false
	return teeworker.Genesis{NoneAttestationEnabled: true, CesealVerifyRequired: &no}
}

// pair is a worker's or master key.
func pair(t palletstest.TB, name string) crypto.Pair {
	t.Helper()
	return must[crypto.Pair](t)(crypto.FromURI(crypto.Sr25519, "//"+name))
}

func public(p crypto.Pair) types.WorkerPublicKey { return types.WorkerPublicKey(p.Public()) }

func sign[T any](t palletstest.TB, p crypto.Pair, payload T) []byte {
	t.Helper()
	return must[[]byte](t)(p.Sign(scale.MustMarshal(payload)))
}

// blockHash is the hash that the test chain gives to a block.
func blockHash(number uint32) substrate.H256 {
	if number == 0 {
		return crypto.Blake2b256([]byte("genesis"))
	}
	return crypto.Blake2b256(binary.LittleEndian.AppendUint32(nil, number))
}

// info is a registration of a full worker for Bob.
func info(p crypto.Pair) teeworker.WorkerRegistrationInfo {
	return teeworker.WorkerRegistrationInfo{
		Version: 1 << 16, PublicKey: public(p), ECDHPublicKey: public(p),
		StashAccount: scale.Some(palletstest.Bob), GenesisBlockHash: blockHash(0),
		Features: []uint32{4, 1}, Role: teeworker.Full, Endpoint: "127.0.0.1:19999",
	}
}

// register registers a worker without evidence, signed by its stash.
func (w *world) register(p crypto.Pair, role teeworker.Role) {
	w.t.Helper()
	i := info(p)
	if i.Role = role; role == teeworker.Marker {
		i.StashAccount = scale.None[substrate.AccountID]()
	}
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: i})
}

// root runs a call that has to succeed for the chain itself.
func (w *world) root(call runtime.Call) {
	w.t.Helper()
	if err := w.Root(call); err != nil {
		w.t.Fatalf("%T: %v", call, err)
	}
}

// launch makes a worker launch a master key.
func (w *world) launch(worker, master crypto.Pair) {
	w.t.Helper()
	w.root(teeworker.LaunchMasterKey{Holder: public(worker), RollIfLaunched: true})
	w.Must(palletstest.Dave, w.settle(worker, master))
}

func (w *world) settle(worker, master crypto.Pair) teeworker.SettleMasterKeyLaunch {
	p := teeworker.MasterKeyLaunchPayload{Launcher: public(worker), MasterPubkey: public(master)}
	return teeworker.SettleMasterKeyLaunch{Payload: p, Signature: sign(w.t, worker, p)}
}

// seconds is the time of the next block.
func (w *world) seconds() uint64 { return uint64(w.Number()+1) * 6 }

func (w *world) apply(worker crypto.Pair) teeworker.ApplyMasterKey {
	p := teeworker.MasterKeyApplyPayload{PublicKey: public(worker), ECDHPublicKey: public(worker), SigningTime: w.seconds()}
	return teeworker.ApplyMasterKey{Payload: p, Signature: sign(w.t, worker, p)}
}

func (w *world) distribute(from crypto.Pair, to types.WorkerPublicKey) teeworker.DistributeMasterKey {
	p := teeworker.MasterKeyDistributePayload{
		Distributor: public(from), Target: to, ECDHPublicKey: public(from),
		EncryptedMasterKey: []byte("the key, encrypted"), SigningTime: w.seconds(),
	}
	return teeworker.DistributeMasterKey{Payload: p, Signature: sign(w.t, from, p)}
}

// verifies says whether the chain accepts a master key's signature.
func (w *world) verifies(master crypto.Pair) bool {
	digest := crypto.Blake2b256([]byte("a result"))
	sig := must[[]byte](w.t)(master.Sign(digest[:]))
	return teeworker.API{}.VerifyMaster(w.Ctx(), types.TEESignature(sig), digest)
}

// collateral brings all that quotes and reports need.
func (w *world) collateral() {
	w.t.Helper()
	v, m := must[*attestationtest.Intel](w.t)(intel()), must[*attestationtest.AMD](w.t)(amd())
	at := time.Unix(int64(w.seconds()), 0)
	tdx, snp := v.Collateral(attestationtest.Rating{Status: "SWHardeningNeeded"}, at), m.Collateral(attestationtest.Guest{}, at)
	for _, c := range []attestation.Collateral{
		attestation.TDXTCBInfo(tdx.TCBInfo), attestation.TDXQEIdentity(tdx.QEIdentity),
		attestation.TDXPCKCRL{List: tdx.PCKCRL, Chain: v.Issuers()},
		attestation.TDXRootCRL{List: tdx.RootCRL, Root: v.RootDER()},
		attestation.SNPLine{Issuer: snp.Issuer, Root: snp.Root, CRL: snp.CRL},
	} {
		w.Must(palletstest.Dave, attestation.SubmitCollateral{Collateral: c})
	}
	w.root(attestation.SetMinimumTCB{Authority: attestation.AMDMilan, TCB: scale.Some(uint64(attestationtest.TCB))})
}

// reportData names a registration and the last block.
func (w *world) reportData(i teeworker.WorkerRegistrationInfo) (data [64]byte) {
	hash, block := i.Hash(), blockHash(w.Number())
	copy(data[:32], hash[:])
	copy(data[32:], block[:])
	return data
}

func (w *world) quote(i teeworker.WorkerRegistrationInfo) []byte {
	td := attestationtest.TD{Attributes: attestationtest.SEPTVEDisable, ReportData: w.reportData(i)}
	return must[*attestationtest.Intel](w.t)(intel()).Quote(td)
}

func (w *world) snpReport(i teeworker.WorkerRegistrationInfo) attestation.SNPReport {
	g := attestationtest.Guest{ReportData: w.reportData(i)}
	v := must[*attestationtest.AMD](w.t)(amd())
	return attestation.SNPReport{Report: v.Report(g), Endorsement: v.Collateral(g, time.Unix(1, 0)).Endorsement}
}

func dcap(quote []byte) scale.Option[teeworker.AttestationReport] {
	return scale.Some[teeworker.AttestationReport](teeworker.SgxDcap{Quote: quote})
}
