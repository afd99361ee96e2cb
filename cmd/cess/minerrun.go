package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/config"
	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

type minerSettings struct {
	common         `koanf:",squash"`
	Home           string        `koanf:"home"`
	Node           string        `koanf:"node"`
	Key            string        `koanf:"key"`
	Listen         string        `koanf:"listen"`
	Endpoint       string        `koanf:"endpoint"`
	Beneficiary    string        `koanf:"beneficiary"`
	StakingAccount string        `koanf:"staking-account"`
	SpaceTiB       uint          `koanf:"space-tib"`
	MaxSpaceMiB    uint64        `koanf:"max-space-mib"`
	ReserveMiB     uint64        `koanf:"reserve-mib"`
	Cores          int           `koanf:"cores"`
	CPUShare       float64       `koanf:"cpu-share"`
	DiskMiB        uint64        `koanf:"disk-mib-per-second"`
	NoIdle         bool          `koanf:"no-idle"`
	IdleGoalGiB    uint64        `koanf:"idle-goal-gib"`
	TEEs           []string      `koanf:"tee"`
	AllowPrivate   bool          `koanf:"allow-private"`
	MaxClaims      int           `koanf:"max-claims"`
	Every          time.Duration `koanf:"every"`
	SpaceEvery     time.Duration `koanf:"space-every"`
	RestoreEvery   time.Duration `koanf:"restore-every"`
	ClaimEvery     time.Duration `koanf:"claim-every"`
	CheckEvery     time.Duration `koanf:"check-every"`
	CollectEvery   time.Duration `koanf:"collect-every"`
	DropAfter      time.Duration `koanf:"drop-after"`
	MaxRetry       time.Duration `koanf:"max-retry"`
}

// minerFlags are the settings of a miner; a YAML file has the same names.
func minerFlags(cmd *cobra.Command) {
	commonFlags(cmd)
	f := cmd.Flags()
	f.String("home", "cess-miner", "folder for all data; keep nothing else in it")
	f.String("key", "", "secret URI of the miner's account, - to read it, @file (required)")
	f.String("listen", "127.0.0.1:15001", "host:port of the fragment API")
	f.String("endpoint", "", "address that gateways reach the API at, published on chain (default http://<listen>)")
	f.String("beneficiary", "", "account that receives rewards (default the miner's own)")
	f.String("staking-account", "", "account that pays the collateral, with `cess miner stake` (default the miner's own)")
	f.Uint("space-tib", 1, "space to declare when registering, in TiB")
	f.Uint64("max-space-mib", 0, "most disk to use, in MiB (default what --space-tib says)")
	f.Uint64("reserve-mib", 2048, "disk space that stays free, in MiB")
	f.Int("cores", 1, "cores that generate idle files")
	f.Float64("cpu-share", 1, "share of each of these cores, above 0 up to 1")
	f.Uint64("disk-mib-per-second", 0, "how fast idle files are written at most, in MiB/s (default no limit)")
	f.Bool("no-idle", false, "generate no idle files")
	f.Uint64("idle-goal-gib", 0, "idle space to keep ready for data, in GiB (default all declared space; less earns less)")
	f.StringSlice("tee", nil, "use only these TEE workers: public keys in hex")
	f.Bool("allow-private", false, "fetch fragments from private addresses too: for networks on one machine")
	f.Int("max-claims", 4, "restoral orders worked on at once")
	f.Duration("every", 6*time.Second, "pause between looks at what there is to do")
	f.Duration("space-every", 30*time.Second, "pause between looks at idle space")
	f.Duration("restore-every", 5*time.Minute, "pause between looks for lost fragments and restoral orders")
	f.Duration("claim-every", 24*time.Hour, "pause between claims of rewards; negative: never by itself")
	f.Duration("check-every", 7*24*time.Hour, "pause between checks of all data; negative: never")
	f.Duration("collect-every", 10*time.Minute, "pause between looks for deleted files")
	f.Duration("drop-after", 24*time.Hour, "how long fragments stay that the chain does not know")
	f.Duration("max-retry", 2*time.Minute, "longest pause after failures")
}

func minerRun() *cobra.Command {
	var s minerSettings
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a storage miner",
		Long: `Runs a storage miner: it registers its account, makes and certifies idle files,
stores, tags and serves fragments, answers challenges and restores what is lost.
Without a chain node or a TEE worker it waits, and serves what it has.`,
		Example: `  cess miner run -c miner.yaml
  cess miner run --key //Miner1 --home ./miner1 --listen 0.0.0.0:15001 --endpoint http://203.0.113.7:15001`,
		Args: cobra.NoArgs,
	}
	minerFlags(cmd)
	cmd.RunE = role[minerSettings]{
		name: "miner", settings: &s,
		common: func(s *minerSettings) common { return s.common },
		start: func(ctx context.Context, s *minerSettings, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error) {
			cfg, err := s.config()
			if err != nil {
				return nil, err
			}
			cfg.Registry, cfg.Logger = admin.Registry, log
			return miner.Start(ctx, cfg)
		},
	}.run
	return cmd
}

// load fills the settings of a command that has minerFlags.
func (s *minerSettings) load(cmd *cobra.Command) (miner.Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return miner.Config{}, err
	}
	if err := config.Load("miner", path, cmd.Flags(), s); err != nil {
		return miner.Config{}, err
	}
	return s.config()
}

func (s *minerSettings) config() (miner.Config, error) {
	const most = math.MaxInt64 / miB
	if s.ReserveMiB > most || s.MaxSpaceMiB > most || s.DiskMiB > most || s.IdleGoalGiB > math.MaxInt64/giB {
		return miner.Config{}, fmt.Errorf("a size is above %d MiB", int64(most))
	}
	if s.SpaceTiB > math.MaxUint32 {
		return miner.Config{}, fmt.Errorf("--space-tib %d is too much", s.SpaceTiB)
	}
	key, err := signer(crypto.Sr25519, s.Key)
	if err != nil {
		return miner.Config{}, fmt.Errorf("--key: %w", err)
	}
	cfg := miner.Config{
		Home: s.Home, Chain: s.Node, Signer: key, Listen: s.Listen, Endpoint: s.Endpoint,
		SpaceTiB: uint32(s.SpaceTiB), MaxSpaceBytes: s.MaxSpaceMiB * miB, ReserveBytes: s.ReserveMiB * miB,
		Cores: s.Cores, CPUShare: s.CPUShare, DiskBytesPerSecond: s.DiskMiB * miB, NoIdle: s.NoIdle, IdleGoalBytes: s.IdleGoalGiB * giB,
		AllowPrivate: s.AllowPrivate, MaxClaims: s.MaxClaims,
		Every: s.Every, SpaceEvery: s.SpaceEvery, RestoreEvery: s.RestoreEvery, ClaimEvery: s.ClaimEvery,
		CheckEvery: s.CheckEvery, CollectEvery: s.CollectEvery, DropAfter: s.DropAfter, MaxRetry: s.MaxRetry,
	}
	if cfg.Beneficiary, err = optionalAccount("--beneficiary", s.Beneficiary); err != nil {
		return cfg, err
	}
	if cfg.StakingAccount, err = optionalAccount("--staking-account", s.StakingAccount); err != nil {
		return cfg, err
	}
	for _, text := range s.TEEs {
		b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
		if err != nil || len(b) != len(types.WorkerPublicKey{}) {
			return cfg, fmt.Errorf("--tee %s: a public key of 64 hex digits is needed", text)
		}
		cfg.TEEs = append(cfg.TEEs, types.WorkerPublicKey(b))
	}
	return cfg, nil
}

func optionalAccount(flag, text string) (*substrate.AccountID, error) {
	if text == "" {
		return nil, nil
	}
	id, err := parseAccount(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	account := substrate.AccountID(id)
	return &account, nil
}
