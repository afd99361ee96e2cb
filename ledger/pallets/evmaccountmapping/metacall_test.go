package evmaccountmapping_test

import (
	"errors"
	"math"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	evm "github.com/gocess/gocess/ledger/pallets/evmaccountmapping"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var (
	bob        = palletstest.Bob
	money      balances.API
	serviceFee = scale.U128From64(10_000_000_000)
)

// key is an Ethereum key.
func key(t palletstest.TB, name string) *crypto.EcdsaPair {
	t.Helper()
	seed := crypto.Keccak256([]byte(name))
	pair, err := crypto.FromSeed(crypto.Ecdsa, seed[:])
	if err != nil {
		t.Fatal(err)
	}
	return pair.(*crypto.EcdsaPair)
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// world is a chain on which the holder of an Ethereum key has 100 tokens.
type world struct {
	*palletstest.Chain
	t     palletstest.TB
	key   *crypto.EcdsaPair
	payer substrate.AccountID
}

func newWorld(t palletstest.TB, constants map[string]any) *world {
	t.Helper()
	k := key(t, "cess test key 1")
	payer := substrate.AccountID(k.AccountID())
	c := palletstest.New(t, palletstest.Genesis{
		Balances: map[substrate.AccountID]types.Balance{payer: types.Tokens(100)}, Constants: constants,
	})
	return &world{c, t, k, payer}
}

func (w *world) sign(call runtime.Call, nonce uint64) evm.MetaCall {
	w.t.Helper()
	m := evm.MetaCall{Who: w.payer, Call: runtime.RuntimeCall{Call: call}, Nonce: nonce}
	digest, err := m.Digest(w.Runtime())
	if err != nil {
		w.t.Fatal(err)
	}
	m.Signature = w.key.SignDigest(digest)
	return m
}

func bare(t palletstest.TB, call runtime.Call) []byte {
	t.Helper()
	x := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: call}}
	raw, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (w *world) submit(call runtime.Call) error {
	w.t.Helper()
	return w.Submit(bare(w.t, call))
}

func pay(tokens uint64) runtime.Call {
	return balances.TransferKeepAlive{Dest: substrate.AddressOf(bob), Value: types.Tokens(tokens)}
}

// The whole way: an extrinsic that nobody signed runs a call of an Ethereum key.
func TestMetaCall(t *testing.T) {
	w := newWorld(t, nil)
	issuance := balances.TotalIssuance.Get(w.Ctx())
	before, price := money.Free(w.Ctx(), bob), w.price(pay(3))
	if err := w.submit(w.sign(pay(3), 0)); err != nil {
		t.Fatal(err)
	}
	if got := money.Free(w.Ctx(), bob).SaturatingSub(before); got != types.Tokens(3) {
		t.Errorf("Bob got %v planck", got)
	}
	done := palletstest.EventsOf[evm.CallDoneEvent](w.Chain)
	if len(done) != 1 || !done[0].CallResult.IsOk() || done[0].Who != w.payer {
		t.Errorf("events %+v", done)
	}
	service := palletstest.EventsOf[evm.ServiceFeePaidEvent](w.Chain)
	if len(service) != 1 || service[0] != (evm.ServiceFeePaidEvent{Who: w.payer, ActualFee: serviceFee, ExpectedFee: serviceFee}) {
		t.Errorf("events %+v", service)
	}
	if burnt := issuance.SaturatingSub(balances.TotalIssuance.Get(w.Ctx())); burnt != serviceFee {
		t.Errorf("%v planck are burnt, want the service fee", burnt)
	}
	fee := palletstest.EventsOf[evm.TransactionFeePaidEvent](w.Chain)
	if len(fee) != 1 || fee[0].Who != w.payer || fee[0].ActualFee != price {
		t.Fatalf("events %+v, the call costs %v", fee, price)
	}
	if e := palletstest.EventsOf[transactionpayment.TransactionFeePaidEvent](w.Chain); len(e) != 0 {
		t.Errorf("somebody paid for the extrinsic, too: %+v", e)
	}
	want := types.Tokens(97).SaturatingSub(serviceFee).SaturatingSub(fee[0].ActualFee)
	if got := money.Free(w.Ctx(), w.payer); got != want {
		t.Errorf("the payer has %v planck, want %v", got, want)
	}
	if n := evm.Nonces.Get(w.Ctx(), w.payer); n != 1 {
		t.Errorf("the next nonce is %d", n)
	}
	w.CheckMoney(t, nil)
}

// price is the fee that a call costs in the next block, as an extrinsic of its
// own length.
func (w *world) price(call runtime.Call) types.Balance {
	w.t.Helper()
	raw, err := scale.Marshal(runtime.RuntimeCall{Call: call})
	if err != nil {
		w.t.Fatal(err)
	}
	parent := w.Parent()
	info, err := w.Runtime().QueryInfo(parent, runtime.RuntimeCall{Call: call}, len(raw))
	if err != nil {
		w.t.Fatal(err)
	}
	return info.PartialFee
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, nil)
	good := w.sign(pay(3), 0)
	change := func(fn func(*evm.MetaCall)) runtime.Call { m := good; fn(&m); return m }
	stranger := newWorld(t, nil)
	stranger.key = key(t, "nobody has heard of this one")
	stranger.payer = substrate.AccountID(stranger.key.AccountID())
	for label, x := range map[string]struct {
		call runtime.Call
		want error
	}{
		"another pallet's call":   {pay(3), substrate.UnknownNoUnsignedValidator},
		"no signature":            {change(func(m *evm.MetaCall) { m.Signature = [65]byte{} }), substrate.InvalidCall},
		"signature of recovery 4": {change(func(m *evm.MetaCall) { m.Signature[64] = 4 }), substrate.InvalidCall},
		"another call":            {change(func(m *evm.MetaCall) { m.Call = runtime.RuntimeCall{Call: pay(4)} }), substrate.InvalidBadSigner},
		"another account":         {change(func(m *evm.MetaCall) { m.Who = bob }), substrate.InvalidBadSigner},
		"another nonce":           {change(func(m *evm.MetaCall) { m.Nonce = 1 }), substrate.InvalidBadSigner},
		"nonce ahead":             {w.sign(pay(3), 1), substrate.InvalidFuture},
		"nonce far ahead":         {w.sign(pay(3), math.MaxUint64), substrate.InvalidFuture},
		"no account":              {stranger.sign(pay(3), 0), substrate.InvalidPayment},
	} {
		_, validated := validate(w, x.call)
		if err := w.submit(x.call); !errors.Is(err, x.want) || !errors.Is(validated, x.want) {
			t.Errorf("%s: got %v from a block and %v from the pool, want %v", label, err, validated, x.want)
		}
	}
	if err := w.submit(good); err != nil {
		t.Fatal(err)
	}
	wants(t, w.submit(good), substrate.InvalidStale)
	wants(t, w.Run(bob, w.sign(pay(3), 1)), runtime.ErrBadOrigin)
	wants(t, w.Root(w.sign(pay(3), 1)), runtime.ErrBadOrigin)
}

// validate is what the pool does with a call.
func validate(w *world, call runtime.Call) (runtime.ValidTransaction, error) {
	w.t.Helper()
	checked, err := w.Runtime().Check(w.Parent(), bare(w.t, call))
	if err != nil {
		return runtime.ValidTransaction{}, err
	}
	return w.Runtime().Validate(w.Parent(), checked)
}

// Calls that only the block itself may carry do not come in inside another.
func TestMandatoryCallsStayOut(t *testing.T) {
	w := newWorld(t, nil)
	set := w.sign(timestamp.Set{Now: 1}, 0)
	wants(t, w.submit(set), substrate.InvalidBadMandatory)
	_, err := validate(w, set)
	wants(t, err, substrate.InvalidMandatoryValidation)
}

// Wallets write 27 or 28 where others write 0 or 1.
func TestBothFormsOfTheRecoveryByte(t *testing.T) {
	w := newWorld(t, nil)
	m := w.sign(pay(3), 0)
	m.Signature[64] += 27
	if err := w.submit(m); err != nil {
		t.Fatal(err)
	}
}

func TestTheInnerCallMayFail(t *testing.T) {
	w := newWorld(t, nil)
	before := money.Free(w.Ctx(), w.payer)
	if err := w.submit(w.sign(pay(1000), 0)); err != nil {
		t.Fatal(err)
	}
	done := palletstest.EventsOf[evm.CallDoneEvent](w.Chain)
	if len(done) != 1 {
		t.Fatalf("events %+v", w.Events())
	}
	fault, failed := done[0].CallResult.Fault()
	if !failed || fault.Err != runtime.DispatchErrorOf(runtime.ErrFundsUnavailable) {
		t.Errorf("result %+v", done[0].CallResult)
	}
	paid := palletstest.EventsOf[evm.TransactionFeePaidEvent](w.Chain)[0].ActualFee.SaturatingAdd(serviceFee)
	if got := before.SaturatingSub(money.Free(w.Ctx(), w.payer)); got != paid {
		t.Errorf("the payer lost %v planck, the events say %v", got, paid)
	}
	wants(t, w.submit(w.sign(pay(1000), 0)), substrate.InvalidStale)
}

func TestMetaCallsDoNotNest(t *testing.T) {
	w := newWorld(t, nil)
	inner := w.sign(pay(3), 1)
	if err := w.submit(w.sign(inner, 0)); err != nil {
		t.Fatal(err)
	}
	fault, _ := palletstest.EventsOf[evm.CallDoneEvent](w.Chain)[0].CallResult.Fault()
	wants(t, fault.Err, runtime.DispatchErrorOf(runtime.ErrBadOrigin))
}

// spec/pallets-storage.md §12: in upstream whoever submits the call names the
// tip, which the signature does not cover.
func TestB29TheTipIsNotTheRelayersToChoose(t *testing.T) {
	w := newWorld(t, nil)
	m := w.sign(pay(3), 0)
	m.Tip = scale.Some(types.Tokens(90))
	wants(t, w.submit(m), substrate.InvalidCall)
	m.Tip = scale.Some(types.Balance{})
	if err := w.submit(m); err != nil {
		t.Errorf("a tip of nothing: %v", err)
	}
	w = newWorld(t, map[string]any{"EvmAccountMapping.MaxTip": types.Tokens(1)})
	m = w.sign(pay(3), 0)
	m.Tip = scale.Some(types.Tokens(1))
	low, err := validate(w, w.sign(pay(3), 0))
	if err != nil {
		t.Fatal(err)
	}
	high, err := validate(w, m)
	if err != nil || high.Priority <= low.Priority || high.Longevity != 5 {
		t.Errorf("with a tip %+v, without %+v, %v", high, low, err)
	}
	price := w.price(pay(3)).SaturatingAdd(types.Tokens(1))
	if err := w.submit(m); err != nil {
		t.Fatal(err)
	}
	e := palletstest.EventsOf[evm.TransactionFeePaidEvent](w.Chain)
	if len(e) != 1 || e[0].Tip != types.Tokens(1) || e[0].ActualFee != price {
		t.Errorf("events %+v", e)
	}
	w.CheckMoney(t, nil)
}

// spec/pallets-storage.md §12: in upstream a call whose fee cannot be paid is
// in the block all the same, for nothing.
func TestB29NobodyIsServedForNothing(t *testing.T) {
	w := newWorld(t, nil)
	price := w.price(pay(1)).SaturatingAdd(serviceFee)
	missing := scale.U128From64(100_000_000_000) // more than a block changes the price by
	rest := price.SaturatingAdd(types.Tokens(1)).SaturatingSub(missing)
	left := money.Free(w.Ctx(), w.payer).SaturatingSub(rest)
	drain := func(ctx *runtime.Context) error {
		return money.Transfer(ctx, w.payer, bob, left, balances.KeepAlive)
	}
	if err := w.Do(drain); err != nil {
		t.Fatal(err)
	}
	// The payer has less than both fees and the existential deposit.
	wants(t, w.submit(w.sign(pay(1), 0)), substrate.InvalidPayment)
	// And if a block ran it all the same, nothing would be taken.
	err := w.Do(func(ctx *runtime.Context) error { return ctx.Dispatch(w.sign(pay(1), 0), runtime.Origin{}) })
	wants(t, err, evm.ErrPayment)
	if got := money.Free(w.Ctx(), w.payer); got != rest {
		t.Errorf("the payer has %v planck, had %v", got, rest)
	}
	if err := w.Do(func(ctx *runtime.Context) error {
		return money.Transfer(ctx, bob, w.payer, missing.SaturatingMul(scale.U128From64(2)), balances.KeepAlive)
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.submit(w.sign(pay(1), 0)); err != nil {
		t.Errorf("with enough for the fees: %v", err)
	}
}

// spec/pallets-storage.md §12: signatures are valid on every chain with the
// same domain, so that networks need one of their own.
func TestB29ChainsWithTheirOwnDomain(t *testing.T) {
	w := newWorld(t, nil)
	m := w.sign(pay(3), 0)
	other := newWorld(t, map[string]any{"EvmAccountMapping.EIP712ChainID": 11330})
	wants(t, other.submit(m), substrate.InvalidBadSigner)
	if err := other.submit(other.sign(pay(3), 0)); err != nil {
		t.Error(err)
	}
}

// A pool has one place for all calls with one nonce of an account, and apart
// from the account's signed extrinsics.
func TestPlacesInThePool(t *testing.T) {
	w := newWorld(t, nil)
	lane := func(call runtime.Call) substrate.AccountID {
		c, err := w.Runtime().Check(w.Parent(), bare(t, call))
		if err != nil {
			t.Fatal(err)
		}
		if !c.Unsigned || c.Extra.Nonce != 0 {
			t.Errorf("%+v", c)
		}
		return c.Signer
	}
	first := lane(w.sign(pay(3), 0))
	if first != lane(w.sign(pay(4), 0)) {
		t.Error("two calls with one nonce have two places")
	}
	if first == lane(w.sign(pay(3), 1)) || first == w.payer {
		t.Error("another nonce, or a signed extrinsic, has the same place")
	}
}

// What the inner call says of its own fee counts: sudo is free.
func TestAFreeInnerCallCostsTheServiceFee(t *testing.T) {
	w := newWorld(t, nil)
	if err := w.Run(palletstest.Alice, sudo.SetKey{New: substrate.AddressOf(w.payer)}); err != nil {
		t.Fatal(err)
	}
	before := money.Free(w.Ctx(), w.payer)
	set := balances.ForceSetBalance{Who: substrate.AddressOf(palletstest.Account("new")), NewFree: types.Tokens(2)}
	if err := w.submit(w.sign(sudo.Sudo{Call: runtime.RuntimeCall{Call: set}}, 0)); err != nil {
		t.Fatal(err)
	}
	if got := before.SaturatingSub(money.Free(w.Ctx(), w.payer)); got != serviceFee {
		t.Errorf("it cost %v planck", got)
	}
	w.CheckMoney(t, nil)
}

// Meta calls, good and bad, burn the service fee each and nothing else.
func TestMoneyInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, nil)
		issuance := balances.TotalIssuance.Get(w.Ctx())
		done := uint64(0)
		for range rapid.IntRange(1, 8).Draw(t, "calls") {
			call := rapid.SampledFrom([]runtime.Call{
				pay(1), pay(60),
				balances.TransferAll{Dest: substrate.AddressOf(bob)}, utility.Batch{Calls: []runtime.RuntimeCall{{Call: pay(2)}, {Call: pay(200)}}},
			}).Draw(t, "call")
			nonce := done + rapid.Uint64Range(0, 1).Draw(t, "ahead")
			err := w.submit(w.sign(call, nonce))
			if err == nil {
				if nonce != done {
					t.Fatalf("nonce %d instead of %d was accepted", nonce, done)
				}
				done++
			} else if !runtime.IsValidityError(err) {
				t.Fatalf("a call that pays nothing is in the block: %v", err)
			}
			if n := evm.Nonces.Get(w.Ctx(), w.payer); n != done {
				t.Fatalf("the nonce is %d after %d calls", n, done)
			}
			w.CheckMoney(t, nil)
		}
		burnt := issuance.SaturatingSub(balances.TotalIssuance.Get(w.Ctx()))
		if want := serviceFee.SaturatingMul(scale.U128From64(done)); burnt != want {
			t.Fatalf("%v planck are burnt by %d calls, want %v", burnt, done, want)
		}
	})
}
