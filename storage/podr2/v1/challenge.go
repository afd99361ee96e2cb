package v1

import (
	"encoding/binary"
	"fmt"
	"math/big"
)

// ValueSize is the length in bytes of a weight.
const ValueSize = 20

// Challenge is the service part of an on-chain challenge, the SCALE type QElement: index k belongs to value k, in the
// order in which the chain drew them. It is the same for all fragments of a miner.
type Challenge struct {
	Indices []uint32
	Values  [][ValueSize]byte
}

func (c *Challenge) validate() error {
	if c == nil {
		return fmt.Errorf("%w: no challenge", ErrEncoding)
	}
	if len(c.Indices) == 0 || len(c.Indices) > MaxChallengeLength || len(c.Indices) != len(c.Values) {
		return fmt.Errorf("%w: challenge of %d indices and %d values", ErrEncoding, len(c.Indices), len(c.Values))
	}
	for _, i := range c.Indices {
		if i >= BlocksPerFragment {
			return fmt.Errorf("%w: challenged block %d", ErrEncoding, i)
		}
	}
	return nil
}

// weights returns the values as integers.
func (c *Challenge) weights() []*big.Int {
	out := make([]*big.Int, len(c.Values))
	for k := range out {
		out[k] = new(big.Int).SetBytes(c.Values[k][:])
	}
	return out
}

// Bytes returns the SCALE encoding: Vec<u32> ‖ Vec<[u8; 20]>.
func (c *Challenge) Bytes() []byte {
	b := appendCompact(nil, len(c.Indices))
	for _, i := range c.Indices {
		b = binary.LittleEndian.AppendUint32(b, i)
	}
	b = appendCompact(b, len(c.Values))
	for k := range c.Values {
		b = append(b, c.Values[k][:]...)
	}
	return b
}

// ParseChallenge reads the SCALE encoding. The error is ErrEncoding.
func ParseChallenge(b []byte) (*Challenge, error) {
	c := new(Challenge)
	n, b, err := readCompact(b)
	if err != nil {
		return nil, err
	}
	if len(b) < 4*n {
		return nil, fmt.Errorf("%w: challenge ends early", ErrEncoding)
	}
	for range n {
		c.Indices = append(c.Indices, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	n, b, err = readCompact(b)
	if err != nil {
		return nil, err
	}
	if len(b) != ValueSize*n {
		return nil, fmt.Errorf("%w: challenge values of %d bytes", ErrEncoding, len(b))
	}
	for range n {
		c.Values = append(c.Values, [ValueSize]byte(b))
		b = b[ValueSize:]
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// appendCompact appends a SCALE compact number below 2^14.
func appendCompact(b []byte, n int) []byte {
	if n < 64 {
		return append(b, byte(n<<2))
	}
	return binary.LittleEndian.AppendUint16(b, uint16(n<<2|1))
}

// readCompact reads the shortest SCALE compact form of a number up to MaxChallengeLength.
func readCompact(b []byte) (n int, rest []byte, err error) {
	switch {
	case len(b) >= 1 && b[0]&3 == 0:
		return int(b[0] >> 2), b[1:], nil
	case len(b) >= 2 && b[0]&3 == 1:
		n = int(binary.LittleEndian.Uint16(b) >> 2)
		if n >= 64 && n <= MaxChallengeLength {
			return n, b[2:], nil
		}
	}
	return 0, nil, fmt.Errorf("%w: length in challenge", ErrEncoding)
}
