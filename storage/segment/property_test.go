package segment

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"io"
	"io/fs"
	"slices"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// naive processes a file as spec/gateway.md §1 says it, without thought for
// speed: its own field arithmetic and its own padding.
func naive(fragment int, data []byte, password string) (m Manifest) {
	m.Size, m.Encrypted = int64(len(data)), password != ""
	unit := 4 * fragment
	if m.Encrypted {
		unit -= 16
	}
	for part := range slices.Chunk(data, unit) {
		seg := append(bytes.Clone(part), make([]byte, unit-len(part))...)
		if m.Encrypted {
			key := []byte(password + "00000000000000000000000000000000")[:32]
			block, err := aes.NewCipher(key)
			if err != nil {
				panic(err)
			}
			seg = append(seg, bytes.Repeat([]byte{16}, 16)...)
			cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(seg, seg)
		}
		s := Segment{ID: sha256.Sum256(seg)}
		shards := slices.Collect(slices.Chunk(seg, fragment))
		for _, row := range [][4]byte{
			{0x1b, 0x1c, 0x12, 0x14}, {0x1c, 0x1b, 0x14, 0x12}, {0x12, 0x14, 0x1b, 0x1c}, {0x14, 0x12, 0x1c, 0x1b},
			{0xf5, 0xe8, 0xc4, 0xd8}, {0xe8, 0xf5, 0xd8, 0xc4}, {0xc4, 0xd8, 0xf5, 0xe8}, {0xd8, 0xc4, 0xe8, 0xf5},
		} {
			p := make([]byte, fragment)
			for i := range p {
				for k, coefficient := range row {
					p[i] ^= multiply(coefficient, shards[k][i])
				}
			}
			shards = append(shards, p)
		}
		for i, b := range shards {
			s.Fragments[i] = sha256.Sum256(b)
		}
		m.Segments = append(m.Segments, s)
	}
	level := m.SegmentIDs()
	for first := true; first || len(level) > 1; first = false {
		if len(level)%2 == 1 {
			level = append(level, level[len(level)-1])
		}
		var next []Hash
		for pair := range slices.Chunk(level, 2) {
			next = append(next, sha256.Sum256(slices.Concat(pair[0][:], pair[1][:])))
		}
		level = next
	}
	m.FID = level[0]
	return m
}

// multiply is the product in GF(2⁸) modulo 0x11d.
func multiply(a, b byte) (p byte) {
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p ^= a
		}
		carry := a >> 7
		a <<= 1
		a ^= carry * 0x1d
	}
	return p
}

// drawFile makes a file with long runs of zeros and repeated segments.
func drawFile(t *rapid.T, g *geometry) []byte {
	var data []byte
	for range rapid.IntRange(0, 6).Draw(t, "parts") {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			data = append(data, make([]byte, rapid.IntRange(1, 2*g.capacity(false)).Draw(t, "zeros"))...)
		case 1:
			data = append(data, rapid.SliceOfN(rapid.Byte(), 1, g.fragment).Draw(t, "bytes")...)
		case 2:
			unit := rapid.SampledFrom([]int{g.fragment, g.capacity(false), g.capacity(true)}).Draw(t, "unit")
			data = append(data, bytes.Repeat(patternBytes(unit), 2)...)
		}
	}
	cut := rapid.IntRange(0, 17).Draw(t, "cut")
	data = data[:max(len(data)-cut, 0)]
	if len(data) == 0 {
		data = []byte{7}
	}
	return data[:min(len(data), g.maxSegments*g.capacity(true))]
}

func drawCipher(t *rapid.T) (string, Cipher) {
	password := rapid.StringN(0, -1, MaxCipherLen).Draw(t, "cipher")
	if password == "" {
		return "", Cipher{}
	}
	c, err := NewCipher(password)
	if err != nil {
		t.Fatal(err)
	}
	return password, c
}

// Rule: for every file the pipeline agrees with the naive reading of the
// specification, whatever the reader's chunks and the number of workers; and
// every loss of up to eight shards of each segment is repaired.
func TestEncodeAgreesAndRestores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small
		data := drawFile(t, g)
		password, c := drawCipher(t)
		var r io.Reader = bytes.NewReader(data)
		switch rapid.IntRange(0, 3).Draw(t, "reader") {
		case 1:
			r = iotest.OneByteReader(r)
		case 2:
			r = iotest.DataErrReader(r)
		case 3:
			r = iotest.HalfReader(r)
		}
		s := newStore(g)
		var last Progress
		m, err := g.encode(context.Background(), r, s, EncodeOptions{
			Cipher: c, Workers: rapid.IntRange(1, 4).Draw(t, "workers"), Progress: func(p Progress) { last = p }})
		if err != nil {
			t.Fatal(err)
		}
		want := naive(g.fragment, data, password)
		if m.FID != want.FID || m.Size != want.Size || !slices.Equal(m.Segments, want.Segments) {
			t.Fatalf("manifest differs from the specification")
		}
		if last != (Progress{len(m.Segments), m.Size}) {
			t.Fatalf("last progress %+v", last)
		}
		if n := s.puts[g.zeroFragment]; n > 1 {
			t.Fatalf("the fragment of zeros was put %d times", n)
		}

		lost := rapid.SliceOfNDistinct(rapid.IntRange(0, Shards-1), 0, ParityShards, rapid.ID).Draw(t, "lost")
		damaged := rapid.IntRange(0, 2).Draw(t, "damage")
		from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
			body, err := s.Fetch(ctx, f)
			if err != nil || !slices.Contains(lost, f.Shard) {
				return body, err
			}
			b, err := io.ReadAll(body)
			if err != nil {
				return nil, err
			}
			switch damaged {
			case 1:
				b[int(f.ID[0])%len(b)] ^= 1
			case 2:
				b = b[:int(f.ID[0])%len(b)]
			default:
				return nil, fs.ErrNotExist
			}
			return io.NopCloser(iotest.HalfReader(bytes.NewReader(b))), nil
		})
		opts := RestoreOptions{Cipher: c, Window: rapid.IntRange(1, 3).Draw(t, "window"), Hedges: rapid.IntRange(-1, 3).Draw(t, "hedges"),
			Report: func(f FragmentRef, err error) {
				if !slices.Contains(lost, f.Shard) || f.ID != m.Segments[f.Segment].Fragments[f.Shard] {
					t.Errorf("%s reported: %v", f, err)
				}
			}}
		var back bytes.Buffer
		if err := g.restore(context.Background(), &back, m, 0, m.Size, from, opts); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.Bytes(), data) {
			t.Fatal("restored file differs")
		}

		offset := rapid.Int64Range(0, m.Size).Draw(t, "offset")
		length := rapid.Int64Range(0, m.Size-offset).Draw(t, "length")
		back.Reset()
		if err := g.restore(context.Background(), &back, m, offset, length, from, opts); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.Bytes(), data[offset:offset+length]) {
			t.Fatalf("restored range of %d bytes at %d differs", length, offset)
		}

		index := rapid.IntRange(0, len(m.Segments)-1).Draw(t, "segment")
		for shard, id := range m.Segments[index].Fragments {
			if len(lost) == ParityShards && !slices.Contains(lost, shard) {
				continue // only three others are left
			}
			b, err := g.rebuildFragment(context.Background(), index, m.Segments[index], shard, from, opts)
			if err != nil {
				t.Fatalf("rebuild shard %d: %v", shard, err)
			}
			if sum(b) != id {
				t.Fatalf("rebuilt shard %d differs", shard)
			}
		}
	})
}

// Rule: edge sizes of spec/gateway.md §8.1, in small.
func TestEdgeSizes(t *testing.T) {
	g := small
	seg, enc := g.capacity(false), g.capacity(true)
	for _, size := range []int{1, 15, 16, 17, g.fragment - 1, g.fragment, g.fragment + 1,
		enc - 1, enc, enc + 1, seg - 1, seg, seg + 1, 2*enc - 1, 2 * enc, 2*enc + 1, 2*enc + 8, 2*seg - 1, 2 * seg, 2*seg + 1} {
		for _, password := range []string{"", "p"} {
			data := patternBytes(size)
			c := testCipher(t, password)
			m, s := encoded(t, g, data, c)
			if want := naive(g.fragment, data, password); m.FID != want.FID || !slices.Equal(m.Segments, want.Segments) {
				t.Errorf("size %d cipher %q: manifest differs from the specification", size, password)
			}
			if got := restored(t, g, m, s.without(0, 1, 2, 3, 4, 5, 6, 7), RestoreOptions{Cipher: c}); !bytes.Equal(got, data) {
				t.Errorf("size %d cipher %q: restored file differs", size, password)
			}
		}
	}
}

// Rule: any four of the twelve fragments suffice: all 495 choices.
func TestAnyFour(t *testing.T) {
	data := patternBytes(small.capacity(false) - 3)
	m, s := encoded(t, small, data, Cipher{})
	n := 0
	for mask := range 1 << Shards {
		var lost []int
		for i := range Shards {
			if mask>>i&1 == 0 {
				lost = append(lost, i)
			}
		}
		if len(lost) != ParityShards {
			continue
		}
		n++
		if got := restored(t, small, m, s.without(lost...), RestoreOptions{}); !bytes.Equal(got, data) {
			t.Fatalf("without %v: restored file differs", lost)
		}
	}
	if n != 495 {
		t.Fatalf("%d choices tried", n)
	}
}
