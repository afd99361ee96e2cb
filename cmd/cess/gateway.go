package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/primitives/crypto"
)

type gatewaySettings struct {
	common        `koanf:",squash"`
	Home          string        `koanf:"home"`
	Node          string        `koanf:"node"`
	Key           string        `koanf:"key"`
	Listen        string        `koanf:"listen"`
	Domain        string        `koanf:"domain"`
	CacheMiB      int64         `koanf:"cache-mib"`
	ReserveMiB    uint64        `koanf:"reserve-mib"`
	ReportTimeout time.Duration `koanf:"report-timeout"`
	RequireExpiry bool          `koanf:"require-expiry"`
	MaxFileMiB    int64         `koanf:"max-file-mib"`
}

func gatewayCommand() *cobra.Command {
	var s gatewaySettings
	cmd := &cobra.Command{
		Use:   "gateway",
		Short: "Run a gateway: users store and fetch files through it over HTTP",
		Long: `Runs a DeOSS gateway: it registers its account, takes files over HTTP, spreads
them over miners and serves them. Users let it act for them with
` + "`cess gateway authorize`.",
		Example: `  cess gateway --key //Gateway --home ./gateway --listen 0.0.0.0:9946 --domain files.example.com
  cess gateway -c gateway.yaml
  cess gateway authorize --from //Alice`,
		GroupID: "run",
		Args:    cobra.NoArgs,
	}
	commonFlags(cmd)
	f := cmd.Flags()
	f.String("home", "cess-gateway", "folder for files under way and the cache; keep nothing else in it")
	f.String("key", "", "secret URI of the gateway's account, - to read it, @file (required)")
	f.String("listen", "127.0.0.1:9946", "host:port of the HTTP API")
	f.String("domain", "", "public name or address, published on chain (default the one listened on)")
	f.Int64("cache-mib", 16<<10, "fragments of stored files that stay on disk, in MiB; 0 keeps none")
	f.Uint64("reserve-mib", 10<<10, "disk space that stays free, in MiB")
	f.Duration("report-timeout", 30*time.Minute, "how long a miner may take to report its fragments before another gets them")
	f.Bool("require-expiry", false, "refuse signed messages that are valid for ever")
	f.Int64("max-file-mib", 0, "largest file, in MiB (default what a file may have on chain)")
	cmd.RunE = role[gatewaySettings]{
		name: "gateway", settings: &s,
		common: func(s *gatewaySettings) common { return s.common },
		start: func(ctx context.Context, s *gatewaySettings, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error) {
			cfg, err := s.config()
			if err != nil {
				return nil, err
			}
			cfg.Registry, cfg.Logger = admin.Registry, log
			return gateway.Start(ctx, cfg)
		},
	}.run
	cmd.AddCommand(gatewayAuthorize(), gatewayRevoke(), gatewayList())
	return cmd
}

func (s *gatewaySettings) config() (gateway.Config, error) {
	const most = math.MaxInt64 / miB
	if s.CacheMiB < 0 || s.CacheMiB > most || s.MaxFileMiB < 0 || s.MaxFileMiB > most || s.ReserveMiB > most {
		return gateway.Config{}, fmt.Errorf("a size in MiB is below 0 or above %d", int64(most))
	}
	key, err := signer(crypto.Sr25519, s.Key)
	if err != nil {
		return gateway.Config{}, fmt.Errorf("--key: %w", err)
	}
	cfg := gateway.Config{
		Home: s.Home, Chain: s.Node, Signer: key, Listen: s.Listen, Domain: s.Domain,
		CacheBytes: s.CacheMiB * miB, ReserveBytes: s.ReserveMiB * miB, ReportTimeout: s.ReportTimeout,
		RequireExpiry: s.RequireExpiry, MaxFileBytes: s.MaxFileMiB * miB,
	}
	if s.CacheMiB == 0 {
		cfg.CacheBytes = -1 // 0 would mean the default
	}
	if s.ReserveMiB == 0 {
		cfg.ReserveBytes = 1
	}
	return cfg, nil
}
