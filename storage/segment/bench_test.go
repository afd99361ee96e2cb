package segment

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// benchSize is the size of the file that the benchmarks process. A larger one
// shows that memory stays flat:
//
//	SEGMENT_BENCH_MIB=4096 go test -run '^$' -bench Encode/disk=none -benchtime 1x
func benchSize(b *testing.B) int64 {
	if text := os.Getenv("SEGMENT_BENCH_MIB"); text != "" {
		mib, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			b.Fatal(err)
		}
		return mib << 20
	}
	return 256 << 20
}

// resetPeak starts a new measurement of the resident memory; reportPeak ends
// it. Both do nothing where there is no /proc.
func resetPeak() {
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

func reportPeak(b *testing.B) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			if kib, err := strconv.ParseFloat(f[1], 64); err == nil {
				b.ReportMetric(kib/1024, "peak-RSS-MiB")
			}
		}
	}
}

// Budget: 400 MB/s plain and 310 MB/s encrypted with two threads, at most
// 200 MiB resident. disk=none hands the fragments to nobody; disk=dir stores
// them durably below TMPDIR, which decides the speed: three bytes are synced
// for each byte of the file.
func BenchmarkEncode(b *testing.B) {
	size := benchSize(b)
	for _, disk := range []string{"none", "dir"} {
		for _, password := range []string{"", "123456"} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("disk=%s/encrypted=%t/threads=%d", disk, password != "", threads), func(b *testing.B) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
					opts := EncodeOptions{Cipher: testCipher(b, password), Workers: threads}
					resetPeak()
					b.SetBytes(size)
					for b.Loop() {
						sink := Discard
						if disk == "dir" {
							b.StopTimer()
							var err error
							if sink, err = NewDirSink(b.TempDir()); err != nil {
								b.Fatal(err)
							}
							b.StartTimer()
						}
						if _, err := Encode(context.Background(), pattern(size), sink, opts); err != nil {
							b.Fatal(err)
						}
					}
					reportPeak(b)
				})
			}
		}
	}
}

// Budget: with any eight of twelve fragments gone at least 60 % of the speed
// with none gone.
func BenchmarkRestore(b *testing.B) {
	size := benchSize(b)
	for _, password := range []string{"", "123456"} {
		dir := b.TempDir()
		sink, err := NewDirSink(dir)
		if err != nil {
			b.Fatal(err)
		}
		c := testCipher(b, password)
		m, err := Encode(context.Background(), pattern(size), sink, EncodeOptions{Cipher: c})
		if err != nil {
			b.Fatal(err)
		}
		for _, gone := range []int{0, 4, 8} {
			from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
				if f.Shard < gone {
					return nil, os.ErrNotExist
				}
				return DirFetcher(dir).Fetch(ctx, f)
			})
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("encrypted=%t/gone=%d/threads=%d", password != "", gone, threads), func(b *testing.B) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
					resetPeak()
					b.SetBytes(size)
					for b.Loop() {
						if err := Restore(context.Background(), io.Discard, m, from, RestoreOptions{Cipher: c}); err != nil {
							b.Fatal(err)
						}
					}
					reportPeak(b)
				})
			}
		}
	}
}

// One small file: the time until its fid is known.
func BenchmarkEncodeSmall(b *testing.B) {
	for b.Loop() {
		if _, err := Encode(context.Background(), pattern(1024), Discard, EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Repair of one fragment of 8 MiB.
func BenchmarkRebuildFragment(b *testing.B) {
	dir := b.TempDir()
	sink, err := NewDirSink(dir)
	if err != nil {
		b.Fatal(err)
	}
	m, err := Encode(context.Background(), pattern(Size), sink, EncodeOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(FragmentSize)
	for b.Loop() {
		if _, err := RebuildFragment(context.Background(), 0, m.Segments[0], 2, DirFetcher(dir), RestoreOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
