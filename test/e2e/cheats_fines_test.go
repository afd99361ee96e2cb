//go:build e2e

package e2e

import (
	"context"
	"maps"
	"math/big"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// compare holds what the miners lost in a block against the formulae, and the
// pot of punishments and their records against both.
func (c *court) compare(ctx context.Context, t *testing.T, before, at sdk.At, height uint32, v *decisions) {
	t.Helper()
	lost, all := maps.Clone(v.due), new(big.Int)
	maps.Copy(lost, v.taken)
	for who := range lost {
		due, taken := value(v.due[who]), value(v.taken[who])
		if due.Cmp(taken) != 0 {
			t.Errorf("block %d: miner %v lost %v planck, the formulae say %v", height, types.Address(who), taken, due)
		}
		if c.honest[who] && taken.Sign() > 0 {
			t.Errorf("block %d: honest miner %v was fined %v planck", height, types.Address(who), taken)
		}
		add(c.due, who, due)
		add(c.taken, who, taken)
		all.Add(all, taken)
		if taken.Sign() > 0 || c.out[who] {
			c.record(ctx, t, before, at, height, who, taken)
		}
	}
	if all.Sign() == 0 {
		return
	}
	pot := substrate.AccountOfPallet(types.PunishmentPot)
	grown := new(big.Int).Sub(free(ctx, t, at, pot), free(ctx, t, before, pot))
	if grown.Cmp(all) != 0 {
		t.Errorf("block %d: the pot of punishments got %v planck of %v", height, grown, all)
	}
}

// record checks the record of a miner that was fined: its collateral covers
// the fine, so that nothing is owed, and then is too small.
func (c *court) record(ctx context.Context, t *testing.T, before, at sdk.At, height uint32, who substrate.AccountID, fine *big.Int) {
	t.Helper()
	old, _, err := sdk.Find(ctx, before, sminer.Miners, who)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := sdk.Find(ctx, at, sminer.Miners, who)
	if err != nil {
		t.Fatal(err)
	}
	left, state := new(big.Int).Sub(old.Collateral.Big(), fine), sminer.StateFrozen
	if c.out[who] {
		left, state = new(big.Int), sminer.StateOffline // the rest went back
	}
	name := types.Address(who).String()
	same(t, "collateral of "+name, m.Collateral, left)
	same(t, "debt of "+name, m.Debt, new(big.Int))
	if string(m.State) != state {
		t.Errorf("block %d: miner %s is %s after a fine, want %s", height, name, m.State, state)
	}
}

func free(ctx context.Context, t *testing.T, at sdk.At, who substrate.AccountID) *big.Int {
	t.Helper()
	a, _, err := sdk.Find(ctx, at, system.Accounts, who)
	if err != nil {
		t.Fatal(err)
	}
	return a.Data.Free.Big()
}

func add(to map[substrate.AccountID]*big.Int, who substrate.AccountID, x *big.Int) {
	to[who] = new(big.Int).Add(value(to[who]), x)
}

// missFine is what a missing proof costs a miner for the count-th time in a
// row; earned says whether it ever earned anything.
func missFine(idle, service *big.Int, count uint8, earned bool) *big.Int {
	switch {
	case count < 2:
		return new(big.Int)
	case !earned:
		return big.NewInt(100)
	case count == 2:
		return percent(5, limit(power(idle, service)))
	}
	return percent(15, limit(power(idle, service)))
}

// falseFine is what a false proof costs.
func falseFine(service *big.Int) *big.Int { return percent(5, limit(power(service, service))) }

func power(idle, service *big.Int) *big.Int {
	return new(big.Int).Add(percent(5, idle), percent(95, service))
}

// limit is the collateral in planck that a space needs: 4,000 TCESS for each
// TiB begun.
func limit(space *big.Int) *big.Int {
	const tib = 1 << 40
	n := new(big.Int).Add(space, big.NewInt(tib-1))
	n.Rsh(n, 40)
	return n.Mul(n, new(big.Int).Mul(big.NewInt(4000), big.NewInt(1e18)))
}

func percent(p int64, x *big.Int) *big.Int {
	n := new(big.Int).Mul(x, big.NewInt(p))
	return n.Div(n, big.NewInt(100))
}
