package chain

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// joined says which blocks a node has that did not follow the chain from its
// beginning. Both are 0 for one that did; genesis is always there.
type joined struct {
	headers uint32 // first block whose header is kept
	bodies  uint32 // first block whose body is kept
}

// Join makes block the best one, with the state that r has restored, which must
// be the state after it, and lets the chain go on from there. ancestors are the
// headers of the blocks before it, newest first and without a gap: their hashes
// stay known. Everything is published in one step; extra is as with Append.
func (c *Chain) Join(r *state.Restore, block *Block, ancestors []substrate.Header, extra []state.KV) error {
	if err := c.join(r, block, ancestors, extra); err != nil {
		return fmt.Errorf("join the chain at block %d: %w", block.Number, err)
	}
	return nil
}

func (c *Chain) join(r *state.Restore, block *Block, ancestors []substrate.Header, extra []state.KV) error {
	if c.Empty() {
		return errors.New("the chain has no genesis")
	}
	if best := c.Best(); block.Number <= best.Number || block.Header.Number != block.Number {
		return fmt.Errorf("header has number %d, the best block is %d", block.Header.Number, best.Number)
	}
	records, err := encode(block)
	if err != nil {
		return err
	}
	j := joined{headers: block.Number, bodies: block.Number}
	parent := block.Header.ParentHash
	for i := range ancestors {
		h := &ancestors[i]
		hash, err := h.Hash()
		switch {
		case err != nil:
			return err
		case hash != parent || h.Number != j.headers-1 || h.Number == 0:
			return fmt.Errorf("header %d is not the parent of block %d", h.Number, j.headers)
		}
		more, err := encodeHeader(h, hash)
		if err != nil {
			return err
		}
		records = append(records, more...)
		parent, j.headers = h.ParentHash, h.Number
	}
	if j.headers == 1 && parent != c.Genesis() {
		return errors.New("the headers lead to another genesis")
	}
	records = append(records, j.kv())
	if err := r.Commit(block.Header.StateRoot, append(records, extra...)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = j
	c.recent = recent{}
	c.recent.init(c.opts.recentBlocks, c.opts.recentBytes)
	c.announce(block)
	return nil
}

// First is the first block after genesis that this node has in full: 1, or the
// one at which it joined the chain.
func (c *Chain) First() uint32 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return max(1, c.joined.bodies)
}

// notKept explains why there is no record of a kind for a block, nil when no
// such block is known.
func (c *Chain) notKept(kind byte, number uint32) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	first := c.joined.headers
	if kind == kindBody {
		first = c.joined.bodies
	}
	if number == 0 || number >= first {
		return nil
	}
	return fmt.Errorf("block %d: %w, which joined the chain at block %d", number, ErrNotKept, c.joined.bodies)
}

func (j joined) kv() state.KV {
	v := binary.BigEndian.AppendUint32(nil, j.headers)
	return state.KV{Key: []byte{kindJoined}, Value: binary.BigEndian.AppendUint32(v, j.bodies)}
}

func (c *Chain) joinedAt() (joined, error) {
	v, err := c.store.Aux([]byte{kindJoined})
	switch {
	case err != nil || v == nil:
		return joined{}, err
	case len(v) != 8:
		return joined{}, fmt.Errorf("record of the first block: %d bytes", len(v))
	}
	return joined{binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:])}, nil
}
