package state

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var errBadNode = errors.New("malformed trie node")

// decodeNode decodes a canonical node encoding. The node refers into encoded.
func decodeNode(encoded []byte) (*node, error) {
	d := nodeDecoder{rest: encoded}
	n := d.node()
	if d.bad || len(d.rest) != 0 {
		return nil, errBadNode
	}
	return n, nil
}

type nodeDecoder struct {
	rest []byte
	bad  bool
}

func (d *nodeDecoder) node() *node {
	header := d.take(1)
	if d.bad {
		return nil
	}
	var n node
	kind, branch := valueInline, false
	switch h := header[0]; {
	case h&0xc0 == headerLeaf:
		n.partial = d.partial(h, 6)
	case h&0xc0 == headerBranch:
		kind, branch = valueNone, true
		n.partial = d.partial(h, 6)
	case h&0xc0 == headerBranchValue:
		branch = true
		n.partial = d.partial(h, 6)
	case h&0xe0 == headerLeafHashed:
		kind = valueHashed
		n.partial = d.partial(h, 5)
	case h&0xf0 == headerBranchHashed:
		kind, branch = valueHashed, true
		n.partial = d.partial(h, 4)
	default:
		d.bad = true
		return nil
	}
	var bitmap uint16
	if branch {
		if b := d.take(2); !d.bad {
			bitmap = binary.LittleEndian.Uint16(b)
		}
		d.bad = d.bad || bitmap == 0
	}
	switch n.value.kind = kind; kind {
	case valueInline:
		n.value.data = d.blob()
	case valueHashed:
		n.value.data = d.take(hashSize)
	}
	if d.bad || !branch {
		return &n
	}
	n.children = new([16]slot)
	for ; bitmap != 0; bitmap &= bitmap - 1 {
		ref := d.blob()
		if len(ref) == 0 || len(ref) > hashSize {
			d.bad = true
		}
		n.children[bits.TrailingZeros16(bitmap)].ref = ref
	}
	return &n
}

func (d *nodeDecoder) take(n int) []byte {
	if n > len(d.rest) {
		d.bad, d.rest = true, nil
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *nodeDecoder) partial(header byte, lengthBits int) []byte {
	limit := 1<<lengthBits - 1
	length := int(header) & limit
	for more := length == limit; more; {
		b := d.take(1)
		if d.bad {
			return nil
		}
		length += int(b[0])
		more = b[0] == 255
	}
	packed := d.take((length + 1) / 2)
	if d.bad || length == 0 {
		return nil
	}
	nibbles := appendNibbles(make([]byte, 0, 2*len(packed)), packed)
	if length%2 == 1 {
		d.bad = d.bad || nibbles[0] != 0
		nibbles = nibbles[1:]
	}
	return nibbles
}

// blob reads Compact(len) ∥ bytes; the compact must be minimal.
func (d *nodeDecoder) blob() []byte {
	b := d.take(1)
	if d.bad {
		return nil
	}
	n, least := uint32(b[0]>>2), uint32(0)
	switch b[0] & 3 {
	case 1:
		next := d.take(1)
		if d.bad {
			return nil
		}
		n, least = n|uint32(next[0])<<6, 1<<6
	case 2:
		next := d.take(3)
		if d.bad {
			return nil
		}
		n, least = n|uint32(next[0])<<6|uint32(next[1])<<14|uint32(next[2])<<22, 1<<14
	case 3:
		d.bad = true
	}
	if n < least {
		d.bad = true
	}
	if d.bad {
		return nil
	}
	return d.take(int(n))
}
