// Package validator is the role that keeps the chain: a node that follows
// blocks, answers JSON-RPC on one port and, while it holds a validator's
// session keys, takes part in deciding blocks.
package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gocess/gocess/internal/version"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/crypto"
)

// Config is what a Node is built from.
type Config struct {
	// Home is the node's folder.
	Home string
	Spec *genesis.Spec
	// Keys are session keys besides those of the keystore: an ed25519 key signs
	// votes, an sr25519 key is all kinds of those, an ECDSA key is for BEEFY.
	Keys []crypto.Pair
	// Keystore is the folder of session keys, in the format of Substrate's nodes.
	// Default Home/keystore. A node without any key only follows the chain.
	Keystore string
	// RPC is the host:port of JSON-RPC. Default 127.0.0.1:9944.
	RPC string
	// P2P is the host:port for other nodes. Default 127.0.0.1, any free port.
	P2P string
	// Peers are always kept connected: id@host:port. The spec's boot nodes are
	// added.
	Peers []string
	// External is the host:port that peers reach the node at, if not P2P.
	External string
	// Seeds, Private, Unconditional and MaxPeers are as in consensus.P2P.
	Seeds                  []string
	Private, Unconditional []string
	MaxPeers               int
	// Alone keeps the node from telling its peers about others and from learning
	// of others: it connects with Peers only, as a validator behind sentries does.
	Alone bool
	// Retention is the number of blocks whose state stays readable; 0 keeps
	// all.
	Retention uint64
	// Light is the host:port that answers light clients, such as nodes that
	// start from a snapshot; empty for none.
	Light string
	// StateSync, if its servers are set, starts a new node from a snapshot.
	StateSync consensus.StateSync
	// SnapshotInterval is how many blocks lie between the snapshots that the node
	// offers to others; 0 makes none.
	SnapshotInterval uint32
	// Unsafe lets anybody, not only this machine, call methods that change the
	// node.
	Unsafe bool
	// Registry, if set, collects the node's figures for Prometheus.
	Registry prometheus.Registerer
	Logger   *slog.Logger
}

// MinRetention is the least Config.Retention except 0, in blocks: every birth
// block of a mortal extrinsic stays readable (spec/wire.md §2.5).
const MinRetention = 256

// KeystoreDir is the folder of session keys in a node's folder.
const KeystoreDir = "keystore"

func (c *Config) complete() error {
	if c.RPC == "" {
		c.RPC = "127.0.0.1:9944"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Keystore == "" && c.Home != "" {
		c.Keystore = filepath.Join(c.Home, KeystoreDir)
	}
	switch {
	case c.Home == "":
		return errors.New("validator: no data folder is given")
	case c.Spec == nil:
		return errors.New("validator: no chain spec is given")
	case c.Retention != 0 && c.Retention < MinRetention:
		return fmt.Errorf("validator: retention of %d blocks; at least %d are needed, or 0 for all", c.Retention, MinRetention)
	}
	return nil
}

// consensus is the part that keeps the chain.
func (c *Config) consensus(keys consensus.Keys) (consensus.Config, error) {
	rt, err := c.Spec.Runtime()
	if err != nil {
		return consensus.Config{}, fmt.Errorf("chain spec %s: %w", c.Spec.ID, err)
	}
	return consensus.Config{
		Home: c.Home,
		Genesis: consensus.Genesis{
			ChainID:   c.Spec.ID,
			Time:      time.UnixMilli(int64(c.Spec.GenesisTimeMs)),
			Pallets:   c.Spec.Pallets,
			BlockTime: time.Duration(c.Spec.BlockTimeMs) * time.Millisecond,
		},
		Runtime:      rt,
		Pallets:      consensus.Frame{},
		Keys:         keys,
		P2P:          c.peering(),
		Light:        c.Light,
		StateSync:    c.StateSync,
		Snapshots:    consensus.Snapshots{Interval: c.SnapshotInterval},
		RetainBlocks: c.Retention,
		State:        []state.Option{state.WithRetention(c.Retention)},
		Logger:       c.Logger,
	}, nil
}

// peering is how the node meets others. Boot nodes are peers to a node that has
// no seeds of its own; one that is not to exchange addresses dials no strangers.
func (c *Config) peering() consensus.P2P {
	p := consensus.P2P{
		Listen: c.P2P, External: c.External, Peers: slices.Clone(c.Peers), Seeds: c.Seeds,
		Private: c.Private, Unconditional: c.Unconditional, MaxPeers: c.MaxPeers, Exchange: !c.Alone,
	}
	if !c.Alone {
		p.Peers = append(p.Peers, c.Spec.BootNodes...)
	}
	return p
}

// Node is a running chain node.
type Node struct {
	node    *consensus.Node
	keys    *sessionKeys
	life    *prover
	server  *jsonrpc.Server
	address string
	served  chan error
}

// Start opens the node's data, listens and joins the chain. It returns when
// JSON-RPC answers; ctx bounds the start, not the node's life.
func Start(ctx context.Context, cfg Config) (_ *Node, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return nil, err
	}
	keys, err := cfg.openKeys()
	if err != nil {
		return nil, err
	}
	chain, err := cfg.consensus(keys)
	if err != nil {
		return nil, err
	}
	storage, err := openOffchain(cfg.Home)
	if err != nil {
		return nil, fmt.Errorf("off-chain storage: %w", err)
	}
	listener, err := net.Listen("tcp", cfg.RPC)
	if err != nil {
		return nil, fmt.Errorf("listen for JSON-RPC: %w", err)
	}
	node, err := consensus.New(chain)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	n := &Node{node: node, keys: keys, address: listener.Addr().String(), served: make(chan error, 1)}
	server := cfg.rpc(node.Chain().First())
	server.Extend = func(t *jsonrpc.Table) { t.Add(n.statusMethod(cfg.Home)) }
	n.server, err = rpc.New(server, rpc.Backend{
		Chain: node.Chain(), Pool: node.Pool(), Runtime: chain.Runtime, Keys: keys, Offchain: storage,
		Node: network{node: node, keys: keys, start: node.Chain().Best().Number},
	})
	if err == nil && cfg.Registry != nil {
		err = cfg.Registry.Register(&figures{node: node})
	}
	if err != nil {
		return nil, errors.Join(err, node.Close(), listener.Close())
	}
	n.life = startProver(node, keys, chain.Runtime.First(), cfg.Logger)
	go func() { n.served <- n.server.Serve(listener) }()
	if err := node.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("join the chain: %w", err), n.Close())
	}
	return n, nil
}

// rpc configures JSON-RPC for a node whose first whole block is first.
func (c *Config) rpc(first uint32) rpc.Config {
	server := jsonrpc.Config{Logger: c.Logger}
	if c.Unsafe {
		server.Unsafe = jsonrpc.UnsafeAlways
	}
	return rpc.Config{
		Version:    version.Text(),
		ChainName:  c.Spec.ID,
		ChainType:  c.Spec.ChainType,
		Properties: rpc.Properties(c.Spec.Properties),
		Pruned:     c.Retention != 0 || len(c.StateSync.Servers) > 0 || first > 1,
		Server:     server,
	}
}

// Address is the host:port that answers JSON-RPC.
func (n *Node) Address() string { return n.address }

// Peering lists the addresses that other nodes reach this one at: id@host:port.
func (n *Node) Peering() []string { return n.node.Addresses() }

// Close stops the node; what it committed stays.
func (n *Node) Close() error {
	err := n.server.Close()
	<-n.served
	n.life.close()
	return errors.Join(err, n.node.Close())
}

// CaughtUp says that the node does not fetch old blocks, or no more.
func (n *Node) CaughtUp() bool { return !n.node.Sync().CatchingUp }

// Err is why the node stopped by itself: a disk that fails, or a block that
// cannot be executed. It is nil while the node works.
func (n *Node) Err() error { return n.node.Err() }

// Import fills cfg.Home, of a node that has no blocks yet, with what
// consensus.Export wrote.
func Import(ctx context.Context, cfg Config, r io.Reader, progress func(bytes int64)) (*consensus.Summary, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return nil, err
	}
	chain, err := cfg.consensus(consensus.NoKeys{})
	if err != nil {
		return nil, err
	}
	return consensus.Import(ctx, chain, r, progress)
}
