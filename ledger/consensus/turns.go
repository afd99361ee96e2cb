package consensus

import (
	"fmt"

	sm "github.com/cometbft/cometbft/state"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/runtime"
)

// Turn is a slot that a key of this node is to author.
type Turn struct {
	Slot uint64
	// Babe is the authority's key.
	Babe [32]byte
}

// maxTurns bounds how many slots ahead Turns looks.
const maxTurns = 10_000

// Turns lists the slots of the rest of the epoch in which this node proposes
// first. Validators take turns (CometBFT's proposer selection); one that misses
// its turn leaves the slot to the next, so that a list is a plan and no
// promise.
func (n *Node) Turns() ([]Turn, error) {
	st, err := n.cometState()
	if err != nil {
		return nil, err
	}
	next, last, slot, err := n.restOfEpoch()
	if err != nil {
		return nil, err
	}
	public, err := n.app.signer.GetPubKey()
	if err != nil {
		return nil, fmt.Errorf("key of the validator: %w", err)
	}
	self := addressFrom(public.Address())
	n.app.mu.Lock()
	authority, ok := n.app.record.deciding(1).find(self)
	n.app.mu.Unlock()
	if !ok {
		return nil, nil // this node decides nothing
	}
	set := st.Validators
	var turns []Turn
	for height := st.LastBlockHeight + 1; height <= last && len(turns) < maxTurns && height < next+maxTurns; height++ {
		switch {
		case set.IsNilOrEmpty():
			return nil, nil
		case height == st.LastBlockHeight+2:
			set = st.NextValidators.Copy()
		case height > st.LastBlockHeight+2:
			set.IncrementProposerPriority(1)
		}
		if height >= next && addressFrom(set.GetProposer().Address) == self {
			turns = append(turns, Turn{Slot: slot + uint64(height-next), Babe: authority.Babe})
		}
	}
	return turns, nil
}

// cometState is CometBFT's state after its newest block, empty when the node
// has not been started.
func (n *Node) cometState() (sm.State, error) {
	n.mu.Lock() // Close waits
	defer n.mu.Unlock()
	if n.databases == nil || n.closed {
		return sm.State{}, nil
	}
	st, err := sm.NewStore(n.databases.Database("state"), sm.StoreOptions{DiscardABCIResponses: true}).Load()
	if err != nil {
		return st, fmt.Errorf("state of the consensus engine: %w", err)
	}
	return st, nil
}

// restOfEpoch is the height of the next block, that of the last one of its
// epoch, and the next block's slot.
func (n *Node) restOfEpoch() (next, last int64, slot uint64, err error) {
	view, err := n.app.chain.BestView()
	if err != nil {
		return 0, 0, 0, err
	}
	defer view.Close()
	err = n.cfg.Runtime.Read(view.Parent(), func(ctx *runtime.Context) {
		block := uint64(ctx.BlockNumber()) + 1
		next = int64(block)
		last = int64((babe.API{}.EpochOf(ctx, uint32(block)) + 1) * max(babe.EpochDuration.Get(ctx), 1))
		slot = uint64(babe.GenesisSlot.Get(ctx)) + block - 1
	})
	return next, last, slot, err
}
