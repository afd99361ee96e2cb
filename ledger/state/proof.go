package state

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/blake2b"
)

// ErrInvalidProof is returned by VerifyProof when the proof does not show what
// the root says about the key: a node is missing or malformed.
var ErrInvalidProof = errors.New("invalid state proof")

// Prove returns the trie nodes that show what the state holds under keys, or
// that it holds nothing, in the form of state_getReadProof: the encoded nodes on
// the way from the root, and hashed values as entries of their own, sorted and
// each once. Inline nodes are part of their parents.
func (v *View) Prove(keys [][]byte) (nodes [][]byte, err error) {
	seen := make(map[string]struct{})
	for _, key := range keys {
		steps, err := v.prove(key)
		if err != nil {
			return nil, fmt.Errorf("prove %x at %d: %w", key, v.height, err)
		}
		for _, step := range steps {
			if _, again := seen[string(step)]; !again {
				seen[string(step)] = struct{}{}
				nodes = append(nodes, bytes.Clone(step))
			}
		}
	}
	slices.SortFunc(nodes, bytes.Compare)
	return nodes, nil
}

func (v *View) prove(key []byte) (steps [][]byte, err error) {
	load := func(path []byte, _ []byte) ([]byte, error) {
		r, err := v.node(appendPath(nil, path))
		if err != nil {
			return nil, err
		}
		steps = append(steps, r.encoded)
		return r.encoded, nil
	}
	found, err := walk(v.root, key, load)
	if err != nil {
		return nil, err
	}
	if found.kind == valueHashed {
		val, err := v.Get(key)
		if err != nil {
			return nil, err
		}
		if hash := blake2b.Sum256(val); !bytes.Equal(hash[:], found.data) {
			return nil, fmt.Errorf("%w: value differs from its hash in the trie", ErrCorrupt)
		}
		steps = append(steps, val)
	}
	return steps, nil
}

// VerifyProof returns the value that proof shows under key in the state with
// this root; nil means that the key is shown to be absent. Nodes of other keys
// may be part of the proof. Its work is linear in the proof's size.
func VerifyProof(root [32]byte, proof [][]byte, key []byte) (value []byte, err error) {
	known := make(map[[hashSize]byte][]byte, len(proof))
	for _, node := range proof {
		known[blake2b.Sum256(node)] = node
	}
	load := func(_ []byte, hash []byte) ([]byte, error) {
		if encoded, ok := known[[hashSize]byte(hash)]; ok {
			return encoded, nil
		}
		return nil, fmt.Errorf("%w: no node with hash %x", ErrInvalidProof, hash)
	}
	found, err := walk(root, key, load)
	if errors.Is(err, errBadNode) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidProof, err)
	}
	if err != nil {
		return nil, err
	}
	switch found.kind {
	case valueNone:
		return nil, nil
	case valueHashed:
		data, err := load(nil, found.data)
		if err != nil {
			return nil, err
		}
		return append([]byte{}, data...), nil
	default:
		return append([]byte{}, found.data...), nil
	}
}

// walk follows key from the root and returns what the trie holds under it. load
// returns the encoding of the node at a path of nibbles with the given hash.
func walk(root [hashSize]byte, key []byte, load func(path, hash []byte) ([]byte, error)) (value, error) {
	if root == emptyRoot {
		return value{}, nil
	}
	nibbles := appendNibbles(make([]byte, 0, 2*len(key)), key)
	rest, ref := nibbles, root[:]
	for {
		encoded := ref
		if len(ref) == hashSize {
			var err error
			if encoded, err = load(nibbles[:len(nibbles)-len(rest)], ref); err != nil {
				return value{}, err
			}
		}
		n, err := decodeNode(encoded)
		if err != nil {
			return value{}, err
		}
		if !bytes.HasPrefix(rest, n.partial) {
			return value{}, nil
		}
		rest = rest[len(n.partial):]
		if len(rest) == 0 {
			return n.value, nil
		}
		if n.children == nil || n.children[rest[0]].empty() {
			return value{}, nil
		}
		ref, rest = n.children[rest[0]].ref, rest[1:]
	}
}
