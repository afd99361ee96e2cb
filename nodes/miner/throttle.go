package miner

import (
	"context"

	"golang.org/x/time/rate"

	"github.com/gocess/gocess/storage/pois/disk"
)

// throttled is a file system that writes no faster than a limit on average.
type throttled struct {
	disk.FS
	ctx   context.Context
	limit *rate.Limiter
}

// throttle bounds the bytes per second that are written; 0 is no bound.
func throttle(ctx context.Context, fs disk.FS, bytesPerSecond uint64) disk.FS {
	if bytesPerSecond == 0 {
		return fs
	}
	burst := int(min(bytesPerSecond, 1<<30))
	return throttled{fs, ctx, rate.NewLimiter(rate.Limit(bytesPerSecond), burst)}
}

// Write waits until so many bytes may be written.
func (t throttled) Write(path string, sync bool, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	for n > 0 {
		part := min(n, t.limit.Burst())
		if err := t.limit.WaitN(t.ctx, part); err != nil {
			return err
		}
		n -= part
	}
	return t.FS.Write(path, sync, parts...)
}
