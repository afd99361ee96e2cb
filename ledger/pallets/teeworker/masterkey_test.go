package teeworker_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

func (w *world) refuse(what string, call runtime.Call, want error) {
	w.t.Helper()
	if err := w.Run(palletstest.Bob, call); !errors.Is(err, want) {
		w.t.Fatalf("%s: got %v, want %v", what, err, want)
	}
}

func (w *world) refuseRoot(what string, call runtime.Call, want error) {
	w.t.Helper()
	if err := w.Root(call); !errors.Is(err, want) {
		w.t.Fatalf("%s: got %v, want %v", what, err, want)
	}
}

// TestHandOver: launch, application, delivery, roll.
func TestHandOver(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, master, next := pair(t, "a"), pair(t, "b"), pair(t, "master"), pair(t, "next")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.root(teeworker.LaunchMasterKey{Holder: public(a)})
	if got := palletstest.EventsOf[teeworker.MasterKeyLaunchingEvent](w.Chain); len(got) != 1 || got[0].Holder != public(a) || got[0].Rolling {
		t.Fatalf("events %+v", w.Events())
	}
	w.Must(palletstest.Dave, w.settle(a, master))
	if len(palletstest.EventsOf[teeworker.MasterKeyLaunchedEvent](w.Chain)) != 1 {
		t.Fatalf("events %+v", w.Events())
	}
	status, ok := teeworker.MasterKeyStatus.Get(w.Ctx()).(teeworker.Launched)
	want := teeworker.MasterKeyInfo{
		PublicKey: public(master), Holder: public(a),
		LaunchedAt: teeworker.LaunchTime{Block: w.Number(), UnixSeconds: uint64(w.Number()) * 6},
	}
	if !ok || status.Key != want || !w.verifies(master) {
		t.Fatalf("status %+v", status)
	}

	w.Must(palletstest.Dave, w.apply(b))
	if got := palletstest.EventsOf[teeworker.MasterKeyApplyingEvent](w.Chain); len(got) != 1 || got[0].Applier != public(b) || got[0].Distributor != public(a) {
		t.Fatalf("events %+v", w.Events())
	}
	if post, waiting := teeworker.MasterKeyPostation.Get(w.Ctx(), public(b)); !waiting || post.IsSome() {
		t.Fatal("no empty postation")
	}
	if to, _ := teeworker.MasterKeyDistributeNotify.Get(w.Ctx(), public(a)); to != public(b) {
		t.Fatal("the distributor does not know")
	}
	delivery := w.distribute(a, public(b))
	w.Must(palletstest.Dave, delivery)
	if got := palletstest.EventsOf[teeworker.MasterKeySubmittedEvent](w.Chain); len(got) != 1 || got[0].Receiver != public(b) {
		t.Fatalf("events %+v", w.Events())
	}
	post, _ := teeworker.MasterKeyPostation.Get(w.Ctx(), public(b))
	if d, ok := post.Get(); !ok || d.Block != w.Number() || string(d.Payload.EncryptedMasterKey) != "the key, encrypted" {
		t.Fatalf("postation %+v", post)
	}
	w.refuse("delivered twice", delivery, teeworker.ErrNotFoundDistributor)

	w.launch(b, next)
	if !w.verifies(next) || !w.verifies(master) {
		t.Fatal("after the roll both keys count")
	}
	if history := teeworker.MasterKeyHistory.Get(w.Ctx()); len(history) != 1 || history[0] != want {
		t.Fatalf("history %+v", history)
	}
}

// TestSettleNeedsTheLaunchersSignature: upstream takes any key from anybody.
func TestSettleNeedsTheLaunchersSignature(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, thief, master := pair(t, "a"), pair(t, "thief"), pair(t, "master")
	w.register(a, teeworker.Full)
	w.register(thief, teeworker.Full)
	w.refuse("not launched", w.settle(a, master), teeworker.ErrMasterKeyLaunchRequire)
	w.root(teeworker.LaunchMasterKey{Holder: public(a)})

	p := teeworker.MasterKeyLaunchPayload{Launcher: public(a), MasterPubkey: public(thief)}
	w.refuse("no signature", teeworker.SettleMasterKeyLaunch{Payload: p}, teeworker.ErrInvalidSignatureLength)
	w.refuse("zeros", teeworker.SettleMasterKeyLaunch{Payload: p, Signature: make([]byte, 64)}, teeworker.ErrInvalidSignature)
	w.refuse("another's", teeworker.SettleMasterKeyLaunch{Payload: p, Signature: sign(t, thief, p)}, teeworker.ErrInvalidSignature)
	other := w.settle(a, master)
	other.Payload.MasterPubkey = public(thief)
	w.refuse("over another key", other, teeworker.ErrInvalidSignature)
	w.refuse("another launches", w.settle(thief, master), teeworker.ErrInvalidMasterKeyFirstHolder)
	if w.verifies(thief) {
		t.Fatal("the thief's key counts")
	}
	w.Must(palletstest.Dave, w.settle(a, master))
	w.refuse("settled twice", w.settle(a, master), teeworker.ErrMasterKeyAlreadyLaunched)
}

// TestSettleRefusesOldKeys: the message has no time, so that an old one could
// bring a rolled key back.
func TestSettleRefusesOldKeys(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, master, next := pair(t, "a"), pair(t, "master"), pair(t, "next")
	w.register(a, teeworker.Full)
	replay := w.settle(a, master)
	w.launch(a, master)
	w.root(teeworker.LaunchMasterKey{Holder: public(a), RollIfLaunched: true})
	w.refuse("the old message", replay, teeworker.ErrMasterKeyMismatch)
	w.Must(palletstest.Dave, w.settle(a, next))
}

// TestVerifyDuringRoll: upstream refuses all signatures while a key is rolled.
func TestVerifyDuringRoll(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, master := pair(t, "a"), pair(t, "master")
	w.register(a, teeworker.Full)
	if w.verifies(master) {
		t.Fatal("a key that nobody launched counts")
	}
	w.launch(a, master)
	w.root(teeworker.LaunchMasterKey{Holder: public(a), RollIfLaunched: true})
	if got := palletstest.EventsOf[teeworker.MasterKeyLaunchingEvent](w.Chain); len(got) != 1 || !got[0].Rolling {
		t.Fatalf("events %+v", w.Events())
	}
	if !w.verifies(master) || w.verifies(pair(t, "other")) {
		t.Fatal("during the roll the old key counts, and no other")
	}
	w.refuse("application during the roll", w.apply(a), teeworker.ErrMasterKeyLaunchRequire)
}

func TestLaunchRules(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, master := pair(t, "a"), pair(t, "b"), pair(t, "master")
	w.refuseRoot("nobody", teeworker.LaunchMasterKey{Holder: public(a)}, teeworker.ErrWorkerNotFound)
	w.refuseRoot("change before launch", teeworker.ChangeMasterKeyHolder{NewHolder: public(a)}, teeworker.ErrMasterKeyLaunchRequire)
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.root(teeworker.LaunchMasterKey{Holder: public(a)})
	w.refuseRoot("launching", teeworker.LaunchMasterKey{Holder: public(b), RollIfLaunched: true}, teeworker.ErrMasterKeyLaunching)
	w.Must(palletstest.Dave, w.settle(a, master))
	w.refuseRoot("launched", teeworker.LaunchMasterKey{Holder: public(b)}, teeworker.ErrMasterKeyAlreadyLaunched)
	w.refuseRoot("the holder leaves", teeworker.ForceClearTEE{Worker: public(a)}, teeworker.ErrCannotExitMasterKeyHolder)
	w.refuseRoot("to nobody", teeworker.ChangeMasterKeyHolder{NewHolder: public(master)}, teeworker.ErrWorkerNotFound)
	w.root(teeworker.ChangeMasterKeyHolder{NewHolder: public(a)})
	if len(palletstest.EventsOf[teeworker.MasterKeyHolderChangedEvent](w.Chain)) != 0 {
		t.Fatal("an event for no change")
	}
	w.root(teeworker.ChangeMasterKeyHolder{NewHolder: public(b)})
	if got := palletstest.EventsOf[teeworker.MasterKeyHolderChangedEvent](w.Chain); len(got) != 1 || got[0].From != public(a) || got[0].To != public(b) {
		t.Fatalf("events %+v", w.Events())
	}
	w.root(teeworker.ForceClearTEE{Worker: public(a)})
	w.refuseRoot("gone", teeworker.ForceClearTEE{Worker: public(a)}, teeworker.ErrWorkerNotFound)
	if !w.verifies(master) {
		t.Fatal("the key leaves with who launched it")
	}
}

// TestLaunchGoesOnWithoutItsWorker: upstream has no way out once the worker
// that was to launch is gone.
func TestLaunchGoesOnWithoutItsWorker(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, master := pair(t, "a"), pair(t, "b"), pair(t, "master")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.root(teeworker.LaunchMasterKey{Holder: public(a)})
	w.root(teeworker.ForceClearTEE{Worker: public(a)})
	w.refuse("by who is gone", w.settle(a, master), teeworker.ErrWorkerNotFound)
	w.launch(b, master)
	if !w.verifies(master) {
		t.Fatal("not launched")
	}
}

func TestApplyRefused(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, master := pair(t, "a"), pair(t, "b"), pair(t, "master")
	w.register(b, teeworker.Marker)
	w.refuse("not launched", w.apply(b), teeworker.ErrMasterKeyLaunchRequire)
	w.register(a, teeworker.Full)
	w.launch(a, master)
	w.NextBlocks(120)

	short := w.apply(b)
	short.Signature = short.Signature[:63]
	w.refuse("short", short, teeworker.ErrInvalidSignatureLength)
	forged := w.apply(b)
	forged.Signature = w.apply(a).Signature
	w.refuse("another's", forged, teeworker.ErrInvalidSignature)
	at := func(p crypto.Pair, seconds uint64) teeworker.ApplyMasterKey {
		payload := teeworker.MasterKeyApplyPayload{PublicKey: public(p), ECDHPublicKey: public(p), SigningTime: seconds}
		return teeworker.ApplyMasterKey{Payload: payload, Signature: sign(t, p, payload)}
	}
	w.refuse("old", at(b, w.seconds()-601), teeworker.ErrInvalidSigningTime)
	w.refuse("of the future", at(b, w.seconds()+8), teeworker.ErrInvalidSigningTime)
	w.refuse("not registered", w.apply(pair(t, "nobody")), teeworker.ErrInvalidWorkerPubKey)
	w.refuse("nobody but the applicant", w.apply(a), teeworker.ErrNotFoundDistributor)
	w.Must(palletstest.Dave, at(b, w.seconds()-600))
	w.Must(palletstest.Dave, at(b, w.seconds()+7))
	w.refuse("older than the last", w.apply(b), teeworker.ErrInvalidSigningTime)

	w.register(a, teeworker.Marker)
	w.refuse("nobody verifies", w.apply(a), teeworker.ErrEmptyFullWorker)
}

// TestApplicationsAreGoodOnce: a stranger who repeats one could move the
// distributor for ever.
func TestApplicationsAreGoodOnce(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b := pair(t, "a"), pair(t, "b")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.launch(a, pair(t, "master"))
	call := w.apply(b)
	w.Must(palletstest.Dave, call)
	w.refuse("again", call, teeworker.ErrInvalidSigningTime)
}

// TestOnlyTheChosenDistributes: upstream takes a delivery from any key.
func TestOnlyTheChosenDistributes(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b, c, stranger := pair(t, "a"), pair(t, "b"), pair(t, "c"), pair(t, "stranger")
	for _, p := range []crypto.Pair{a, b, c} {
		w.register(p, teeworker.Full)
	}
	w.refuse("not launched", w.distribute(a, public(b)), teeworker.ErrMasterKeyLaunchRequire)
	w.launch(a, pair(t, "master"))
	w.refuse("nobody applied", w.distribute(a, public(b)), teeworker.ErrNotFoundDistributor)
	w.Must(palletstest.Dave, w.apply(b))
	w.refuse("not chosen", w.distribute(c, public(b)), teeworker.ErrNotFoundDistributor)
	w.refuse("to another", w.distribute(a, public(c)), teeworker.ErrNotFoundDistributor)
	w.refuse("not registered", w.distribute(stranger, public(b)), teeworker.ErrWorkerNotFound)
	forged := w.distribute(a, public(b))
	forged.Signature = sign(t, stranger, forged.Payload)
	w.refuse("another's signature", forged, teeworker.ErrInvalidSignature)
	forged.Signature = nil
	w.refuse("no signature", forged, teeworker.ErrInvalidSignatureLength)
	long := w.distribute(a, public(b)).Payload
	long.EncryptedMasterKey = make([]byte, 4097)
	w.refuse("long", teeworker.DistributeMasterKey{Payload: long, Signature: sign(t, a, long)}, teeworker.ErrBoundedVec)
	old := w.distribute(a, public(b)).Payload
	old.SigningTime += 1000
	w.refuse("of the future", teeworker.DistributeMasterKey{Payload: old, Signature: sign(t, a, old)}, teeworker.ErrInvalidSigningTime)
	w.Must(palletstest.Dave, w.distribute(a, public(b)))
}

// TestDistributorHasTheKey: after a roll only the worker that made the key has
// it; upstream asks any.
func TestDistributorHasTheKey(t *testing.T) {
	w := newWorld(t, open(), nil)
	var pairs []crypto.Pair
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		pairs = append(pairs, pair(t, name))
		w.register(pairs[len(pairs)-1], teeworker.Full)
	}
	w.launch(pairs[0], pair(t, "master"))
	w.launch(pairs[3], pair(t, "next"))
	held := map[types.WorkerPublicKey]bool{public(pairs[3]): true}
	for _, p := range pairs {
		if held[public(p)] {
			continue
		}
		w.Must(palletstest.Dave, w.apply(p))
		from := palletstest.EventsOf[teeworker.MasterKeyApplyingEvent](w.Chain)[0].Distributor
		if !held[from] {
			t.Fatalf("%x is to hand over what it does not have", from)
		}
		for _, q := range pairs {
			if public(q) == from {
				w.Must(palletstest.Dave, w.distribute(q, public(p)))
			}
		}
		held[public(p)] = true
	}
}

// TestDeliveryStaysThreeBlocks: upstream drops it with the very next block.
func TestDeliveryStaysThreeBlocks(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b := pair(t, "a"), pair(t, "b")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.launch(a, pair(t, "master"))
	w.Must(palletstest.Dave, w.apply(b))
	w.NextBlocks(10)
	if !teeworker.MasterKeyPostation.Contains(w.Ctx(), public(b)) {
		t.Fatal("an open application was dropped")
	}
	w.Must(palletstest.Dave, w.distribute(a, public(b)))
	for i := range 3 {
		w.NextBlocks(1)
		post, _ := teeworker.MasterKeyPostation.Get(w.Ctx(), public(b))
		if post.IsNone() {
			t.Fatalf("gone %d blocks after the delivery", i+1)
		}
	}
	w.NextBlocks(1)
	if teeworker.MasterKeyPostation.Contains(w.Ctx(), public(b)) || len(teeworker.DeliveryBlocks(w.Ctx())) != 0 {
		t.Fatal("still there after four blocks")
	}
}

// TestRollDropsHandOvers: a delivery that was agreed on before a roll would
// bring the old key.
func TestRollDropsHandOvers(t *testing.T) {
	w := newWorld(t, open(), nil)
	a, b := pair(t, "a"), pair(t, "b")
	w.register(a, teeworker.Full)
	w.register(b, teeworker.Full)
	w.launch(a, pair(t, "master"))
	w.Must(palletstest.Dave, w.apply(b))
	w.launch(a, pair(t, "next"))
	if teeworker.MasterKeyPostation.Contains(w.Ctx(), public(b)) {
		t.Fatal("the application is still open")
	}
	w.refuse("delivery of before", w.distribute(a, public(b)), teeworker.ErrNotFoundDistributor)
}
