package teeworker_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var api teeworker.API

func TestRegisterWithoutEvidence(t *testing.T) {
	w := newWorld(t, open(), nil)
	p := pair(t, "worker")
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: info(p)})
	added := palletstest.EventsOf[teeworker.WorkerAddedEvent](w.Chain)
	if len(added) != 1 || added[0].PublicKey != public(p) || added[0].AttestationProvider.IsSome() || added[0].ConfidenceLevel != 128 {
		t.Fatalf("events %+v", added)
	}
	ctx := w.Ctx()
	got, ok := teeworker.Workers.Get(ctx, public(p))
	if !ok || got.LastUpdated != uint64(w.Number())*6 || got.Endpoint != "127.0.0.1:19999" || got.Role != teeworker.Full {
		t.Fatalf("record %+v", got)
	}
	endpoint, _ := teeworker.Endpoints.Get(ctx, public(p))
	at, _ := teeworker.WorkerAddedAt.Get(ctx, public(p))
	if endpoint != got.Endpoint || at != w.Number() || teeworker.LastWork.Get(ctx, public(p)) != w.Number() {
		t.Fatalf("endpoint %q, added at %d", endpoint, at)
	}
	if list := api.Verifiers(ctx); !slices.Equal(list, []types.WorkerPublicKey{public(p)}) {
		t.Fatalf("verifiers %x", list)
	}
	if stash, err := api.Stash(ctx, public(p)); err != nil || stash != palletstest.Bob {
		t.Fatalf("stash %v, %v", stash, err)
	}
}

func TestRegisterRefused(t *testing.T) {
	w := newWorld(t, open(), map[string]any{"TeeWorker.SchedulerMaximum": 2})
	p := pair(t, "worker")
	with := func(change func(*teeworker.WorkerRegistrationInfo)) teeworker.RegisterWorker {
		i := info(p)
		change(&i)
		return teeworker.RegisterWorker{Info: i}
	}
	for name, test := range map[string]struct {
		call runtime.Call
		want error
	}{
		"not bonded": {with(func(i *teeworker.WorkerRegistrationInfo) { i.StashAccount = scale.Some(palletstest.Eve) }), teeworker.ErrNotBond},
		"full without a stash": {with(func(i *teeworker.WorkerRegistrationInfo) {
			i.StashAccount = scale.None[substrate.AccountID]()
		}), teeworker.ErrWrongWorkerRole},
		"marker with a stash": {with(func(i *teeworker.WorkerRegistrationInfo) { i.Role = teeworker.Marker }), teeworker.ErrWrongWorkerRole},
		"endpoint too long":   {with(func(i *teeworker.WorkerRegistrationInfo) { i.Endpoint = strings.Repeat("x", 257) }), teeworker.ErrBoundedVec},
		"features too long":   {with(func(i *teeworker.WorkerRegistrationInfo) { i.Features = make([]uint32, 17) }), teeworker.ErrBoundedVec},
		"machine id too long": {with(func(i *teeworker.WorkerRegistrationInfo) { i.MachineID = make([]byte, 65) }), teeworker.ErrBoundedVec},
		"IAS": {teeworker.RegisterWorker{Info: info(p), Attestation: scale.Some[teeworker.AttestationReport](teeworker.SgxIas{})},
			teeworker.ErrUnsupportedAttestationType},
		"SGX quote":      {teeworker.RegisterWorker{Info: info(p), Attestation: dcap(append([]byte{3, 0, 2, 0}, make([]byte, 1000)...))}, teeworker.ErrUnsupportedAttestationType},
		"no quote":       {teeworker.RegisterWorker{Info: info(p), Attestation: dcap(nil)}, teeworker.ErrInvalidDCAPQuote},
		"no collateral":  {teeworker.RegisterWorker{Info: info(p), Attestation: dcap(w.quote(info(p)))}, teeworker.ErrCodec},
		"force, signed":  {teeworker.ForceRegisterWorker{PublicKey: public(p)}, runtime.ErrBadOrigin},
		"force clear":    {teeworker.ForceClearTEE{Worker: public(p)}, runtime.ErrBadOrigin},
		"clear idle":     {teeworker.PatchClearInvalidTEE{}, runtime.ErrBadOrigin},
		"clear not work": {teeworker.PatchClearNotWorkTEE{}, runtime.ErrBadOrigin},
		"migrate":        {teeworker.MigrationLastWork{}, runtime.ErrBadOrigin},
		"version":        {teeworker.SetMinimumCesealVersion{}, runtime.ErrBadOrigin},
		"none":           {teeworker.SetNoneAttestationEnabled{}, runtime.ErrBadOrigin},
		"required":       {teeworker.SetCesealVerifyRequired{}, runtime.ErrBadOrigin},
		"add":            {teeworker.AddCeseal{}, runtime.ErrBadOrigin},
		"remove":         {teeworker.RemoveCeseal{}, runtime.ErrBadOrigin},
		"launch":         {teeworker.LaunchMasterKey{}, runtime.ErrBadOrigin},
		"change":         {teeworker.ChangeMasterKeyHolder{}, runtime.ErrBadOrigin},
	} {
		if err := w.Run(palletstest.Bob, test.call); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
	w.register(p, teeworker.Full)
	w.register(pair(t, "second"), teeworker.Marker)
	if err := w.Run(palletstest.Bob, with(func(i *teeworker.WorkerRegistrationInfo) { i.PublicKey[0]++ })); !errors.Is(err, teeworker.ErrBoundedVec) {
		t.Errorf("a third worker of two: %v", err)
	}
	if err := w.Root(teeworker.ForceRegisterWorker{}); !errors.Is(err, teeworker.ErrBoundedVec) {
		t.Errorf("a third worker of two, forced: %v", err)
	}
	w.root(teeworker.SetNoneAttestationEnabled{})
	if err := w.Run(palletstest.Bob, teeworker.RegisterWorker{Info: info(p)}); !errors.Is(err, teeworker.ErrNoneAttestationDisabled) {
		t.Errorf("without evidence where it is due: %v", err)
	}
}

// TestRegisterAgain: endpoint, role and version follow; the ECDH key stays.
func TestRegisterAgain(t *testing.T) {
	w := newWorld(t, open(), nil)
	p := pair(t, "worker")
	w.register(p, teeworker.Full)
	i := info(p)
	i.Endpoint, i.Version, i.ECDHPublicKey = "elsewhere:1", 2<<16, [32]byte{1}
	w.Must(palletstest.Bob, teeworker.RegisterWorker{Info: i})
	if got := palletstest.EventsOf[teeworker.WorkerUpdatedEvent](w.Chain); len(got) != 1 || got[0].PublicKey != public(p) {
		t.Fatalf("events %+v", w.Events())
	}
	got, _ := teeworker.Workers.Get(w.Ctx(), public(p))
	endpoint, _ := teeworker.Endpoints.Get(w.Ctx(), public(p))
	if got.Endpoint != i.Endpoint || endpoint != i.Endpoint || got.Version != i.Version ||
		got.StashAccount != i.StashAccount || got.ECDHPublicKey != public(p) {
		t.Fatalf("record %+v, endpoint %q", got, endpoint)
	}
	if n := teeworker.Workers.Count(w.Ctx()); n != 1 {
		t.Fatalf("%d workers", n)
	}
}

// TestRoleChangeMovesVerifiers: upstream leaves a worker that turns marker
// among those that verify, and challenges go to it for ever.
func TestRoleChangeMovesVerifiers(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b := pair(t, "a"), pair(t, "b")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Verifier)
	w.register(a, teeworker.Marker)
	if list := api.Verifiers(w.Ctx()); !slices.Equal(list, []types.WorkerPublicKey{public(b)}) {
		t.Fatalf("verifiers %x", list)
	}
	for _, test := range []struct {
		p            crypto.Pair
		mark, verify bool
	}{{a, true, false}, {b, false, true}, {pair(t, "nobody"), false, false}} {
		if m, v := api.CanMark(w.Ctx(), public(test.p)), api.CanVerify(w.Ctx(), public(test.p)); m != test.mark || v != test.verify {
			t.Errorf("marks %v, verifies %v", m, v)
		}
	}
	if _, err := api.Stash(w.Ctx(), public(a)); !errors.Is(err, teeworker.ErrWorkerNotFound) {
		t.Errorf("a marker's stash: %v", err)
	}
	w.register(a, teeworker.Full)
	if list := api.Verifiers(w.Ctx()); !slices.Equal(list, []types.WorkerPublicKey{public(b), public(a)}) {
		t.Fatalf("verifiers %x", list)
	}
}

// TestStashConsents: whose bond pays for a worker's wrong verdicts has to agree.
// Upstream lets anybody name any bonded stash.
func TestStashConsents(t *testing.T) {
	w := newWorld(t, open(), nil)
	w.collateral()
	p := pair(t, "worker")
	refuse := func(what string, who substrate.AccountID, call runtime.Call) {
		t.Helper()
		if err := w.Run(who, call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%s: %v", what, err)
		}
	}
	attested := func(i teeworker.WorkerRegistrationInfo) teeworker.RegisterWorker {
		return teeworker.RegisterWorker{Info: i, Attestation: dcap(w.quote(i))}
	}
	refuse("by a stranger", palletstest.Dave, teeworker.RegisterWorker{Info: info(p)})
	refuse("by a stranger with evidence", palletstest.Dave, attested(info(p)))
	refuse("by another stash", palletstest.Charlie, teeworker.RegisterWorker{Info: info(p)})
	if teeworker.Workers.Contains(w.Ctx(), public(p)) {
		t.Fatal("it is registered")
	}
	w.Must(palletstest.Bob, attested(info(p)))
	// It goes on answering for the worker, whoever brings newer evidence.
	w.Must(palletstest.Dave, attested(info(p)))
	moved := info(p)
	moved.StashAccount = scale.Some(palletstest.Charlie)
	refuse("another stash, by the former one", palletstest.Bob, attested(moved))
	w.Must(palletstest.Charlie, attested(moved))
	if stash, err := api.Stash(w.Ctx(), public(p)); err != nil || stash != palletstest.Charlie {
		t.Fatalf("stash %v, %v", stash, err)
	}
	refuse("back, by a stranger", palletstest.Dave, attested(info(p)))
	// A stash may still have a controller of its own.
	if err := w.Do(func(ctx *runtime.Context) error {
		l, _ := staking.Ledgers.Get(ctx, palletstest.Bob)
		staking.Ledgers.Delete(ctx, palletstest.Bob)
		staking.Ledgers.Put(ctx, palletstest.Eve, l)
		staking.Bonded.Put(ctx, palletstest.Bob, palletstest.Eve)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.Must(palletstest.Eve, attested(info(p)))
}

// TestStrangersCannotRewriteWorkers: without evidence the account counts that
// registered the worker, its stash, or nobody.
func TestStrangersCannotRewriteWorkers(t *testing.T) {
	g := open()
	stash := types.Address(palletstest.Charlie)
	settled := pair(t, "settled")
	g.Workers = []teeworker.GenesisWorker{{PublicKey: substrate.H256(public(settled)), Stash: &stash, Endpoint: "here:1"}}
	w := newWorld(t, g, nil)
	move := func(p crypto.Pair) teeworker.RegisterWorker {
		i := info(p)
		i.Endpoint = "trap:1"
		return teeworker.RegisterWorker{Info: i}
	}
	marks := info(pair(t, "marker"))
	marks.Role, marks.StashAccount = teeworker.Marker, scale.None[substrate.AccountID]()
	w.Must(palletstest.Dave, teeworker.RegisterWorker{Info: marks})
	marks.Endpoint = "trap:1"
	p := pair(t, "worker")
	w.register(p, teeworker.Full) // by Bob
	for _, test := range []struct {
		who  substrate.AccountID
		call teeworker.RegisterWorker
		want error
	}{
		{palletstest.Eve, teeworker.RegisterWorker{Info: marks}, teeworker.ErrNoneAttestationDisabled},
		{palletstest.Bob, teeworker.RegisterWorker{Info: marks}, teeworker.ErrNoneAttestationDisabled},
		{palletstest.Dave, teeworker.RegisterWorker{Info: marks}, nil},
		{palletstest.Dave, move(p), teeworker.ErrNoneAttestationDisabled},
		{palletstest.Charlie, move(p), teeworker.ErrNoneAttestationDisabled},
		{palletstest.Bob, move(p), nil},
	} {
		if err := w.Run(test.who, test.call); !errors.Is(err, test.want) {
			t.Errorf("%v by %v: got %v, want %v", test.call.Info.Role, test.who, err, test.want)
		}
	}
	moved := move(settled)
	moved.Info.StashAccount = scale.Some(palletstest.Charlie)
	if err := w.Run(palletstest.Dave, moved); !errors.Is(err, teeworker.ErrNoneAttestationDisabled) {
		t.Errorf("a worker of the genesis, by a stranger: %v", err)
	}
	if err := w.Run(palletstest.Charlie, moved); err != nil {
		t.Errorf("a worker of the genesis, by its stash: %v", err)
	}
	w.root(teeworker.ForceRegisterWorker{PublicKey: public(p), ECDHPublicKey: public(p), StashAccount: scale.Some(palletstest.Bob)})
	if err := w.Run(palletstest.Dave, move(p)); !errors.Is(err, teeworker.ErrNoneAttestationDisabled) {
		t.Errorf("a worker that the chain registered, by who had: %v", err)
	}
}

func TestForceRegister(t *testing.T) {
	w := newWorld(t, teeworker.Genesis{}, nil)
	p := pair(t, "worker")
	w.root(teeworker.ForceRegisterWorker{PublicKey: public(p), ECDHPublicKey: [32]byte{7}, StashAccount: scale.None[substrate.AccountID]()})
	got, ok := teeworker.Workers.Get(w.Ctx(), public(p))
	if provider, some := got.AttestationProvider.Get(); !ok || !some || provider != teeworker.ProviderRoot ||
		got.ConfidenceLevel != 128 || got.LastUpdated != 1 || got.Endpoint != "https://cess.network/" || got.ECDHPublicKey != [32]byte{7} {
		t.Fatalf("record %+v", got)
	}
	if len(api.Verifiers(w.Ctx())) != 0 || teeworker.LastWork.Contains(w.Ctx(), public(p)) {
		t.Fatal("it verifies or has worked")
	}
	w.root(teeworker.PatchClearNotWorkTEE{})
	if teeworker.Workers.Contains(w.Ctx(), public(p)) {
		t.Fatal("it is still there")
	}
}

func TestAllowList(t *testing.T) {
	w := newWorld(t, teeworker.Genesis{AllowedPrograms: []substrate.H256{{9}}}, map[string]any{"TeeWorker.MaxWhitelist": 2})
	if !teeworker.CesealVerifyRequired.Get(w.Ctx()) || teeworker.NoneAttestationEnabled.Get(w.Ctx()) {
		t.Fatal("a chain that says nothing is open")
	}
	w.root(teeworker.AddCeseal{Hash: substrate.H256{1}})
	if got := palletstest.EventsOf[teeworker.CesealBinAddedEvent](w.Chain); len(got) != 1 {
		t.Fatalf("events %+v", w.Events())
	}
	if at, ok := teeworker.CesealBinAddedAt.Get(w.Ctx(), substrate.H256{1}); !ok || at != w.Number() {
		t.Fatalf("added at %d", at)
	}
	if err := w.Root(teeworker.AddCeseal{Hash: substrate.H256{1}}); !errors.Is(err, teeworker.ErrCesealBinAlreadyExists) {
		t.Fatal(err)
	}
	if err := w.Root(teeworker.AddCeseal{Hash: substrate.H256{2}}); !errors.Is(err, teeworker.ErrBoundedVec) {
		t.Fatal(err)
	}
	if err := w.Root(teeworker.RemoveCeseal{Hash: substrate.H256{2}}); !errors.Is(err, teeworker.ErrCesealBinNotFound) {
		t.Fatal(err)
	}
	w.root(teeworker.RemoveCeseal{Hash: substrate.H256{9}})
	if got := palletstest.EventsOf[teeworker.CesealBinRemovedEvent](w.Chain); len(got) != 1 {
		t.Fatalf("events %+v", w.Events())
	}
	if list := teeworker.CesealBinAllowList.Get(w.Ctx()); !slices.Equal(list, []substrate.H256{{1}}) {
		t.Fatalf("list %v", list)
	}
	w.root(teeworker.SetMinimumCesealVersion{Major: 1, Minor: 2, Patch: 3})
	if v := teeworker.MinimumCesealVersion.Get(w.Ctx()); v != (teeworker.Version{Major: 1, Minor: 2, Patch: 3}) {
		t.Fatalf("version %+v", v)
	}
	w.root(teeworker.SetCesealVerifyRequired{Required: false})
	if teeworker.CesealVerifyRequired.Get(w.Ctx()) {
		t.Fatal("still required")
	}
}

func TestPunish(t *testing.T) {
	w := newWorld(t, open(), nil)
	p := pair(t, "worker")
	w.register(p, teeworker.Full)
	if err := w.Do(func(ctx *runtime.Context) error { return api.Punish(ctx, public(p)) }); err != nil {
		t.Fatal(err)
	}
	ledger, _ := staking.Ledgers.Get(w.Ctx(), palletstest.Bob)
	if want := types.Tokens(10_000 - 5); ledger.Total != want {
		t.Fatalf("the stash has %v, want %v", ledger.Total, want)
	}
	err := w.Do(func(ctx *runtime.Context) error { return api.Punish(ctx, public(pair(t, "nobody"))) })
	if !errors.Is(err, teeworker.ErrWorkerNotFound) {
		t.Fatal(err)
	}
}
