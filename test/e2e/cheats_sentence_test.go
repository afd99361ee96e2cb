//go:build e2e

package e2e

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// sentences prints what became of the cheaters and compares it with what had
// to.
func (c *court) sentences(t *testing.T, suspects []*suspect) {
	t.Helper()
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "way\tfragments\tfound by one round\tfound in round\tbound\trounds\tfine due, planck\tfine taken, planck\tstate\t")
	for _, s := range suspects {
		rounds, n, k, p := s.rounds(c), s.found(c), 0, 0.0
		fragments := uint64(0)
		if len(rounds) > 0 {
			fragments = rounds[0].fragments
			p = s.chance(fragments)
			k = bound(p)
		}
		m := minerRecord(t, c.chain, s.who)
		fmt.Fprintf(w, "%s\t%d\t%.4f\t%d\t%d\t%d\t%v\t%v\t%s\t\n",
			s.way, fragments, p, n, k, len(rounds), value(c.due[s.who]), value(c.taken[s.who]), m.State)
		if n == 0 || n > k {
			t.Errorf("%s: found in round %d of %d (0: never), want at most %d", s.way, n, len(rounds), k)
		}
		if value(c.due[s.who]).Cmp(s.price(rounds)) != 0 {
			t.Errorf("%s: the fines are %v planck, want %v", s.way, value(c.due[s.who]), s.price(rounds))
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("what cheating costs:\n%s", table.String())
}

// closes checks the accounts after the last block that was followed.
func (c *court) closes(t *testing.T, honest map[substrate.AccountID]bool, suspects []*suspect) {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	at, err := c.chain.AtHeight(ctx, c.height)
	if err != nil {
		t.Fatal(err)
	}
	all := big.NewInt(1e18) // the existential deposit that the pot starts with
	for _, x := range c.taken {
		all.Add(all, x)
	}
	if got := free(ctx, t, at, substrate.AccountOfPallet(types.PunishmentPot)); got.Cmp(all) != 0 {
		t.Errorf("the pot of punishments has %v planck, want %v", got, all)
	}
	passed := 0
	for who := range honest {
		m, _, err := sdk.Find(ctx, at, sminer.Miners, who)
		if err != nil {
			t.Fatal(err)
		}
		name := types.Address(who).String()
		same(t, "collateral of "+name, m.Collateral, limit(m.DeclarationSpace.Big()))
		same(t, "debt of "+name, m.Debt, new(big.Int))
		if string(m.State) != sminer.StatePositive {
			t.Errorf("honest miner %s is %s", name, m.State)
		}
		for _, r := range c.rounds[who] {
			if r.idle.Or(false) && r.service.Or(false) {
				passed++
			}
		}
	}
	if passed < honestMiners {
		t.Errorf("the honest miners passed %d challenges", passed)
	}
	t.Logf("%d honest miners passed %d challenges; blocks %d", honestMiners, passed, c.height)
	for _, s := range suspects {
		switch s.clue {
		case missedIdle:
			r, _, err := sdk.Find(ctx, at, sminer.Rewards, s.who)
			if err != nil || !r.TotalReward.IsZero() {
				t.Errorf("%s: earned %v planck, %v", s.way, r.TotalReward, err)
			}
			if done, _, err := sdk.Find(ctx, at, sminer.CompleteMinerSnapShots, s.who); err != nil || len(done) > 0 {
				t.Errorf("%s: %d challenges count as passed, %v", s.way, len(done), err)
			}
		case missedProof:
			eventually(t, 3*time.Minute, "the rest of the collateral comes back", func() string {
				a, _, err := sdk.Find(ctx, c.chain.Best(), system.Accounts, s.who)
				if err != nil || !a.Data.Reserved.IsZero() {
					return fmt.Sprintf("%v planck are reserved, %v", a.Data.Reserved, err)
				}
				return ""
			})
		}
	}
}
