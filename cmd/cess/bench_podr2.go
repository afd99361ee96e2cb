package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
)

func benchPoDR2() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "podr2",
		Short: "Proofs of stored data: tagging, proving and verification",
		Long: `Tags fragments of 8 MiB, answers a challenge about all of them and verifies the
answer: version 2, the default, and version 1 of upstream miners for a fragment.
Times are of the processor, all threads together.`,
		Example: `  cess bench podr2
  cess bench podr2 --fragments 32 --samples 1000 --json`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	fragments := f.Int("fragments", 8, "fragments of the miner, 8 MiB of memory each")
	samples := f.Uint32("samples", 460, "blocks that the challenge asks for")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *fragments < 1 || *fragments > 4096 || *samples < 1 {
			return errors.New("--fragments must be 1 to 4096, --samples at least 1")
		}
		r := bench.NewReport(fmt.Sprintf("Proof of stored data: %d fragments, %d sampled blocks", *fragments, *samples))
		result, err := bench.PoDR2(cmd.Context(), *fragments, *samples)
		if err != nil {
			return err
		}
		fillPoDR2(r, result)
		return showReport(cmd, r)
	}
	return cmd
}

func fillPoDR2(r *bench.Report, result *bench.PoDR2Result) {
	v2 := map[string]string{"tag a fragment of 8 MiB": "≤ 150 CPU ms", "verify": "≤ 80 CPU ms for 460 blocks", "prove": "≤ 1 CPU s, ≤ 200 bytes"}
	v1 := map[string]string{"tag a fragment of 8 MiB": "≤ 1.5 CPU s"}
	beside := map[string]string{
		"tag a fragment of 8 MiB":       "upstream's formula 124–166 s",
		"verify it with the secret key": "upstream about 150 ms a fragment",
	}
	for _, s := range result.V2 {
		budget := v2[s.What]
		s.What = "version 2: " + s.What
		addStep(r, s, budget, "")
	}
	for _, s := range result.V1 {
		budget, upstream := v1[s.What], beside[s.What]
		s.What = "version 1: " + s.What
		addStep(r, s, budget, upstream)
	}
	if result.PeakRSS > 0 {
		r.Add(bench.Figure{What: "peak resident", Value: float64(result.PeakRSS) / miB, Unit: "MiB"})
	}
}
