package chain

type options struct {
	recentBlocks int
	recentBytes  int
}

func defaultOptions() options { return options{recentBlocks: 256, recentBytes: 32 << 20} }

// Option changes a limit of the chain.
type Option func(*options)

// WithRecent sets how many of the newest blocks are kept in memory together
// with the keys they wrote, by count and by size. Default 256 blocks, 32 MiB.
// The newest block is always kept.
func WithRecent(blocks, bytes int) Option {
	return func(o *options) { o.recentBlocks, o.recentBytes = max(blocks, 1), bytes }
}
