package blocksync

import (
	"errors"
	"fmt"

	"github.com/cometbft/cometbft/p2p"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	"github.com/cometbft/cometbft/types"
)

// fetched is a block that a peer has sent, with the votes that decided it.
type fetched struct {
	from  p2p.ID
	size  int // bytes as sent
	block *types.Block
	votes *types.ExtendedCommit
	parts *types.PartSet
	id    types.BlockID
	// checked is closed when everything has been verified that could be before
	// the block's turn; nil if nobody tries.
	checked chan struct{}
	// verified is the hash of the validators under which the votes have been
	// found right, nil if they have not been checked.
	verified []byte
}

// decode checks everything about a block that depends on itself only.
func decode(from p2p.ID, msg *bcproto.BlockResponse) (*fetched, error) {
	if msg.Block == nil || msg.ExtCommit == nil {
		return nil, errors.New("block without its votes")
	}
	block, err := types.BlockFromProto(msg.Block)
	if err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	votes, err := types.ExtendedCommitFromProto(msg.ExtCommit)
	if err != nil {
		return nil, fmt.Errorf("votes: %w", err)
	}
	if votes.Height != block.Height {
		return nil, fmt.Errorf("block %d with votes for %d", block.Height, votes.Height)
	}
	parts, err := block.MakePartSet(types.BlockPartSizeBytes)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", block.Height, err)
	}
	return &fetched{
		from: from, size: msg.Block.Size(), block: block, votes: votes, parts: parts,
		id: types.BlockID{Hash: block.Hash(), PartSetHeader: parts.Header()},
	}, nil
}

// verify checks that more than two thirds of set, with the given hash, have
// voted for the block, and every signature that is stored with it.
func (b *fetched) verify(chainID string, set *types.ValidatorSet, hash []byte) error {
	if err := set.VerifyCommitExtended(chainID, b.id, b.block.Height, b.votes); err != nil {
		return fmt.Errorf("block %d: %w", b.block.Height, err)
	}
	b.verified = hash
	return nil
}

// countVotes looks at a message before it is decoded: whether it carries a
// block, and that the block has no more votes than there can be.
func countVotes(raw []byte) (isBlock bool, err error) {
	var stub bcproto.SigCountMessage
	if err := stub.Unmarshal(raw); err != nil {
		return false, fmt.Errorf("malformed message: %w", err)
	}
	r := stub.BlockResponse
	if r == nil {
		return false, nil
	}
	if r.Block != nil && r.Block.LastCommit != nil && len(r.Block.LastCommit.Signatures) > types.MaxVotesCount ||
		r.ExtCommit != nil && len(r.ExtCommit.ExtendedSignatures) > types.MaxVotesCount {
		return true, fmt.Errorf("block with more than %d votes", types.MaxVotesCount)
	}
	return true, nil
}
