package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

var pool = substrate.AccountOfPallet(types.ReservoirPot)

// pooled is a chain with a reservoir in which Alice may pledge 10,000 tokens
// and has pledged 4,000 for her miner.
func pooled(t *testing.T) *world {
	w := newWorld(t, 0, nil)
	w.Must(bob, reservoir.Filling{Amount: types.Tokens(10_000)})
	w.Must(alice, reservoir.Store{Amount: types.Tokens(10_000)})
	w.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: pool, TiBCount: 1})
	w.Must(alice, registration(alice, 1))
	w.books(4000, 6000)
	return w
}

// books checks that so many tokens are pledged, and reserved, and what may be
// pledged still.
func (w *world) books(pledged, free uint64) {
	w.t.Helper()
	hold := reservoir.Passbooks.Get(w.Ctx(), alice)
	if hold.Staking != types.Tokens(pledged) || w.reserved(pool) != hold.Staking {
		w.t.Fatalf("pledged %v, reserved %v, want %d", hold.Staking, w.reserved(pool), pledged)
	}
	if hold.Free != types.Tokens(free) {
		w.t.Fatalf("%v may be pledged, want %d", hold.Free, free)
	}
	w.sound()
}

func TestNoReservoir(t *testing.T) {
	t.Cleanup(sminer.UseReservoir(nil))
	w := newWorld(t, 0, nil)
	if err := w.Run(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: pool, TiBCount: 1}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("the reservoir lends: %v", err)
	}
}

func TestReservoirStakes(t *testing.T) {
	w := pooled(t)
	if m := w.miner(alice); m.Collateral != types.Tokens(4000) || string(m.State) != sminer.StatePositive {
		t.Fatalf("collateral %v, state %q", m.Collateral, m.State)
	}
	if err := w.Run(bob, sminer.RegnstkAssignStaking{Beneficiary: bob, StakingAccount: pool, TiBCount: 1}); !errors.Is(err, reservoir.ErrInsufficient) {
		t.Fatalf("Bob has no deposit: %v", err)
	}
	if err := w.Run(bob, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(1)}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("Bob pledges what is Alice's: %v", err)
	}
	if err := w.Run(alice, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(6001)}); !errors.Is(err, reservoir.ErrInsufficient) {
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
	w.do(func(ctx *runtime.Context) error { reservoir.Passbooks.Delete(ctx, alice); return nil })
	if err := w.force(alice); err != nil {
		t.Fatal(err)
	}
	if got := w.reserved(pool); !got.IsZero() {
		t.Fatalf("reserved %v", got)
	}
}
