package state

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/crypto/blake2b"
)

const hashSize = blake2b.Size256

// emptyRoot is the root of a trie without keys: blake2b-256 of the one byte 0.
var emptyRoot = blake2b.Sum256([]byte{emptyNode})

// Node headers: a variant in the high bits and the length of the partial key in
// the rest (Polkadot specification, "Merkle proofs", node header).
const (
	emptyNode          byte = 0x00
	headerLeaf         byte = 0x40 // 6 bits of length
	headerBranch       byte = 0x80 // 6
	headerBranchValue  byte = 0xc0 // 6
	headerLeafHashed   byte = 0x20 // 5
	headerBranchHashed byte = 0x10 // 4
)

// Version is a Substrate state version. It decides which values are hashed into
// their node instead of being part of it.
type Version uint8

const (
	// V0 keeps every value in its node. Extrinsics roots use it.
	V0 Version = 0
	// V1 hashes values of more than 32 bytes. State roots use it.
	V1 Version = 1
)

const maxInlineValue = 32

// value is what a node holds: nothing, the value itself, or its hash.
type value struct {
	kind valueKind
	data []byte
}

type valueKind uint8

const (
	valueNone valueKind = iota
	valueInline
	valueHashed
)

func newValue(v []byte, version Version) value {
	if version == V1 && len(v) > maxInlineValue {
		hash := blake2b.Sum256(v)
		return value{valueHashed, hash[:]}
	}
	return value{valueInline, v}
}

func (v value) equal(w value) bool { return v.kind == w.kind && bytes.Equal(v.data, w.data) }

// node is a decoded trie node. children is nil for a leaf.
type node struct {
	partial  []byte // nibbles below the node's path
	value    value
	children *[16]slot
}

// slot is a place for a child. It is empty, or holds a reference to an untouched
// or finished child, or a child being worked on.
type slot struct {
	ref    []byte  // 32 bytes: hash of the child; fewer: its encoding; nil: see node
	node   *node   // the child while it is being worked on
	record *record // what is stored at the child's path, once it has been loaded
}

func (s *slot) empty() bool { return s.ref == nil && s.node == nil }

// appendNode appends the encoding of n, whose children must all be references.
func appendNode(dst []byte, n *node) []byte {
	switch {
	case n.children == nil && n.value.kind == valueHashed:
		dst = appendHeader(dst, headerLeafHashed, 5, len(n.partial))
	case n.children == nil:
		dst = appendHeader(dst, headerLeaf, 6, len(n.partial))
	case n.value.kind == valueHashed:
		dst = appendHeader(dst, headerBranchHashed, 4, len(n.partial))
	case n.value.kind == valueInline:
		dst = appendHeader(dst, headerBranchValue, 6, len(n.partial))
	default:
		dst = appendHeader(dst, headerBranch, 6, len(n.partial))
	}
	dst = appendPartial(dst, n.partial)
	if n.children != nil {
		var bitmap uint16
		for i := range n.children {
			if n.children[i].ref != nil {
				bitmap |= 1 << i
			}
		}
		dst = binary.LittleEndian.AppendUint16(dst, bitmap)
	}
	switch n.value.kind {
	case valueInline:
		dst = appendBlob(dst, n.value.data)
	case valueHashed:
		dst = append(dst, n.value.data...)
	}
	if n.children != nil {
		for i := range n.children {
			if ref := n.children[i].ref; ref != nil {
				dst = appendBlob(dst, ref)
			}
		}
	}
	return dst
}

// appendHeader writes the variant and the partial key's length: in the header's
// low bits while it fits below their maximum, else continued in bytes of which
// all but the last are 255.
func appendHeader(dst []byte, variant byte, lengthBits, length int) []byte {
	limit := 1<<lengthBits - 1
	if length < limit {
		return append(dst, variant|byte(length))
	}
	dst = append(dst, variant|byte(limit))
	for length -= limit; length >= 255; length -= 255 {
		dst = append(dst, 255)
	}
	return append(dst, byte(length))
}

// appendPartial packs the nibbles; an odd count gets its zero nibble in front.
func appendPartial(dst, nibbles []byte) []byte {
	if len(nibbles)%2 == 1 {
		dst = append(dst, nibbles[0])
		nibbles = nibbles[1:]
	}
	for i := 0; i < len(nibbles); i += 2 {
		dst = append(dst, nibbles[i]<<4|nibbles[i+1])
	}
	return dst
}

// appendBlob appends Compact(len) ∥ b.
func appendBlob(dst, b []byte) []byte {
	switch n := uint32(len(b)); {
	case n < 1<<6:
		dst = append(dst, byte(n)<<2)
	case n < 1<<14:
		dst = binary.LittleEndian.AppendUint16(dst, uint16(n)<<2|1)
	case n < 1<<30:
		dst = binary.LittleEndian.AppendUint32(dst, n<<2|2)
	default:
		dst = binary.LittleEndian.AppendUint32(append(dst, 3), n)
	}
	return append(dst, b...)
}

// reference returns how a parent refers to a child with this encoding.
func reference(encoded []byte) []byte {
	if len(encoded) < hashSize {
		return encoded
	}
	hash := blake2b.Sum256(encoded)
	return hash[:]
}

// isBranch tells whether an encoding, which may be nil, is that of a branch.
func isBranch(encoded []byte) bool {
	return len(encoded) > 0 && (encoded[0] >= headerBranch || encoded[0] < headerLeafHashed)
}
