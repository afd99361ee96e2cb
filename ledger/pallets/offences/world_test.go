package offences_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Eras of the tests are short: 12 blocks.
const (
	epochBlocks = 4
	sessions    = 3
	eraBlocks   = epochBlocks * sessions
	deferral    = 2
)

// world is a chain of validators that have bonded 3,000,000 tokens each. All
// vote in all blocks, except those that are silent; the first one, who is never
// silent, authors all blocks.
type world struct {
	*palletstest.Chain
	validators    []substrate.AccountID
	silent        map[int]bool
	misbehaviours []runtime.Misbehaviour // of the next block
}

func newWorld(t testing.TB, n int, constants map[string]any, invulnerable ...int) *world {
	t.Helper()
	all := map[string]any{
		"Babe.EpochDuration": epochBlocks, "Staking.SessionsPerEra": sessions,
		"Staking.BondingDuration": 4, "Staking.SlashDeferDuration": deferral,
	}
	for name, v := range constants {
		all[name] = v
	}
	w := &world{silent: map[int]bool{}}
	var keys session.Genesis
	stakers := staking.Genesis{ValidatorCount: uint32(n)}
	funds := map[substrate.AccountID]types.Balance{substrate.AccountOfPallet(types.RewardPot): types.Tokens(1)}
	for i := range n {
		w.validators = append(w.validators, palletstest.Account(fmt.Sprint("validator ", i)))
	}
	// As they are elected: the same validators are the same set in each era.
	slices.SortFunc(w.validators, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
	for i, stash := range w.validators {
		funds[stash] = types.Tokens(10_000_000)
		stakers.Stakers = append(stakers.Stakers, staking.GenesisStaker{
			Stash: types.Address(stash), Bond: types.Tokens(3_000_000),
		})
		keys.Validators = append(keys.Validators, session.GenesisValidator{Stash: types.Address(stash), Keys: keysOf(i)})
	}
	for _, i := range invulnerable {
		stakers.Invulnerables = append(stakers.Invulnerables, types.Address(w.validators[i]))
	}
	w.Chain = palletstest.New(t, palletstest.Genesis{
		Constants: all, Balances: funds,
		Pallets: map[string]any{"Staking": stakers, "Session": keys},
	})
	w.Facts(func(info *runtime.BlockInfo) {
		info.Author, info.Voted = w.validators[0], nil
		for i, stash := range w.validators {
			if !w.silent[i] && info.Number > 1 {
				info.Voted = append(info.Voted, stash)
			}
		}
		info.Misbehaviours, w.misbehaviours = w.misbehaviours, nil
	})
	return w
}

func keysOf(i int) types.SessionKeys {
	b := byte(i + 1)
	return types.SessionKeys{
		Grandpa: types.GrandpaKey{b}, Babe: types.BabeKey{b}, ImOnline: types.ImOnlineKey{b},
		AuthorityDiscovery: types.AuthorityDiscoveryKey{b}, Beefy: types.BeefyKey{b},
	}
}

func addressOf(i int) [20]byte {
	key := keysOf(i).Grandpa
	sum := sha256.Sum256(key[:])
	return [20]byte(sum[:20])
}

// accuse makes a block with evidence that validators voted twice at a height.
func (w *world) accuse(height uint32, validators ...int) {
	for _, i := range validators {
		w.misbehaviours = append(w.misbehaviours, runtime.Misbehaviour{
			Kind: runtime.DoubleVote, Address: addressOf(i), Height: height,
		})
	}
	w.NextBlocks(1)
}

// logs are the digest items of an engine in the last block.
func (w *world) logs(engine string) (out [][]byte) {
	for _, item := range system.Digest.Get(w.Ctx()).Logs {
		if item.Kind == substrate.DigestConsensus && string(item.Engine[:]) == engine {
			out = append(out, item.Data)
		}
	}
	return out
}
