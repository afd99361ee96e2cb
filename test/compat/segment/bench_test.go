//go:build unix

package segment

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/CESSProject/cess-go-sdk/core/process"
)

// cpuTime returns what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkProcess runs both pipelines in turn over the same file, from file to
// fragment files. Ours syncs every fragment, upstream only its temporary
// segments: set TMPDIR to a RAM disk to compare the processing alone. On a
// busy machine the MB per CPU second are the figures to compare.
func BenchmarkProcess(b *testing.B) {
	const size = 256 << 20
	path := writeFile(b, size)
	for _, password := range []string{"", "123456"} {
		for _, threads := range []int{1, 2} {
			for _, who := range []string{"upstream", "gocess"} {
				b.Run(fmt.Sprintf("encrypted=%t/threads=%d/%s", password != "", threads, who), func(b *testing.B) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
					opts := options(b, password)
					opts.Workers = threads
					b.SetBytes(size)
					var used time.Duration
					for b.Loop() {
						b.StopTimer()
						dir, err := os.MkdirTemp(b.TempDir(), "")
						if err != nil {
							b.Fatal(err)
						}
						runtime.GC()
						used -= cpuTime(b)
						b.StartTimer()
						if who == "gocess" {
							encode(b, path, dir, opts)
						} else if _, _, err := process.FullProcessing(path, password, dir); err != nil {
							b.Fatal(err)
						}
						b.StopTimer()
						used += cpuTime(b)
						if err := os.RemoveAll(dir); err != nil {
							b.Fatal(err)
						}
						b.StartTimer()
					}
					b.ReportMetric(size*float64(b.N)/1e6/used.Seconds(), "MB/CPU-s")
				})
			}
		}
	}
}
