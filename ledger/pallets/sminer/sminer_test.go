package sminer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var storer = palletstest.Account("storer")

// chain has one miner in service with 10 GiB of idle space and one TiB
// declared.
func chain(t palletstest.TB) *palletstest.Chain {
	return palletstest.New(t, palletstest.Genesis{Miners: []palletstest.GenesisMiner{palletstest.Miner("storer", 10*gib)}})
}

func miner(c *palletstest.Chain, who substrate.AccountID) sminer.Miner {
	m, _ := sminer.Miners.Get(c.Ctx(), who)
	return m
}

func TestGenesisMinerIsInService(t *testing.T) {
	c := chain(t)
	m := miner(c, storer)
	if string(m.State) != sminer.StatePositive || m.IdleSpace != scale.U128From64(10*gib) {
		t.Fatalf("state %q, idle space %v", m.State, m.IdleSpace)
	}
	if m.DeclarationSpace != types.Tebibytes(1) || m.Collateral != types.Tokens(4000) {
		t.Fatalf("declared %v for %v planck", m.DeclarationSpace, m.Collateral)
	}
	if got := currency.Reserved(c.Ctx(), storer); got != m.Collateral {
		t.Fatalf("reserved %v, want the collateral", got)
	}
	if all := sminer.AllMiners.Get(c.Ctx()); len(all) != 1 || all[0] != storer {
		t.Fatalf("all miners %v", all)
	}
	if n := sminer.Miners.Count(c.Ctx()); n != 1 {
		t.Fatalf("counter %d", n)
	}
	if idle := storagehandler.TotalIdleSpace.Get(c.Ctx()); idle != m.IdleSpace {
		t.Fatalf("the network's idle space is %v", idle)
	}
}

func TestRegistration(t *testing.T) {
	c := chain(t)
	register := sminer.Regnstk{Beneficiary: bob, Endpoint: types.Endpoint("127.0.0.1:15001"), Staking: types.Tokens(8000), TiBCount: 2}
	short := register
	short.Staking = types.Tokens(7999)
	if err := c.Run(alice, short); !errors.Is(err, sminer.ErrCollateralNotUp) {
		t.Fatalf("with too little collateral: %v", err)
	}
	c.Must(alice, register)
	m := miner(c, alice)
	if string(m.State) != sminer.StateNotReady || m.Beneficiary != bob || m.StakingAccount != alice || m.DeclarationSpace != types.Tebibytes(2) {
		t.Fatalf("record %+v", m)
	}
	if got := currency.Reserved(c.Ctx(), alice); got != types.Tokens(8000) {
		t.Fatalf("reserved %v", got)
	}
	if _, ok := sminer.Rewards.Get(c.Ctx(), alice); !ok {
		t.Fatal("no reward record")
	}
	if len(palletstest.EventsOf[sminer.RegisteredEvent](c)) != 0 && palletstest.EventsOf[sminer.RegisteredEvent](c)[0].Account != alice {
		t.Fatal("the event names another account")
	}
	if err := c.Run(alice, register); !errors.Is(err, sminer.ErrAlreadyRegistered) {
		t.Fatalf("again: %v", err)
	}
	if len(sminer.AllMiners.Get(c.Ctx())) != 1 {
		t.Fatal("a miner without space proofs is listed for deals")
	}
}

func TestAssignedStaking(t *testing.T) {
	c := chain(t)
	c.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: bob, TiBCount: 1})
	if err := c.Run(alice, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(4000)}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("the miner stakes for itself: %v", err)
	}
	c.Must(bob, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(4000)})
	if got := currency.Reserved(c.Ctx(), bob); got != types.Tokens(4000) {
		t.Fatalf("Bob has %v reserved", got)
	}
}

func TestDeclaredSpaceFollowsCollateral(t *testing.T) {
	c := chain(t)
	c.Must(storer, sminer.IncreaseDeclarationSpace{TiBCount: 1})
	if s := string(miner(c, storer).State); s != sminer.StateFrozen {
		t.Fatalf("state %q with collateral for one TiB of two", s)
	}
	if err := c.Run(storer, sminer.IncreaseDeclarationSpace{TiBCount: 1}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("a frozen miner declares more: %v", err)
	}
	c.Must(storer, sminer.IncreaseCollateral{Miner: storer, Collateral: types.Tokens(4000)})
	if s := string(miner(c, storer).State); s != sminer.StatePositive {
		t.Fatalf("state %q after the collateral came", s)
	}
	c.Must(storer, sminer.DecreaseDeclarationSpace{TiBCount: 1})
	if err := c.Run(storer, sminer.DecreaseDeclarationSpace{TiBCount: 1}); !errors.Is(err, sminer.ErrUnableReduceDeclaration) {
		t.Fatalf("less than what is in use: %v", err)
	}
	if err := c.Run(storer, sminer.DecreaseDeclarationSpace{TiBCount: 2}); !errors.Is(err, sminer.ErrOverflow) {
		t.Fatalf("less than nothing: %v", err)
	}
}

// refusal is a test that a chain ends by being refused.
type refusal struct{ reason string }

func (r *refusal) Helper()                           {}
func (r *refusal) Fatal(args ...any)                 { r.reason = fmt.Sprint(args...); panic(r) }
func (r *refusal) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

func TestGenesisIsChecked(t *testing.T) {
	for name, g := range map[string]palletstest.Genesis{
		"no day":       {Constants: map[string]any{"Sminer.OneDayBlock": 0}},
		"no idle file": {Constants: map[string]any{"Sminer.IdleFileSize": 0}},
		"empty graph":  {Pallets: map[string]any{"Sminer": sminer.Genesis{Expender: &sminer.Expender{K: 8, D: 8}}}},
		"miner twice":  {Miners: []palletstest.GenesisMiner{palletstest.Miner("m", 1), palletstest.Miner("m", 1)}},
		"misspelt":     {Pallets: map[string]any{"Sminer": map[string]any{"expenders": nil}}},
	} {
		func() {
			r := &refusal{}
			defer func() {
				if recover() != r || !strings.Contains(r.reason, "Sminer") {
					t.Errorf("%s: %q", name, r.reason)
				}
			}()
			palletstest.New(r, g)
			r.reason = "accepted"
		}()
	}
}

func TestStrangersAreNoMiners(t *testing.T) {
	for _, call := range []runtime.Call{
		sminer.UpdateBeneficiary{Beneficiary: bob},
		sminer.UpdateEndpoint{Endpoint: types.Endpoint("x")},
		sminer.IncreaseDeclarationSpace{TiBCount: 1},
		sminer.DecreaseDeclarationSpace{TiBCount: 1},
		sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(1)},
	} {
		if err := chain(t).Run(alice, call); !errors.Is(err, sminer.ErrNotMiner) {
			t.Errorf("%T: %v", call, err)
		}
	}
}

func TestUpdates(t *testing.T) {
	c := chain(t)
	c.Must(storer, sminer.UpdateEndpoint{Endpoint: types.Endpoint("http://new")})
	c.Must(storer, sminer.UpdateBeneficiary{Beneficiary: bob})
	if m := miner(c, storer); string(m.Endpoint) != "http://new" || m.Beneficiary != bob {
		t.Fatalf("endpoint %q, beneficiary %v", m.Endpoint, m.Beneficiary)
	}
}

// Debt is paid before collateral grows, and only once.
func TestCollateralPaysDebtFirst(t *testing.T) {
	c := chain(t)
	err := c.Do(func(ctx *runtime.Context) error {
		return sminer.Miners.Mutate(ctx, storer, sminer.ErrNotMiner, func(m *sminer.Miner) error {
			m.Debt, m.State = types.Tokens(10), sminer.State(sminer.StateFrozen)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Must(storer, sminer.IncreaseCollateral{Miner: storer, Collateral: types.Tokens(4)})
	if m := miner(c, storer); m.Debt != types.Tokens(6) || m.Collateral != types.Tokens(4000) {
		t.Fatalf("debt %v, collateral %v", m.Debt, m.Collateral)
	}
	c.Must(storer, sminer.IncreaseCollateral{Miner: storer, Collateral: types.Tokens(10)})
	if m := miner(c, storer); !m.Debt.IsZero() || m.Collateral != types.Tokens(4004) || string(m.State) != sminer.StatePositive {
		t.Fatalf("debt %v, collateral %v, state %q", m.Debt, m.Collateral, m.State)
	}
	if got := currency.Free(c.Ctx(), punishmentPot); got != types.Tokens(1+10) {
		t.Fatalf("the punishment pot has %v", got)
	}
}

func TestCollateralLimit(t *testing.T) {
	for _, tt := range []struct {
		space scale.U128
		want  uint64
	}{
		{scale.U128{}, 0}, {scale.U128From64(1), 4000}, {types.Tebibytes(1), 4000},
		{types.Tebibytes(1).SaturatingAdd(scale.U128From64(1)), 8000}, {types.Tebibytes(7), 28_000},
	} {
		if got := sminer.CollateralLimit(tt.space); got != types.Tokens(tt.want) {
			t.Errorf("%v bytes: %v, want %d tokens", tt.space, got, tt.want)
		}
	}
}

// Moving space between idle and locked keeps the sum and never goes below
// zero; what fails changes nothing.
func TestSpaceMovesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := chain(t)
		total := miner(c, storer).IdleSpace
		for range rapid.IntRange(1, 20).Draw(t, "moves") {
			bytes := scale.U128From64(rapid.Uint64Range(0, 12*gib).Draw(t, "bytes"))
			before := miner(c, storer)
			lock := rapid.Bool().Draw(t, "lock")
			err := c.Do(func(ctx *runtime.Context) error {
				if lock {
					return api.LockSpace(ctx, storer, bytes)
				}
				return api.UnlockSpace(ctx, storer, bytes)
			})
			after := miner(c, storer)
			if sum := after.IdleSpace.SaturatingAdd(after.LockSpace); sum != total {
				t.Fatalf("idle and locked space add up to %v, want %v", sum, total)
			}
			if err != nil && (before.IdleSpace != after.IdleSpace || !errors.Is(err, sminer.ErrOverflow)) {
				t.Fatalf("failed with %v and changed the space", err)
			}
		}
	})
}
