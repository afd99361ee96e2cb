package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Miners is what this pallet needs of storage miners. Spaces are in bytes.
type Miners interface {
	// AllMiners are the miners in service.
	AllMiners(ctx *runtime.Context) []substrate.AccountID
	// Snapshot is a miner's record; an error if it has none or no PoIS key.
	Snapshot(ctx *runtime.Context, who substrate.AccountID) (idle, service scale.U128, bloom types.BloomFilter, info types.SpaceProofInfo, signature types.TEESignature, err error)
	// ExpenderOf is the shape of the PoIS graph; zeros if it is not set.
	ExpenderOf(ctx *runtime.Context) (k, n, d uint64)
	// IdleFileSize is the size of one idle file in bytes.
	IdleFileSize(ctx *runtime.Context) uint64

	// RecordSnapshot notes a completed challenge of the current era.
	RecordSnapshot(ctx *runtime.Context, who substrate.AccountID, idle, service scale.U128) error
	// UndoSnapshot takes a record back unless it is a reward order already.
	UndoSnapshot(ctx *runtime.Context, who substrate.AccountID, era uint32, finish types.BlockNumber) error

	// ClearPunish fines a miner that missed count challenges in a row,
	// ServicePunish one whose service proof is false; both return the fine.
	ClearPunish(ctx *runtime.Context, who substrate.AccountID, idle, service scale.U128, count uint8) (types.Balance, error)
	ServicePunish(ctx *runtime.Context, who substrate.AccountID, service scale.U128) (types.Balance, error)
	// RefundPunish gives a fine back.
	RefundPunish(ctx *runtime.Context, who substrate.AccountID, fine types.Balance) error
	// ForceExit removes a miner from service.
	ForceExit(ctx *runtime.Context, who substrate.AccountID) error
}

// Workers is what this pallet needs of TEE workers.
type Workers interface {
	// Verifiers are the workers that verify, in a fixed order.
	Verifiers(ctx *runtime.Context) []types.WorkerPublicKey
	// CanVerify says whether a worker is one of them.
	CanVerify(ctx *runtime.Context, tee types.WorkerPublicKey) bool
	// VerifyMaster says whether a master key, current or former, signed the
	// digest.
	VerifyMaster(ctx *runtime.Context, signature types.TEESignature, digest [32]byte) bool
	// Worked notes that a worker is alive.
	Worked(ctx *runtime.Context, tee types.WorkerPublicKey)
	// Stash is the account that earns for a worker; an error if it has none.
	Stash(ctx *runtime.Context, tee types.WorkerPublicKey) (substrate.AccountID, error)
}

// Credits counts the bytes that TEE workers verify.
type Credits interface {
	RecordIdleVerify(ctx *runtime.Context, stash substrate.AccountID, bytes scale.U128)
	RecordServiceVerify(ctx *runtime.Context, stash substrate.AccountID, bytes scale.U128)
}

// Fragments keeps the lists of fragments that challenges of version 2 ask
// about.
type Fragments interface {
	// Freeze remembers the miner's list for the challenge that starts now.
	Freeze(ctx *runtime.Context, miner substrate.AccountID)
	// Release forgets what Freeze remembered.
	Release(ctx *runtime.Context, miner substrate.AccountID)
	// DisputePeriod is how many blocks a verdict on the miner's frozen list
	// can be disputed; 0 if it cannot.
	DisputePeriod(ctx *runtime.Context, miner substrate.AccountID) types.BlockNumber
	// Judge verifies a proof of the miner's open challenge; an error if the
	// chain cannot.
	Judge(ctx *runtime.Context, miner substrate.AccountID, element ChallengeElement, proof []byte) (bool, error)
}

// Randomness is the source of challenges.
type Randomness interface {
	// BlockRandomness is fixed by consensus after the parent block, zeros if
	// the block has none.
	BlockRandomness(ctx *runtime.Context) [32]byte
}

// Eras numbers the eras of rewards.
type Eras interface {
	CurrentEra(ctx *runtime.Context) uint32
}

// Set by Wire.
var (
	miners     Miners
	workers    Workers
	credits    Credits
	fragments  Fragments
	randomness Randomness
	eras       Eras
)

// Wire names what this pallet uses of others.
func Wire(m Miners, w Workers, c Credits, f Fragments, r Randomness, e Eras) {
	miners, workers, credits, fragments, randomness, eras = m, w, c, f, r, e
}

// API is what other pallets may ask of challenges.
type API struct{}

// Open says whether a miner has a challenge that is not over.
func (API) Open(ctx *runtime.Context, miner substrate.AccountID) bool {
	return Challenges.Contains(ctx, miner)
}

// Case is what the chain needs to judge a service proof itself.
type Case struct {
	Element ChallengeElement
	// Proof is none before the miner has answered.
	Proof scale.Option[ServiceProofBytes]
	// Verdict is none before the proof is judged.
	Verdict scale.Option[bool]
	// TEE signed the verdict; none if there is no verdict or the chain made it.
	TEE scale.Option[types.WorkerPublicKey]
}

// Case returns the miner's open challenge, if it has one.
func (API) Case(ctx *runtime.Context, miner substrate.AccountID) (Case, bool) {
	c, ok := Challenges.Get(ctx, miner)
	if !ok {
		return Case{}, false
	}
	found := Case{Element: c.Element}
	if p, ok := c.Proofs.Service.Get(); ok {
		found.Proof, found.Verdict = scale.Some(p.Proof), p.Verdict
	}
	if j, ok := Judgements.Get(ctx, miner); ok {
		found.TEE = j.TEE
	}
	return found, true
}

// Judge records the chain's own verdict on a proof that has none, with the
// effects that a TEE worker's would have, and returns NoChallenge, UnSubmitted
// or Submitted if there is no such proof.
func (API) Judge(ctx *runtime.Context, miner substrate.AccountID, result bool) error {
	c, p, err := serviceProof(ctx, miner)
	if err != nil {
		return err
	}
	return settle(ctx, miner, &c, &p, result, scale.None[types.WorkerPublicKey]())
}

// Overturn replaces the verdict on a service proof by its opposite, undoes
// what it did and does what the right one does. It returns NoChallenge or
// UnSubmitted if there is no verdict.
func (API) Overturn(ctx *runtime.Context, miner substrate.AccountID) error {
	return overturn(ctx, miner)
}
