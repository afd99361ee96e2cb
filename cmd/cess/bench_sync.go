package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
)

func benchSync() *cobra.Command {
	var b syncBench
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Blocks per second that a new node fetches and executes",
		Long: `Makes a chain with one validator in a process of its own, first with empty
blocks, then with another chain of blocks full of signed transfers, and starts a
new pruned node beside it, which verifies every signature and executes every
block.`,
		Example: `  cess bench sync
  cess bench sync --blocks 500 --load 20 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if b.blocks < 100 || b.load < 5 {
				return errors.New("--blocks must be at least 100, --load at least 5")
			}
			return b.run(cmd)
		},
	}
	f := cmd.Flags()
	f.Uint32Var(&b.blocks, "blocks", 1500, "empty blocks to fetch; the chain makes twenty a second")
	f.IntVar(&b.load, "load", 40, "seconds for which the second chain is fed with transfers")
	f.StringVar(&b.dir, "dir", "", "where to put the chains' data (default the temporary folder)")
	return cmd
}

type syncBench struct {
	blocks uint32
	load   int
	dir    string
}

func (b *syncBench) run(cmd *cobra.Command) error {
	binary, dir, remove, err := ownProcesses(b.dir)
	if err != nil {
		return err
	}
	defer remove()
	// Making the blocks takes most of the time; whatever goes wrong ends it.
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), b.limit(),
		fmt.Errorf("the measurement took more than %v", b.limit()))
	defer cancel()
	r := bench.NewReport("Block sync of a pruned node")
	empty, err := b.measure(ctx, cmd, binary, filepath.Join(dir, "empty"), blockTime, func(ctx context.Context, v *bench.Validator) error {
		say(cmd, "Making %d empty blocks…", b.blocks)
		return v.WaitHeight(ctx, b.blocks)
	})
	if err != nil {
		return b.explain(ctx, err)
	}
	full, err := b.measure(ctx, cmd, binary, filepath.Join(dir, "full"), 250*time.Millisecond, func(ctx context.Context, v *bench.Validator) error {
		say(cmd, "Making blocks full of transfers for %d s…", b.load)
		_, err := bench.Transfers(ctx, bench.TransferConfig{
			Node: v.URL, Warmup: time.Second, Duration: time.Duration(b.load) * time.Second, PreSigned: 6000 * b.load,
		}, 0)
		return err
	})
	if err != nil {
		return b.explain(ctx, err)
	}
	perSecond := full.Rate() * full.PerBlock()
	r.Add(bench.Figure{What: "empty blocks", Value: empty.Rate(), Unit: "/s", Budget: "≥ 500/s"})
	r.Add(bench.Figure{What: "full blocks, of 1,000 transfers each", Value: perSecond / 1000, Unit: "/s", Budget: "≥ 50/s"})
	r.Add(bench.Figure{What: "transfers", Value: perSecond, Unit: "/s"})
	r.Add(bench.Figure{What: "new node, CPU per empty block", Value: 1e3 * empty.Node.CPU.Seconds() / float64(empty.Blocks), Unit: "ms"})
	r.Add(bench.Figure{What: "new node, CPU per transfer", Value: 1e6 * full.Node.CPU.Seconds() / float64(full.Extrinsics), Unit: "µs"})
	r.Add(bench.Figure{What: "new node, peak resident, full blocks", Value: float64(full.Node.PeakRSS) / miB, Unit: "MiB"})
	r.Note("%d empty blocks in %.1f s; %d blocks of %.0f extrinsics in %.1f s; the validator that serves them shares the machine and goes on making blocks",
		empty.Blocks, empty.Elapsed.Seconds(), full.Blocks, full.PerBlock(), full.Elapsed.Seconds())
	return showReport(cmd, r)
}

// blockTime is the interval between empty blocks. Shorter ones would leave less
// of the machine to the node that fetches them.
const blockTime = 50 * time.Millisecond

// limit is four times as long as it takes on an idle machine.
func (b *syncBench) limit() time.Duration {
	return 4 * (time.Duration(b.blocks)*blockTime + 2*time.Duration(b.load)*time.Second)
}

// explain says when the time was up.
func (b *syncBench) explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// measure makes a chain, fills it and lets a new node follow.
func (b *syncBench) measure(ctx context.Context, cmd *cobra.Command, binary, dir string, interval time.Duration, fill func(context.Context, *bench.Validator) error) (_ *bench.SyncResult, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	v, err := bench.StartValidator(ctx, binary, dir, interval, 1000)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Stop()) }()
	if err := fill(ctx, v); err != nil {
		return nil, err
	}
	say(cmd, "A new node fetches them…")
	return v.Sync(ctx, binary, dir, filepath.Join(dir, "new"))
}
