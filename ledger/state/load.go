package state

import (
	"fmt"

	"golang.org/x/crypto/blake2b"
)

// record is a trie node as stored.
type record struct {
	encoded []byte
	known   bool   // whether the next field is
	version uint64 // height it was written at
}

// node returns the node stored at a path as of the view's height.
func (v *View) node(path []byte) (*record, error) {
	encoded, version, err := v.lookup(v.store.nodes, kindNode, path)
	if err != nil {
		return nil, err
	}
	if encoded == nil {
		return nil, fmt.Errorf("%w: no trie node at path %x", ErrCorrupt, path)
	}
	return &record{encoded, true, version}, nil
}

// hasNode tells whether node will find a node in the cache.
func (v *View) hasNode(path []byte) bool {
	return v.store.nodes.has(path, v.height)
}

// cachedValue returns the value of key if it is cached, else nil. It must not be
// changed.
func (v *View) cachedValue(key []byte) []byte {
	data, _, _ := v.store.values.get(key, v.height)
	return data
}

// openLeaf opens the child in s without reading it, if it turns out to be the
// leaf of the key to be changed: most changed values have been read shortly
// before and are cached, and the value before makes the leaf before, which the
// hash in s confirms.
func (u *updater) openLeaf(s *slot, depth int, o op) bool {
	if len(s.ref) != hashSize || u.base.hasNode(u.storedPath(o.key[:depth], -1)) {
		return false
	}
	old := u.base.cachedValue(u.changes[o.index].Key)
	if old == nil {
		return false
	}
	leaf := &node{partial: o.key[depth:], value: newValue(old, u.version)}
	encoded := appendNode(make([]byte, 0, encodedSize(leaf)), leaf)
	if blake2b.Sum256(encoded) != [hashSize]byte(s.ref) {
		return false
	}
	*s = slot{node: leaf, record: &record{encoded: encoded}}
	return true
}

// open makes sure that the child in s is decoded. Its path is prefix, followed
// by the nibble last if that is not negative.
func (u *updater) open(s *slot, prefix []byte, last int) error {
	if s.node != nil {
		return nil
	}
	encoded := s.ref
	if len(s.ref) == hashSize {
		var err error
		if s.record, err = u.base.node(u.storedPath(prefix, last)); err != nil {
			return err
		}
		encoded = s.record.encoded
	}
	var err error
	if s.node, err = decodeNode(encoded); err != nil {
		return fmt.Errorf("%w: node under path %x: %w", ErrCorrupt, prefix, err)
	}
	s.ref = nil
	return nil
}

// storedPath returns the stored form of a path. It is valid until the next call.
func (u *updater) storedPath(prefix []byte, last int) []byte {
	u.path = appendPath(u.path[:0], prefix)
	if last < 0 {
		return u.path
	}
	if len(prefix)%2 == 0 {
		u.path[len(u.path)-1] = byte(last) << 4
		u.path = append(u.path, 1)
		return u.path
	}
	u.path[len(u.path)-2] |= byte(last)
	u.path[len(u.path)-1] = 0
	return u.path
}
