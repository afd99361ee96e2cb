package consensus

import (
	"bytes"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	sm "github.com/cometbft/cometbft/state"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// anchor is what a node needs besides the state to go on from a block. None of
// it has to be believed: the state root and the commitment come from headers
// that a light client verified, and everything here hangs on one of them.
type anchor struct {
	Header substrate.Header
	// Ancestors are the headers before it, newest first, for clients that look a
	// little back.
	Ancestors []substrate.Header
	Body      [][]byte
	// Record is consensus' own record of the block, as it is stored.
	Record []byte
}

const (
	// maxAncestors bounds the headers of an anchor.
	maxAncestors = 256
	// maxAnchor bounds an encoded anchor, in bytes. The longest block that can be
	// configured fits.
	maxAnchor = 80 << 20
)

// commitment binds what consensus knows about a block, besides the state root,
// into CometBFT's chain: it is the data of the first transaction's result, over
// which the next CometBFT header has a hash.
func commitment(block substrate.H256, record []byte) [32]byte {
	return crypto.Blake2b256([]byte("cess/anchor"), block[:], record)
}

// results are the outcomes of n transactions as CometBFT hashes them. Real
// outcomes are events, in the state.
func results(commitment [32]byte, n int) []*abci.ExecTxResult {
	out := make([]*abci.ExecTxResult, n)
	for i := range out {
		out[i] = &abci.ExecTxResult{}
	}
	if n > 0 {
		out[0].Data = commitment[:]
	}
	return out
}

// newAnchor collects the anchor of the block with the given number.
func newAnchor(c *chain.Chain, number uint32, record []byte) (*anchor, error) {
	block, err := c.Block(number)
	if err != nil {
		return nil, err
	}
	a := &anchor{Header: block.Header, Body: block.Body, Record: record}
	parent := block.Header.ParentHash
	for len(a.Ancestors) < maxAncestors && parent != c.Genesis() {
		h, err := c.Header(parent)
		if errors.Is(err, chain.ErrUnknownBlock) || errors.Is(err, chain.ErrNotKept) {
			break // this node joined there
		} else if err != nil {
			return nil, err
		}
		a.Ancestors = append(a.Ancestors, h)
		parent = h.ParentHash
	}
	return a, nil
}

func decodeAnchor(b []byte) (*anchor, error) {
	a, err := scale.Unmarshal[anchor](b)
	if err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	if len(a.Ancestors) > maxAncestors {
		return nil, fmt.Errorf("anchor: %d ancestors", len(a.Ancestors))
	}
	return &a, nil
}

// block is the anchor's block.
func (a *anchor) block() (*chain.Block, error) {
	hash, err := a.Header.Hash()
	if err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	return &chain.Block{Ref: chain.Ref{Number: a.Header.Number, Hash: hash}, Header: a.Header, Body: a.Body}, nil
}

// check says whether the anchor is what it claims to be, as far as it can be
// told from itself: its ancestors, body and record.
func (a *anchor) check() (record, error) {
	child := &a.Header
	for i := range a.Ancestors {
		h := &a.Ancestors[i]
		hash, err := h.Hash()
		if err != nil {
			return record{}, fmt.Errorf("anchor: %w", err)
		}
		if hash != child.ParentHash || h.Number+1 != child.Number || h.Number == 0 {
			return record{}, fmt.Errorf("anchor: header %d is not the parent of block %d", h.Number, child.Number)
		}
		child = h
	}
	root, err := extrinsicsRoot(a.Body)
	if err != nil {
		return record{}, err
	}
	if root != a.Header.ExtrinsicsRoot {
		return record{}, fmt.Errorf("anchor: body of block %d has root %x, its header %x", a.Header.Number, root, a.Header.ExtrinsicsRoot)
	}
	r, err := scale.Unmarshal[record](a.Record)
	if err != nil {
		return r, fmt.Errorf("anchor: record of block %d: %w", a.Header.Number, err)
	}
	return r, nil
}

// trust is what a light client knows about a height from CometBFT's headers.
type trust struct {
	appHash     []byte
	resultsHash []byte
	// inherents is how many extrinsics a block starts with that nobody sent.
	inherents int
}

// confirm says whether CometBFT's chain has this anchor's block at its height.
func (a *anchor) confirm(t trust) error {
	if !bytes.Equal(a.Header.StateRoot[:], t.appHash) {
		return fmt.Errorf("anchor: state root %x, CometBFT's header has %x", a.Header.StateRoot, t.appHash)
	}
	hash, err := a.Header.Hash()
	if err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	n, err := transactions(a.Body, t.inherents)
	if err != nil {
		return err
	}
	if got := sm.TxResultsHash(results(commitment(hash, a.Record), n)); !bytes.Equal(got, t.resultsHash) {
		return fmt.Errorf("anchor: block %d or its record is not what CometBFT's chain has", a.Header.Number)
	}
	return nil
}

// transactions is how many CometBFT transactions make a block with this body:
// the votes and every extrinsic, signed or not, that somebody sent.
func transactions(body [][]byte, inherents int) (int, error) {
	if len(body) < inherents {
		return 0, fmt.Errorf("anchor: %d extrinsics, less than the %d that every block starts with", len(body), inherents)
	}
	return 1 + len(body) - inherents, nil
}
