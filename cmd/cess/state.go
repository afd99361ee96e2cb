package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/nodes/validator"
)

func stateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look after the state in a node's folder: export, import, prune, verify",
		Long: `Works on the folder of a chain node that does not run. The state is that
after the node's newest block, and those before it that the node retains.`,
		GroupID: "run",
	}
	cmd.PersistentFlags().String("home", "cess-node", "the node's folder")
	cmd.AddCommand(stateInfo(), stateExport(), stateImport(), statePrune(), stateVerify())
	return cmd
}

// openState opens the state of the node that --home names.
func openState(cmd *cobra.Command, opts ...state.Option) (*state.Store, error) {
	home, err := cmd.Flags().GetString("home")
	if err != nil {
		return nil, err
	}
	store, err := consensus.OpenState(home, append(opts, state.WithBackgroundPruning(false))...)
	return store, explainState(home, err)
}

// explainState says what to try when a node's state cannot be opened.
func explainState(home string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w\n(name a node's folder with --home)", err)
	case err != nil:
		return fmt.Errorf("%w\n(if a node runs on %s, stop it first)", err, home)
	}
	return nil
}

type stateReport struct {
	Oldest    uint64 `json:"oldest"`
	Newest    uint64 `json:"newest"`
	Root      string `json:"root"`
	DiskBytes uint64 `json:"diskBytes"`
}

func stateInfo() *cobra.Command {
	return &cobra.Command{
		Use:     "info",
		Short:   "Show which states a node's folder holds",
		Example: `  cess state info --home ./node`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			store, err := openState(cmd)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			return showState(cmd, store)
		},
	}
}

func showState(cmd *cobra.Command, store *state.Store) error {
	newest, ok := store.Height()
	if !ok {
		return errors.New("the folder holds no state yet")
	}
	view, err := store.At(newest)
	if err != nil {
		return err
	}
	defer view.Close()
	oldest, _ := store.Oldest()
	r := stateReport{oldest, newest, fmt.Sprintf("0x%x", view.Root()), store.Metrics().DiskBytes}
	return show(cmd, r, func(w io.Writer) {
		fmt.Fprintf(w, "Blocks\t%d to %d\nState root\t%s\nOn disk\t%.1f MiB\n", r.Oldest, r.Newest, r.Root, float64(r.DiskBytes)/miB)
	})
}

func stateExport() *cobra.Command {
	var spec string
	cmd := &cobra.Command{
		Use:   "export <file>",
		Short: "Write the newest state to a file, or to standard output with -",
		Long: `Writes the state after the node's newest block, with what a node needs to go
on from it, to a file that "cess state import" reads.`,
		Example: `  cess state export --home ./node --spec chain.json state.cess
  cess state export --home ./node --spec chain.json - | zstd > state.cess.zst`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := cmd.Flags().GetString("home")
			if err != nil {
				return err
			}
			chain, err := genesis.Load(spec)
			if err != nil {
				return fmt.Errorf("%w\n(name the chain with --spec)", err)
			}
			tell := every(2*time.Second, func(n int64) { say(cmd, "  %.1f MiB written", float64(n)/miB) })
			if args[0] == "-" {
				s, err := consensus.Export(cmd.Context(), home, chain.ID, cmd.OutOrStdout(), tell)
				if err != nil {
					return explainState(home, err)
				}
				say(cmd, "Block %d, state root 0x%x, %d entries, %.1f MiB.", s.Block.Number, s.Root, s.Pairs, float64(s.Bytes)/miB)
				return nil
			}
			f, err := durable.Create(args[0], 0o644)
			if err != nil {
				return err
			}
			defer f.Discard()
			s, err := consensus.Export(cmd.Context(), home, chain.ID, f, tell)
			if err != nil {
				return explainState(home, err)
			}
			if err := f.Commit(); err != nil {
				return err
			}
			return showTransfer(cmd, s)
		},
	}
	cmd.Flags().StringVar(&spec, "spec", "", "chain spec file (required)")
	return cmd
}

func showTransfer(cmd *cobra.Command, s *consensus.Summary) error {
	r := struct {
		Block   uint32 `json:"block"`
		Hash    string `json:"hash"`
		Root    string `json:"root"`
		Entries uint64 `json:"entries"`
		Bytes   int64  `json:"bytes"`
	}{s.Block.Number, fmt.Sprintf("0x%x", s.Block.Hash[:]), fmt.Sprintf("0x%x", s.Root), s.Pairs, s.Bytes}
	return show(cmd, r, func(w io.Writer) {
		fmt.Fprintf(w, "Block\t%d\t%s\nState root\t%s\nEntries\t%d\nSize\t%.1f MiB\n", r.Block, r.Hash, r.Root, r.Entries, float64(r.Bytes)/miB)
	})
}

// every calls tell at most once per interval.
func every(interval time.Duration, tell func(int64)) func(int64) {
	last := time.Now()
	return func(n int64) {
		if time.Since(last) >= interval {
			last = time.Now()
			tell(n)
		}
	}
}

func stateImport() *cobra.Command {
	var spec string
	cmd := &cobra.Command{
		Use:   "import <file>",
		Short: "Fill a new node's folder from an exported state, or from standard input with -",
		Long: `Fills the folder of a node that has no blocks yet, or whose part "state" was
removed. The state root is computed again from all entries. Whether the chain
has this state is checked when the node starts: by executing the blocks that the
folder still has after it, or, in a new folder, with --state-sync.`,
		Example: `  cess state import --home ./new --spec chain.json state.cess
  cess node --home ./new --spec chain.json --state-sync a:9946,b:9946 $(cess chain trust a:9946)`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := cmd.Flags().GetString("home")
			if err != nil {
				return err
			}
			chain, err := genesis.Load(spec)
			if err != nil {
				return fmt.Errorf("%w\n(name the chain with --spec)", err)
			}
			in, size := io.Reader(cmd.InOrStdin()), int64(0)
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if info, err := f.Stat(); err == nil {
					size = info.Size()
				}
				in = f
			}
			bar := startProgress(cmd, "import", size)
			s, err := validator.Import(cmd.Context(), validator.Config{Home: home, Spec: chain}, in, bar.set)
			bar.done()
			if err != nil {
				return err
			}
			return showTransfer(cmd, s)
		},
	}
	cmd.Flags().StringVar(&spec, "spec", "", "chain spec file (required)")
	return cmd
}

func statePrune() *cobra.Command {
	var keep uint64
	cmd := &cobra.Command{
		Use:     "prune",
		Short:   "Remove the states of old blocks",
		Long:    `Removes what only blocks before the newest --keep can read. It may be stopped and goes on where it was.`,
		Example: `  cess state prune --home ./node --keep 1000`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if keep < validator.MinRetention {
				return fmt.Errorf("--keep %d: at least %d blocks are needed", keep, validator.MinRetention)
			}
			store, err := openState(cmd, state.WithRetention(keep))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			before, _ := store.Oldest()
			if err := store.Prune(cmd.Context()); err != nil {
				return err
			}
			after, _ := store.Oldest()
			say(cmd, "The states of %d blocks are gone.", after-before)
			return showState(cmd, store)
		},
	}
	cmd.Flags().Uint64Var(&keep, "keep", state.DefaultRetention, "newest blocks whose state stays")
	return cmd
}

func stateVerify() *cobra.Command {
	var height uint64
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compute the trie of a state again and compare it with what is stored",
		Long: `Reads every entry of a state, computes its trie, and compares the state root
and every node with what the folder holds.`,
		Example: `  cess state verify --home ./node
  cess state verify --home ./node --height 4000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			store, err := openState(cmd, state.WithRetention(0))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			newest, ok := store.Height()
			if !ok {
				return errors.New("the folder holds no state yet")
			}
			if !cmd.Flags().Changed("height") {
				height = newest
			}
			tell := every(2*time.Second, func(n int64) { say(cmd, "  %d entries read", n) })
			if err := store.Verify(cmd.Context(), height, func(pairs uint64) { tell(int64(pairs)) }); err != nil {
				return err
			}
			say(cmd, "The state of block %d is whole.", height)
			return showState(cmd, store)
		},
	}
	cmd.Flags().Uint64Var(&height, "height", 0, "block whose state to verify (default the newest)")
	return cmd
}
