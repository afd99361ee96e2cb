package staking_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestErrors: each case runs alone, after its preparations.
func TestErrors(t *testing.T) {
	type tx struct {
		signer accountID
		call   runtime.Call
	}
	noPrefs := staking.ValidatorPrefs{}
	set := func(change func(*staking.SetStakingConfigs)) runtime.Call {
		c := staking.SetStakingConfigs{
			MinNominatorBond: staking.ConfigNoop[amount]{}, MinValidatorBond: staking.ConfigNoop[amount]{},
			MaxNominatorCount: staking.ConfigNoop[uint32]{}, MaxValidatorCount: staking.ConfigNoop[uint32]{},
			ChillThreshold: staking.ConfigNoop[substrate.Percent]{}, MinCommission: staking.ConfigNoop[substrate.Perbill]{},
			MaxStakedRewards: staking.ConfigNoop[substrate.Percent]{},
		}
		change(&c)
		return c
	}
	validators := func(n uint32) runtime.Call {
		return set(func(c *staking.SetStakingConfigs) { c.MaxValidatorCount = staking.ConfigSet[uint32]{Value: n} })
	}
	nominators := func(n uint32) runtime.Call {
		return set(func(c *staking.SetStakingConfigs) { c.MaxNominatorCount = staking.ConfigSet[uint32]{Value: n} })
	}
	leastValidator := set(func(c *staking.SetStakingConfigs) {
		c.MinValidatorBond = staking.ConfigSet[amount]{Value: types.Tokens(500)}
	})
	leastNominator := set(func(c *staking.SetStakingConfigs) {
		c.MinNominatorBond = staking.ConfigSet[amount]{Value: types.Tokens(500)}
	})
	many := make([]accountID, 17)
	for label, x := range map[string]struct {
		root   []runtime.Call
		before []tx
		who    accountID
		call   runtime.Call
		want   error
	}{
		"bond twice":           {before: []tx{{bob, bond(10)}}, who: bob, call: bond(10), want: staking.ErrAlreadyBonded},
		"bond dust":            {who: bob, call: staking.Bond{Value: scale.U128From64(5), Payee: staking.PayStash{}}, want: staking.ErrInsufficientBond},
		"extra without bond":   {who: bob, call: staking.BondExtra{MaxAdditional: types.Tokens(1)}, want: staking.ErrNotStash},
		"unbond without bond":  {who: bob, call: staking.Unbond{Value: types.Tokens(1)}, want: staking.ErrNotController},
		"unbond a role's bond": {root: []runtime.Call{leastValidator}, before: []tx{{bob, bond(600)}, {bob, staking.Validate{}}}, who: bob, call: staking.Unbond{Value: types.Tokens(101)}, want: staking.ErrInsufficientBond},
		"withdraw":             {who: bob, call: staking.WithdrawUnbonded{}, want: staking.ErrNotController},
		"rebond":               {who: bob, call: staking.Rebond{Value: types.Tokens(1)}, want: staking.ErrNotController},
		"rebond nothing":       {before: []tx{{bob, bond(10)}}, who: bob, call: staking.Rebond{Value: types.Tokens(1)}, want: staking.ErrNoUnlockChunk},
		"rebond dust":          {before: []tx{{bob, bond(10)}, {bob, staking.Unbond{Value: types.Tokens(10)}}}, who: bob, call: staking.Rebond{Value: scale.U128From64(1)}, want: staking.ErrInsufficientBond},

		"validate without bond":   {who: bob, call: staking.Validate{Prefs: noPrefs}, want: staking.ErrNotController},
		"validate with too small": {root: []runtime.Call{leastValidator}, before: []tx{{bob, bond(499)}}, who: bob, call: staking.Validate{}, want: staking.ErrInsufficientBond},
		"commission too low":      {root: []runtime.Call{staking.SetMinCommission{New: 7}}, before: []tx{{bob, bond(499)}}, who: bob, call: staking.Validate{Prefs: staking.ValidatorPrefs{Commission: 6}}, want: staking.ErrCommissionTooLow},
		"too many validators":     {root: []runtime.Call{validators(1)}, before: []tx{{bob, bond(10)}}, who: bob, call: staking.Validate{}, want: staking.ErrTooManyValidators},
		"a validator stays one":   {root: []runtime.Call{validators(1)}, who: validator, call: staking.Validate{}},

		"nominate without bond":   {who: bob, call: staking.Nominate{Targets: to(validator)}, want: staking.ErrNotController},
		"nominate with too small": {root: []runtime.Call{leastNominator}, before: []tx{{bob, bond(499)}}, who: bob, call: staking.Nominate{Targets: to(validator)}, want: staking.ErrInsufficientBond},
		"too many nominators":     {root: []runtime.Call{nominators(0)}, before: []tx{{bob, bond(10)}}, who: bob, call: staking.Nominate{Targets: to(validator)}, want: staking.ErrTooManyNominators},
		"nominate nobody":         {before: []tx{{bob, bond(10)}}, who: bob, call: staking.Nominate{}, want: staking.ErrEmptyTargets},
		"nominate seventeen":      {before: []tx{{bob, bond(10)}}, who: bob, call: staking.Nominate{Targets: to(many...)}, want: staking.ErrTooManyTargets},
		"nominate a blocked one":  {before: []tx{{validator, staking.Validate{Prefs: staking.ValidatorPrefs{Blocked: true}}}, {bob, bond(10)}}, who: bob, call: staking.Nominate{Targets: to(validator)}, want: staking.ErrBadTarget},
		"stay with a blocked one": {before: []tx{{bob, bond(10)}, {bob, staking.Nominate{Targets: to(validator)}}, {validator, staking.Validate{Prefs: staking.ValidatorPrefs{Blocked: true}}}}, who: bob, call: staking.Nominate{Targets: to(validator)}},

		"chill without bond":       {who: bob, call: staking.Chill{}, want: staking.ErrNotController},
		"kick without bond":        {who: bob, call: staking.Kick{}, want: staking.ErrNotController},
		"payee without bond":       {who: bob, call: staking.SetPayee{Payee: staking.PayStash{}}, want: staking.ErrNotController},
		"payee controller":         {before: []tx{{bob, bond(10)}}, who: bob, call: staking.SetPayee{Payee: staking.PayController{}}, want: staking.ErrControllerDeprecated},
		"update payee of nobody":   {who: bob, call: staking.UpdatePayee{Controller: alice}, want: staking.ErrNotController},
		"update payee, other kind": {before: []tx{{bob, bond(10)}}, who: alice, call: staking.UpdatePayee{Controller: bob}, want: staking.ErrNotController},
		"controller without bond":  {who: bob, call: staking.SetController{}, want: staking.ErrNotStash},
		"controller of oneself":    {before: []tx{{bob, bond(10)}}, who: bob, call: staking.SetController{}, want: staking.ErrAlreadyPaired},

		"chill a stranger":       {who: bob, call: staking.ChillOther{Stash: alice}, want: staking.ErrNotStash},
		"chill without a reason": {who: bob, call: staking.ChillOther{Stash: validator}, want: staking.ErrCannotChillOther},
		"chill while there is room": {root: []runtime.Call{leastValidator, validators(4), set(func(c *staking.SetStakingConfigs) {
			c.ChillThreshold = staking.ConfigSet[substrate.Percent]{Value: 75}
		})}, who: bob, call: staking.ChillOther{Stash: validator}, want: staking.ErrCannotChillOther},
		"chill a good bond": {root: []runtime.Call{leastValidator, validators(1), set(func(c *staking.SetStakingConfigs) {
			c.ChillThreshold = staking.ConfigSet[substrate.Percent]{Value: 75}
		})}, who: bob, call: staking.ChillOther{Stash: validator}, want: staking.ErrCannotChillOther},
		"minimum for nobody": {who: bob, call: staking.ForceApplyMinCommission{ValidatorStash: bob}, want: staking.ErrNotStash},
		"reap a stranger":    {who: bob, call: staking.ReapStash{Stash: alice}, want: staking.ErrNotStash},
		"reap a funded one":  {who: bob, call: staking.ReapStash{Stash: validator}, want: staking.ErrFundedTarget},

		"payout of nobody":  {who: bob, call: staking.PayoutStakers{ValidatorStash: bob}, want: staking.ErrNotStash},
		"payout too early":  {who: bob, call: staking.PayoutStakers{ValidatorStash: validator}, want: staking.ErrInvalidEraToReward},
		"payout far ahead":  {who: bob, call: staking.PayoutStakersByPage{ValidatorStash: validator, Era: 9}, want: staking.ErrInvalidEraToReward},
		"payout of no page": {who: bob, call: staking.PayoutStakersByPage{ValidatorStash: validator, Page: 1}, want: staking.ErrInvalidPage},
	} {
		t.Run(label, func(t *testing.T) {
			c := world(t, nil)
			for _, call := range x.root {
				root(t, c, call)
			}
			for _, b := range x.before {
				c.Must(b.signer, b.call)
			}
			if err := c.Run(x.who, x.call); !errors.Is(err, x.want) {
				t.Fatalf("got %v, want %v", err, x.want)
			}
			checkMoney(t, c)
		})
	}
}

func TestRootCalls(t *testing.T) {
	many := uint32(1001)
	for label, x := range map[string]struct {
		call runtime.Call
		want error
	}{
		"count":             {staking.SetValidatorCount{New: 11}, nil},
		"count too high":    {staking.SetValidatorCount{New: many}, staking.ErrTooManyValidators},
		"increase":          {staking.IncreaseValidatorCount{Additional: 3}, nil},
		"increase overflow": {staking.IncreaseValidatorCount{Additional: 1<<32 - 1}, runtime.ErrOverflow},
		"scale":             {staking.ScaleValidatorCount{Factor: 50}, nil},
		"no eras":           {staking.ForceNoEras{}, nil},
		"new era":           {staking.ForceNewEra{}, nil},
		"always":            {staking.ForceNewEraAlways{}, nil},
		"invulnerables":     {staking.SetInvulnerables{Invulnerables: []accountID{bob}}, nil},
		"unstake":           {staking.ForceUnstake{Stash: validator}, nil},
		"unstake nobody":    {staking.ForceUnstake{Stash: bob}, staking.ErrNotStash},
		"cancel nothing":    {staking.CancelDeferredSlash{Era: 1}, staking.ErrEmptyTargets},
		"cancel unsorted":   {staking.CancelDeferredSlash{Era: 1, SlashIndices: []uint32{1, 1}}, staking.ErrNotSortedAndUnique},
		"cancel none":       {staking.CancelDeferredSlash{Era: 1, SlashIndices: []uint32{0}}, staking.ErrInvalidSlashIndex},
		"min commission":    {staking.SetMinCommission{New: 2_000_000_000}, nil},
		"deprecate":         {staking.DeprecateControllerBatch{Controllers: []accountID{bob, validator}}, nil},
	} {
		c := world(t, nil)
		if err := c.Run(bob, x.call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%s signed by Bob: %v", label, err)
		}
		if err := c.Root(x.call); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", label, err, x.want)
		}
		checkMoney(t, c)
	}
	c := world(t, nil)
	root(t, c, staking.SetValidatorCount{New: 11})
	root(t, c, staking.IncreaseValidatorCount{Additional: 3})
	root(t, c, staking.ScaleValidatorCount{Factor: 50})
	if n := staking.ValidatorCount.Get(c.Ctx()); n != 21 {
		t.Errorf("11 + 3 and half of it are %d", n)
	}
}

// Bonding takes no more than there is, and what is unbonded can be spent only
// after BondingDuration.
func TestBondUnbondWithdraw(t *testing.T) {
	c := world(t, nil)
	poor := palletstest.Account("poor")
	c.Must(alice, balances.TransferKeepAlive{Dest: substrate.AddressOf(poor), Value: types.Tokens(100)})
	c.Must(poor, bond(1_000_000))
	l := ledger(t, c, poor)
	if l.Total.Cmp(types.Tokens(99)) < 0 || !l.Total.Less(types.Tokens(100)) {
		t.Fatalf("bonded %v of 100 tokens less the fee", l.Total)
	}
	spend := balances.TransferAllowDeath{Dest: substrate.AddressOf(alice), Value: types.Tokens(50)}
	if err := c.Run(poor, spend); err == nil {
		t.Fatal("bonded tokens were spent")
	}
	// Fees cannot be paid with bonded tokens either.
	c.Must(alice, balances.TransferKeepAlive{Dest: substrate.AddressOf(poor), Value: types.Tokens(10)})
	c.Must(poor, staking.Unbond{Value: types.Tokens(60)})
	c.Must(poor, staking.Unbond{Value: types.Tokens(5)})
	if l = ledger(t, c, poor); len(l.Unlocking) != 1 || l.Unlocking[0] != (staking.UnlockChunk{Value: types.Tokens(65), Era: 4}) {
		t.Fatalf("one era has one chunk: %+v", l.Unlocking)
	}
	c.Must(poor, staking.Rebond{Value: types.Tokens(15)})
	c.Must(poor, staking.WithdrawUnbonded{})
	if err := c.Run(poor, spend); err == nil {
		t.Fatal("unlocking tokens were spent")
	}
	checkMoney(t, c)
	c.GoTo(4*eraBlocks - epochBlocks + 1) // era 4 is planned
	c.Must(poor, staking.WithdrawUnbonded{})
	if e := palletstest.EventsOf[staking.WithdrawnEvent](c); len(e) != 1 || e[0].Amount != types.Tokens(50) {
		t.Fatalf("withdrawn %+v", e)
	}
	c.Must(poor, spend)
	checkMoney(t, c)
	// The rest ends the bond and frees the account.
	c.Must(poor, staking.Unbond{Value: types.Tokens(1_000_000)})
	c.GoTo(9 * eraBlocks)
	c.Must(poor, staking.WithdrawUnbonded{})
	if api.IsBonded(c.Ctx(), poor) || api.IsController(c.Ctx(), poor) {
		t.Fatal("the bond is left")
	}
	c.Must(poor, balances.TransferAll{Dest: substrate.AddressOf(alice)})
	checkMoney(t, c)
}

// A 33rd chunk withdraws what is due and fails while nothing is.
func TestChunksAreBounded(t *testing.T) {
	c := world(t, map[string]any{"Staking.MaxUnlockingChunks": 3, "Staking.BondingDuration": 6})
	c.Must(bob, bond(1000))
	for era := range uint32(3) {
		c.GoTo(max(c.Number(), era*eraBlocks+1))
		c.Must(bob, staking.Unbond{Value: types.Tokens(10)})
	}
	c.GoTo(3*eraBlocks + 1)
	if err := c.Run(bob, staking.Unbond{Value: types.Tokens(10)}); !errors.Is(err, staking.ErrNoMoreChunks) {
		t.Fatalf("a fourth chunk: %v", err)
	}
	c.GoTo(6*eraBlocks + 1)
	c.Must(bob, staking.Unbond{Value: types.Tokens(10)})
	if l := ledger(t, c, bob); len(l.Unlocking) != 3 || l.Total != types.Tokens(990) {
		t.Fatalf("ledger %+v", l)
	}
	checkMoney(t, c)
}

func TestRolesAreExclusive(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(1000))
	c.Must(bob, staking.Validate{Prefs: staking.ValidatorPrefs{Commission: 4_000_000_000}})
	if p := staking.Validators.Get(c.Ctx(), bob); p.Commission != 1_000_000_000 {
		t.Fatalf("commission of %d parts per billion", p.Commission)
	}
	checkMoney(t, c)
	c.Must(bob, staking.Nominate{Targets: to(validator, alice, validator)})
	checkMoney(t, c)
	c.Must(validator, staking.Kick{Who: to(bob, alice)})
	if e := palletstest.EventsOf[staking.KickedEvent](c); len(e) != 1 || e[0].Nominator != bob {
		t.Fatalf("events %+v", e)
	}
	if n, _ := staking.Nominators.Get(c.Ctx(), bob); len(n.Targets) != 2 {
		t.Fatalf("targets %v", n.Targets)
	}
	c.Must(bob, staking.Chill{})
	if e := palletstest.EventsOf[staking.ChilledEvent](c); len(e) != 1 || e[0].Stash != bob {
		t.Fatalf("events %+v", e)
	}
	checkMoney(t, c)
}

func TestChillOther(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(100))
	c.Must(bob, staking.Validate{})
	root(t, c, staking.SetStakingConfigs{
		MinNominatorBond: staking.ConfigNoop[amount]{}, MinValidatorBond: staking.ConfigSet[amount]{Value: types.Tokens(500)},
		MaxNominatorCount: staking.ConfigRemove[uint32]{}, MaxValidatorCount: staking.ConfigSet[uint32]{Value: 2},
		ChillThreshold: staking.ConfigSet[substrate.Percent]{Value: 75}, MinCommission: staking.ConfigSet[substrate.Perbill]{Value: 5},
		MaxStakedRewards: staking.ConfigNoop[substrate.Percent]{},
	})
	c.Must(alice, staking.ForceApplyMinCommission{ValidatorStash: bob})
	if p := staking.Validators.Get(c.Ctx(), bob); p.Commission != 5 {
		t.Fatalf("commission %d", p.Commission)
	}
	c.Must(alice, staking.ChillOther{Stash: bob})
	if staking.Validators.Contains(c.Ctx(), bob) {
		t.Fatal("Bob still validates")
	}
	checkMoney(t, c)
}

// Bonds that genesis gave a controller of their own work, and change over.
func TestControllers(t *testing.T) {
	keeper := types.Address(bob)
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{"Staking": staking.Genesis{
		Stakers: []staking.GenesisStaker{{Stash: types.Address(validator), Controller: &keeper, Bond: types.Tokens(100)}},
	}}})
	if stash, ok := api.StashOf(c.Ctx(), bob); !ok || stash != validator {
		t.Fatal("Bob does not control the validator's bond")
	}
	if err := c.Run(bob, bond(5)); !errors.Is(err, staking.ErrAlreadyPaired) {
		t.Fatalf("bond of a controller: %v", err)
	}
	if err := c.Run(validator, staking.Unbond{Value: types.Tokens(5)}); !errors.Is(err, staking.ErrNotController) {
		t.Fatalf("unbond by the stash: %v", err)
	}
	c.Must(bob, staking.Unbond{Value: types.Tokens(5)})
	if err := c.Do(func(ctx *runtime.Context) error {
		staking.Payees.Put(ctx, validator, staking.PayController{})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c.Must(alice, staking.UpdatePayee{Controller: bob})
	if p, _ := staking.Payees.Get(c.Ctx(), validator); p != (staking.PayAccount{Account: bob}) {
		t.Fatalf("payee %v", p)
	}
	c.Must(validator, staking.SetController{})
	if controller, _ := api.Controller(c.Ctx(), validator); controller != validator {
		t.Fatal("the stash does not control itself")
	}
	checkMoney(t, c)
}

func TestDeprecateControllers(t *testing.T) {
	keeper := types.Address(bob)
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{"Staking": staking.Genesis{
		Stakers: []staking.GenesisStaker{{Stash: types.Address(validator), Controller: &keeper, Bond: types.Tokens(100)}},
	}}})
	if err := c.Do(func(ctx *runtime.Context) error {
		staking.Payees.Put(ctx, validator, staking.PayController{})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	root(t, c, staking.DeprecateControllerBatch{Controllers: []accountID{bob, alice}})
	if controller, _ := api.Controller(c.Ctx(), validator); controller != validator {
		t.Fatal("the stash does not control itself")
	}
	if p, _ := staking.Payees.Get(c.Ctx(), validator); p != (staking.PayAccount{Account: bob}) {
		t.Fatalf("payee %v", p)
	}
	checkMoney(t, c)
}
