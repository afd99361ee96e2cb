package state

import (
	"bytes"

	"golang.org/x/crypto/blake2b"
)

// finishChildren turns the worked-on children of the node with this key into
// references and notes what has to be written.
func (u *updater) finishChildren(n *node, key []byte) {
	for i := range n.children {
		s := &n.children[i]
		if s.node == nil {
			continue
		}
		encoded := appendNode(make([]byte, 0, encodedSize(s.node)), s.node)
		s.ref, s.node = reference(encoded), nil
		switch {
		case len(encoded) >= hashSize:
			u.write(u.storedPath(key, i), encoded, s.record)
		case s.record != nil:
			u.remove(key, i, s)
		}
	}
}

// finishRoot hashes the root, which is stored whatever its size.
func (u *updater) finishRoot(s *slot) [hashSize]byte {
	if s.node == nil {
		if s.record != nil {
			u.remove(nil, -1, s)
		}
		return emptyRoot
	}
	encoded := appendNode(nil, s.node)
	u.write(u.storedPath(nil, -1), encoded, s.record)
	return blake2b.Sum256(encoded)
}

func (u *updater) write(path, encoded []byte, old *record) {
	w := nodeWrite{path: bytes.Clone(path), encoded: encoded}
	if old != nil {
		if bytes.Equal(old.encoded, encoded) {
			return
		}
		w.old = old
	}
	u.writes = append(u.writes, w)
}

// remove notes that the child in s is no longer stored.
func (u *updater) remove(key []byte, i int, s *slot) {
	path := bytes.Clone(u.storedPath(key, i))
	u.writes = append(u.writes, nodeWrite{path: path, old: s.record})
	s.record = nil
}

// encodedSize returns the capacity that encodes n without growing, or a little
// more.
func encodedSize(n *node) int {
	size := 4 + len(n.partial)/250 + (len(n.partial)+1)/2 + 4 + len(n.value.data)
	if n.children != nil {
		for i := range n.children {
			size += 1 + len(n.children[i].ref)
		}
	}
	return size
}
