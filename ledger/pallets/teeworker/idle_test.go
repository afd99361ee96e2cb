package teeworker_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestOnlyWorkersLeaveTraces: upstream notes work of keys that nobody
// registered.
func TestOnlyWorkersLeaveTraces(t *testing.T) {
	w := newWorld(t, open(), nil)
	p, stranger := pair(t, "worker"), pair(t, "stranger")
	w.register(p, teeworker.Full)
	w.NextBlocks(5)
	if err := w.Do(func(ctx *runtime.Context) error {
		api.Worked(ctx, public(p))
		api.Worked(ctx, public(stranger))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if at := teeworker.LastWork.Get(w.Ctx(), public(p)); at != w.Number() {
		t.Fatalf("last work at %d", at)
	}
	if teeworker.LastWork.Contains(w.Ctx(), public(stranger)) {
		t.Fatal("a stranger worked")
	}
}

// TestIdleWorkersGo: after a full period without work, at the period's end,
// unless they hold the master key.
func TestIdleWorkersGo(t *testing.T) {
	w := newWorld(t, open(), map[string]any{"TeeWorker.AtLeastWorkBlock": 50})
	holder, busy, idle := pair(t, "holder"), pair(t, "busy"), pair(t, "idle")
	for _, p := range []crypto.Pair{holder, busy, idle} {
		w.register(p, teeworker.Full)
	}
	w.launch(holder, pair(t, "master"))
	w.GoTo(60)
	if err := w.Do(func(ctx *runtime.Context) error { api.Worked(ctx, public(busy)); return nil }); err != nil {
		t.Fatal(err)
	}
	w.GoTo(99)
	if n := teeworker.Workers.Count(w.Ctx()); n != 3 {
		t.Fatalf("%d workers before the period ends", n)
	}
	w.NextBlocks(1)
	got := palletstest.EventsOf[teeworker.ClearInvalidTEEEvent](w.Chain)
	if len(got) != 1 || got[0].PublicKey != public(idle) {
		t.Fatalf("events %+v", w.Events())
	}
	ctx := w.Ctx()
	for _, left := range []bool{
		teeworker.Workers.Contains(ctx, public(idle)), teeworker.Endpoints.Contains(ctx, public(idle)),
		teeworker.WorkerAddedAt.Contains(ctx, public(idle)), teeworker.LastWork.Contains(ctx, public(idle)),
	} {
		if left {
			t.Fatal("something is left of the worker")
		}
	}
	if n := teeworker.Workers.Count(ctx); n != 2 || len(api.Verifiers(ctx)) != 2 {
		t.Fatalf("%d workers", n)
	}
}

// TestClearingIsBounded: a block looks at SweepStep workers only, and the next
// one goes on.
func TestClearingIsBounded(t *testing.T) {
	w := newWorld(t, open(), map[string]any{"TeeWorker.AtLeastWorkBlock": 40, "TeeWorker.SweepStep": 3})
	for i := range 10 {
		w.register(pair(t, fmt.Sprint("worker", i)), teeworker.Full)
	}
	w.GoTo(79)
	for _, want := range []uint32{7, 4, 1, 0, 0} {
		w.NextBlocks(1)
		if n := teeworker.Workers.Count(w.Ctx()); n != want {
			t.Fatalf("block %d: %d workers, want %d", w.Number(), n, want)
		}
	}
	w.register(pair(t, "late"), teeworker.Full)
	w.GoTo(119)
	w.root(teeworker.PatchClearInvalidTEE{})
	if n := teeworker.Workers.Count(w.Ctx()); n != 1 {
		t.Fatal("a worker of less than a period was cleared")
	}
	w.NextBlocks(5)
	w.root(teeworker.PatchClearInvalidTEE{})
	if n := teeworker.Workers.Count(w.Ctx()); n != 0 {
		t.Fatal("an idle worker outlived the order to clear")
	}
}

func TestMigrationGivesTime(t *testing.T) {
	w := newWorld(t, open(), map[string]any{"TeeWorker.AtLeastWorkBlock": 40})
	p, forced := pair(t, "worker"), pair(t, "forced")
	w.register(p, teeworker.Full)
	w.root(teeworker.ForceRegisterWorker{PublicKey: public(forced), StashAccount: scale.None[substrate.AccountID]()})
	w.GoTo(70)
	w.root(teeworker.MigrationLastWork{})
	for _, key := range []types.WorkerPublicKey{public(p), public(forced)} {
		if at := teeworker.LastWork.Get(w.Ctx(), key); at != w.Number() {
			t.Fatalf("last work at %d", at)
		}
	}
	w.GoTo(81)
	if n := teeworker.Workers.Count(w.Ctx()); n != 2 {
		t.Fatalf("%d workers", n)
	}
}

// TestExitTakesApplicationsAlong: what a worker that leaves waited for, and
// who waited for it.
func TestExitTakesApplicationsAlong(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, c := pair(t, "a"), pair(t, "b"), pair(t, "c")
	for _, p := range []crypto.Pair{a, b, c} {
		w.register(p, teeworker.Full)
	}
	w.launch(a, pair(t, "master"))
	w.root(teeworker.ChangeMasterKeyHolder{NewHolder: public(b)})
	w.Must(palletstest.Dave, w.apply(c))
	from := palletstest.EventsOf[teeworker.MasterKeyApplyingEvent](w.Chain)[0].Distributor
	if from == public(b) {
		w.root(teeworker.ChangeMasterKeyHolder{NewHolder: public(a)})
	}
	w.root(teeworker.ForceClearTEE{Worker: from})
	if teeworker.MasterKeyPostation.Contains(w.Ctx(), public(c)) || teeworker.MasterKeyDistributeNotify.Contains(w.Ctx(), from) {
		t.Fatal("an application to who is gone")
	}
	w.Must(palletstest.Dave, w.apply(c))
	w.root(teeworker.ForceClearTEE{Worker: public(c)})
	for distributor := range teeworker.MasterKeyDistributeNotify.Iter(w.Ctx()) {
		t.Fatalf("%x is to serve who is gone", distributor)
	}
	for _, key := range teeworker.Left(w.Ctx()) {
		if !teeworker.Workers.Contains(w.Ctx(), key) {
			t.Fatalf("the chain remembers %x", key)
		}
	}
}

func TestGenesis(t *testing.T) {
	p, marker, master := pair(t, "worker"), pair(t, "marker"), pair(t, "master")
	bob := types.Address(palletstest.Bob)
	g := open()
	g.Workers = []teeworker.GenesisWorker{
		{PublicKey: substrate.H256(public(p)), Stash: &bob, Endpoint: "here:1"},
		{PublicKey: substrate.H256(public(marker)), Role: "marker"},
	}
	g.MasterKey = &teeworker.GenesisMasterKey{PublicKey: substrate.H256(public(master)), Holder: substrate.H256(public(p))}
	w := newWorld(t, g, nil)
	if !w.verifies(master) || !api.CanVerify(w.Ctx(), public(p)) || !api.CanMark(w.Ctx(), public(marker)) || api.CanVerify(w.Ctx(), public(marker)) {
		t.Fatal("genesis is not in force")
	}
	rt := w.Runtime()
	for name, raw := range map[string]string{
		"twice":             `{"workers":[{"publicKey":"0x%[1]x","role":"marker"},{"publicKey":"0x%[1]x","role":"marker"}]}`,
		"role":              `{"workers":[{"publicKey":"0x%[1]x","role":"king"}]}`,
		"no stash":          `{"workers":[{"publicKey":"0x%[1]x"}]}`,
		"holder is nobody":  `{"masterKey":{"publicKey":"0x%[1]x","holder":"0x%[1]x"}}`,
		"misspelt":          `{"worker":[]}`,
		"too many programs": `{"allowedPrograms":[` + many(201) + `]}`,
	} {
		ctx := rt.ReadContext(runtime.Parent{State: empty{}})
		if err := teeworker.Pallet.Genesis(ctx, fmt.Appendf(nil, raw, public(p))); err == nil {
			t.Errorf("%s: accepted", name)
		} else if name == "no stash" && !errors.Is(err, teeworker.ErrWrongWorkerRole) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(n int) (list string) {
	for i := range n {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprintf(`"0x%064x"`, i)
	}
	return list
}

// empty is a state with nothing in it.
type empty struct{}

func (empty) Get([]byte) ([]byte, error)                             { return nil, nil }
func (empty) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }
