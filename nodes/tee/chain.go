package tee

import (
	"context"

	"github.com/gocess/gocess/ledger/pallets/audit"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2"
)

// chainView is what the services need to know of the chain. Answers are as of
// the best block, which is final; each method answers from one block.
type chainView interface {
	// Miner is a miner's record.
	Miner(ctx context.Context, who substrate.AccountID) (sminer.Miner, bool, error)
	// Expender is the shape of the PoIS graph.
	Expender(ctx context.Context) (sminer.Expender, error)
	// MasterKeys are the keys whose signatures the chain accepts, the current one
	// first, then earlier ones, newest first.
	MasterKeys(ctx context.Context) ([][32]byte, error)
	// Lists says whether the chain gave a fragment of a file to a miner: in the
	// file, in an open deal that the miner reported, or in a restoral order that
	// it claimed.
	Lists(ctx context.Context, who substrate.AccountID, file, fragment types.Hash) (bool, error)
	// Challenge is the miner's open challenge.
	Challenge(ctx context.Context, who substrate.AccountID) (audit.Challenge, bool, error)
	// FrozenNames are all fragments that the miner's open challenge is about.
	FrozenNames(ctx context.Context, who substrate.AccountID) (podr2chain.FrozenList, []podr2.Name, error)
	// Question is the miner's open challenge of version 2.
	Question(ctx context.Context, who substrate.AccountID) (*question, bool, error)
}

// question is a challenge of version 2 with all that judging an answer needs.
type question struct {
	challenge audit.Challenge
	frozen    podr2chain.FrozenList
	key       *podr2.PublicKey // nil if the chain knew no key
	query     *podr2.Query     // nil if the miner has no fragments
}
