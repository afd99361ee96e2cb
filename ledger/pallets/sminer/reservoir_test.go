package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

var pool = substrate.AccountOfPallet(types.ReservoirPot)

// fakeReservoir stands in for the pallet: what users may pledge, and pledged.
type fakeReservoir struct{}

var (
	errInsufficient = errors.New("insufficient deposit")
	errBooks        = errors.New("not pledged")

	deposits = runtime.NewMap[account, types.Balance]("SminerTest", "Deposit", runtime.Identity)
	pledges  = runtime.NewMap[account, types.Balance]("SminerTest", "Pledge", runtime.Identity)
)

func (fakeReservoir) CheckQualification(ctx *runtime.Context, who account, x types.Balance) error {
	if deposits.Get(ctx, who).Less(x) {
		return errInsufficient
	}
	return nil
}

func (fakeReservoir) Staking(ctx *runtime.Context, who account, x types.Balance) error {
	deposits.Put(ctx, who, deposits.Get(ctx, who).SaturatingSub(x))
	pledges.Put(ctx, who, pledges.Get(ctx, who).SaturatingAdd(x))
	return currency.Reserve(ctx, pool, x)
}

func (r fakeReservoir) Redeem(ctx *runtime.Context, who account, x types.Balance) error {
	if err := r.Punish(ctx, who, x); err != nil {
		return err
	}
	deposits.Put(ctx, who, deposits.Get(ctx, who).SaturatingAdd(x))
	return nil
}

func (fakeReservoir) Punish(ctx *runtime.Context, who account, x types.Balance) error {
	rest, under := pledges.Get(ctx, who).SubUnderflow(x)
	if under {
		return errBooks
	}
	pledges.Put(ctx, who, rest)
	return nil
}

func (fakeReservoir) Restore(ctx *runtime.Context, who account, x types.Balance) error {
	pledges.Put(ctx, who, pledges.Get(ctx, who).SaturatingAdd(x))
	return nil
}

// pooled is a chain with a reservoir in which Alice may pledge 10,000 tokens
// and has pledged 4,000 for her miner.
func pooled(t *testing.T) *world {
	sminer.UseReservoir(fakeReservoir{})
	t.Cleanup(func() { sminer.UseReservoir(nil) })
	w := newWorld(t, 0, nil)
	w.Must(bob, balances.TransferKeepAlive{Dest: substrate.AddressOf(pool), Value: types.Tokens(20_000)})
	w.do(func(ctx *runtime.Context) error { deposits.Put(ctx, alice, types.Tokens(10_000)); return nil })
	w.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: pool, TiBCount: 1})
	w.Must(alice, registration(alice, 1))
	w.books(4000, 6000)
	return w
}

// books checks that so many tokens are pledged, and reserved, and what may be
// pledged still.
func (w *world) books(pledged, free uint64) {
	w.t.Helper()
	if got := pledges.Get(w.Ctx(), alice); got != types.Tokens(pledged) || w.reserved(pool) != got {
		w.t.Fatalf("pledged %v, reserved %v, want %d", got, w.reserved(pool), pledged)
	}
	if got := deposits.Get(w.Ctx(), alice); got != types.Tokens(free) {
		w.t.Fatalf("%v may be pledged, want %d", got, free)
	}
	w.sound()
}

func TestReservoirStakes(t *testing.T) {
	w := pooled(t)
	if m := w.miner(alice); m.Collateral != types.Tokens(4000) || string(m.State) != sminer.StatePositive {
		t.Fatalf("collateral %v, state %q", m.Collateral, m.State)
	}
	if err := w.Run(bob, sminer.RegnstkAssignStaking{Beneficiary: bob, StakingAccount: pool, TiBCount: 1}); !errors.Is(err, errInsufficient) {
		t.Fatalf("Bob has no deposit: %v", err)
	}
	if err := w.Run(bob, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(1)}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("Bob pledges what is Alice's: %v", err)
	}
	if err := w.Run(alice, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(6001)}); !errors.Is(err, errInsufficient) {
		t.Fatalf("more than there is: %v", err)
	}
	w.Must(alice, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(1000)})
	w.books(5000, 5000)
	w.exit(alice)
	w.NextBlocks(cooling)
	w.Must(alice, sminer.MinerWithdraw{})
	w.books(0, 10_000)
}

// A fine beyond the collateral takes what is pledged off the books; upstream
// asks for all of it, which fails.
func TestBugReservoirPunishedInFull(t *testing.T) {
	w := pooled(t)
	w.earn(alice)
	fine, err := w.missed(alice, 3)
	if err != nil {
		t.Fatal(err)
	}
	w.books(3400, 6000)
	w.do(func(ctx *runtime.Context) error { return api.RefundPunish(ctx, alice, fine) })
	w.books(4000, 6000)
	for range 7 { // 7 times 600
		if _, err := w.missed(alice, 3); err != nil {
			t.Fatal(err)
		}
	}
	if m := w.miner(alice); m.Debt != types.Tokens(200) || !m.Collateral.IsZero() {
		t.Fatalf("debt %v, collateral %v", m.Debt, m.Collateral)
	}
	w.books(0, 6000)
	pot := w.free(punishmentPot)
	w.Must(alice, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(4200)})
	w.books(4000, 1800)
	if paid := w.free(punishmentPot).SaturatingSub(pot); paid != types.Tokens(200) || w.state(alice) != sminer.StatePositive {
		t.Fatalf("paid %v, state %q", paid, w.state(alice))
	}
}

// The pool gets its tokens back even when its books do not know the pledge.
func TestPoolGetsItsTokensBack(t *testing.T) {
	w := pooled(t)
	w.do(func(ctx *runtime.Context) error { pledges.Delete(ctx, alice); return nil })
	if err := w.force(alice); err != nil {
		t.Fatal(err)
	}
	if got := w.reserved(pool); !got.IsZero() {
		t.Fatalf("reserved %v", got)
	}
}
