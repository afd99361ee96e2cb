package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
)

func chainCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "chain", Short: "Make and check chain specs", GroupID: "run"}
	cmd.AddCommand(chainDev(), chainCheck(), chainTrust())
	return cmd
}

func chainDev() *cobra.Command {
	var o genesis.DevOptions
	var miners []string
	var worker, endpoint, pace string
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Print the spec of a new development chain",
		Example: `  cess chain dev --tee //Tee --miner //Miner1 --miner //Miner2 > dev.json
  cess tee run --key //Tee --identity //Tee --stash-key //Alice//stash`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.GenesisTimeMs = uint64(time.Now().UnixMilli())
			for _, suri := range miners {
				o.Miners = append(o.Miners, genesis.DevMiner{SURI: suri})
			}
			if worker != "" {
				o.TEE = &genesis.DevTEE{SURI: worker, Endpoint: endpoint}
			}
			if err := setPace(&o.Pace, pace); err != nil {
				return err
			}
			spec, err := genesis.Dev(o)
			if err != nil {
				return err
			}
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			return enc.Encode(spec)
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&o.BlockTimeMs, "block-time", 1000, "target interval between blocks, in ms")
	f.IntVar(&o.Validators, "validators", 1, "number of seats, taken at first by //Alice, //Bob and so on")
	f.IntVar(&o.Candidates, "candidates", 0, "number of bonded candidates for the seats (default as many as --validators)")
	f.Uint32Var(&o.Pace.Epoch, "epoch", 0, "blocks of a session, of which six are an era (default by --pace)")
	f.StringArrayVar(&miners, "miner", nil, "secret URI of a miner, which gets tokens for its collateral")
	f.StringVar(&worker, "tee", "", "secret URI of the TEE worker that makes the shared keys; the first validator's stash answers for it")
	f.StringVar(&endpoint, "tee-endpoint", "http://127.0.0.1:19999", "where miners reach the TEE worker; only its stash can change it later")
	f.Uint64Var(&o.MinerIdleSpace, "miner-idle", 0, "register the miners with so many bytes of idle space that nobody certified")
	f.StringVar(&pace, "pace", "default", "of the mining economy: default has days of ten minutes, fast of half a minute")
	f.StringArrayVar(&o.Endowed, "endow", nil, "secret URI of a further account that gets tokens")
	return cmd
}

// setPace fills in a named pace; an epoch that is set stays.
func setPace(p *genesis.DevPace, name string) error {
	epoch := p.Epoch
	switch name {
	case "fast":
		*p = genesis.FastPace
	case "default":
		*p = genesis.DefaultPace
	default:
		return fmt.Errorf("--pace %s: choose default or fast", name)
	}
	switch {
	case epoch == 1:
		return errors.New("--epoch 1: a session has at least two blocks, for its validators have to be known two blocks ahead")
	case epoch > 1:
		p.Epoch = epoch
	}
	return nil
}

func chainCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check <file>",
		Short:   "Check a chain spec and show what it makes",
		Example: `  cess chain check dev.json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := genesis.Load(args[0])
			if err != nil {
				return err
			}
			rt, err := spec.Runtime()
			if err != nil {
				return err
			}
			state, err := spec.State(rt)
			if err != nil {
				return err
			}
			info := struct {
				Name    string `json:"name"`
				ID      string `json:"id"`
				Entries int    `json:"entries"`
			}{spec.Name, spec.ID, len(state)}
			return show(cmd, info, func(w io.Writer) {
				fmt.Fprintf(w, "Name\t%s\nId\t%s\nState entries\t%d\n", info.Name, info.ID, info.Entries)
			})
		},
	}
}

func chainTrust() *cobra.Command {
	return &cobra.Command{
		Use:   "trust <host:port>",
		Short: "Print a node's newest block as what a new node trusts",
		Long: `Asks a node's --light address for its newest block and prints the flags with
which a new node trusts it. The new node believes whoever names this block:
unless the node is your own, ask another source for the hash of the same height
too (http://host:port/header?height=H).`,
		Example: `  cess chain trust 127.0.0.1:9946
  cess node --spec chain.json --state-sync a:9946,b:9946 $(cess chain trust a:9946)`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			height, hash, err := consensus.LatestTrust(cmd.Context(), args[0])
			if err != nil {
				return fmt.Errorf("%w\n(the node must run with --light)", err)
			}
			trust := struct {
				Height uint64 `json:"height"`
				Hash   string `json:"hash"`
			}{height, hash}
			return show(cmd, trust, func(w io.Writer) {
				fmt.Fprintf(w, "--trust-height %d --trust-hash %s\n", height, hash)
			})
		},
	}
}
