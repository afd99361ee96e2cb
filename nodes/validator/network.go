package validator

import (
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/rpc"
)

// network tells JSON-RPC about the node and its peers.
type network struct {
	node  *consensus.Node
	keys  *sessionKeys
	start uint32
}

func (n network) PeerID() string            { return n.node.ID() }
func (n network) ListenAddresses() []string { return n.node.Addresses() }
func (n network) IsAuthority() bool         { return n.keys.any() }

func (n network) Peers() []rpc.Peer {
	var out []rpc.Peer
	for _, p := range n.node.Peers() {
		out = append(out, rpc.Peer{ID: p.ID, Best: p.Height})
	}
	return out
}

func (n network) Sync() rpc.SyncState {
	s := n.node.Sync()
	return rpc.SyncState{
		Starting: n.start, Highest: s.Highest, Syncing: s.CatchingUp || s.Oldest > 0, ExpectsPeers: s.Peers > 0,
	}
}

func (n network) Reserve(address string) error { return n.node.Reserve(address) }
func (n network) Unreserve(id string)          { n.node.Unreserve(id) }
func (n network) Reserved() []string           { return n.node.Reserved() }

func (n network) Turns() ([]rpc.Turn, error) {
	list, err := n.node.Turns()
	turns := make([]rpc.Turn, len(list))
	for i, t := range list {
		turns[i] = rpc.Turn(t)
	}
	return turns, err
}
