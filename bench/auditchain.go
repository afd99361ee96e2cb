package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// auditChain is a chain with one miner that has an open challenge, all in the
// overlay of one block over a state in memory.
type auditChain struct {
	ctx    *runtime.Context
	master crypto.Pair
	open   audit.Challenge
}

// Accounts of the chain, which nobody signs for.
var (
	auditMiner    = substrate.AccountID(crypto.Blake2b256([]byte("bench audit miner")))
	auditDisputer = substrate.AccountID(crypto.Blake2b256([]byte("bench audit disputer")))
	auditStash    = substrate.AccountID(crypto.Blake2b256([]byte("bench audit stash")))
	auditTEE      = types.WorkerPublicKey(crypto.Blake2b256([]byte("bench audit TEE worker")))
	idleHash      = bytes.Repeat([]byte{7}, 32) // what the miner submits as proof of idle space
)

// newAuditChain starts the chain with a list of fragments of the miner and
// challenges it. The slips of the challenge are short and do not depend on the
// miner's size.
func newAuditChain(names []types.Hash, key *scheme.PublicKey, version uint8) (*auditChain, error) {
	c := new(auditChain)
	var err error
	if c.master, err = crypto.FromURI(crypto.Sr25519, "//master"); err != nil {
		return nil, err
	}
	if c.ctx, err = c.genesis(); err != nil {
		return nil, err
	}
	if err := (podr2.API{}).Add(c.ctx, auditMiner, names); err != nil {
		return nil, err
	}
	signature, err := c.sign(podr2.TaggerKeyDigest(key))
	if err != nil {
		return nil, err
	}
	for _, call := range []runtime.Call{
		podr2.RegisterTaggerKey{Key: key.Bytes(), Signature: signature},
		podr2.SetVersion{Version: version},
	} {
		if err := c.ctx.Dispatch(call, runtime.SignedOrigin(auditMiner)); err != nil {
			return nil, err
		}
	}
	if err := c.ctx.Dispatch(audit.PointMinerChallenge{Miner: auditMiner}, runtime.RootOrigin()); err != nil {
		return nil, err
	}
	c.open, _ = audit.Challenges.Get(c.ctx, auditMiner)
	return c, nil
}

// genesis is the state after block 1 of a chain with a miner in service and a
// TEE worker that has the master key.
func (c *auditChain) genesis() (*runtime.Context, error) {
	miner, stash := types.Address(auditMiner), types.Address(auditStash)
	constants, err := encodeAll(map[string]any{
		"Audit.ChallengePeriod": 0, "Audit.ProveTime": 5, "Audit.VerifyTime": 10,
		"Audit.IdleProveRate": uint64(1) << 60, "Audit.ServiceProveRate": uint64(1) << 60, "Audit.VerifyRate": uint64(1) << 60,
	})
	if err != nil {
		return nil, err
	}
	config, err := encodeAll(map[string]any{
		"Babe": babe.Genesis{GenesisSlot: 1},
		"Balances": balances.Genesis{Balances: map[types.Address]types.Balance{
			miner: types.Tokens(1_000_000), stash: types.Tokens(1_000_000), types.Address(pallets.Treasury): types.Tokens(1),
		}},
		"Session": session.Genesis{Validators: []session.GenesisValidator{{Stash: stash}}},
		"Sminer": sminer.Genesis{Miners: []sminer.GenesisMiner{
			{Account: miner, Beneficiary: miner, IdleSpace: scale.U128From64(types.TiB)},
		}},
		"Staking": staking.Genesis{
			MinValidatorBond: types.Tokens(1000), Stakers: []staking.GenesisStaker{{Stash: stash, Bond: types.Tokens(10_000)}},
		},
		"TeeWorker": teeworker.Genesis{
			Workers:   []teeworker.GenesisWorker{{PublicKey: auditTEE, Stash: &stash}},
			MasterKey: &teeworker.GenesisMasterKey{PublicKey: substrate.H256(c.master.Public()), Holder: auditTEE},
		},
	})
	if err != nil {
		return nil, err
	}
	rt, err := runtime.New(pallets.Config(constants))
	if err != nil {
		return nil, err
	}
	pairs, err := rt.Genesis(config)
	if err != nil {
		return nil, err
	}
	ctx := rt.ReadContext(runtime.Parent{State: memoryState(pairs), Number: 1, Hash: crypto.Blake2b256([]byte("bench audit"))})
	return ctx, sminer.Miners.Mutate(ctx, auditMiner, sminer.ErrNotMiner, func(m *sminer.Miner) error {
		m.ServiceSpace = scale.U128From64(64 * types.MiB)
		m.SpaceProofInfo = scale.Some(types.SpaceProofInfo{Miner: auditMiner, Rear: 1 << 14})
		return nil
	})
}

func encodeAll(values map[string]any) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(values))
	for name, v := range values {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = raw
	}
	return out, nil
}

// sign is the signature of the TEE workers' master key.
func (c *auditChain) sign(digest [32]byte) (types.SignatureBytes, error) {
	return c.master.Sign(digest[:])
}

// memoryState is a chain's state in the order of its keys.
type memoryState []runtime.Change

func (s memoryState) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(s, key, func(c runtime.Change, key []byte) int { return bytes.Compare(c.Key, key) })
}

func (s memoryState) Get(key []byte) ([]byte, error) {
	if i, ok := s.find(key); ok {
		return s[i].Value, nil
	}
	return nil, nil
}

func (s memoryState) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	i, _ := s.find(prefix)
	for ; i < len(s) && bytes.HasPrefix(s[i].Key, prefix); i++ {
		if bytes.Compare(s[i].Key, startAfter) > 0 && !fn(s[i].Key, s[i].Value) {
			return nil
		}
	}
	return nil
}
