package consensus

import (
	"cmp"
	"math"
	"strings"

	cmtconsensus "github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
)

// SyncState is how far the node is compared with its peers.
type SyncState struct {
	// CatchingUp says that the node fetches old blocks and does not take part
	// in deciding new ones.
	CatchingUp bool
	// Current is the node's newest block, Highest the newest it has heard of.
	Current, Highest uint32
	// Oldest is the oldest block that peers keep, if none of them keeps the one
	// after Current, so that the node cannot go on; else 0.
	Oldest uint32
	// Peers is the number of connected nodes.
	Peers int
}

// Peer is a connected node.
type Peer struct {
	// ID is the part before the @ of the peer's address.
	ID string
	// Address is host:port as connected.
	Address string
	// Height is the newest block that the peer told of.
	Height uint32
}

// Sync reports how far the node is.
func (n *Node) Sync() SyncState {
	s := SyncState{Current: n.app.chain.Best().Number}
	s.Highest = s.Current
	for _, p := range n.Peers() {
		s.Peers++
		s.Highest = max(s.Highest, p.Height)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.comet != nil && !n.closed {
		s.CatchingUp = n.comet.ConsensusReactor().WaitSync()
		s.Oldest = uint32(min(n.fetcher.OutOfReach(), math.MaxUint32))
	}
	return s
}

// Peers lists the connected nodes.
func (n *Node) Peers() []Peer {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.comet == nil || n.closed {
		return nil
	}
	var out []Peer
	n.comet.Switch().Peers().ForEach(func(p p2p.Peer) {
		out = append(out, Peer{ID: string(p.ID()), Address: addressOfPeer(p), Height: heightOfPeer(p)})
	})
	return out
}

// ID is the part before the @ of this node's address.
func (n *Node) ID() string { return string(n.key.ID()) }

// Addresses lists where peers reach the node, as Config.P2P.Peers has them:
// empty when it listens on a port that the system chose.
func (n *Node) Addresses() []string {
	at := cmp.Or(n.cfg.P2P.External, n.cfg.P2P.Listen)
	if strings.HasSuffix(at, ":0") {
		return nil
	}
	return []string{n.ID() + "@" + at}
}

func addressOfPeer(p p2p.Peer) string {
	if a := p.SocketAddr(); a != nil {
		return a.DialString()
	}
	return ""
}

// heightOfPeer is the last block that the peer has: it tells which one it is
// deciding.
func heightOfPeer(p p2p.Peer) uint32 {
	ps, ok := p.Get(types.PeerStateKey).(*cmtconsensus.PeerState)
	if !ok {
		return 0
	}
	return uint32(max(ps.GetHeight()-1, 0))
}
