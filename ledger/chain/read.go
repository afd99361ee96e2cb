package chain

import (
	"encoding/binary"
	"fmt"

	"github.com/gocess/gocess/primitives/substrate"
)

// HashAt is the hash of the block with the given number, ErrUnknownBlock above
// the best one, ErrNotKept before the first that this node has. It never changes.
func (c *Chain) HashAt(number uint32) (substrate.H256, error) {
	if b := c.cached(number); b != nil {
		return b.Hash, nil
	}
	return c.hashAt(number)
}

// NumberOf is the number of the block with the given hash, or ErrUnknownBlock.
func (c *Chain) NumberOf(hash substrate.H256) (uint32, error) {
	c.mu.RLock()
	number, ok := c.recent.numberOf(hash)
	c.mu.RUnlock()
	if ok {
		return number, nil
	}
	v, err := c.record(hashKey(hash))
	if err != nil {
		return 0, err
	}
	if len(v) != 4 {
		return 0, fmt.Errorf("number of block %x: %d bytes", hash, len(v))
	}
	return binary.BigEndian.Uint32(v), nil
}

// Header is the header of a block, or ErrUnknownBlock.
func (c *Chain) Header(hash substrate.H256) (substrate.Header, error) {
	number, err := c.NumberOf(hash)
	if err != nil {
		return substrate.Header{}, err
	}
	if b := c.cached(number); b != nil {
		return b.Header, nil
	}
	return c.headerAt(number)
}

// Body lists the extrinsics of a block with their length prefixes, inherents
// first, ErrUnknownBlock, or ErrNotKept. The caller does not modify them.
func (c *Chain) Body(hash substrate.H256) ([][]byte, error) {
	number, err := c.NumberOf(hash)
	if err != nil {
		return nil, err
	}
	if b := c.cached(number); b != nil {
		return b.Body, nil
	}
	return c.bodyAt(number)
}

// Block is everything about the block with the given number, ErrUnknownBlock, or
// ErrNotKept. The caller does not modify it.
func (c *Chain) Block(number uint32) (*Block, error) {
	if b := c.cached(number); b != nil {
		return b, nil
	}
	b := &Block{Ref: Ref{Number: number}}
	var err error
	if b.Hash, err = c.hashAt(number); err != nil {
		return nil, err
	}
	if b.Header, err = c.headerAt(number); err != nil {
		return nil, err
	}
	if b.Body, err = c.bodyAt(number); err != nil {
		return nil, err
	}
	return b, nil
}

// cached finds a recent block, nil when it is not in memory.
func (c *Chain) cached(number uint32) *Block {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.recent.at(number)
}
