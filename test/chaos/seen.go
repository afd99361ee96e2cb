package chaos

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// block is what a node says about a height.
type block struct {
	hash, stateRoot substrate.H256
	body            substrate.H256 // of the hashes of the extrinsics
}

// Chain is what all nodes together said about the chain. Blocks are final: the
// first word on a height binds everybody.
type Chain struct {
	mu     sync.Mutex // guards everything below
	blocks []block    // by height
	where  map[substrate.H256]uint32
	errs   []error
	broken chan struct{} // closed with the first error
}

// NewChain knows nothing yet.
func NewChain() *Chain {
	return &Chain{blocks: make([]block, 1), where: make(map[substrate.H256]uint32), broken: make(chan struct{})}
}

// maxFaults bounds what is kept of a chain that has broken.
const maxFaults = 20

// fail notes a broken promise.
func (c *Chain) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failLocked(err)
}

func (c *Chain) failLocked(err error) {
	if len(c.errs) == 0 {
		close(c.broken)
	}
	if len(c.errs) < maxFaults {
		c.errs = append(c.errs, err)
	}
}

// Err is every promise that was broken.
func (c *Chain) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.errs...)
}

// Top is the highest block that anybody showed.
func (c *Chain) Top() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint32(len(c.blocks) - 1)
}

// note takes a node's word on a height, at most one above what is known. It
// returns the hashes of the extrinsics if nobody told of the height before.
func (c *Chain) note(who string, header substrate.Header, hash substrate.H256, raw [][]byte) []substrate.H256 {
	own, err := header.Hash()
	if err != nil || own != hash {
		c.fail(fmt.Errorf("%s: block %d: its header has hash %v, not %v (%v)", who, header.Number, own, hash, err))
		return nil
	}
	extrinsics := make([]substrate.H256, len(raw))
	var all []byte
	for i, x := range raw {
		extrinsics[i] = runtime.ExtrinsicHash(x)
		all = append(all, extrinsics[i][:]...)
	}
	said := block{hash: hash, stateRoot: header.StateRoot, body: crypto.Blake2b256(all)}
	c.mu.Lock()
	defer c.mu.Unlock()
	height := header.Number
	switch {
	case int(height) > len(c.blocks):
		c.failLocked(fmt.Errorf("%s: block %d came before block %d", who, height, len(c.blocks)))
		return nil
	case int(height) < len(c.blocks):
		c.compare(who, height, said)
		return nil
	}
	c.blocks = append(c.blocks, said)
	for i, x := range extrinsics {
		if at, ok := c.where[x]; ok && i > 0 { // the first is the time of the block, which may repeat only by error
			c.failLocked(fmt.Errorf("extrinsic %v is in block %d and again in block %d", x, at, height))
		}
		c.where[x] = height
	}
	return extrinsics
}

func (c *Chain) compare(who string, height uint32, said block) {
	known := c.blocks[height]
	switch {
	case said.hash != known.hash:
		c.failLocked(fmt.Errorf("fork: %s has block %d with hash %v and state %v, others have %v and %v",
			who, height, said.hash, said.stateRoot, known.hash, known.stateRoot))
	case said.stateRoot != known.stateRoot:
		c.failLocked(fmt.Errorf("states differ: %s has %v at block %d, others have %v", who, said.stateRoot, height, known.stateRoot))
	case said.body != known.body:
		c.failLocked(fmt.Errorf("%s has other extrinsics in block %d than others", who, height))
	}
}
