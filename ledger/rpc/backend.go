package rpc

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Backend is the node behind the interface. All of it is used from many
// goroutines at once.
type Backend struct {
	Chain   Chain
	Pool    Pool
	Runtime Runtime
	// Node may be nil: a node without a network.
	Node Node
	// Offchain may be nil: a node without storage for off-chain workers.
	Offchain Offchain
	// Keys may be nil: a node without a keystore.
	Keys Keys
}

// Offchain is the node's own storage beside the chain's, for programs that work
// with it. Nothing in it is agreed on or proven.
type Offchain interface {
	// Get returns nil when there is no such key.
	Get(key []byte) ([]byte, error)
	// Set is durable when it returns. It returns ErrOffchainFull when there is no
	// room.
	Set(key, value []byte) error
}

// ErrOffchainFull is returned when a node keeps no more in its off-chain
// storage.
var ErrOffchainFull = errors.New("the off-chain storage is full")

// Chain is the store of committed blocks; *chain.Chain is one.
type Chain interface {
	Best() chain.Ref
	Finalized() chain.Ref
	Genesis() substrate.H256
	// HashAt, NumberOf, Header and Body return chain.ErrUnknownBlock for a block
	// that is not committed and chain.ErrNotKept for one from before this node
	// joined the chain.
	HashAt(number uint32) (substrate.H256, error)
	NumberOf(hash substrate.H256) (uint32, error)
	Header(hash substrate.H256) (substrate.Header, error)
	Body(hash substrate.H256) ([][]byte, error)
	Block(number uint32) (*chain.Block, error)
	// View returns chain.ErrUnknownBlock, or state.ErrPruned when the state after
	// the block is no longer kept.
	View(hash substrate.H256) (*chain.View, error)
	BestView() (*chain.View, error)
	SubscribeFrom(number uint32) *chain.Feed
}

// Pool holds the extrinsics that wait for a block; *pool.Pool is one. It
// refuses with *pool.Error, which goes to the client as it is.
type Pool interface {
	Submit(ctx context.Context, raw []byte) (substrate.H256, error)
	SubmitAndWatch(ctx context.Context, raw []byte) (*pool.Watch, error)
	Pending() [][]byte
	Remove(hashes ...substrate.H256) []substrate.H256
	NextIndex(account substrate.AccountID, stateNonce uint32) uint32
}

// Runtime is the state machine in all its versions; *runtime.Versions is one.
type Runtime interface {
	// Ahead is the runtime of the block after parent, which clients take for the
	// runtime at parent, and parent's state as it finds it. It returns
	// *runtime.UnknownVersionError when this program does not have it.
	Ahead(parent runtime.Parent) (*runtime.Runtime, runtime.Parent, error)
	// Successor is that runtime for a block which is best or an ancestor of it.
	Successor(best runtime.Parent, number uint32) (*runtime.Runtime, error)
}

// Node is what the node knows of itself and of its network.
type Node interface {
	// PeerID names the node to its peers.
	PeerID() string
	// ListenAddresses are multiaddresses.
	ListenAddresses() []string
	// IsAuthority says whether the node has validator keys.
	IsAuthority() bool
	Peers() []Peer
	Sync() SyncState
	// Reserve keeps a peer connected, id@host:port, while the node runs.
	Reserve(address string) error
	// Unreserve gives a peer up that Reserve added.
	Unreserve(id string)
	// Reserved lists the ids of the peers that are kept connected.
	Reserved() []string
	// Turns lists the slots of the rest of the epoch that this node is to author.
	Turns() ([]Turn, error)
}

// Turn is a slot and the babe key of who is to author it.
type Turn struct {
	Slot uint64
	Babe [32]byte
}

// Peer is a connected node.
type Peer struct {
	ID string
	// Best is the highest block that the peer told of.
	Best uint32
}

// SyncState is how far the node is behind its network.
type SyncState struct {
	// Starting is the height at which the node started.
	Starting uint32
	// Highest is the highest block known to exist; a value below the node's own
	// best block counts as that.
	Highest uint32
	// Syncing is true while the node catches up.
	Syncing bool
	// ExpectsPeers is false on a chain of one validator.
	ExpectsPeers bool
}

// alone is the Node of a node without a network.
type alone struct{}

func (alone) PeerID() string            { return "" }
func (alone) ListenAddresses() []string { return nil }
func (alone) IsAuthority() bool         { return true }
func (alone) Peers() []Peer             { return nil }
func (alone) Sync() SyncState           { return SyncState{} }
func (alone) Reserve(string) error      { return errors.New("the node has no network") }
func (alone) Unreserve(string)          {}
func (alone) Reserved() []string        { return nil }
func (alone) Turns() ([]Turn, error)    { return nil, nil }

var (
	_ Chain   = (*chain.Chain)(nil)
	_ Pool    = (*pool.Pool)(nil)
	_ Runtime = (*runtime.Versions)(nil)
)
