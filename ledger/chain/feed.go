package chain

import "context"

// Feed is an ordered stream of blocks without gaps, except that it passes over
// those before the block at which this node joined the chain. It buffers
// nothing: a slow reader finds the blocks it missed in the store. It is read by
// one goroutine and needs no closing.
type Feed struct {
	chain *Chain
	next  uint32
}

// Subscribe starts a feed with the best block.
func (c *Chain) Subscribe() *Feed { return c.SubscribeFrom(c.Best().Number) }

// SubscribeFrom starts a feed with the block of the given number, which may be
// still to come.
func (c *Chain) SubscribeFrom(number uint32) *Feed { return &Feed{chain: c, next: number} }

// Next waits for the next block. It returns ErrClosed once the chain is closed
// and everything before has been read. The caller does not modify the block.
func (f *Feed) Next(ctx context.Context) (*Block, error) {
	for {
		f.chain.mu.RLock()
		if f.next > 0 {
			f.next = max(f.next, f.chain.joined.bodies)
		}
		ready := !f.chain.empty() && f.next <= f.chain.best.Number
		grown, closed := f.chain.grown, f.chain.closed
		f.chain.mu.RUnlock()
		switch {
		case ready:
			b, err := f.chain.Block(f.next)
			if err != nil {
				return nil, err
			}
			f.next++
			return b, nil
		case closed:
			return nil, ErrClosed
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Lag is how many committed blocks the reader has not read yet.
func (f *Feed) Lag() uint32 {
	best := f.chain.Best().Number
	if f.next > best {
		return 0
	}
	return best - f.next + 1
}
