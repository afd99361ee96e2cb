package state

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/blake2b"
)

// ClosestDescendant returns the Merkle value of the trie node of key or, if the
// trie has no such node, of the closest one below it: the hash of the node's
// encoding, or the encoding itself when that is shorter (Polkadot
// specification, "Merkle value"). It is nil when no key starts with key. Two
// states in which it is equal hold the same pairs under key.
func (v *View) ClosestDescendant(key []byte) ([]byte, error) {
	if v.root == emptyRoot {
		return nil, nil
	}
	nibbles := appendNibbles(make([]byte, 0, 2*len(key)), key)
	rest, ref := nibbles, v.root[:]
	for len(rest) > 0 {
		n, err := v.follow(nibbles[:len(nibbles)-len(rest)], ref)
		if err != nil {
			return nil, fmt.Errorf("closest descendant of %x at %d: %w", key, v.height, err)
		}
		if len(rest) <= len(n.partial) {
			if !bytes.HasPrefix(n.partial, rest) {
				return nil, nil
			}
			break // this node is the first at or below key
		}
		if !bytes.HasPrefix(rest, n.partial) || n.children == nil {
			return nil, nil
		}
		rest = rest[len(n.partial):]
		if n.children[rest[0]].empty() {
			return nil, nil
		}
		ref, rest = n.children[rest[0]].ref, rest[1:]
	}
	return bytes.Clone(ref), nil
}

// follow decodes the node at a path of nibbles which its parent refers to by
// ref.
func (v *View) follow(path, ref []byte) (*node, error) {
	if len(ref) < hashSize {
		return decodeNode(ref)
	}
	r, err := v.node(appendPath(nil, path))
	if err != nil {
		return nil, err
	}
	if blake2b.Sum256(r.encoded) != [hashSize]byte(ref) {
		return nil, fmt.Errorf("%w: node at path %x differs from its hash", ErrCorrupt, path)
	}
	return decodeNode(r.encoded)
}
