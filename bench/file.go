package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gocess/gocess/storage/segment"
)

// FileResult is the speed of a pipeline. One MB is 10⁶ bytes.
type FileResult struct {
	Bytes   int64         `json:"bytes"`
	Elapsed time.Duration `json:"elapsed"`
	CPU     time.Duration `json:"cpu"`
	PeakRSS uint64        `json:"peakRSS"` // bytes, of this process
}

// Rate is MB of the file per second.
func (r *FileResult) Rate() float64 { return float64(r.Bytes) / 1e6 / r.Elapsed.Seconds() }

// CPURate is MB of the file per second of CPU time: on a busy machine the
// figure to compare.
func (r *FileResult) CPURate() float64 { return float64(r.Bytes) / 1e6 / r.CPU.Seconds() }

// measure times work on size bytes with the given number of threads.
func measure(size int64, threads int, work func() error) (*FileResult, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
	debug.FreeOSMemory()
	resetPeak()
	before, began := UsageOf(os.Getpid()), time.Now()
	if err := work(); err != nil {
		return nil, err
	}
	after := UsageOf(os.Getpid())
	return &FileResult{size, time.Since(began), max(after.CPU-before.CPU, clockTick), after.PeakRSS}, nil
}

// resetPeak begins a new peak of resident memory, where the system can do so.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// Encode processes a file of size bytes that does not repeat: into dir, whose
// fragments reach the disk, or with an empty dir to nowhere.
func Encode(ctx context.Context, size int64, threads int, cipher segment.Cipher, dir string) (*FileResult, error) {
	sink := segment.Discard
	if dir != "" {
		var err error
		if sink, err = segment.NewDirSink(dir); err != nil {
			return nil, err
		}
	}
	return measure(size, threads, func() error {
		_, err := segment.Encode(ctx, newPattern(size), sink, segment.EncodeOptions{Cipher: cipher, Workers: threads})
		return err
	})
}

// Restore fetches a file of size bytes back from fragments in dir, first with
// all of them and then without the first gone of the twelve of each segment.
// It leaves the fragments in dir.
func Restore(ctx context.Context, size int64, threads int, dir string, gone ...int) ([]*FileResult, error) {
	sink, err := segment.NewDirSink(dir)
	if err != nil {
		return nil, err
	}
	m, err := segment.Encode(ctx, newPattern(size), sink, segment.EncodeOptions{})
	if err != nil {
		return nil, err
	}
	files := segment.DirFetcher(dir)
	var out []*FileResult
	for _, n := range gone {
		if n < 0 || n > segment.ParityShards {
			return nil, fmt.Errorf("bench: %d fragments gone; at most %d can be", n, segment.ParityShards)
		}
		from := segment.FetchFunc(func(ctx context.Context, f segment.FragmentRef) (io.ReadCloser, error) {
			if f.Shard < n {
				return nil, os.ErrNotExist
			}
			return files.Fetch(ctx, f)
		})
		r, err := measure(size, threads, func() error {
			return segment.Restore(ctx, io.Discard, m, from, segment.RestoreOptions{})
		})
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// pattern is a stream that costs next to nothing to make and does not repeat:
// a block of random bytes over and over, each 4 KiB with its own number.
type pattern struct {
	block []byte
	at    int64
	size  int64
}

const (
	patternBlock = 1 << 20
	patternStep  = 4 << 10
)

func newPattern(size int64) *pattern {
	p := &pattern{block: make([]byte, patternBlock), size: size}
	_, _ = rand.NewChaCha8([32]byte{1}).Read(p.block) // never fails
	return p
}

func (p *pattern) Read(b []byte) (int, error) {
	if p.at == p.size {
		return 0, io.EOF
	}
	offset := p.at % patternBlock
	n := copy(b, p.block[offset:min(patternBlock, offset+p.size-p.at)])
	end := p.at + int64(n)
	for page := p.at - p.at%patternStep; page < end; page += patternStep {
		var number [8]byte
		binary.LittleEndian.PutUint64(number[:], uint64(page))
		from := max(page, p.at)
		if skip := from - page; skip < 8 {
			copy(b[from-p.at:n], number[skip:])
		}
	}
	p.at += int64(n)
	return n, nil
}
