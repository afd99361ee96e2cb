// Package audittest is a chain in memory with miners that can be challenged
// and TEE workers that judge, for the tests of pallets audit and podr2.
package audittest

import (
	"bytes"
	"fmt"
	"maps"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Times of the chain, in blocks, unless Options say otherwise.
const (
	ProveTime  = 5
	VerifyTime = 10
)

// TEE workers. The stash of TEE is Alice, who is bonded; that of OtherTEE is
// Charlie, who is not; a marker has none.
var (
	TEE      = worker("tee")
	OtherTEE = worker("other tee")
	Marker   = worker("marker")
)

func worker(name string) types.WorkerPublicKey {
	return types.WorkerPublicKey(palletstest.Account(name))
}

// IdleHash is what miners of the chain submit as proof of idle space.
var IdleHash = bytes.Repeat([]byte{7}, 32)

// World is the chain. Miners are not challenged at random.
type World struct {
	*palletstest.Chain
	t      palletstest.TB
	Master crypto.Pair
	Miners []substrate.AccountID
}

// Options shape a World.
type Options struct {
	Miners    int            // 1 unless set
	Constants map[string]any // besides those of the World
}

// New starts the chain. Every miner has 1 TiB of idle space and 64 MiB of
// service space, and idle files 1 to 16,384.
func New(t palletstest.TB, o Options) *World {
	t.Helper()
	master, err := crypto.FromURI(crypto.Sr25519, "//master")
	if err != nil {
		t.Fatal(err)
	}
	stash, unbonded := types.Address(palletstest.Alice), types.Address(palletstest.Charlie)
	g := palletstest.Genesis{
		Constants: map[string]any{
			"Audit.ChallengePeriod": 0, "Audit.ProveTime": ProveTime, "Audit.VerifyTime": VerifyTime,
			"Audit.IdleProveRate": uint64(1) << 60, "Audit.ServiceProveRate": uint64(1) << 60, "Audit.VerifyRate": uint64(1) << 60,
			"Podr2.DisputePeriod": 20,
		},
		Pallets: map[string]any{"Staking": staking.Genesis{
			MinValidatorBond: types.Tokens(1000),
			Stakers:          []staking.GenesisStaker{{Stash: stash, Bond: types.Tokens(10_000)}},
		}, "TeeWorker": teeworker.Genesis{
			Workers: []teeworker.GenesisWorker{
				{PublicKey: TEE, Stash: &stash},
				{PublicKey: OtherTEE, Stash: &unbonded, Role: "verifier"},
				{PublicKey: Marker, Role: "marker"},
			},
			MasterKey: &teeworker.GenesisMasterKey{PublicKey: substrate.H256(master.Public()), Holder: TEE},
		}},
	}
	maps.Copy(g.Constants, o.Constants)
	w := &World{t: t, Master: master}
	for i := range max(o.Miners, 1) {
		m := palletstest.Miner(fmt.Sprint("miner ", i), types.TiB)
		g.Miners = append(g.Miners, m)
		w.Miners = append(w.Miners, substrate.AccountID(m.Account))
	}
	w.Chain = palletstest.New(t, g)
	w.Set(func(ctx *runtime.Context) error {
		for i, who := range w.Miners {
			err := sminer.Miners.Mutate(ctx, who, sminer.ErrNotMiner, func(m *sminer.Miner) error {
				m.ServiceSpace = scale.U128From64(64 * types.MiB)
				m.SpaceProofInfo = scale.Some(types.SpaceProofInfo{Miner: who, Rear: 1 << 14, Accumulator: types.Accumulator{byte(i)}})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// Set makes a block in which fn changes the state.
func (w *World) Set(fn func(ctx *runtime.Context) error) {
	w.t.Helper()
	if err := w.Do(fn); err != nil {
		w.t.Fatal(err)
	}
}

// Challenge opens a challenge of the miner and returns it.
func (w *World) Challenge(miner substrate.AccountID) audit.Challenge {
	w.t.Helper()
	if err := w.Root(audit.PointMinerChallenge{Miner: miner}); err != nil {
		w.t.Fatal(err)
	}
	return w.Open(miner)
}

// Open returns the miner's challenge, which there must be.
func (w *World) Open(miner substrate.AccountID) audit.Challenge {
	w.t.Helper()
	c, ok := audit.Challenges.Get(w.Ctx(), miner)
	if !ok {
		w.t.Fatalf("block %d: the miner has no challenge", w.Number())
	}
	return c
}

// Answer submits both proofs.
func (w *World) Answer(miner substrate.AccountID, service []byte) {
	w.t.Helper()
	w.Must(miner, audit.SubmitIdleProof{Proof: IdleHash})
	w.Must(miner, audit.SubmitServiceProof{Proof: service})
}

// Sign is the signature of the master key.
func (w *World) Sign(digest [32]byte) types.SignatureBytes {
	w.t.Helper()
	sig, err := w.Master.Sign(digest[:])
	if err != nil {
		w.t.Fatal(err)
	}
	return sig
}

// IdleVerdict is the call that hands in a worker's verdict on the open
// challenge.
func (w *World) IdleVerdict(miner substrate.AccountID, result bool, tee types.WorkerPublicKey) audit.SubmitVerifyIdleResult {
	w.t.Helper()
	c, _ := audit.Challenges.Get(w.Ctx(), miner)
	s := c.Snapshot.SpaceProofInfo
	signed := audit.IdleVerdict{
		Miner: miner, ProofHash: IdleHash, Front: s.Front, Rear: s.Rear, Accumulator: s.Accumulator,
		SpaceParam: c.Element.SpaceParam, Result: result, TEE: tee,
	}
	return audit.SubmitVerifyIdleResult{
		ProofHash: IdleHash, Front: s.Front, Rear: s.Rear, Accumulator: s.Accumulator, Result: result,
		Signature: w.Sign(signed.Digest()), TEE: tee,
	}
}

// ServiceVerdict is the call that hands in a worker's verdict on the open
// challenge.
func (w *World) ServiceVerdict(miner substrate.AccountID, result bool, tee types.WorkerPublicKey) audit.SubmitVerifyServiceResult {
	w.t.Helper()
	c, _ := audit.Challenges.Get(w.Ctx(), miner)
	p, _ := c.Proofs.Service.Get()
	signed := audit.ServiceVerdict{
		Miner: miner, TEE: tee, Proof: p.Proof, Result: result,
		Challenge: c.Element.ServiceParam, BloomFilter: c.Snapshot.ServiceBloomFilter,
	}
	return audit.SubmitVerifyServiceResult{
		Result: result, Signature: w.Sign(signed.Digest()), BloomFilter: c.Snapshot.ServiceBloomFilter, TEE: tee,
	}
}

// Judge hands in true for idle space and the given verdict for service data.
func (w *World) Judge(miner substrate.AccountID, service bool) {
	w.t.Helper()
	w.Must(miner, w.IdleVerdict(miner, true, TEE))
	w.Must(miner, w.ServiceVerdict(miner, service, TEE))
}

// End makes blocks until the miner's challenge is over.
func (w *World) End(miner substrate.AccountID) {
	w.t.Helper()
	for range 10_000 {
		if !audit.Challenges.Contains(w.Ctx(), miner) {
			return
		}
		w.NextBlocks(1)
	}
	w.t.Fatal("the challenge never ends")
}

// Miner is the miner's record.
func (w *World) Miner(who substrate.AccountID) sminer.Miner {
	w.t.Helper()
	m, ok := sminer.Miners.Get(w.Ctx(), who)
	if !ok {
		w.t.Fatal("no such miner")
	}
	return m
}
