package palletstest

import (
	"encoding/json"
	"maps"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Accounts that every chain has, with 10^9 tokens each. Alice is sudo.
var (
	Alice   = Account("Alice")
	Bob     = Account("Bob")
	Charlie = Account("Charlie")
	Dave    = Account("Dave")
	Eve     = Account("Eve")

	// Author is the validator: it writes all blocks and gets a share of the fees.
	// 3·10^6 of its tokens are bonded.
	Author = Account("author")
)

// Account is an account that no key controls; tests sign for it.
func Account(name string) substrate.AccountID {
	return substrate.AccountID(crypto.Blake2b256([]byte("test account"), []byte(name)))
}

// Genesis is what a chain starts with, besides the accounts above.
type Genesis struct {
	// Balances of further accounts, in planck. An entry for one of the
	// accounts above replaces its balance.
	Balances map[substrate.AccountID]types.Balance
	// Miners, with the balance that their collateral needs, are in service
	// from the first block.
	Miners []GenesisMiner
	// Price is StorageHandler.UnitPrice in planck; 30 tokens unless set.
	Price types.Balance
	// Constants override the chain's, by "Pallet.Name".
	Constants map[string]any
	// Pallets replace whole parts of the chain spec, by pallet name.
	Pallets map[string]any
}

// GenesisMiner is a miner that is in service from the first block.
type GenesisMiner = sminer.GenesisMiner

// Miner is an entry for Genesis.Miners with the given certified idle space.
func Miner(name string, idleBytes uint64) GenesisMiner {
	a := types.Address(Account(name))
	return GenesisMiner{Account: a, Beneficiary: a, IdleSpace: scale.U128From64(idleBytes)}
}

// endowment is in tokens.
const endowment = 1_000_000_000

func (g Genesis) config(t TB) map[string]json.RawMessage {
	t.Helper()
	funds := map[types.Address]types.Balance{types.Address(pallets.Treasury): types.Tokens(1)}
	for _, who := range []substrate.AccountID{Alice, Bob, Charlie, Dave, Eve, Author} {
		funds[types.Address(who)] = types.Tokens(endowment)
	}
	for _, m := range g.Miners {
		funds[m.Account] = types.Tokens(endowment)
	}
	for who, x := range g.Balances {
		funds[types.Address(who)] = x
	}
	price := g.Price
	if price.IsZero() {
		price = types.Tokens(30)
	}
	sudoKey := types.Address(Alice)
	parts := map[string]any{
		"Babe":           babe.Genesis{GenesisSlot: 1},
		"Balances":       balances.Genesis{Balances: funds},
		"Session":        session.Genesis{Validators: []session.GenesisValidator{{Stash: types.Address(Author)}}},
		"Sminer":         sminer.Genesis{Miners: g.Miners},
		"StorageHandler": storagehandler.Genesis{Price: price},
		"Sudo":           sudo.Genesis{Key: &sudoKey},
	}
	maps.Copy(parts, g.Pallets)
	if _, ok := parts["Staking"]; !ok {
		parts["Staking"] = stakers(parts["Session"], funds)
	}
	return encodeAll(t, parts)
}

// validatorBond is the bond of a validator, in tokens: just enough to be elected.
const validatorBond = 3_000_000

// stakers lets the validators that can afford it stay in their seats.
func stakers(sessions any, funds map[types.Address]types.Balance) (g staking.Genesis) {
	s, ok := sessions.(session.Genesis)
	if !ok {
		return g
	}
	g.ValidatorCount = uint32(len(s.Validators))
	for _, v := range s.Validators {
		if bond := types.Tokens(validatorBond); !funds[v.Stash].Less(bond) {
			g.Stakers = append(g.Stakers, staking.GenesisStaker{Stash: v.Stash, Bond: bond})
		}
	}
	return g
}

func (g Genesis) constants(t TB) map[string]json.RawMessage {
	t.Helper()
	return encodeAll(t, g.Constants)
}

func encodeAll(t TB, values map[string]any) map[string]json.RawMessage {
	t.Helper()
	out := make(map[string]json.RawMessage, len(values))
	for name, v := range values {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = raw
	}
	return out
}
