package podr2

import (
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Challenges is what this pallet needs of audits.
type Challenges interface {
	// Open says whether a miner has a challenge that is not over.
	Open(ctx *runtime.Context, miner substrate.AccountID) bool
	// Case is the miner's open challenge.
	Case(ctx *runtime.Context, miner substrate.AccountID) (audit.Case, bool)
	// Judge gives a verdict on a proof that has none.
	Judge(ctx *runtime.Context, miner substrate.AccountID, result bool) error
	// Overturn replaces a verdict by its opposite, with all it did.
	Overturn(ctx *runtime.Context, miner substrate.AccountID) error
}

// Miners is what this pallet needs of storage miners.
type Miners interface {
	// State returns an error for accounts that are no miners.
	State(ctx *runtime.Context, who substrate.AccountID) (string, error)
}

// Workers is what this pallet needs of TEE workers.
type Workers interface {
	// VerifyMaster says whether a master key, current or former, signed the
	// digest.
	VerifyMaster(ctx *runtime.Context, signature types.TEESignature, digest [32]byte) bool
	// Punish slashes the stash of a worker; an error if it has none.
	Punish(ctx *runtime.Context, tee types.WorkerPublicKey) error
}

// Set by Wire.
var (
	challenges Challenges
	miners     Miners
	workers    Workers
)

// Wire names what this pallet uses of others.
func Wire(c Challenges, m Miners, w Workers) { challenges, miners, workers = c, m, w }

// API is what other pallets may do with lists of fragments: Add and Remove
// (list.go), Freeze and Release (freeze.go), DisputePeriod and Judge.
type API struct{}

// DisputePeriod is how many blocks a verdict on the miner's frozen list can at
// least be disputed: none for version 1.
func (API) DisputePeriod(ctx *runtime.Context, miner substrate.AccountID) types.BlockNumber {
	if f, ok := Frozen.Get(ctx, miner); ok && f.Version == Version2 {
		return DisputePeriod.Get(ctx)
	}
	return 0
}

// Judge verifies a proof of the miner's open challenge that nobody judged in
// time, and emits Judged. It returns NotVersion2 or NoTaggerKey if the chain
// cannot tell.
func (API) Judge(ctx *runtime.Context, miner substrate.AccountID, element audit.ChallengeElement, proof []byte) (bool, error) {
	result, err := verify(ctx, miner, element, proof)
	if err != nil {
		return false, err
	}
	ctx.Emit(JudgedEvent{Miner: miner, Result: result})
	return result, nil
}
