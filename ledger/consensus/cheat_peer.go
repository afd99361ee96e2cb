//go:build cheat

package consensus

import (
	"sync"

	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/tmhash"
	"github.com/cometbft/cometbft/p2p"
	cmtcons "github.com/cometbft/cometbft/proto/tendermint/consensus"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// twoFacedPeer is a peer that is sent what a byzantine validator wants it to
// know.
type twoFacedPeer struct {
	p2p.Peer
	app      *app
	deceived bool // is sent the other one of two proposals

	mu       sync.Mutex
	proposal *cmtproto.Proposal // guarded by mu; what the next part belongs to
}

// Send implements p2p.Peer.
func (p *twoFacedPeer) Send(e p2p.Envelope) bool {
	me, way, ok := p.app.self()
	if !ok {
		return p.Peer.Send(e)
	}
	switch m := e.Message.(type) {
	case *cmtcons.Vote:
		if way == doubleVote {
			return p.Peer.Send(e) && p.sendSecond(me, m.Vote)
		}
	case *cmtcons.Proposal:
		if way == equivocatingProposals && p.deceived && p.ours(me, &m.Proposal) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.proposal = &m.Proposal
			return true // goes out with the first part
		}
	case *cmtcons.BlockPart:
		if original := p.take(m); original != nil {
			return p.sendOther(me, original, e, m)
		}
	}
	return p.Peer.Send(e)
}

// ours says whether the validator has signed a proposal.
func (p *twoFacedPeer) ours(me Authority, m *cmtproto.Proposal) bool {
	return ed25519.PubKey(me.Grandpa[:]).VerifySignature(
		types.ProposalSignBytes(p.app.cfg.Genesis.ChainID, m), m.Signature)
}

// sendSecond follows a prevote by one for a block that nobody knows.
func (p *twoFacedPeer) sendSecond(me Authority, v *cmtproto.Vote) bool {
	if v.Type != cmtproto.PrevoteType || addressFrom(v.ValidatorAddress) != addressOf(me.Grandpa) || len(v.BlockID.Hash) == 0 {
		return true
	}
	second := *v
	second.BlockID.Hash = tmhash.Sum(v.BlockID.Hash)
	signature, ok := p.sign(me, types.VoteSignBytes(p.app.cfg.Genesis.ChainID, &second))
	if !ok {
		return true
	}
	second.Signature = signature
	p.app.cheats.votes.Add(1)
	p.Peer.Send(p2p.Envelope{ChannelID: consensus.VoteChannel, Message: &cmtcons.Vote{Vote: &second}})
	return true
}

// sign signs without asking what was signed before.
func (p *twoFacedPeer) sign(me Authority, message []byte) ([]byte, bool) {
	pair, ok := p.app.cfg.Keys.Pair(crypto.Ed25519, me.Grandpa[:])
	if !ok {
		return nil, false
	}
	signature, err := pair.Sign(message)
	return signature, err == nil
}

// take returns the withheld proposal that a part belongs to.
func (p *twoFacedPeer) take(m *cmtcons.BlockPart) *cmtproto.Proposal {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proposal == nil || p.proposal.Height != m.Height || p.proposal.Round != m.Round {
		return nil
	}
	original := p.proposal
	p.proposal = nil
	return original
}

// sendOther sends another block in the place of the proposed one, or that one if
// it is too long or cannot be changed.
func (p *twoFacedPeer) sendOther(me Authority, original *cmtproto.Proposal, e p2p.Envelope, m *cmtcons.BlockPart) bool {
	first := cmtcons.Proposal{Proposal: *original}
	if original.BlockID.PartSetHeader.Total == 1 {
		if other, part, ok := p.forge(me, original, m.Part.Bytes); ok {
			first.Proposal = *other
			p.app.cheats.proposals.Add(1)
			e.Message = &cmtcons.BlockPart{Height: m.Height, Round: m.Round, Part: *part}
		}
	}
	return p.Peer.Send(p2p.Envelope{ChannelID: consensus.DataChannel, Message: &first}) && p.Peer.Send(e)
}

// forge makes a valid block that differs from the given one: it leaves out the
// last vote extension that may be left out.
func (p *twoFacedPeer) forge(me Authority, original *cmtproto.Proposal, raw []byte) (*cmtproto.Proposal, *cmtproto.Part, bool) {
	var pb cmtproto.Block
	if pb.Unmarshal(raw) != nil {
		return nil, nil, false
	}
	b, err := types.BlockFromProto(&pb)
	if err != nil || len(b.Txs) == 0 {
		return nil, nil, false
	}
	v, err := scale.Unmarshal[votes](b.Txs[0])
	if err != nil || len(v.Entries) == 0 {
		return nil, nil, false
	}
	v.Entries[len(v.Entries)-1] = scale.None[extendedVote]()
	txs := append(types.Txs{scale.MustMarshal(v)}, b.Txs[1:]...)
	other := &types.Block{Header: b.Header, Data: types.Data{Txs: txs}, Evidence: b.Evidence, LastCommit: b.LastCommit}
	other.DataHash = other.Data.Hash()
	parts, err := other.MakePartSet(types.BlockPartSizeBytes)
	if err != nil || parts.Total() != 1 {
		return nil, nil, false
	}
	part, err := parts.GetPart(0).ToProto()
	if err != nil {
		return nil, nil, false
	}
	id := types.BlockID{Hash: other.Hash(), PartSetHeader: parts.Header()}
	forged := *original
	forged.BlockID = id.ToProto()
	signature, ok := p.sign(me, types.ProposalSignBytes(p.app.cfg.Genesis.ChainID, &forged))
	forged.Signature = signature
	return &forged, part, ok
}
