package consensus

import (
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"

	"github.com/gocess/gocess/ledger/runtime"
)

// updatesOf lists what turns the validator set from into to: power 1 for the
// newcomers, 0 for those who leave. CometBFT stops on a removal of somebody
// absent and on an empty set; callers never pass an empty to.
func updatesOf(from, to authorities) []abci.ValidatorUpdate {
	var updates []abci.ValidatorUpdate
	for _, v := range to {
		if !from.hasKey(v.Grandpa) {
			updates = append(updates, abci.UpdateValidator(v.Grandpa[:], 1, ed25519.KeyType))
		}
	}
	for _, v := range from {
		if !to.hasKey(v.Grandpa) {
			updates = append(updates, abci.UpdateValidator(v.Grandpa[:], 0, ed25519.KeyType))
		}
	}
	return updates
}

func (s authorities) hasKey(grandpa [32]byte) bool {
	return slices.ContainsFunc(s, func(v Authority) bool { return v.Grandpa == grandpa })
}

// distinct drops entries whose key came before: two validators with one key
// would stop CometBFT. Session.KeyOwner keeps keys unique, so it drops nothing
// unless a pallet is wrong.
func (s authorities) distinct() authorities {
	out := make(authorities, 0, len(s))
	for _, v := range s {
		if !out.hasKey(v.Grandpa) {
			out = append(out, v)
		}
	}
	return out
}

// commitOf reads a last commit as the deciding block carries it.
func commitOf(info abci.CommitInfo) commit {
	c := commit{round: info.Round, votes: make([]commitVote, len(info.Votes))}
	for i, v := range info.Votes {
		c.votes[i] = commitVote{address: addressFrom(v.Validator.Address), power: v.Validator.Power, flag: v.BlockIdFlag}
	}
	return c
}

// extendedCommitOf reads a last commit as the proposer sees it.
func extendedCommitOf(info abci.ExtendedCommitInfo) commit {
	c := commit{round: info.Round, votes: make([]commitVote, len(info.Votes))}
	for i, v := range info.Votes {
		c.votes[i] = commitVote{
			address: addressFrom(v.Validator.Address), power: v.Validator.Power, flag: v.BlockIdFlag,
			extension: v.VoteExtension, signature: v.ExtensionSignature,
		}
	}
	return c
}

// misbehavioursOf reads the evidence of a block.
func misbehavioursOf(list []abci.Misbehavior) []runtime.Misbehaviour {
	var out []runtime.Misbehaviour
	for _, m := range list {
		kind := runtime.DoubleVote
		if m.Type == abci.MisbehaviorType_LIGHT_CLIENT_ATTACK {
			kind = runtime.LightClientAttack
		}
		out = append(out, runtime.Misbehaviour{
			Kind: kind, Address: addressFrom(m.Validator.Address), Height: uint32(m.Height),
		})
	}
	return out
}

// addressFrom copies an address; a malformed one becomes the zero address,
// which no validator has.
func addressFrom(b []byte) address {
	var a address
	if len(b) == len(a) {
		copy(a[:], b)
	}
	return a
}
