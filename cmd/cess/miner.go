package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

type minerSettings struct {
	common       `koanf:",squash"`
	Home         string        `koanf:"home"`
	Node         string        `koanf:"node"`
	Key          string        `koanf:"key"`
	Listen       string        `koanf:"listen"`
	Endpoint     string        `koanf:"endpoint"`
	Beneficiary  string        `koanf:"beneficiary"`
	SpaceTiB     uint          `koanf:"space-tib"`
	ReserveMiB   uint64        `koanf:"reserve-mib"`
	Every        time.Duration `koanf:"every"`
	CollectEvery time.Duration `koanf:"collect-every"`
	DropAfter    time.Duration `koanf:"drop-after"`
}

func minerCommand() *cobra.Command {
	var s minerSettings
	cmd := &cobra.Command{
		Use:   "miner",
		Short: "Run a storage miner",
		Long: `Runs a storage miner: it registers its account, reserving 4,000 TCESS for each
TiB it declares, and then stores and serves fragments.`,
		Example: `  cess miner --key //Miner1 --home ./miner1 --listen 0.0.0.0:15001 --endpoint http://203.0.113.7:15001
  cess miner -c miner.yaml
  cess miner status --of cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc`,
		GroupID: "run",
		Args:    cobra.NoArgs,
	}
	commonFlags(cmd)
	f := cmd.Flags()
	f.String("home", "cess-miner", "folder for fragments; keep nothing else in it")
	f.String("key", "", "secret URI of the miner's account, - to read it, @file (required)")
	f.String("listen", "127.0.0.1:15001", "host:port of the fragment API")
	f.String("endpoint", "", "address that gateways reach the API at, published on chain (default http://<listen>)")
	f.String("beneficiary", "", "account that receives rewards (default the miner's own)")
	f.Uint("space-tib", 1, "space to declare when registering, in TiB")
	f.Uint64("reserve-mib", 2048, "disk space that stays free, in MiB")
	f.Duration("every", 6*time.Second, "pause between looks at what there is to do")
	f.Duration("collect-every", 10*time.Minute, "pause between looks for deleted files")
	f.Duration("drop-after", 24*time.Hour, "how long fragments stay that the chain does not know")
	cmd.RunE = role[minerSettings]{
		name: "miner", settings: &s,
		common: func(s *minerSettings) common { return s.common },
		start: func(ctx context.Context, s *minerSettings, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error) {
			key, err := signer(crypto.Sr25519, s.Key)
			if err != nil {
				return nil, err
			}
			var beneficiary *substrate.AccountID
			if s.Beneficiary != "" {
				account, err := types.ParseAddress(s.Beneficiary)
				if err != nil {
					return nil, err
				}
				beneficiary = &account
			}
			if s.SpaceTiB > math.MaxUint32 {
				return nil, fmt.Errorf("--space-tib %d is too much", s.SpaceTiB)
			}
			return miner.Start(ctx, miner.Config{
				Home: s.Home, Chain: s.Node, Signer: key, Listen: s.Listen, Endpoint: s.Endpoint,
				Beneficiary: beneficiary, SpaceTiB: uint32(s.SpaceTiB), ReserveBytes: s.ReserveMiB << 20,
				Every: s.Every, CollectEvery: s.CollectEvery, DropAfter: s.DropAfter,
				Registry: admin.Registry, Logger: log,
			})
		},
	}.run
	cmd.AddCommand(minerStatus())
	return cmd
}

func minerStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the chain knows of a miner, or of all",
		Example: `  cess miner status
  cess miner status --of cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "one miner's address")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		entries, err := sdk.List(cmd.Context(), c.Best(), sminer.Miners)
		if err != nil {
			return err
		}
		type row struct {
			Miner    types.Address `json:"miner"`
			State    string        `json:"state"`
			Endpoint string        `json:"endpoint"`
			Idle     string        `json:"idleSpace"`
			Locked   string        `json:"lockSpace"`
			Service  string        `json:"serviceSpace"`
		}
		var rows []row
		for _, e := range entries {
			if a := types.Address(e.Key); *of == "" || a.String() == *of {
				rows = append(rows, row{a, string(e.Value.State), string(e.Value.Endpoint),
					e.Value.IdleSpace.String(), e.Value.LockSpace.String(), e.Value.ServiceSpace.String()})
			}
		}
		if *of != "" && len(rows) == 0 {
			return fmt.Errorf("%s is not a miner of this chain", *of)
		}
		return show(cmd, rows, func(w io.Writer) {
			fmt.Fprintln(w, "MINER\tSTATE\tIDLE\tLOCKED\tSERVICE\tENDPOINT")
			for _, r := range rows {
				fmt.Fprintf(w, "%v\t%s\t%s\t%s\t%s\t%s\n", r.Miner, r.State, r.Idle, r.Locked, r.Service, r.Endpoint)
			}
		})
	}
	return cmd
}
