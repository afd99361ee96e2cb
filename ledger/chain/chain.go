// Package chain is the sequence of committed blocks as everybody but consensus
// sees it: Substrate headers, bodies, the state after each block and the feed
// of new ones.
//
// Blocks are side records of the state store, written in the same atomic batch
// as the state they produced. Every committed block is final, so there is one
// block per height, and best and finalized head are the same.
//
//	c, err := chain.Open(store)        // reads what an earlier run committed
//	err = c.Append(staged, block, nil) // consensus only
//	header, err := c.Header(c.Best().Hash)
//	feed := c.Subscribe()
//	block, err := feed.Next(ctx)
package chain

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	// ErrUnknownBlock is returned for a hash or number that names no committed
	// block.
	ErrUnknownBlock = errors.New("unknown block")
	// ErrNotKept is returned for a block that the chain has, and this node does
	// not: it joined the chain at a later one.
	ErrNotKept = errors.New("block is not kept by this node")
	// ErrClosed is returned by feeds after Close.
	ErrClosed = errors.New("chain is closed")
)

// Ref names a block.
type Ref struct {
	Number uint32
	Hash   substrate.H256
}

// Block is a committed block.
type Block struct {
	Ref
	Header substrate.Header
	// Body lists the extrinsics as the block carries them, inherents first.
	Body [][]byte
	// Written lists the storage keys that the block wrote, ascending, also
	// those whose value stayed the same. It is known for recent blocks only:
	// nil means that it has been forgotten, and a reader who needs to know what
	// changed compares the states of the block and its parent.
	Written [][]byte
}

// Chain is the block store. Its methods may be called from any goroutine,
// except that Append is for one writer.
type Chain struct {
	store *state.Store
	opts  options

	mu      sync.RWMutex // guards everything below
	best    Ref
	genesis substrate.H256
	joined  joined
	recent  recent
	grown   chan struct{} // closed and replaced when best moves
	closed  bool
}

// Open reads the chain in store. An empty store is an empty chain, which
// genesis must be appended to before anything else.
func Open(store *state.Store, opts ...Option) (*Chain, error) {
	c := &Chain{store: store, opts: defaultOptions(), grown: make(chan struct{})}
	for _, o := range opts {
		o(&c.opts)
	}
	c.recent.init(c.opts.recentBlocks, c.opts.recentBytes)
	height, ok := store.Height()
	if !ok {
		return c, nil
	}
	var err error
	if c.genesis, err = c.hashAt(0); err != nil {
		return nil, fmt.Errorf("open chain: genesis: %w", err)
	}
	c.best.Number = uint32(height)
	if c.best.Hash, err = c.hashAt(c.best.Number); err != nil {
		return nil, fmt.Errorf("open chain: block %d: %w", height, err)
	}
	if c.joined, err = c.joinedAt(); err != nil {
		return nil, fmt.Errorf("open chain: %w", err)
	}
	return c, nil
}

// Close ends all feeds. It does not close the store.
func (c *Chain) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.grown)
	}
}

// Append commits block with the state it produced, staged by the store, in one
// atomic and synced batch, and announces it. extra are further side records of
// the writer; their keys must not start with the prefixes of this package
// (see Reserved). When Append returns nil everything about the block can be
// read and survives a crash.
func (c *Chain) Append(staged *state.Staged, block *Block, extra []state.KV) error {
	return c.append(staged, block, extra, c.store.Commit)
}

// AppendLazily is Append for a block that can be had again: a crash may lose it
// until the next Append.
func (c *Chain) AppendLazily(staged *state.Staged, block *Block, extra []state.KV) error {
	return c.append(staged, block, extra, c.store.CommitLazily)
}

func (c *Chain) append(staged *state.Staged, block *Block, extra []state.KV, commit func(*state.Staged, []state.KV) error) error {
	if err := c.follows(block); err != nil {
		return fmt.Errorf("append block %d: %w", block.Number, err)
	}
	records, err := encode(block)
	if err != nil {
		return fmt.Errorf("append block %d: %w", block.Number, err)
	}
	if err := commit(staged, append(records, extra...)); err != nil {
		return fmt.Errorf("append block %d: %w", block.Number, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if block.Number == 0 {
		c.genesis = block.Hash
	}
	c.announce(block)
	return nil
}

// announce makes block the best one. c.mu is held.
func (c *Chain) announce(block *Block) {
	c.best = block.Ref
	c.recent.add(block)
	if !c.closed {
		close(c.grown)
		c.grown = make(chan struct{})
	}
}

// follows checks that block continues the chain.
func (c *Chain) follows(block *Block) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	switch {
	case block.Header.Number != block.Number:
		return fmt.Errorf("header has number %d", block.Header.Number)
	case c.empty():
		if block.Number != 0 {
			return errors.New("the chain has no genesis")
		}
	case block.Number != c.best.Number+1:
		return fmt.Errorf("the best block is %d", c.best.Number)
	case block.Header.ParentHash != c.best.Hash:
		return fmt.Errorf("parent %x is not the best block %x", block.Header.ParentHash, c.best.Hash)
	}
	return nil
}

// empty says that not even genesis is there. c.mu is held.
func (c *Chain) empty() bool { return c.genesis == substrate.H256{} }

// Empty says that not even genesis has been appended.
func (c *Chain) Empty() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.empty()
}

// Best is the newest block.
func (c *Chain) Best() Ref {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.best
}

// Finalized is the newest final block: the best one, for every committed block
// is final.
func (c *Chain) Finalized() Ref { return c.Best() }

// Genesis is the hash of block 0.
func (c *Chain) Genesis() substrate.H256 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.genesis
}

// Aux reads a side record that the writer appended; nil when absent.
func (c *Chain) Aux(key []byte) ([]byte, error) { return c.store.Aux(key) }
