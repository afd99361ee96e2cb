package state

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/blake2b"
)

// TrieRoot returns the root of the trie over pairs, whose keys must be unique.
// The extrinsics root is that of version V0 over (Compact(index), extrinsic).
func TrieRoot(pairs []KV, version Version) ([32]byte, error) {
	if !slices.IsSortedFunc(pairs, compareKV) {
		pairs = slices.Clone(pairs)
		slices.SortFunc(pairs, compareKV)
	}
	b := builder{version: version}
	for i, p := range pairs {
		if i > 0 && bytes.Equal(pairs[i-1].Key, p.Key) {
			return [32]byte{}, fmt.Errorf("trie root: duplicate key %x", p.Key)
		}
		b.add(p.Key, p.Value)
	}
	return b.root(), nil
}

func compareKV(a, b KV) int { return bytes.Compare(a.Key, b.Key) }

// builder computes a root from keys in ascending order, keeping only the
// branches above the last key.
type builder struct {
	version Version
	stack   []openBranch // by depth
	key     []byte       // nibbles of the pending node
	pending *node        // its partial key is not known yet
	end     int          // length of the pending node's own key

	// emit, if set, receives every node that the store keeps: its stored path
	// and encoding, children before their parents. It may keep the encoding, not
	// the path. Its first error ends up in err.
	emit func(path, encoded []byte) error
	err  error
	path []byte // scratch
}

// openBranch is a branch whose key is the first depth nibbles of the pending
// node's key, and which may get more children.
type openBranch struct {
	depth int
	node  *node
}

func (b *builder) add(key, val []byte) {
	next := appendNibbles(make([]byte, 0, 2*len(key)), key)
	if b.pending != nil {
		b.closeTo(commonPrefix(b.key, next))
	}
	// A hashed value is hashed at once, an inline one copied, so that val may be
	// reused.
	v := newValue(val, b.version)
	if v.kind == valueInline {
		v.data = bytes.Clone(v.data)
	}
	b.key, b.pending, b.end = next, &node{value: v}, len(next)
}

// closeTo attaches everything below depth, where the next key turns off, and
// leaves a branch open there.
func (b *builder) closeTo(depth int) {
	for len(b.stack) > 0 && b.stack[len(b.stack)-1].depth > depth {
		b.pop()
	}
	if len(b.stack) == 0 || b.stack[len(b.stack)-1].depth < depth {
		branch := &node{children: new([16]slot)}
		if b.end == depth { // the pending key is a prefix of the next
			branch.value = b.pending.value
			b.pending = nil
		}
		b.stack = append(b.stack, openBranch{depth, branch})
	}
	if b.pending != nil {
		b.attach()
	}
}

// pop attaches the pending node to the deepest open branch, which becomes the
// pending node.
func (b *builder) pop() {
	b.attach()
	top := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	b.pending, b.end = top.node, top.depth
}

func (b *builder) attach() {
	top := b.stack[len(b.stack)-1]
	b.pending.partial = b.key[top.depth+1 : b.end]
	encoded := appendNode(nil, b.pending)
	if len(encoded) >= hashSize {
		b.told(b.key[:top.depth+1], encoded)
	}
	top.node.children[b.key[top.depth]].ref = reference(encoded)
	b.pending = nil
}

func (b *builder) told(nibbles, encoded []byte) {
	if b.emit == nil || b.err != nil {
		return
	}
	b.path = appendPath(b.path[:0], nibbles)
	b.err = b.emit(b.path, encoded)
}

// root ends the trie. It may be called once.
func (b *builder) root() [hashSize]byte {
	if b.pending == nil {
		return emptyRoot
	}
	for len(b.stack) > 0 {
		b.pop()
	}
	b.pending.partial = b.key[:b.end]
	encoded := appendNode(nil, b.pending)
	b.told(nil, encoded)
	return blake2b.Sum256(encoded)
}
