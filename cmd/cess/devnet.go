package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/ledger/types"
)

func devnetCommand() *cobra.Command {
	var (
		cfg       devnet.Config
		data      string
		procs     bool
		demo      bool
		fast      bool
		pace      string
		readyFile string
		logLevel  string
	)
	cmd := &cobra.Command{
		Use:   "devnet",
		Short: "Run a whole network on this machine",
		Long: `Runs validators (one unless more are asked for), a TEE worker, miners and a gateway. The network answers
after seconds; the miners of a new one need about a minute until they have
generated and certified idle space. With --data the network is kept and goes
on where it was. Ctrl-C stops all of it.`,
		Example: `  cess devnet
  cess devnet --data ./net --procs --ready-file ready.json
  cess devnet --validators 4 --candidates 7 --epoch 10   # four seats, elected every 60 blocks
  cess devnet --demo        # also stores a file and fetches it back
  cess devnet --accelerate  # days of half a minute: rewards, a miner that fails, repair`,
		GroupID: "run",
		Args:    cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "folder that keeps the network (default a temporary one)")
	f.BoolVar(&procs, "procs", false, "run each node as a process of its own")
	f.IntVar(&cfg.Miners, "miners", 14, "number of miners, at least 12")
	f.IntVar(&cfg.Validators, "validators", 1, "number of a new network's validators, elected anew each era")
	f.IntVar(&cfg.Candidates, "candidates", 0, "number of candidates for the seats, each with a node (default as many as --validators)")
	f.Uint32Var(&cfg.Pace.Epoch, "epoch", 0, "blocks of a new network's session, of which six are an era (default by --pace: 10, or 5 if fast)")
	f.IntVar(&cfg.PortBase, "port-base", 9944, "first port: JSON-RPC, then p2p, gateway, TEE worker, miners from +10 on, further validators after them")
	f.DurationVar(&cfg.BlockTime, "block-time", time.Second, "target interval between blocks, for a new network")
	f.StringVar(&pace, "pace", "default", "of a new network's mining economy: default has days of ten minutes, fast of half a minute")
	f.StringVar(&readyFile, "ready-file", "", "file to write as JSON when the network can store files")
	f.BoolVar(&demo, "demo", false, "store a file and fetch it back when the network is ready")
	f.BoolVar(&fast, "accelerate", false, "with --pace fast: store a file, let a miner vanish, and show what follows")
	f.StringVar(&logLevel, "log-level", "warn", "debug, info, warn or error")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if cfg.Logger, err = daemon.Logger(os.Stderr, logLevel, false); err != nil {
			return err
		}
		cfg.Dir = data
		if data == "" {
			if cfg.Dir, err = os.MkdirTemp("", "cess-devnet-"); err != nil {
				return err
			}
			defer os.RemoveAll(cfg.Dir)
		}
		if procs {
			if cfg.Binary, err = os.Executable(); err != nil {
				return err
			}
		}
		if fast {
			pace = "fast"
		}
		if err := setPace(&cfg.Pace, pace); err != nil {
			return err
		}
		return runDevnet(cmd, cfg, devnetOptions{readyFile: readyFile, demo: demo || fast, economy: fast})
	}
	return cmd
}

type devnetOptions struct {
	readyFile string
	demo      bool // store a file and fetch it back
	economy   bool // let a miner vanish and tell what happens
}

func runDevnet(cmd *cobra.Command, cfg devnet.Config, o devnetOptions) error {
	ctx := cmd.Context()
	say(cmd, "Starting a network with %d miners…", cfg.Miners)
	began := time.Now()
	n, err := devnet.Start(ctx, cfg)
	if err != nil {
		return err
	}
	say(cmd, "All nodes answer after %v.", time.Since(began).Round(100*time.Millisecond))
	if err := show(cmd, n.Info, func(w io.Writer) { describe(w, n.Info) }); err != nil {
		return closeWith(n, err)
	}
	if err := n.WaitStorage(ctx, func(done, all int) {
		say(cmd, "%d of %d miners have certified idle space.", done, all)
	}); err != nil {
		if ctx.Err() != nil {
			return n.Close()
		}
		return closeWith(n, err)
	}
	say(cmd, "Ready to store files after %v.", time.Since(began).Round(100*time.Millisecond))
	if o.readyFile != "" {
		if err := n.Info.Write(o.readyFile); err != nil {
			return closeWith(n, err)
		}
		defer os.Remove(o.readyFile)
	}
	var fid types.Hash
	if o.demo {
		if fid, err = runDemo(ctx, cmd, n.Info); err != nil {
			return closeWith(n, fmt.Errorf("demo: %w", err))
		}
	}
	if o.economy {
		return closeWith(n, runEconomy(ctx, cmd, n, fid))
	}
	say(cmd, "The network keeps running. Press Ctrl-C to stop it.")
	return wait(ctx, n)
}

// wait returns when ctx ends or a node fails; either way nothing is left
// running.
func wait(ctx context.Context, n *devnet.Network) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return n.Close()
		case <-t.C:
			if err := n.Err(); err != nil {
				return closeWith(n, err)
			}
		}
	}
}

func closeWith(n *devnet.Network, err error) error {
	return errors.Join(err, n.Close())
}

func describe(w io.Writer, i *devnet.Info) {
	fmt.Fprintf(w, "JSON-RPC\t%s\t%s\n", i.RPCWS, i.RPCHTTP)
	fmt.Fprintf(w, "Gateway\t%s\n", i.Gateway)
	for _, a := range i.Accounts {
		fmt.Fprintf(w, "%s\t%v\t%s\n", a.Name, a.Address, a.SURI)
	}
	fmt.Fprint(w, `
Try, in another terminal:
  cess territory mint photos --gib 1 --from //Alice
  cess gateway authorize --from //Alice
  cess file put holiday.jpg --territory photos --from //Alice
  cess query Sminer.AllMiner
`)
}
