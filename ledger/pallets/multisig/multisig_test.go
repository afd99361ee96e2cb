package multisig_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/multisig"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var (
	alice   = palletstest.Alice
	bob     = palletstest.Bob
	charlie = palletstest.Charlie
	dave    = palletstest.Dave
	eve     = palletstest.Eve
	money   balances.API
	at      = substrate.AddressOf
)

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func sorted(list ...substrate.AccountID) []substrate.AccountID {
	slices.SortFunc(list, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// group is a multisig account of Bob, Charlie and Dave, two of whom must agree.
type group struct{ threshold uint16 }

var two = group{2}

func (g group) members() []substrate.AccountID { return sorted(bob, charlie, dave) }

func (g group) account() substrate.AccountID { return multisig.Account(g.members(), g.threshold) }

func (g group) others(who substrate.AccountID) []substrate.AccountID {
	return slices.DeleteFunc(g.members(), func(a substrate.AccountID) bool { return a == who })
}

var heavy = substrate.Weight{RefTime: 1_000_000_000, ProofSize: 100_000}

func (g group) call(who substrate.AccountID, when scale.Option[multisig.Timepoint], call runtime.Call) multisig.AsMulti {
	return multisig.AsMulti{
		Threshold: g.threshold, OtherSignatories: g.others(who), MaybeTimepoint: when,
		Call: runtime.RuntimeCall{Call: call}, MaxWeight: heavy,
	}
}

func (g group) approve(who substrate.AccountID, when scale.Option[multisig.Timepoint], call runtime.Call) multisig.ApproveAsMulti {
	return multisig.ApproveAsMulti{
		Threshold: g.threshold, OtherSignatories: g.others(who), MaybeTimepoint: when, CallHash: hashOf(call),
	}
}

func (g group) cancel(who substrate.AccountID, when multisig.Timepoint, call runtime.Call) multisig.CancelAsMulti {
	return multisig.CancelAsMulti{Threshold: g.threshold, OtherSignatories: g.others(who), Timepoint: when, CallHash: hashOf(call)}
}

func hashOf(call runtime.Call) multisig.CallHash {
	raw, err := scale.Marshal(runtime.RuntimeCall{Call: call})
	if err != nil {
		panic(err)
	}
	return crypto.Blake2b256(raw)
}

func pay(to substrate.AccountID, tokens uint64) runtime.Call {
	return balances.TransferKeepAlive{Dest: at(to), Value: types.Tokens(tokens)}
}

var never = scale.None[multisig.Timepoint]()

// last is the timepoint of an operation that began with the last block's only
// extrinsic; the timestamp is extrinsic 0.
func last(c *palletstest.Chain) multisig.Timepoint {
	return multisig.Timepoint{Height: c.Number(), Index: 1}
}

// funded is a chain on which the group has 100 tokens.
func funded(t palletstest.TB, g group) *palletstest.Chain {
	t.Helper()
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, pay(g.account(), 100))
	return c
}

func TestTwoOfThree(t *testing.T) {
	c := funded(t, two)
	call := pay(eve, 7)
	c.Must(bob, two.call(bob, never, call))
	when := last(c)
	if e := palletstest.EventsOf[multisig.NewMultisigEvent](c); len(e) != 1 || e[0] != (multisig.NewMultisigEvent{Approving: bob, Multisig: two.account(), CallHash: hashOf(call)}) {
		t.Errorf("events %+v", e)
	}
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: types.Tokens(1152).Div64(100)}) // 10.88 + 2 · 0.32
	before := money.Free(c.Ctx(), eve)
	c.Must(dave, two.call(dave, scale.Some(when), call))
	e := palletstest.EventsOf[multisig.MultisigExecutedEvent](c)
	if len(e) != 1 || !e[0].Result.IsOk() || e[0].Timepoint != when || e[0].Approving != dave {
		t.Errorf("events %+v", e)
	}
	if got := money.Free(c.Ctx(), eve).SaturatingSub(before); got != types.Tokens(7) {
		t.Errorf("Eve got %v planck", got)
	}
	c.CheckMoney(t, nil)
	// The same call may begin again, as another operation.
	wants(t, c.Run(dave, two.call(dave, scale.Some(when), call)), multisig.ErrUnexpectedTimepoint)
	c.Must(charlie, two.call(charlie, never, call))
}

func TestThreeOfThreeApproveByHash(t *testing.T) {
	g := group{3}
	c := funded(t, g)
	call := pay(eve, 7)
	c.Must(bob, g.approve(bob, never, call))
	when := scale.Some(last(c))
	c.Must(charlie, g.approve(charlie, when, call))
	if e := palletstest.EventsOf[multisig.MultisigApprovalEvent](c); len(e) != 1 || e[0].Approving != charlie {
		t.Errorf("events %+v", e)
	}
	wants(t, c.Run(charlie, g.approve(charlie, when, call)), multisig.ErrAlreadyApproved)
	wants(t, c.Run(charlie, g.call(charlie, when, call)), multisig.ErrAlreadyApproved)
	// The last approval alone does not make the call: nobody has shown it.
	c.Must(dave, g.approve(dave, when, call))
	wants(t, c.Run(dave, g.approve(dave, when, call)), multisig.ErrAlreadyApproved)
	c.Must(bob, g.call(bob, when, call))
	if e := palletstest.EventsOf[multisig.MultisigExecutedEvent](c); len(e) != 1 || !e[0].Result.IsOk() {
		t.Errorf("events %+v", e)
	}
	c.CheckMoney(t, nil)
}

func TestTheCallMayFail(t *testing.T) {
	c := funded(t, two)
	call := pay(eve, 1000)
	c.Must(bob, two.call(bob, never, call))
	c.Must(dave, two.call(dave, scale.Some(last(c)), call))
	e := palletstest.EventsOf[multisig.MultisigExecutedEvent](c)
	if len(e) != 1 || e[0].Result.IsOk() {
		t.Errorf("events %+v", e)
	}
	c.CheckMoney(t, nil)
}

func TestErrors(t *testing.T) {
	g := two
	c := funded(t, g)
	call := pay(eve, 7)
	c.Must(bob, g.call(bob, never, call))
	when := last(c)
	wrong := when
	wrong.Index++
	change := func(m multisig.AsMulti, fn func(*multisig.AsMulti)) runtime.Call {
		m.OtherSignatories = slices.Clone(m.OtherSignatories)
		fn(&m)
		return m
	}
	ok := g.call(charlie, scale.Some(when), call)
	many := make([]substrate.AccountID, 100)
	for i := range many {
		many[i] = palletstest.Account(fmt.Sprint(i))
	}
	many = sorted(many...)
	for label, x := range map[string]struct {
		call runtime.Call
		want error
	}{
		"threshold 1":    {change(ok, func(m *multisig.AsMulti) { m.Threshold = 1 }), multisig.ErrMinimumThreshold},
		"threshold 0":    {change(ok, func(m *multisig.AsMulti) { m.Threshold = 0 }), multisig.ErrMinimumThreshold},
		"alone":          {change(ok, func(m *multisig.AsMulti) { m.OtherSignatories = nil }), multisig.ErrTooFewSignatories},
		"101":            {change(ok, func(m *multisig.AsMulti) { m.OtherSignatories = many }), multisig.ErrTooManySignatories},
		"sender":         {change(ok, func(m *multisig.AsMulti) { m.OtherSignatories = g.members() }), multisig.ErrSenderInSignatories},
		"order":          {change(ok, func(m *multisig.AsMulti) { slices.Reverse(m.OtherSignatories) }), multisig.ErrSignatoriesOutOfOrder},
		"twice":          {change(ok, func(m *multisig.AsMulti) { m.OtherSignatories[1] = m.OtherSignatories[0] }), multisig.ErrSignatoriesOutOfOrder},
		"no timepoint":   {change(ok, func(m *multisig.AsMulti) { m.MaybeTimepoint = never }), multisig.ErrNoTimepoint},
		"other time":     {change(ok, func(m *multisig.AsMulti) { m.MaybeTimepoint = scale.Some(wrong) }), multisig.ErrWrongTimepoint},
		"light":          {change(ok, func(m *multisig.AsMulti) { m.MaxWeight = substrate.Weight{RefTime: 1, ProofSize: 1 << 20} }), multisig.ErrMaxWeightTooLow},
		"small proof":    {change(ok, func(m *multisig.AsMulti) { m.MaxWeight.ProofSize = 1 }), multisig.ErrMaxWeightTooLow},
		"other call":     {g.call(charlie, scale.Some(when), pay(eve, 8)), multisig.ErrUnexpectedTimepoint},
		"cancel, other":  {g.cancel(charlie, when, call), multisig.ErrNotOwner},
		"cancel, time":   {g.cancel(charlie, wrong, call), multisig.ErrWrongTimepoint},
		"cancel nothing": {g.cancel(charlie, when, pay(eve, 8)), multisig.ErrNotFound},
		"cancel at 1":    {multisig.CancelAsMulti{Threshold: 1}, multisig.ErrMinimumThreshold},
		"cancel alone":   {multisig.CancelAsMulti{Threshold: 2}, multisig.ErrTooFewSignatories},
		"1 of 1":         {multisig.AsMultiThreshold1{Call: runtime.RuntimeCall{Call: call}}, multisig.ErrTooFewSignatories},
	} {
		if err := c.Run(charlie, x.call); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", label, err, x.want)
		}
	}
	for _, call := range []runtime.Call{
		g.call(bob, never, call), g.approve(bob, never, call), g.cancel(bob, when, call),
		multisig.AsMultiThreshold1{OtherSignatories: g.others(bob), Call: runtime.RuntimeCall{Call: call}},
	} {
		wants(t, c.Root(call), runtime.ErrBadOrigin)
	}
	c.Must(bob, g.cancel(bob, when, call))
	if e := palletstest.EventsOf[multisig.MultisigCancelledEvent](c); len(e) != 1 || e[0].Cancelling != bob {
		t.Errorf("events %+v", e)
	}
	c.CheckMoney(t, nil)
}

func TestOneOfThree(t *testing.T) {
	g := group{1}
	c := funded(t, g)
	as := func(who substrate.AccountID, call runtime.Call) runtime.Call {
		return multisig.AsMultiThreshold1{OtherSignatories: g.others(who), Call: runtime.RuntimeCall{Call: call}}
	}
	c.Must(charlie, as(charlie, pay(eve, 5)))
	c.Must(dave, as(dave, pay(eve, 5)))
	if got := money.Free(c.Ctx(), g.account()); got != types.Tokens(90) {
		t.Errorf("the group has %v planck", got)
	}
	wants(t, c.Run(bob, as(bob, pay(eve, 500))), runtime.ErrFundsUnavailable)
	wants(t, c.Run(eve, multisig.AsMultiThreshold1{OtherSignatories: g.others(bob), Call: runtime.RuntimeCall{Call: pay(eve, 5)}}), runtime.ErrFundsUnavailable)
}

// The last approval ends the operation: a second one in the same block begins
// nothing and runs nothing.
func TestAnOperationRunsOnce(t *testing.T) {
	c := funded(t, two)
	inner := pay(eve, 7)
	c.Must(bob, two.call(bob, never, inner))
	when := scale.Some(last(c))
	twice := utility.Batch{Calls: []runtime.RuntimeCall{{Call: two.call(charlie, when, inner)}, {Call: two.call(charlie, when, inner)}}}
	c.Must(charlie, twice)
	if n := len(palletstest.EventsOf[multisig.MultisigExecutedEvent](c)); n != 1 {
		t.Errorf("it ran %d times", n)
	}
	if got := money.Free(c.Ctx(), two.account()); got != types.Tokens(93) {
		t.Errorf("the group has %v planck", got)
	}
}

// Whoever names a high weight pays for what the call weighs.
func TestUnusedWeightIsNotPaid(t *testing.T) {
	c := funded(t, two)
	call := system.Remark{}
	fee := func(m multisig.AsMulti, who substrate.AccountID) types.Balance {
		m.MaxWeight = substrate.Weight{RefTime: 1_000_000_000_000, ProofSize: 1 << 30}
		before := money.Free(c.Ctx(), who).SaturatingAdd(money.Reserved(c.Ctx(), who))
		c.Must(who, m)
		return before.SaturatingSub(money.Free(c.Ctx(), who)).SaturatingSub(money.Reserved(c.Ctx(), who))
	}
	limit := types.Tokens(1).Div64(100) // the weight alone would cost 5 tokens
	if got := fee(two.call(bob, never, call), bob); limit.Less(got) {
		t.Errorf("the first approval costs %v planck", got)
	}
	if got := fee(two.call(dave, scale.Some(last(c)), call), dave); limit.Less(got) {
		t.Errorf("the last approval costs %v planck", got)
	}
}

// Vectors of @polkadot/util-crypto 14, createKeyMulti, for the development
// accounts.
func TestAccountVectors(t *testing.T) {
	dev := func(names ...string) (list []substrate.AccountID) {
		for _, name := range names {
			pair, err := crypto.FromURI(crypto.Sr25519, "//"+name)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, pair.AccountID())
		}
		return sorted(list...)
	}
	for _, tt := range []struct {
		members   []substrate.AccountID
		threshold uint16
		want      string
	}{
		{dev("Alice", "Bob", "Charlie"), 2, "49daa32c7287890f38b7e1a8cd2961723d36d20baa0bf3b82e0c4bdda93b1c0a"},
		{dev("Charlie", "Alice", "Bob"), 3, "5d147638256753bfd2f7a5634b1a91b56b0ba26d9ac7b54c6f6e16007d926505"},
		{dev("Alice", "Bob"), 1, "4c5901223c7c52585646634e70dd46ad3faf1270f84a4673b5b4a4e126474073"},
	} {
		got := multisig.Account(tt.members, tt.threshold)
		if hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("%d of %d: %x, want %s", tt.threshold, len(tt.members), got, tt.want)
		}
	}
}

// Whatever is called, what is reserved are the deposits of open operations.
func TestDepositsHaveOwners(t *testing.T) {
	names := []substrate.AccountID{bob, charlie, dave}
	rapid.Check(t, func(t *rapid.T) {
		g := group{rapid.Uint16Range(2, 4).Draw(t, "threshold")}
		c := funded(t, g)
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			call := pay(eve, rapid.Uint64Range(1, 2).Draw(t, "tokens"))
			when := never
			op, begun := multisig.Multisigs.Get(c.Ctx(), g.account(), hashOf(call))
			if begun && rapid.IntRange(0, 9).Draw(t, "wrong timepoint") > 0 {
				when = scale.Some(op.When)
			}
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0, 1:
				_ = c.Run(who, g.call(who, when, call))
			case 2:
				_ = c.Run(who, g.approve(who, when, call))
			case 3:
				_ = c.Run(who, g.cancel(who, op.When, call))
			}
			owed := map[substrate.AccountID]types.Balance{}
			for _, op := range multisig.Multisigs.IterPrefix(c.Ctx(), g.account()) {
				owed[op.Depositor] = owed[op.Depositor].SaturatingAdd(op.Deposit)
				if len(op.Approvals) == 0 || len(op.Approvals) > int(g.threshold) || !slices.IsSortedFunc(op.Approvals, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) }) {
					t.Fatalf("approvals %v", op.Approvals)
				}
			}
			c.CheckMoney(t, owed)
		}
	})
}
