package chain

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The first byte of this package's side records.
const (
	kindHeader byte = 'H' // u32 BE number → SCALE header
	kindBody   byte = 'B' // u32 BE number → SCALE Vec<Vec<u8>>
	kindHash   byte = 'N' // block hash → u32 BE number
	kindName   byte = 'G' // u32 BE number → block hash
	kindJoined byte = 'J' // → u32 BE first block with a header, u32 BE first with a body
)

// Reserved says whether a side record's key belongs to this package.
func Reserved(key []byte) bool {
	if len(key) == 0 {
		return false
	}
	switch key[0] {
	case kindHeader, kindBody, kindHash, kindName, kindJoined:
		return true
	}
	return false
}

func numberKey(kind byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, number)
}

func hashKey(hash substrate.H256) []byte { return append([]byte{kindHash}, hash[:]...) }

// encode makes the records of a block.
func encode(b *Block) ([]state.KV, error) {
	body, err := scale.Marshal(b.Body)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	records, err := encodeHeader(&b.Header, b.Hash)
	return append(records, state.KV{Key: numberKey(kindBody, b.Number), Value: body}), err
}

// encodeHeader makes those of a block without its body.
func encodeHeader(h *substrate.Header, hash substrate.H256) ([]state.KV, error) {
	header, err := scale.Marshal(*h)
	if err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	return []state.KV{
		{Key: numberKey(kindHeader, h.Number), Value: header},
		{Key: numberKey(kindName, h.Number), Value: hash[:]},
		{Key: hashKey(hash), Value: binary.BigEndian.AppendUint32(nil, h.Number)},
	}, nil
}

// record reads a side record that must be there.
func (c *Chain) record(key []byte) ([]byte, error) {
	v, err := c.store.Aux(key)
	if err != nil {
		return nil, fmt.Errorf("read block record: %w", err)
	}
	if v == nil {
		return nil, ErrUnknownBlock
	}
	return v, nil
}

// numbered reads the record of a kind of the block with the given number.
func (c *Chain) numbered(kind byte, number uint32) ([]byte, error) {
	v, err := c.record(numberKey(kind, number))
	if errors.Is(err, ErrUnknownBlock) {
		if missing := c.notKept(kind, number); missing != nil {
			return nil, missing
		}
	}
	return v, err
}

func (c *Chain) hashAt(number uint32) (substrate.H256, error) {
	v, err := c.numbered(kindName, number)
	if err != nil {
		return substrate.H256{}, err
	}
	var hash substrate.H256
	if len(v) != len(hash) {
		return hash, fmt.Errorf("hash of block %d: %d bytes", number, len(v))
	}
	copy(hash[:], v)
	return hash, nil
}

func (c *Chain) headerAt(number uint32) (substrate.Header, error) {
	v, err := c.numbered(kindHeader, number)
	if err != nil {
		return substrate.Header{}, err
	}
	h, err := scale.Unmarshal[substrate.Header](v)
	if err != nil {
		return h, fmt.Errorf("header of block %d: %w", number, err)
	}
	return h, nil
}

func (c *Chain) bodyAt(number uint32) ([][]byte, error) {
	v, err := c.numbered(kindBody, number)
	if err != nil {
		return nil, err
	}
	body, err := scale.Unmarshal[[][]byte](v)
	if err != nil {
		return nil, fmt.Errorf("body of block %d: %w", number, err)
	}
	return body, nil
}
