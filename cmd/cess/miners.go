package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/internal/config"
	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
)

func minersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "miners <file>",
		Short: "Run many storage miners in one process",
		Long: `Runs the miners of a YAML file in one process. The settings of each are those of
` + "`cess miner run`" + `; what stands under all holds for each that does not say otherwise:

  heavy: 2              # heavy computations at once, over all miners
  all:
    node: ws://127.0.0.1:9944
    reserve-mib: 4096
  miners:
    - name: disk1
      home: /disk1/cess
      key: "@/etc/cess/disk1.key"
      listen: 0.0.0.0:15001
      endpoint: http://203.0.113.7:15001
    - name: disk2
      home: /disk2/cess
      key: "@/etc/cess/disk2.key"
      listen: 0.0.0.0:15002
      endpoint: http://203.0.113.7:15002`,
		Example: `  cess miners fleet.yaml
  cess miners fleet.yaml --admin 127.0.0.1:15900 --log-json`,
		GroupID: "run",
		Args:    cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.String("log-level", "info", "debug, info, warn or error")
	f.Bool("log-json", false, "log as JSON")
	f.String("admin", "", "host:port of /metrics, /healthz and /readyz; keep it on loopback")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var c common
		if err := config.Load("miners", "", cmd.Flags(), &c); err != nil {
			return err
		}
		fleet, err := readFleet(args[0])
		if err != nil {
			return err
		}
		log, err := daemon.Logger(os.Stderr, c.LogLevel, c.LogJSON)
		if err != nil {
			return err
		}
		admin, err := daemon.NewAdmin(c.Admin)
		if err != nil {
			return err
		}
		running, err := fleet.start(cmd.Context(), log, admin.Registry)
		if err != nil {
			return errors.Join(err, admin.Close())
		}
		return daemon.Run(cmd.Context(), log, admin, running)
	}
	return cmd
}

// fleet is what a file of miners says.
type fleet struct {
	heavy  int64
	names  []string
	miners []miner.Config
}

// readFleet reads a file of miners. Misspelt settings are errors.
func readFleet(path string) (*fleet, error) {
	k := koanf.New(".")
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range k.MapKeys("") {
		if name != "heavy" && name != "all" && name != "miners" {
			return nil, fmt.Errorf("%s: unknown setting %q", path, name)
		}
	}
	f := &fleet{heavy: k.Int64("heavy")}
	if f.heavy == 0 {
		f.heavy = 2
	}
	if f.heavy < 1 {
		return nil, fmt.Errorf("%s: heavy is %d", path, f.heavy)
	}
	list := k.Slices("miners")
	if len(list) == 0 {
		return nil, fmt.Errorf("%s names no miners", path)
	}
	for i, own := range list {
		name := own.String("name")
		if name == "" {
			name = fmt.Sprintf("miner-%d", i+1)
		}
		own.Delete("name")
		cfg, err := minerOf(k.Cut("all"), own)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
		f.names, f.miners = append(f.names, name), append(f.miners, cfg)
	}
	return f, f.check()
}

// minerOf reads the settings of one miner over those of all and the defaults,
// which are those of the flags.
func minerOf(all, own *koanf.Koanf) (miner.Config, error) {
	cmd := &cobra.Command{}
	cmd.Flags().String("node", envOr("CESS_NODE", defaultNode), "")
	minerFlags(cmd)
	k := koanf.New(".")
	for _, part := range []*koanf.Koanf{all, own} {
		for _, name := range part.Keys() {
			if cmd.Flags().Lookup(name) == nil {
				return miner.Config{}, fmt.Errorf("unknown setting %q", name)
			}
		}
		if err := k.Merge(part); err != nil {
			return miner.Config{}, err
		}
	}
	if err := k.Load(posflag.Provider(cmd.Flags(), ".", k), nil); err != nil { // what is not set yet
		return miner.Config{}, err
	}
	var s minerSettings
	if err := k.Unmarshal("", &s); err != nil {
		return miner.Config{}, err
	}
	return s.config()
}

// check finds miners that would be in each other's way.
func (f *fleet) check() error {
	homes, accounts, listens := map[string]string{}, map[types.Address]string{}, map[string]string{}
	for i, c := range f.miners {
		home, err := filepath.Abs(c.Home)
		if err != nil {
			return err
		}
		account := types.Address(c.Signer.AccountID())
		for _, clash := range []struct{ what, other string }{
			{"folder", homes[home]}, {"account", accounts[account]}, {"address to listen on", listens[c.Listen]},
		} {
			if clash.other != "" {
				return fmt.Errorf("%s and %s have the same %s", clash.other, f.names[i], clash.what)
			}
		}
		homes[home], accounts[account], listens[c.Listen] = f.names[i], f.names[i], f.names[i]
	}
	return nil
}

// start starts all miners, or none.
func (f *fleet) start(ctx context.Context, log *slog.Logger, registry *prometheus.Registry) (*runningFleet, error) {
	heavy := semaphore.NewWeighted(f.heavy)
	r := &runningFleet{miners: make([]*miner.Miner, len(f.miners))}
	var group errgroup.Group
	for i, cfg := range f.miners {
		cfg.Heavy, cfg.Logger = heavy, log.With("name", f.names[i])
		cfg.Registry = prometheus.WrapRegistererWith(prometheus.Labels{"miner": f.names[i]}, registry)
		group.Go(func() (err error) {
			r.miners[i], err = miner.Start(ctx, cfg)
			if err != nil {
				return fmt.Errorf("%s: %w", f.names[i], err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// runningFleet is the miners of a file as one role.
type runningFleet struct{ miners []*miner.Miner }

// Err is the first failure of a miner.
func (r *runningFleet) Err() error {
	for _, m := range r.miners {
		if err := m.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Close stops all miners at once.
func (r *runningFleet) Close() error {
	errs := make([]error, len(r.miners))
	var group errgroup.Group
	for i, m := range r.miners {
		if m != nil {
			group.Go(func() error {
				errs[i] = m.Close()
				return nil
			})
		}
	}
	_ = group.Wait() // the errors are in errs
	return errors.Join(errs...)
}
