package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
)

type nodeSettings struct {
	common   `koanf:",squash"`
	Spec     string   `koanf:"spec"`
	Home     string   `koanf:"home"`
	RPC      string   `koanf:"rpc"`
	P2P      string   `koanf:"p2p"`
	Peers    []string `koanf:"peers"`
	External string   `koanf:"external"`
	Exchange bool     `koanf:"exchange"`
	Keys     string   `koanf:"keys"`
	Keystore string   `koanf:"keystore"`

	Seeds         []string `koanf:"seeds"`
	Private       []string `koanf:"private-peers"`
	Unconditional []string `koanf:"unconditional-peers"`
	MaxPeers      int      `koanf:"max-peers"`

	Retention uint64 `koanf:"retention"`
	Unsafe    bool   `koanf:"unsafe"`

	Light            string   `koanf:"light"`
	SnapshotInterval uint32   `koanf:"snapshot-interval"`
	StateSync        []string `koanf:"state-sync"`
	TrustHeight      uint64   `koanf:"trust-height"`
	TrustHash        string   `koanf:"trust-hash"`
}

func nodeCommand() *cobra.Command {
	var s nodeSettings
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run a chain node: it follows the chain and answers JSON-RPC",
		Long: `Runs a chain node. A new one fetches all blocks from its peers and executes
them. With --state-sync it starts from a snapshot of its peers' state instead,
which it verifies: a light client follows the headers from a block that you
trust to the snapshot's, and the state must have that header's root. Ask two
sources that you trust for such a block with "cess chain trust".`,
		Example: `  cess chain dev > dev.json
  cess node --spec dev.json --home ./node --keys //Alice --light 127.0.0.1:9946
  cess node --spec dev.json --home ./new --rpc 127.0.0.1:9954 --p2p 127.0.0.1:9955 --peers ID@127.0.0.1:9945 \
    --state-sync 127.0.0.1:9946 $(cess chain trust 127.0.0.1:9946)
  CESS_NODE_RPC=0.0.0.0:9944 cess node -c node.yaml`,
		GroupID: "run",
		Args:    cobra.NoArgs,
	}
	commonFlags(cmd)
	f := cmd.Flags()
	f.String("spec", "", "chain spec file (required)")
	f.String("home", "cess-node", "folder for the node's data")
	f.String("rpc", "127.0.0.1:9944", "host:port of JSON-RPC over HTTP and WebSocket")
	f.String("p2p", "127.0.0.1:9945", "host:port for other nodes")
	f.StringSlice("peers", nil, "nodes to stay connected with: id@host:port")
	f.String("external", "", "host:port that other nodes reach this one at, if not --p2p")
	f.Bool("exchange", true, "learn of further nodes from peers and tell them about others; without it the node knows its --peers only")
	f.StringSlice("seeds", nil, "nodes to ask for peers when there are too few: id@host:port")
	f.StringSlice("private-peers", nil, "ids of nodes that others are not told of, such as the validator behind this sentry")
	f.StringSlice("unconditional-peers", nil, "ids of nodes that are let in however many peers there are")
	f.Int("max-peers", 50, "connections with other nodes, besides unconditional ones")
	f.String("keystore", "", "folder of session keys in the format of Substrate's nodes (default <home>/keystore)")
	f.String("keys", "", "secret URI of further session keys, - to read it, @file; for development")
	f.Uint64("retention", 0, "blocks whose state stays readable; 0 keeps all")
	f.String("light", "", "host:port that answers light clients, for nodes that start with --state-sync; none if empty")
	f.Uint32("snapshot-interval", 2000, "blocks between the snapshots that are offered to new nodes; 0 makes none")
	f.StringSlice("state-sync", nil, "start a new node from a snapshot, verified with these nodes: their --light addresses")
	f.Uint64("trust-height", 0, "with --state-sync: a block that you know to be right")
	f.String("trust-hash", "", "with --state-sync: its hash, as `cess chain trust` prints it")
	f.Bool("unsafe", false, "let anybody call methods that change the node")
	cmd.RunE = role[nodeSettings]{
		name: "node", settings: &s,
		common: func(s *nodeSettings) common { return s.common },
		start: func(ctx context.Context, s *nodeSettings, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error) {
			limitMemory()
			spec, err := genesis.Load(s.Spec)
			if err != nil {
				return nil, fmt.Errorf("%w\n(make one with `cess chain dev`)", err)
			}
			keys, err := sessionKeys(s.Keys)
			if err != nil {
				return nil, err
			}
			if len(s.StateSync) > 0 && (s.TrustHeight == 0 || s.TrustHash == "") {
				return nil, errors.New("--state-sync needs --trust-height and --trust-hash of a block that you trust\n" +
					"(`cess chain trust " + s.StateSync[0] + "` prints the newest one of a node)")
			}
			node, err := validator.Start(ctx, validator.Config{
				Home: s.Home, Spec: spec, Keys: keys, RPC: s.RPC, P2P: s.P2P, Peers: s.Peers,
				External: s.External, Alone: !s.Exchange, Seeds: s.Seeds, Private: s.Private, Unconditional: s.Unconditional,
				MaxPeers: s.MaxPeers, Keystore: s.Keystore, Registry: admin.Registry,
				Retention: s.Retention, Unsafe: s.Unsafe, Logger: log,
				Light: s.Light, SnapshotInterval: s.SnapshotInterval,
				StateSync: consensus.StateSync{Servers: s.StateSync, TrustHeight: s.TrustHeight, TrustHash: s.TrustHash},
			})
			if err != nil {
				return nil, err
			}
			collectLess(node)
			return node, nil
		},
	}.run
	return cmd
}

// sessionKeys derives a validator's keys from one secret: the ed25519 key
// votes, the sr25519 key draws randomness, the ECDSA key is for BEEFY.
func sessionKeys(suri string) ([]crypto.Pair, error) {
	if suri == "" {
		return nil, nil
	}
	text, err := secretURI(suri)
	if err != nil {
		return nil, err
	}
	var keys []crypto.Pair
	for _, scheme := range []crypto.Scheme{crypto.Ed25519, crypto.Sr25519, crypto.Ecdsa} {
		p, err := pairFrom(scheme, text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, p)
	}
	return keys, nil
}
