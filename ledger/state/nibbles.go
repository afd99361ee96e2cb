package state

// Trie keys are walked nibble by nibble, high nibble first. Inside the package
// a nibble string has one nibble per byte.

func appendNibbles(dst, key []byte) []byte {
	for _, b := range key {
		dst = append(dst, b>>4, b&0x0f)
	}
	return dst
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// appendPath appends the stored form of a node's path: the nibbles packed high
// nibble first, and a last byte that tells an odd path from an even one. Nodes
// below each other are neighbours on disk.
func appendPath(dst, nibbles []byte) []byte {
	for len(nibbles) >= 2 {
		dst = append(dst, nibbles[0]<<4|nibbles[1])
		nibbles = nibbles[2:]
	}
	if len(nibbles) == 1 {
		return append(dst, nibbles[0]<<4, 1)
	}
	return append(dst, 0)
}
