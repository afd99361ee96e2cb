package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
)

type nodeSettings struct {
	common    `koanf:",squash"`
	Spec      string   `koanf:"spec"`
	Home      string   `koanf:"home"`
	RPC       string   `koanf:"rpc"`
	P2P       string   `koanf:"p2p"`
	Peers     []string `koanf:"peers"`
	Keys      string   `koanf:"keys"`
	Retention uint64   `koanf:"retention"`
	Unsafe    bool     `koanf:"unsafe"`
}

func nodeCommand() *cobra.Command {
	var s nodeSettings
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run a chain node: it follows the chain and answers JSON-RPC",
		Example: `  cess chain dev > dev.json
  cess node --spec dev.json --home ./node --keys //Alice
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
	f.String("keys", "", "secret URI of the validator's session keys, - to read it, @file; none to follow only")
	f.Uint64("retention", 0, "blocks whose state stays readable; 0 keeps all")
	f.Bool("unsafe", false, "let anybody call methods that change the node")
	cmd.RunE = role[nodeSettings]{
		name: "node", settings: &s,
		common: func(s *nodeSettings) common { return s.common },
		start: func(ctx context.Context, s *nodeSettings, log *slog.Logger, _ *daemon.Admin) (daemon.Role, error) {
			spec, err := genesis.Load(s.Spec)
			if err != nil {
				return nil, fmt.Errorf("%w\n(make one with `cess chain dev`)", err)
			}
			keys, err := sessionKeys(s.Keys)
			if err != nil {
				return nil, err
			}
			return validator.Start(ctx, validator.Config{
				Home: s.Home, Spec: spec, Keys: keys, RPC: s.RPC, P2P: s.P2P, Peers: s.Peers,
				Retention: s.Retention, Unsafe: s.Unsafe, Logger: log,
			})
		},
	}.run
	return cmd
}

// sessionKeys derives a validator's keys from one secret: the ed25519 key
// votes, the sr25519 key draws randomness.
func sessionKeys(suri string) ([]crypto.Pair, error) {
	if suri == "" {
		return nil, nil
	}
	grandpa, err := signer(crypto.Ed25519, suri)
	if err != nil {
		return nil, err
	}
	babe, err := signer(crypto.Sr25519, suri)
	return []crypto.Pair{grandpa, babe}, err
}
