package pool

import (
	goruntime "runtime"
	"time"
)

type options struct {
	maxCount      int
	maxBytes      int
	maxPerAccount int
	maxFuture     int
	maxBans       int
	banTime       time.Duration
	workers       int
	batch         int
	queue         int
	queueBytes    int
	recheck       int
	reannounce    uint32
	settleAfter   time.Duration
}

func defaultOptions() options {
	return options{
		maxCount:      65_536,
		maxBytes:      64 << 20,
		maxPerAccount: 8_192,
		maxFuture:     256,
		maxBans:       16_384,
		banTime:       30 * time.Minute,
		workers:       (goruntime.GOMAXPROCS(0) + 1) / 2,
		batch:         64,
		queue:         8_192,
		queueBytes:    32 << 20,
		recheck:       1_024,
		reannounce:    10,
		settleAfter:   2 * time.Second,
	}
}

// Option changes a limit of the pool.
type Option func(*options)

// WithMaxCount bounds the number of extrinsics. Default 65,536. When the pool
// is full, a newcomer takes the place of one of lower priority.
func WithMaxCount(n int) Option { return func(o *options) { o.maxCount = max(n, 1) } }

// WithMaxBytes bounds the encoded length of all extrinsics. Default 64 MiB.
func WithMaxBytes(n int) Option { return func(o *options) { o.maxBytes = max(n, 1) } }

// WithMaxPerAccount bounds the extrinsics of one account. Default 8,192.
func WithMaxPerAccount(n int) Option { return func(o *options) { o.maxPerAccount = max(n, 1) } }

// WithMaxFuture bounds the extrinsics of one account that wait behind a nonce
// gap. Default 256.
func WithMaxFuture(n int) Option { return func(o *options) { o.maxFuture = max(n, 0) } }

// WithBanTime sets how long an invalid extrinsic is refused unseen. Default 30
// minutes.
func WithBanTime(d time.Duration) Option { return func(o *options) { o.banTime = d } }

// WithWorkers sets how many goroutines verify signatures. Default one per two
// CPUs, so that a flood of submissions leaves the other half to the chain.
func WithWorkers(n int) Option { return func(o *options) { o.workers = max(n, 1) } }

// WithQueue bounds the submissions that wait for a worker, by count and by
// bytes. Default 8,192 and 32 MiB.
func WithQueue(count, bytes int) Option {
	return func(o *options) { o.queue, o.queueBytes = max(count, 1), max(bytes, 1) }
}

// WithRecheck sets how many extrinsics are validated again after each block,
// those first that waited longest. Default 1,024.
func WithRecheck(n int) Option { return func(o *options) { o.recheck = max(n, 0) } }

// WithReannounce sets after how many blocks peers are told again of an
// extrinsic that is still pending. Default 10.
func WithReannounce(blocks uint32) Option { return func(o *options) { o.reannounce = max(blocks, 1) } }

// WithSettleTime sets how long after inBlock finalized follows when no block
// comes in between. Default 2 s; see spec/wire.md §5.5 for why it is not 0.
func WithSettleTime(d time.Duration) Option { return func(o *options) { o.settleAfter = d } }
