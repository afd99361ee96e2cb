package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
)

func benchRPC() *cobra.Command {
	var b rpcBench
	cmd := &cobra.Command{
		Use:   "rpc",
		Short: "Storage reads per second over one WebSocket",
		Long: `Makes a chain with one validator in a process of its own and reads its accounts
with state_getStorage over one WebSocket, while the validator makes blocks.`,
		Example: `  cess bench rpc
  cess bench rpc --accounts 100000 --seconds 30`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if b.accounts < 1 || b.accounts > 1_000_000 || b.seconds < 1 {
				return errors.New("--accounts must be 1 to 1,000,000, --seconds at least 1")
			}
			return b.run(cmd)
		},
	}
	f := cmd.Flags()
	f.IntVar(&b.accounts, "accounts", 10_000, "accounts to read in turn")
	f.IntVar(&b.seconds, "seconds", 10, "seconds to read for")
	f.StringVar(&b.dir, "dir", "", "where to put the chain's data (default the temporary folder)")
	return cmd
}

type rpcBench struct {
	accounts, seconds int
	dir               string
}

func (b *rpcBench) run(cmd *cobra.Command) (err error) {
	binary, dir, remove, err := ownProcesses(b.dir)
	if err != nil {
		return err
	}
	defer remove()
	r := bench.NewReport("JSON-RPC: reading storage")
	v, err := bench.StartValidator(cmd.Context(), binary, dir, 500*time.Millisecond, b.accounts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Stop()) }()
	say(cmd, "Reading %d accounts for %d s…", b.accounts, b.seconds)
	res, err := bench.ReadStorage(cmd.Context(), v.URL, b.accounts, time.Duration(b.seconds)*time.Second, v.PID())
	if err != nil {
		return err
	}
	r.Add(bench.Figure{What: "state_getStorage over one WebSocket", Value: res.Rate(), Unit: "/s", Budget: "≥ 20,000/s"})
	r.Add(bench.Figure{What: "node, CPU per call", Value: 1e6 * res.Node.Seconds() / float64(res.Calls), Unit: "µs"})
	r.Note("%d calls in %.1f s, 64 under way; the node goes on making blocks", res.Calls, res.Elapsed.Seconds())
	return showReport(cmd, r)
}
