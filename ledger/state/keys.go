package state

import (
	"encoding/binary"
	"math"
)

// Every stored key is kind ∥ name ∥ 0x00, followed by a version for the
// versioned kinds. The 0x00 ends the name so that a key without version is
// never mistaken for one with it, and it keeps names in byte order.
const (
	kindAux        byte = 'a' // side records, one version
	kindMeta       byte = 'm' // format, head, pruning cursor
	kindNode       byte = 'n' // trie nodes by path, versioned
	kindRoot       byte = 'r' // state root by height
	kindSuperseded byte = 's' // superseded list by height and chunk
	kindValue      byte = 'v' // state values, versioned
	kindSide       byte = 'x' // what others keep here, one version, see Side
)

const (
	endOfName = 0x00
	// A version is the inverted big-endian height, newest first, and its own
	// length. The length cannot be confused with endOfName.
	versionLen  = 9
	versionMark = versionLen
)

// Names of the meta records.
const (
	metaFormat = "format" // u8 layout version
	metaHead   = "head"   // u64 height, 32-byte root
	metaPruned = "pruned" // u64 oldest retained height, u32 next chunk of its list
	// u64 height of a state that is being restored: versions above the head are
	// what there is of it.
	metaRestore = "restore"
)

const layoutVersion = 1

func appendName(dst []byte, kind byte, name []byte) []byte {
	dst = append(dst, kind)
	dst = append(dst, name...)
	return append(dst, endOfName)
}

func appendVersion(dst []byte, height uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, math.MaxUint64-height)
	return append(dst, versionMark)
}

// versionOf returns the height in the version suffix of a versioned key.
func versionOf(key []byte) uint64 {
	return math.MaxUint64 - binary.BigEndian.Uint64(key[len(key)-versionLen:])
}

// nameOf returns the name of a versioned key.
func nameOf(key []byte) []byte { return key[1 : len(key)-versionLen-1] }

func metaKey(name string) []byte { return appendName(nil, kindMeta, []byte(name)) }

func rootKey(height uint64) []byte {
	return appendName(nil, kindRoot, binary.BigEndian.AppendUint64(nil, height))
}

func supersededKey(height uint64, chunk uint32) []byte {
	name := binary.BigEndian.AppendUint64(nil, height)
	return appendName(nil, kindSuperseded, binary.BigEndian.AppendUint32(name, chunk))
}

// rangeOf returns the bounds of the names of a kind that start with prefix and
// are greater than after (nil = from the start).
func rangeOf(kind byte, prefix, after []byte) (lower, upper []byte) {
	lower = appendName(nil, kind, prefix)
	if after != nil {
		// The least name above after is after ∥ 0x00.
		next := appendName(nil, kind, append(append([]byte(nil), after...), 0))
		if compareKeys(next, lower) > 0 {
			lower = next
		}
	}
	upper = append([]byte{kind}, prefix...)
	for len(upper) > 0 && upper[len(upper)-1] == 0xff {
		upper = upper[:len(upper)-1]
	}
	upper[len(upper)-1]++ // the kinds are below 0xff, so one byte is left at least
	return lower, append(upper, endOfName)
}
