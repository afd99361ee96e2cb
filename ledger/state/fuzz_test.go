package state

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/crypto/blake2b"
)

func seedNodes(f *testing.F) {
	for _, s := range []string{"00", "40042a", "44abcd1001020304", "81010c000c4004070c400408",
		"2f000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "7f00", "1f", "ffff", "7fffff"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
}

// FuzzDecodeNode: whatever decodes is canonical, so that it encodes to the same
// bytes.
func FuzzDecodeNode(f *testing.F) {
	seedNodes(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decodeNode(b)
		if err != nil {
			return
		}
		if again := appendNode(nil, n); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes to what encodes as %x", b, again)
		}
		if size := encodedSize(n); size < len(b) {
			t.Fatalf("estimated %d bytes for %d", size, len(b))
		}
	})
}

// FuzzVerifyProof: a proof of arbitrary nodes, cut from the input, never panics,
// and whatever it proves is in a node or an entry of it.
func FuzzVerifyProof(f *testing.F) {
	leaf, _ := hex.DecodeString("44abcd1001020304")
	f.Add([]byte{0xab, 0xcd}, leaf, uint8(len(leaf)))
	f.Add([]byte{}, []byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, key, data []byte, cut uint8) {
		var proof [][]byte
		for rest := data; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			proof = append(proof, rest[:n])
			rest = rest[n:]
		}
		var root [32]byte
		if len(proof) > 0 {
			root = blake2b.Sum256(proof[0])
		}
		value, err := VerifyProof(root, proof, key)
		if err != nil || value == nil {
			return
		}
		for _, p := range proof {
			if bytes.Contains(p, value) {
				return
			}
		}
		t.Fatalf("proved %x, which is nowhere in the proof", value)
	})
}

// FuzzProofTamper: changing a genuine proof never proves another value.
func FuzzProofTamper(f *testing.F) {
	pairs := []KV{{[]byte("a"), []byte("1")}, {[]byte("ab"), bytes.Repeat([]byte("x"), 40)},
		{[]byte("abc"), bytes.Repeat([]byte("y"), 32)}, {[]byte("b"), bytes.Repeat([]byte("z"), 100)}}
	s := mustOpen(f, vfs.NewMem())
	mustCommit(f, s, 0, pairs, nil)
	v, err := s.At(0)
	if err != nil {
		f.Fatal(err)
	}
	defer v.Close()
	root := v.Root()
	proofs := make([][][]byte, len(pairs))
	for i, p := range pairs {
		if proofs[i], err = v.Prove([][]byte{p.Key}); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(uint8(0), uint16(0), uint8(1))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, flip uint8) {
		i := int(which) % len(pairs)
		var proof [][]byte
		position := int(at)
		for _, node := range proofs[i] {
			node = bytes.Clone(node)
			if position >= 0 && position < len(node) {
				node[position] ^= flip
			}
			position -= len(node)
			proof = append(proof, node)
		}
		value, err := VerifyProof(root, proof, pairs[i].Key)
		if err == nil && !bytes.Equal(value, pairs[i].Value) {
			t.Fatalf("tampered proof shows %x under %q", value, pairs[i].Key)
		}
	})
}

// FuzzSuperseded: lists survive a round trip, and arbitrary bytes do not panic.
func FuzzSuperseded(f *testing.F) {
	f.Add(uint64(7), []byte{flagNode | flagKnown, 0, 2, 'a', 'b', 3, flagDeleted, 1, 1, 'c'})
	f.Fuzz(func(t *testing.T, height uint64, b []byte) {
		var again []byte
		w := supersededWriter{height: height, emit: func(_ uint32, encoded []byte) error {
			again = append(again, encoded...)
			return nil
		}}
		var entries []superseded
		err := readSuperseded(height, b, func(e superseded) error {
			if e.known && e.version >= height {
				t.Fatalf("version %d in the list of %d", e.version, height)
			}
			e.name = bytes.Clone(e.name)
			entries = append(entries, e)
			return w.add(e)
		})
		if err != nil || len(entries) >= chunkEntries {
			return
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		i := 0
		err = readSuperseded(height, again, func(e superseded) error {
			want := entries[i]
			i++
			if e.kind != want.kind || !bytes.Equal(e.name, want.name) || e.deleted != want.deleted ||
				e.known != want.known || e.version != want.version {
				t.Fatalf("%+v came back as %+v", want, e)
			}
			return nil
		})
		if err != nil || i != len(entries) {
			t.Fatalf("%d of %d entries came back: %v", i, len(entries), err)
		}
	})
}
