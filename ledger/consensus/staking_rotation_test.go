package consensus

import (
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Three seats for four validators that all run, by the real Session, Staking and
// R2S: seats change hands, and the chain goes on. Chance alone decides who wins.
func TestStakersRotate(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four nodes")
	}
	nw := newNetwork(t, 4, 0).with(t, map[string]int{
		"R2S.CreditWeight": 0, "R2S.StakeWeight": 0, "Staking.SessionsPerEra": 1,
		// Whoever had a seat once may have one again: no node proves its life here.
		"R2S.LifeWindow": 1000,
	})
	stakes := staking.Genesis{ValidatorCount: 3}
	for _, v := range nw.validators {
		stakes.Stakers = append(stakes.Stakers, staking.GenesisStaker{Stash: types.Address(v.stash.AccountID()), Bond: types.Tokens(3_000_000)})
	}
	nw.genesis.Pallets["Staking"] = encode(t, stakes)
	nodes := nw.startAll(t)
	const last = 6*testEpoch + 2
	waitFor(t, nodes[0], last)
	sets, authors := map[string]bool{}, map[substrate.AccountID]bool{}
	for number := uint32(1); number <= last; number++ {
		b, err := nodes[0].Chain().Block(number)
		if err != nil {
			t.Fatal(err)
		}
		list := validatorsAt(t, nodes[0].Chain(), b.Hash)
		if number > 3*testEpoch && len(list) != 3 {
			t.Errorf("block %d has %d validators", number, len(list))
		}
		sets[fmt.Sprint(list)] = true
		if number%testEpoch != 1 { // the index refers to the parent's validators
			authors[list[b.Header.Digest.Logs[0].Data[1]]] = true
		}
	}
	if len(sets) < 3 || len(authors) < 4 {
		t.Errorf("%d sets, %d authors", len(sets), len(authors))
	}
	for i, n := range nodes {
		if err := n.Err(); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
}

func validatorsAt(t *testing.T, c *chain.Chain, hash substrate.H256) []substrate.AccountID {
	t.Helper()
	view, err := c.View(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	return valueIn(t, view, session.Validators)
}
