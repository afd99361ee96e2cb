package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
)

func benchAudit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "One audit of a miner's service data, by number of fragments",
		Long: `Measures a whole round of version 2: what the miner reads and computes, what a
TEE worker computes, and what four extrinsics and a dispute cost the chain; and a
round of version 1 for small miners. Times are of the processor, all threads
together, with data, tags and state in memory.`,
		Example: `  cess bench audit
  cess bench audit --fragments 10,1000 --json`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	sizes := f.IntSlice("fragments", []int{10, 1_000, 100_000}, "fragments of the miner")
	most := f.Int("v1", 1_000, "most fragments to prove by version 1, 0 for none")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, n := range *sizes {
			if n < 1 || n > 1_000_000 {
				return errors.New("--fragments must be 1 to 1,000,000")
			}
		}
		r := bench.NewReport("One audit of service data")
		rounds, err := bench.Audit(cmd.Context(), *sizes, *most)
		if err != nil {
			return err
		}
		fillAudit(r, rounds)
		return showReport(cmd, r)
	}
	return cmd
}

func fillAudit(r *bench.Report, rounds []bench.AuditRound) {
	budgets := map[string]string{
		"prove": "≤ 1 CPU s", "verify, TEE worker": "≤ 80 CPU ms", "dispute, chain": "≤ 80 CPU ms",
	}
	for _, round := range rounds {
		what := func(s string) string {
			return fmt.Sprintf("version %d, %d fragments: %s", round.Version, round.Fragments, s)
		}
		add := func(s string, n int, budget string) {
			r.Add(bench.Figure{What: what(s), Value: float64(n), Unit: "bytes", Budget: budget})
		}
		constant := ""
		if round.Version == 2 {
			constant = "≤ 200 bytes"
		}
		add("proof on chain", round.Proof, constant)
		add("proof to the TEE worker", round.ToTEE, constant)
		add("four extrinsics in blocks", round.Chain, "")
		r.Add(bench.Figure{What: what("read by the miner"), Value: float64(round.Read) / miB, Unit: "MiB"})
		for _, s := range round.Steps {
			budget := ""
			if round.Version == 2 {
				budget = budgets[s.What]
			}
			s.What = what(s.What)
			addStep(r, s, budget, "")
		}
	}
	r.Note("fragments differ in 8 bytes; tags are made for the sampled ones; of version 1 one fragment stands for all")
	r.Note("submit calls: both proofs and both verdicts with the signatures of the master key, without those of the extrinsics")
}
