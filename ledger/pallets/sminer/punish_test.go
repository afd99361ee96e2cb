package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// missed fines a miner for missing count service proofs in a row.
func (w *world) missed(who account, count uint8) (fine types.Balance, err error) {
	err = w.Do(func(ctx *runtime.Context) (err error) {
		fine, err = api.ClearPunish(ctx, who, u(gib), u(gib), count)
		return err
	})
	return fine, err
}

// earn lets a miner count as one that was paid before.
func (w *world) earn(who account) {
	w.do(func(ctx *runtime.Context) error {
		sminer.Rewards.Put(ctx, who, sminer.Reward{TotalReward: u(1), RewardIssued: u(1)})
		return nil
	})
}

func TestFines(t *testing.T) {
	w := newWorld(t, 2, nil)
	old, young := w.miners[0], w.miners[1]
	w.earn(old)
	for _, tt := range []struct {
		who   account
		count uint8
		want  types.Balance
	}{
		{old, 1, u(0)}, {old, 2, types.Tokens(200)}, {old, 3, types.Tokens(600)}, {old, 99, types.Tokens(600)},
		{young, 1, u(0)}, {young, 2, u(100)}, {young, 9, u(100)},
	} {
		collateral := w.miner(tt.who).Collateral
		fine, err := w.missed(tt.who, tt.count)
		if err != nil || fine != tt.want {
			t.Errorf("count %d: %v, %v", tt.count, fine, err)
		}
		if lost := collateral.SaturatingSub(w.miner(tt.who).Collateral); lost != fine {
			t.Errorf("count %d: the fine is %v, the loss %v", tt.count, fine, lost)
		}
		w.sound()
	}
	w.do(func(ctx *runtime.Context) error {
		fine, err := api.ServicePunish(ctx, old, scale.U128From64(3<<40))
		if fine != types.Tokens(600) { // 5 % of 3 TiB
			t.Errorf("false proof: %v", fine)
		}
		return err
	})
	if _, err := w.missed(alice, 2); !errors.Is(err, sminer.ErrNotMiner) {
		t.Errorf("no miner: %v", err)
	}
}

// The first fine of a chain is less than an account may hold: the pot is there
// already.
func TestBugFirstFineFindsPot(t *testing.T) {
	w := newWorld(t, 1, nil)
	fine, err := w.missed(w.miners[0], 2)
	if err != nil || fine != u(100) {
		t.Fatalf("fine %v, %v", fine, err)
	}
	if pot := w.free(punishmentPot); pot != types.Tokens(1).SaturatingAdd(fine) {
		t.Fatalf("the pot has %v", pot)
	}
	if s := w.state(w.miners[0]); s != sminer.StateFrozen {
		t.Fatalf("state %q with collateral short of a TiB's", s)
	}
}

// Locks on the free balance do not protect collateral, and a fine does not
// depend on what else the staking account has.
func TestFineTakesReserve(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.join(alice, 1)
	w.earn(alice)
	all := w.free(alice)
	w.Must(alice, balances.TransferAll{Dest: substrate.AddressOf(bob), KeepAlive: true})
	if w.free(alice) == all {
		t.Fatal("Alice kept all")
	}
	if fine, err := w.missed(alice, 2); err != nil || fine != types.Tokens(200) {
		t.Fatalf("fine %v, %v", fine, err)
	}
	w.sound()
}

// A fine that cannot be taken as a whole changes nothing.
func TestBugFinesAreAtomic(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.earn(who)
	if err := w.Root(balances.ForceUnreserve{Who: substrate.AddressOf(who), Amount: types.Tokens(3900)}); err != nil {
		t.Fatal(err)
	}
	before, pot := w.miner(who), w.free(punishmentPot)
	if _, err := w.missed(who, 3); !errors.Is(err, sminer.ErrUnexpected) {
		t.Fatalf("with less reserved than the fine: %v", err)
	}
	after := w.miner(who)
	if after.Collateral != before.Collateral || after.Debt != before.Debt || w.free(punishmentPot) != pot || w.reserved(who) != types.Tokens(100) {
		t.Fatal("half a fine was taken")
	}
}

// What the collateral does not cover is owed: upstream clears the collateral
// before it computes that, and forgets older debt.
func TestBugDebtAfterZeroedCollateral(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.earn(who)
	w.edit(who, func(m *sminer.Miner) { m.Collateral = types.Tokens(150) })
	for i, debt := range []uint64{50, 250, 450} {
		if _, err := w.missed(who, 2); err != nil {
			t.Fatal(err)
		}
		m := w.miner(who)
		if !m.Collateral.IsZero() || m.Debt != types.Tokens(debt) {
			t.Fatalf("after fine %d: collateral %v, debt %v", i+1, m.Collateral, m.Debt)
		}
	}
	if pot := w.free(punishmentPot); pot != types.Tokens(151) {
		t.Fatalf("the pot has %v", pot)
	}
	w.Must(who, sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(4450)})
	if m := w.miner(who); !m.Debt.IsZero() || m.Collateral != types.Tokens(4000) || string(m.State) != sminer.StatePositive {
		t.Fatalf("paid up: %v of debt, %v of collateral, state %q", m.Debt, m.Collateral, m.State)
	}
	w.sound()
}

// A miner in debt does not come back by declaring nothing.
func TestDebtKeepsMinerFrozen(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.join(alice, 1)
	w.earn(alice)
	w.edit(alice, func(m *sminer.Miner) { m.Collateral = types.Balance{} })
	if _, err := w.missed(alice, 2); err != nil {
		t.Fatal(err)
	}
	w.edit(alice, func(m *sminer.Miner) { m.State = sminer.State(sminer.StateFrozen) })
	w.Must(alice, sminer.DecreaseDeclarationSpace{TiBCount: 1})
	if s := w.state(alice); s != sminer.StateFrozen {
		t.Fatalf("state %q in debt", s)
	}
}

// A fine must not bring a miner that left back, nor end an exit.
func TestBugFineChangesStateOfLeavers(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.earn(who)
	for _, state := range []string{sminer.StateLock, sminer.StateExit, sminer.StateOffline, sminer.StateNotReady} {
		w.edit(who, func(m *sminer.Miner) { m.State = sminer.State(state) })
		if _, err := w.missed(who, 2); err != nil {
			t.Fatal(err)
		}
		if s := w.state(who); s != state {
			t.Errorf("from %q to %q", state, s)
		}
	}
}

func TestRefundUndoesFine(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.earn(who)
	before, free := w.miner(who), w.free(who)
	refund := func(x types.Balance) {
		w.do(func(ctx *runtime.Context) error { return api.RefundPunish(ctx, who, x) })
		w.sound()
	}
	fine, err := w.missed(who, 3)
	if err != nil {
		t.Fatal(err)
	}
	refund(fine)
	if m := w.miner(who); m.Collateral != before.Collateral || string(m.State) != sminer.StatePositive || w.free(who) != free {
		t.Fatalf("collateral %v, state %q", m.Collateral, m.State)
	}

	w.edit(who, func(m *sminer.Miner) { m.Collateral = types.Tokens(100) })
	w.do(func(ctx *runtime.Context) error { currency.Unreserve(ctx, who, types.Tokens(3900)); return nil })
	if fine, err = w.missed(who, 2); err != nil { // 100 paid, 100 owed
		t.Fatal(err)
	}
	refund(fine)
	if m := w.miner(who); m.Collateral != types.Tokens(100) || !m.Debt.IsZero() {
		t.Fatalf("collateral %v, debt %v", m.Collateral, m.Debt)
	}

	if _, err = w.missed(who, 2); err != nil {
		t.Fatal(err)
	}
	w.edit(who, func(m *sminer.Miner) { m.State, m.Debt = sminer.State(sminer.StateOffline), types.Balance{} })
	free = w.free(who)
	w.do(func(ctx *runtime.Context) error { return api.RefundPunish(ctx, who, types.Tokens(50)) })
	if got := w.free(who).SaturatingSub(free); got != types.Tokens(50) {
		t.Fatalf("a miner that left gets %v", got)
	}
}
