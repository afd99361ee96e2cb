package consensus

import (
	"errors"
	"fmt"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/primitives/scale"
)

// votes is the pseudo-transaction that leads every CometBFT block from height 2
// on: what the validators attached to their votes for the block before. CometBFT
// shows vote extensions to the next proposer only; this carries them to all.
// It is no extrinsic.
//
// There is one entry per COMMIT vote of the block's last commit, in its order.
// A proposer may leave out an extension: precommits that arrive late are not
// checked before they are counted, and a bad one must not spoil the block. What
// remains must still weigh more than two thirds, as for the commit itself, so
// that leaving out gives no choice that picking votes does not give already.
type votes struct {
	Version uint8
	Entries []scale.Option[extendedVote]
}

// extendedVote is a vote extension and the validator's signature over it.
type extendedVote struct {
	Extension []byte
	Signature [64]byte
}

const votesVersion = 1

// maxVotesSize is more than the pseudo-transaction of n validators takes.
func maxVotesSize(n int) int { return 16 + n*(1+2+extensionSize+64) }

// commitVote is one vote of a last commit.
type commitVote struct {
	address address
	power   int64
	flag    cmtproto.BlockIDFlag

	// Known to the proposer only.
	extension []byte
	signature []byte
}

// commit is a block's last commit: how the block before was decided.
type commit struct {
	round int32
	votes []commitVote
}

// extensionRules is what extensions are checked against.
type extensionRules struct {
	chainID string
	height  uint32 // of the votes
	set     authorities
	slot    Slot
	// ahead may have checked extensions before; nil: none.
	ahead *precheck
}

// collectVotes makes the pseudo-transaction from the extensions that the
// proposer saw.
func collectVotes(c commit, rules extensionRules) ([]byte, error) {
	v := votes{Version: votesVersion}
	for i := range c.votes {
		if c.votes[i].flag != cmtproto.BlockIDFlagCommit {
			continue
		}
		entry := scale.None[extendedVote]()
		x, err := newExtendedVote(&c.votes[i])
		if err == nil {
			_, err = rules.check(&c.votes[i], c.round, x)
		}
		if err == nil {
			entry = scale.Some(x)
		}
		v.Entries = append(v.Entries, entry)
	}
	return scale.Marshal(v)
}

func newExtendedVote(v *commitVote) (extendedVote, error) {
	if len(v.signature) != 64 {
		return extendedVote{}, errors.New("no signature")
	}
	return extendedVote{v.extension, [64]byte(v.signature)}, nil
}

// verifyVotes checks the pseudo-transaction of a block against its last commit
// and returns the contributions per validator, in the commit's order.
func verifyVotes(raw []byte, c commit, rules extensionRules) (map[address]*contribution, []*contribution, error) {
	v, err := scale.Unmarshal[votes](raw)
	if err != nil {
		return nil, nil, fmt.Errorf("votes: %w", err)
	}
	if v.Version != votesVersion {
		return nil, nil, fmt.Errorf("votes: version %d", v.Version)
	}
	var total, present int64
	by := make(map[address]*contribution)
	var list []*contribution
	at := 0
	for i := range c.votes {
		vote := &c.votes[i]
		total += vote.power
		if vote.flag != cmtproto.BlockIDFlagCommit {
			continue
		}
		if at == len(v.Entries) {
			return nil, nil, errors.New("votes: fewer entries than votes")
		}
		x, ok := v.Entries[at].Get()
		at++
		if !ok {
			continue
		}
		got, err := rules.check(vote, c.round, x)
		if err != nil {
			return nil, nil, fmt.Errorf("vote extension of %x: %w", vote.address, err)
		}
		present += vote.power
		if got != nil {
			by[vote.address] = got
			list = append(list, got)
		}
	}
	switch {
	case at != len(v.Entries):
		return nil, nil, errors.New("votes: more entries than votes")
	case present*3 <= total*2:
		return nil, nil, fmt.Errorf("votes: extensions of power %d out of %d", present, total)
	}
	return by, list, nil
}

// check verifies that the validator signed the extension for this height and
// round, and that its VRF is right.
func (r *extensionRules) check(v *commitVote, round int32, x extendedVote) (*contribution, error) {
	who, ok := r.set.find(v.address)
	if !ok {
		return nil, errors.New("not a validator")
	}
	if r.ahead != nil {
		if c, ok := r.ahead.extensions.take(r.key(v, round, x)); ok {
			return c, nil
		}
	}
	message := types.VoteExtensionSignBytes(r.chainID, &cmtproto.Vote{
		Extension: x.Extension,
		Height:    int64(r.height),
		Round:     round,
	})
	if !ed25519.PubKey(who.Grandpa[:]).VerifySignature(message, x.Signature[:]) {
		return nil, errors.New("bad signature")
	}
	return verifyExtension(x.Extension, who.Babe, r.slot.transcript())
}
