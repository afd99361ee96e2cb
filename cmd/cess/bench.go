package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
	"github.com/gocess/gocess/primitives/crypto"
)

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: chain, files, proofs, development network",
		Long: `Measures what the project promises, each figure beside its budget and a
baseline. Run it on an idle machine; reports say how busy it was.`,
		GroupID: "dev",
	}
	cmd.PersistentFlags().Bool("markdown", false, "print the report as a section of a document")
	cmd.AddCommand(benchChain(), benchFile(), benchRestore(), benchDevnet(), benchPoIS(), benchPoDR2(), benchAudit(), benchSync(), benchRPC())
	return cmd
}

// showReport prints a report in the form that is asked for.
func showReport(cmd *cobra.Command, r *bench.Report) error {
	if markdown, err := cmd.Flags().GetBool("markdown"); err != nil || markdown {
		return errors.Join(err, r.Markdown(cmd.OutOrStdout()))
	}
	if !asJSON(cmd) {
		return r.Print(cmd.OutOrStdout())
	}
	return show(cmd, r, nil)
}

// scratch is a temporary folder, in the one that is given if any.
func scratch(parent string) (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(parent, "cess-bench-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// ownProcesses is what a benchmark needs that runs this program in processes of
// its own: the program, and a scratch folder for their data.
func ownProcesses(parent string) (binary, dir string, remove func(), err error) {
	if binary, err = os.Executable(); err != nil {
		return "", "", nil, err
	}
	dir, remove, err = scratch(parent)
	return binary, dir, remove, err
}

func benchChain() *cobra.Command {
	b := chainBench{cfg: bench.TransferConfig{}}
	cmd := &cobra.Command{
		Use:   "chain",
		Short: "Signed transfers per second that become final",
		Long: `Runs a chain whose validators are processes of their own and sends one of them signed
sr25519 transfers over WebSocket as fast as it takes them: a fixed number is
under way at any time. What counts is final and succeeded. For comparison
CometBFT's own example application, without signatures, JSON-RPC or state root,
is fed in the same manner in this process.

With --node a running chain is measured instead; --from pays for the accounts.`,
		Example: `  cess bench chain
  cess bench chain --seconds 20 --accounts 2000 --json
  cess bench chain --validators 4 --block-time 1s
  cess bench chain --node ws://127.0.0.1:9944 --from //Alice`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.IntVar(&b.seconds, "seconds", 60, "time to measure, in seconds")
	f.IntVar(&b.validators, "validators", 1, "validators of the chain that is made, and of the example application's")
	f.IntVar(&b.cfg.Accounts, "accounts", 1000, "accounts that send to one another")
	f.IntVar(&b.cfg.Window, "window", 20_000, "transfers that are sent and not yet in a block")
	f.IntVar(&b.cfg.PreSigned, "presign", -1, "transfers to sign before the load begins (default enough for 8,000 a second)")
	f.DurationVar(&b.blockTime, "block-time", 500*time.Millisecond, "interval between blocks of the chain that is made")
	f.IntVar(&b.ceiling, "ceiling", 20, "seconds to measure CometBFT's example application; 0 leaves it out")
	f.StringVar(&b.from, "from", "//Alice", "with --node: secret URI of the account that pays")
	f.StringVar(&b.dir, "dir", "", "where to put the chain's data (default the temporary folder)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if b.seconds < 1 || b.ceiling < 0 || b.validators < 1 {
			return errors.New("--seconds and --validators must be at least 1, --ceiling at least 0")
		}
		return b.run(cmd)
	}
	return cmd
}

const benchWarmup = 5 * time.Second

type chainBench struct {
	cfg              bench.TransferConfig
	seconds, ceiling int
	validators       int
	blockTime        time.Duration
	from, dir        string
}

func (b *chainBench) run(cmd *cobra.Command) error {
	b.cfg.Warmup, b.cfg.Duration = benchWarmup, time.Duration(b.seconds)*time.Second
	if b.cfg.PreSigned < 0 {
		b.cfg.PreSigned = 8000 * (b.seconds + int(benchWarmup/time.Second))
	}
	if err := b.cfg.Complete(); err != nil {
		return err
	}
	dir, remove, err := scratch(b.dir)
	if err != nil {
		return err
	}
	defer remove()
	title := "Chain: signed transfers"
	if b.validators > 1 {
		title += fmt.Sprintf(", %d validators on this machine", b.validators)
	}
	r := bench.NewReport(title)
	result, err := b.transfers(cmd, dir)
	if err != nil {
		return err
	}
	beside := "upstream publishes 700–1,000"
	if b.ceiling > 0 {
		say(cmd, "Measuring CometBFT's example application…")
		ceiling, err := bench.KVStore(cmd.Context(), bench.KVStoreConfig{
			Home: filepath.Join(dir, "kvstore"), Validators: b.validators, BlockTime: b.blockTime, Warmup: benchWarmup,
			Duration: time.Duration(b.ceiling) * time.Second, Window: b.cfg.Window, TxBytes: result.TxBytes,
		})
		if err != nil {
			return err
		}
		beside = fmt.Sprintf("CometBFT kvstore in process %.0f/s; %s", ceiling.Rate(), beside)
	}
	fillChain(r, result, beside, b.validators)
	r.Note("%d transfers of %d bytes in %d blocks and %.1f s, validators: %d, %d accounts, %d under way; every counted transfer is final, checked in the accounts' nonces and blocks' events",
		result.Transfers, result.TxBytes, result.Blocks, result.Elapsed.Seconds(), b.validators, b.cfg.Accounts, b.cfg.Window)
	return showReport(cmd, r)
}

func fillChain(r *bench.Report, result *bench.TransferResult, beside string, validators int) {
	seconds := result.Elapsed.Seconds()
	budget := "≥ 5,000/s"
	if validators > 1 {
		budget = "≥ 2,000/s with four validators"
	}
	r.Add(bench.Figure{What: "signed transfers, final", Value: result.Rate(), Unit: "/s", Budget: budget, Beside: beside})
	r.Add(bench.Figure{What: "in the slowest 10 s", Value: result.SlowestTen, Unit: "/s"})
	r.Add(bench.Figure{What: "interval between blocks", Value: seconds / float64(result.Blocks) * 1000, Unit: "ms"})
	r.Add(bench.Figure{What: "fullness of blocks, by weight", Value: 100 * result.Fullness, Unit: "%"})
	if result.Node.PeakRSS > 0 {
		r.Add(bench.Figure{What: "validator, CPU", Value: 100 * result.NodeCPU.Seconds() / seconds, Unit: "% of one"})
		r.Add(bench.Figure{What: "validator, peak resident", Value: float64(result.Node.PeakRSS) / miB, Unit: "MiB"})
	}
	r.Add(bench.Figure{What: "generator, CPU", Value: 100 * result.Generator.Seconds() / seconds, Unit: "% of one"})
}

// transfers loads the chain that --node names, or one of its own.
func (b *chainBench) transfers(cmd *cobra.Command, dir string) (result *bench.TransferResult, err error) {
	ctx, pid := cmd.Context(), 0
	if cmd.Flags().Changed("node") {
		if b.cfg.Node, err = cmd.Flags().GetString("node"); err != nil {
			return nil, err
		}
		if b.cfg.Fund, err = signer(crypto.Sr25519, b.from); err != nil {
			return nil, err
		}
	} else {
		binary, err := os.Executable()
		if err != nil {
			return nil, err
		}
		list, err := bench.StartValidators(ctx, binary, dir, b.blockTime, b.cfg.Accounts, b.validators)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, bench.StopValidators(list)) }()
		b.cfg.Node, pid = list[0].URL, list[0].PID()
	}
	say(cmd, "Signing %d transfers, then %v of load…", b.cfg.PreSigned, b.cfg.Warmup+b.cfg.Duration)
	if onTerminal() {
		b.cfg.Progress = func(block bench.Block) {
			say(cmd, "  block %d: %d transfers so far, %.0f %% full", block.Number, block.Included, 100*block.Fullness)
		}
	}
	return bench.Transfers(ctx, b.cfg, pid)
}

func benchDevnet() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "devnet",
		Short:   "Time until a development network can store files",
		Example: `  cess bench devnet`,
		Args:    cobra.NoArgs,
	}
	miners := cmd.Flags().Int("miners", 14, "number of miners")
	limit := cmd.Flags().Duration("timeout", 10*time.Minute, "how long one start may take")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		binary, dir, remove, err := ownProcesses("")
		if err != nil {
			return err
		}
		defer remove()
		r := bench.NewReport(fmt.Sprintf("Development network: time to ready, %d miners", *miners))
		for _, run := range []struct{ what, budget string }{
			{"new network: idle space generated and certified", "≤ 180 s"},
			{"the same network again", "≤ 5 s"},
		} {
			ready, err := devnetReady(cmd, binary, dir, *miners, *limit)
			if err != nil {
				return fmt.Errorf("%s: %w", run.what, err)
			}
			r.Add(bench.Figure{What: run.what, Value: ready.Seconds(), Unit: "s", Budget: run.budget})
		}
		return showReport(cmd, r)
	}
	return cmd
}
