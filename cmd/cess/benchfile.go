package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/bench"
	"github.com/gocess/gocess/storage/segment"
)

func devnetReady(cmd *cobra.Command, binary, dir string, miners int, limit time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(cmd.Context(), limit)
	defer cancel()
	return bench.DevnetReady(ctx, binary, dir, miners)
}

// fileRun is one measurement of file processing.
type fileRun struct {
	size      sizeFlag
	threads   int
	encrypted bool
	dir       string
}

func benchFile() *cobra.Command {
	run := fileRun{size: giB}
	var threads []int
	cmd := &cobra.Command{
		Use:   "file",
		Short: "Speed and memory of making fragments of a file",
		Long: `Makes segments, fragments and the fid of a file that is produced in memory; each
measurement has a process of its own, so that its peak memory is its own. The
fragments go nowhere, or with --dir durably to disk.`,
		Example: `  cess bench file
  cess bench file --size 4GiB --threads 2 --cipher
  cess bench file --size 256MiB --dir /mnt/disk`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.Var(&run.size, "size", "size of the file")
	f.IntSliceVar(&threads, "threads", []int{1, 2}, "numbers of threads to measure with")
	f.BoolVar(&run.encrypted, "cipher", false, "measure encryption besides")
	f.StringVar(&run.dir, "dir", "", "folder to store fragments below (default nowhere)")
	single := f.Bool("single", false, "")
	_ = f.MarkHidden("single") // the flag exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *single {
			run.threads = threads[0]
			return run.measure(cmd)
		}
		r := bench.NewReport("File processing: " + bytesText(uint64(run.size)))
		for _, encrypted := range []bool{false, true} {
			if encrypted && !run.encrypted {
				continue
			}
			for _, n := range threads {
				one := fileRun{run.size, n, encrypted, run.dir}
				if err := one.report(cmd, r); err != nil {
					return err
				}
			}
		}
		r.Note("one MB is 10⁶ bytes of the file; peak resident memory is that of the whole process")
		return showReport(cmd, r)
	}
	return cmd
}

// measure runs in the process of its own.
func (f *fileRun) measure(cmd *cobra.Command) error {
	var cipher segment.Cipher
	var err error
	if f.encrypted {
		if cipher, err = segment.NewCipher("123456"); err != nil {
			return err
		}
	}
	dir := ""
	if f.dir != "" {
		var remove func()
		if dir, remove, err = scratch(f.dir); err != nil {
			return err
		}
		defer remove()
	}
	result, err := bench.Encode(cmd.Context(), int64(f.size), f.threads, cipher, dir)
	if err != nil {
		return err
	}
	return show(cmd, result, func(w io.Writer) { fmt.Fprintf(w, "%.0f MB/s\n", result.Rate()) })
}

// report measures in a child and adds the figures.
func (f *fileRun) report(cmd *cobra.Command, r *bench.Report) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.CommandContext(cmd.Context(), binary, "bench", "file", "--single", "--json",
		"--size", strconv.FormatInt(int64(f.size), 10), "--threads", strconv.Itoa(f.threads),
		"--cipher="+strconv.FormatBool(f.encrypted), "--dir", f.dir)
	child.Stderr = cmd.ErrOrStderr()
	out, err := child.Output()
	if err != nil {
		return fmt.Errorf("measure with %d threads: %w", f.threads, err)
	}
	var result bench.FileResult
	if err := json.Unmarshal(out, &result); err != nil {
		return err
	}
	f.add(r, &result)
	return nil
}

// Budgets and published figures that hold for two threads (docs: budgets).
func (f *fileRun) add(r *bench.Report, result *bench.FileResult) {
	what, budget, beside := "plain", "≥ 400 MB/s", "upstream SDK, idle machine: 140 MB/s"
	if f.encrypted {
		what, budget, beside = "encrypted", "≥ 310 MB/s", "upstream SDK, idle machine: 78 MB/s"
	}
	if f.dir != "" {
		what += ", durably on disk"
	}
	if f.threads != 2 || f.dir != "" {
		budget, beside = "", ""
	}
	what += fmt.Sprintf(", %d threads", f.threads)
	if f.threads == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	r.Add(bench.Figure{What: what, Value: result.Rate(), Unit: "MB/s", Budget: budget, Beside: beside})
	r.Add(bench.Figure{What: what + ", per CPU second", Value: result.CPURate(), Unit: "MB"})
	if result.PeakRSS > 0 {
		r.Add(bench.Figure{What: what + ", peak resident", Value: float64(result.PeakRSS) / miB, Unit: "MiB", Budget: "≤ 200 MiB"})
	}
}

func benchRestore() *cobra.Command {
	size := sizeFlag(256 * miB)
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Speed of fetching a file back, with 8 of 12 fragments gone too",
		Example: `  cess bench restore
  cess bench restore --size 1GiB --threads 1`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.Var(&size, "size", "size of the file; its fragments take three times as much disk space")
	threads := f.Int("threads", 2, "number of threads")
	parent := f.String("dir", "", "where to put the fragments (default the temporary folder)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		dir, remove, err := scratch(*parent)
		if err != nil {
			return err
		}
		defer remove()
		r := bench.NewReport(fmt.Sprintf("Restoring a file of %s from local fragments", bytesText(uint64(size))))
		results, err := bench.Restore(cmd.Context(), int64(size), *threads, dir, 0, 8)
		if err != nil {
			return err
		}
		all, few := results[0], results[1]
		r.Add(bench.Figure{What: "all 12 fragments there", Value: all.Rate(), Unit: "MB/s"})
		r.Add(bench.Figure{What: "8 of 12 gone, all data fragments among them", Value: few.Rate(), Unit: "MB/s"})
		r.Add(bench.Figure{What: "ratio", Value: 100 * few.Rate() / all.Rate(), Unit: "%", Budget: "≥ 60 %"})
		r.Add(bench.Figure{What: "ratio by CPU time", Value: 100 * few.CPURate() / all.CPURate(), Unit: "%"})
		r.Note("%d threads; fragments are read from disk, most of them from its cache", *threads)
		return showReport(cmd, r)
	}
	return cmd
}
