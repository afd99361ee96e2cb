package consensus

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/primitives/crypto"
)

// ExtendVote attaches this validator's VRF to its precommit, or nothing if the
// node does not hold the VRF key.
func (a *app) ExtendVote(_ context.Context, req *abci.RequestExtendVote) (*abci.ResponseExtendVote, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rules := a.extensionRules(uint32(req.Height))
	me, ok := rules.set.find(a.signer.current())
	if !ok {
		return &abci.ResponseExtendVote{}, nil
	}
	key, ok := a.cfg.Keys.Pair(crypto.Sr25519, me.Babe[:])
	if !ok {
		return &abci.ResponseExtendVote{}, nil
	}
	ext, err := signExtension(key, rules.slot.transcript())
	if err != nil {
		// A vote without randomness is better than no vote.
		a.log.Error("no randomness for this vote", "height", req.Height, "err", err)
		return &abci.ResponseExtendVote{}, nil
	}
	return &abci.ResponseExtendVote{VoteExtension: a.cheats.extension(me, ext)}, nil
}

// VerifyVoteExtension checks another validator's VRF. It depends on the
// committed state only: systematic rejection would stop the chain.
func (a *app) VerifyVoteExtension(_ context.Context, req *abci.RequestVerifyVoteExtension) (*abci.ResponseVerifyVoteExtension, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rules := a.extensionRules(uint32(req.Height))
	who, ok := rules.set.find(addressFrom(req.ValidatorAddress))
	err := fmt.Errorf("not a validator")
	if ok && a.cheats.trusts(who, a.signer.current()) {
		err = nil
	} else if ok {
		_, err = verifyExtension(req.VoteExtension, who.Babe, rules.slot.transcript())
	}
	if err != nil {
		a.log.Warn("vote extension rejected", "height", req.Height,
			"validator", fmt.Sprintf("%x", req.ValidatorAddress), "err", err)
		return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_REJECT}, nil
	}
	return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_ACCEPT}, nil
}
