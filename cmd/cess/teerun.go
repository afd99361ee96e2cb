package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

type teeSettings struct {
	common          `koanf:",squash"`
	Home            string        `koanf:"home"`
	Node            string        `koanf:"node"`
	Key             string        `koanf:"key"`
	Identity        string        `koanf:"identity"`
	Stash           string        `koanf:"stash"`
	StashKey        string        `koanf:"stash-key"`
	Role            string        `koanf:"role"`
	Listen          string        `koanf:"listen"`
	Endpoint        string        `koanf:"endpoint"`
	Attestation     string        `koanf:"attestation"`
	Endorsement     string        `koanf:"endorsement"`
	SealKey         string        `koanf:"seal-key"`
	MaxConfidence   uint          `koanf:"max-confidence"`
	RequireAllPaths bool          `koanf:"require-all-paths"`
	Parallel        int           `koanf:"parallel"`
	Every           time.Duration `koanf:"every"`
}

func teeRun() *cobra.Command {
	var s teeSettings
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a TEE worker",
		Long: `Runs a TEE worker: it registers, makes or gets the network's keys, and serves
miners over gRPC. Without keys it waits. Full workers and verifiers need a bonded
stash that answers for their verdicts; markers, which only tag and certify, have
none. The stash or its controller signs the first registration: give its secret
by --stash-key once and leave it away later, or let it pay as --key. A machine
without evidence needs it whenever its record changes.

Upstream miners speak TLS to every endpoint that contains "443".`,
		Example: `  cess tee run --home ./tee --key @tee.secret --stash-key @stash.secret --attestation tdx
  cess tee run -c tee.yaml
  cess tee run --role marker --key //Marker --listen 0.0.0.0:19999 --endpoint http://203.0.113.7:19999`,
		Args: cobra.NoArgs,
	}
	commonFlags(cmd)
	f := cmd.Flags()
	f.String("home", "cess-tee", "folder for keys and for what miners are in the middle of; keep nothing else in it")
	f.String("key", "", "secret URI of the account that pays fees, - to read it, @file (required)")
	f.String("identity", "", "secret URI of the worker's own key, for development networks (default a key made and kept in --home)")
	f.String("stash", "", "address of the bonded account that answers for the worker (default that of --stash-key)")
	f.String("stash-key", "", "secret URI of the stash or its controller, - to read it, @file; signs the registration (default --key)")
	f.String("role", "full", "full, verifier or marker")
	f.String("listen", "127.0.0.1:19999", "host:port of the gRPC services")
	f.String("endpoint", "", "address that miners reach the services at, published on chain (default http://<listen>)")
	f.String("attestation", "none", "evidence of the machine: none, tdx, sev-snp or auto")
	f.String("endorsement", "", "file with the certificate (DER) of a SEV-SNP machine's key, where the host passes none")
	sealFlag(cmd)
	f.Uint("max-confidence", 3, "worst confidence level, 1 to 5, of workers that get the master key from this one")
	f.Bool("require-all-paths", false, "refuse commit proofs in upstream's weaker form")
	f.Int("parallel", 0, "requests of one kind worked on at once (default the number of cores, at least 2)")
	f.Duration("every", 6*time.Second, "pause between looks at the worker's standing on chain")
	cmd.RunE = role[teeSettings]{
		name: "tee", settings: &s,
		common: func(s *teeSettings) common { return s.common },
		start: func(ctx context.Context, s *teeSettings, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error) {
			cfg, err := s.config()
			if err != nil {
				return nil, err
			}
			cfg.Registry, cfg.Logger = admin.Registry, log
			return tee.Start(ctx, cfg)
		},
	}.run
	return cmd
}

var teeRoles = map[string]teeworker.Role{"full": teeworker.Full, "verifier": teeworker.Verifier, "marker": teeworker.Marker}

func (s *teeSettings) config() (tee.Config, error) {
	role, ok := teeRoles[s.Role]
	if !ok {
		return tee.Config{}, fmt.Errorf("--role %q: full, verifier or marker is needed", s.Role)
	}
	if s.MaxConfidence > math.MaxUint8 {
		return tee.Config{}, fmt.Errorf("--max-confidence %d: levels go from 1 to 5", s.MaxConfidence)
	}
	cfg := tee.Config{
		Home: s.Home, Chain: s.Node, Role: role, Listen: s.Listen, Endpoint: s.Endpoint,
		MaxConfidence: uint8(s.MaxConfidence), RequireAllPaths: s.RequireAllPaths, Parallel: s.Parallel, Every: s.Every,
	}
	key, err := signer(crypto.Sr25519, s.Key)
	if err != nil {
		return cfg, fmt.Errorf("--key: %w", err)
	}
	cfg.Signer = key
	if s.Identity != "" {
		if cfg.Identity, err = signer(crypto.Sr25519, s.Identity); err != nil {
			return cfg, fmt.Errorf("--identity: %w", err)
		}
	}
	if s.StashKey != "" {
		pair, err := signer(crypto.Sr25519, s.StashKey)
		if err != nil {
			return cfg, fmt.Errorf("--stash-key: %w", err)
		}
		stash := substrate.AccountID(pair.AccountID())
		cfg.StashSigner, cfg.Stash = pair, &stash
	}
	if s.Stash != "" {
		stash, err := types.ParseAddress(s.Stash)
		if err != nil {
			return cfg, fmt.Errorf("--stash: %w", err)
		}
		cfg.Stash = &stash
	}
	if cfg.Sealer, err = sealerOf(s.SealKey); err != nil {
		return cfg, err
	}
	cfg.Attester, err = s.attester()
	return cfg, err
}

func (s *teeSettings) attester() (tee.Attester, error) {
	switch s.Attestation {
	case "none":
		return tee.NoAttestation{}, nil
	case "tdx", "sev-snp", "auto":
	default:
		return nil, fmt.Errorf("--attestation %q: none, tdx, sev-snp or auto is needed", s.Attestation)
	}
	t, err := tee.OpenTSM(s.Attestation)
	if err != nil {
		return nil, fmt.Errorf("--attestation %s: %w", s.Attestation, err)
	}
	if s.Endorsement != "" {
		if t.Endorsement, err = os.ReadFile(s.Endorsement); err != nil {
			return nil, fmt.Errorf("--endorsement: %w", err)
		}
	}
	return t, nil
}
