package blocksync

import (
	"testing"

	"github.com/cometbft/cometbft/p2p"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	"github.com/cosmos/gogoproto/proto"

	cmtblocksync "github.com/cometbft/cometbft/blocksync"
)

// FuzzMessage puts whatever a peer may send through all that is done with it
// before anybody has vouched for it: nothing panics, for a panic outside a
// connection's own goroutine ends the node, and only what the validators have
// signed is found right.
func FuzzMessage(f *testing.F) {
	chain := newLedger(f, 4).grow(f, 3)
	set := chain.state.Validators
	ids := map[string]bool{}
	for h := int64(1); h <= 3; h++ {
		ids[chain.blocks.LoadBlockMeta(h).BlockID.String()] = true
		seed(f, &bcproto.BlockResponse{
			Block: chain.blocks.LoadBlockProto(h), ExtCommit: chain.blocks.LoadBlockExtendedCommit(h).ToProto(),
		})
	}
	for _, m := range []p2p.Wrapper{
		&bcproto.StatusRequest{}, &bcproto.StatusResponse{Base: 1, Height: 2}, &bcproto.BlockRequest{Height: 2},
		&bcproto.NoBlockResponse{Height: 2}, &bcproto.BlockResponse{},
	} {
		seed(f, m)
	}
	f.Add(append(marshal(f, &bcproto.BlockResponse{}), marshal(f, &bcproto.StatusRequest{})...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		isBlock, err := countVotes(raw)
		if err != nil {
			return
		}
		var m bcproto.Message
		if proto.Unmarshal(raw, &m) != nil || m.Sum == nil {
			return
		}
		content, err := m.Unwrap()
		if err != nil || cmtblocksync.ValidateMsg(content) != nil {
			return
		}
		r, ok := content.(*bcproto.BlockResponse)
		if !ok {
			return
		}
		if !isBlock {
			t.Fatal("a block passes as something else")
		}
		b, err := decode("peer", r)
		if err != nil {
			return
		}
		if b.verify(chain.genesis.ChainID, set, set.Hash()) == nil && !ids[b.id.String()] {
			t.Fatalf("block %d is found right, and nobody has signed it", b.block.Height)
		}
	})
}

func seed(f *testing.F, m p2p.Wrapper) {
	f.Helper()
	f.Add(marshal(f, m))
}
