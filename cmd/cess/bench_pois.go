package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
	"github.com/gocess/gocess/storage/pois"
)

func benchPoIS() *cobra.Command {
	c := bench.PoISConfig{Params: pois.Params{K: pois.ClusterFiles}}
	var parent string
	cmd := &cobra.Command{
		Use:   "pois",
		Short: "Proofs of idle space: generation, proving and verification",
		Long: `Generates a set of 256 idle files and takes it through certification, a space
challenge and a deletion, both sides. The default is the size that upstream's
figures exist for: files of 1 MiB, half a GiB of disk while it runs. A set of
production size (--n 1048576) takes 32 GiB; with --files only the first layer
files are generated, for the rate and the memory.

Times are of the processor, all threads together.`,
		Example: `  cess bench pois
  cess bench pois --n 2048 --d 8 --json
  cess bench pois --n 1048576 --files 40 --dir /mnt/disk`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.IntVar(&c.Params.N, "n", 16384, "nodes of a layer; a file has 64 times as many bytes")
	f.IntVar(&c.Params.D, "d", 64, "random parents of a node")
	f.IntVar(&c.Workers, "workers", 1, "layer files to compute at once, each on a core")
	f.IntVar(&c.Files, "files", 0, "generate only so many of the 512 layer files")
	f.StringVar(&parent, "dir", "", "where to put the files (default the temporary folder)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if c.Files < 0 || c.Files > 512 || c.Workers < 1 {
			return errors.New("--files must be 0 to 512, --workers at least 1")
		}
		if err := c.Params.Validate(); err != nil {
			return err
		}
		dir, remove, err := scratch(parent)
		if err != nil {
			return err
		}
		defer remove()
		c.Dir = dir
		if onTerminal() {
			c.Progress = func(done, total int) {
				if done%64 == 0 {
					say(cmd, "  %d of %d layer files", done, total)
				}
			}
		}
		r := bench.NewReport(fmt.Sprintf("Proof of idle space: K=%d, N=%d, D=%d", c.Params.K, c.Params.N, c.Params.D))
		result, err := bench.PoIS(cmd.Context(), c)
		if err != nil {
			return err
		}
		fillPoIS(r, &c, result)
		return showReport(cmd, r)
	}
	return cmd
}

// Upstream's figures for a set of files of 1 MiB, measured once on two cores
// of an EPYC. Others do not depend on the size of files.
var upstreamPoIS = map[string]string{
	"prove a commitment, all paths": "upstream about 5.3 s, without most paths",
	"verify a commitment":           "upstream 22–55 ms",
	"prove an insertion":            "upstream 22–25 s, all witnesses included",
	"verify an insertion":           "upstream 3.2 s",
	"prove space of a set":          "upstream 0.41–0.44 s",
	"verify space of a set":         "upstream 0.65–0.90 s for a fifth of the links",
	"prove a deletion of 8 files":   "upstream 20–45 s",
	"verify a deletion of 8 files":  "upstream 0.08–0.13 s",
}

func fillPoIS(r *bench.Report, c *bench.PoISConfig, result *bench.PoISResult) {
	budget := "" // stated for the size of production only
	switch {
	case c.Params != pois.Production:
	case pois.Vectors() == "portable":
		budget = "≥ 15 MB"
	default:
		budget = "≥ 50 MB"
	}
	g := result.Generation
	r.Add(bench.Figure{What: "generation, kept bytes per CPU second", Value: g.CPURate(), Unit: "MB", Budget: budget, Beside: "upstream 2.3–3 MB"})
	r.Add(bench.Figure{What: "generation, kept", Value: g.Rate(), Unit: "MB/s"})
	if g.PeakRSS > 0 {
		r.Add(bench.Figure{What: "generation, peak resident", Value: float64(g.PeakRSS) / miB, Unit: "MiB", Budget: fmt.Sprintf("≤ %d MiB", 1024*c.Workers)})
	}
	for _, s := range result.Steps {
		addStep(r, s, "", upstreamPoIS[s.What])
	}
	files := c.Files
	if files == 0 {
		files = 512
	}
	r.Note("%d of 512 layer files, written to disk; %s, workers: %d; one MB is 10⁶ bytes; half of what is written is kept", files, pois.Vectors(), c.Workers)
}

// addStep adds the processor time of an operation and the length of what it
// makes.
func addStep(r *bench.Report, s bench.Step, budget, beside string) {
	f := bench.Figure{What: s.What, Value: s.CPU.Seconds(), Unit: "CPU s", Budget: budget, Beside: beside}
	if s.CPU < time.Second {
		f.Value, f.Unit = s.CPU.Seconds()*1000, "CPU ms"
	}
	r.Add(f)
	if s.Bytes > 0 {
		r.Add(bench.Figure{What: s.What + ", length", Value: float64(s.Bytes), Unit: "bytes"})
	}
}
