package segment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
)

// vector is one entry of testdata/vectors.txt.
type vector struct {
	name, cipher string
	size         int64
	sum          string // of the file, or "-"
	fid          Hash
	segments     map[int]Hash
	fragments    map[[2]int]Hash // by segment and shard
}

func (v vector) file() io.Reader {
	if v.name == "Z" {
		return io.LimitReader(zeroReader{}, v.size)
	}
	return pattern(v.size)
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func readVectors(t *testing.T) (vectors []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	current := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		id, err := ParseHash(f[len(f)-1])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		switch f[0] {
		case "file":
			size, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			vectors = append(vectors, vector{name: f[1], size: size, cipher: strings.Trim(f[3], "-"), sum: f[4], fid: id,
				segments: map[int]Hash{}, fragments: map[[2]int]Hash{}})
		case "segment":
			if current, err = strconv.Atoi(f[1]); err != nil {
				t.Fatal(err)
			}
			vectors[len(vectors)-1].segments[current] = id
		case "fragment":
			for _, text := range strings.Split(f[1], ",") {
				shard, err := strconv.Atoi(text)
				if err != nil {
					t.Fatal(err)
				}
				vectors[len(vectors)-1].fragments[[2]int{current, shard}] = id
			}
		}
	}
	return vectors
}

// Rule: every id equals the reference's (spec/gateway.md §1.7), and what was
// stored on disk is the file again.
func TestVectors(t *testing.T) {
	vectors := readVectors(t)
	if len(vectors) != 10 {
		t.Fatalf("%d vectors, want 10", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if testing.Short() && v.size > 64<<20 {
				t.Skip("256 MiB in -short mode")
			}
			dir := t.TempDir()
			sink, err := NewDirSink(dir)
			if err != nil {
				t.Fatal(err)
			}
			file := sha256.New()
			c := testCipher(t, v.cipher)
			m, err := Encode(t.Context(), io.TeeReader(v.file(), file), sink, EncodeOptions{Cipher: c})
			if err != nil {
				t.Fatal(err)
			}
			fileSum := hex.EncodeToString(file.Sum(nil))
			if v.sum != "-" && fileSum != v.sum {
				t.Fatalf("test file has sum %s, want %s", fileSum, v.sum)
			}
			if m.FID != v.fid || m.Size != v.size || m.Encrypted != (v.cipher != "") {
				t.Errorf("fid %s size %d encrypted %t, want fid %s size %d", m.FID, m.Size, m.Encrypted, v.fid, v.size)
			}
			for i, id := range v.segments {
				if m.Segments[i].ID != id {
					t.Errorf("segment %d is %s, want %s", i, m.Segments[i].ID, id)
				}
			}
			for at, id := range v.fragments {
				if got := m.Segments[at[0]].Fragments[at[1]]; got != id {
					t.Errorf("segment %d fragment %d is %s, want %s", at[0], at[1], got, id)
				}
			}
			back := sha256.New()
			if err := Restore(t.Context(), back, m, DirFetcher(dir), RestoreOptions{Cipher: c}); err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(back.Sum(nil)); got != fileSum {
				t.Errorf("restored file has sum %s, want %s", got, fileSum)
			}
			if _, err := os.Stat(dir + "/" + ZeroFragment.String()); err == nil {
				t.Error("the fragment of zeros was stored")
			}
		})
	}
}

// Rule: the encrypted 64 MiB vector has three segments, the plain one two.
func TestCount(t *testing.T) {
	for _, c := range []struct {
		size         int64
		plain, crypt int64
	}{
		{0, 0, 0}, {-5, 0, 0}, {1, 1, 1},
		{EncryptedSize - 1, 1, 1}, {EncryptedSize, 1, 1}, {EncryptedSize + 1, 1, 2},
		{Size, 1, 2}, {Size + 1, 2, 2}, {2 * EncryptedSize, 2, 2}, {2*EncryptedSize + 8, 2, 3}, {2 * Size, 2, 3},
		{MaxSegments * Size, 1000, 1001},
	} {
		if got := Count(c.size, false); got != c.plain {
			t.Errorf("Count(%d, plain) = %d, want %d", c.size, got, c.plain)
		}
		if got := Count(c.size, true); got != c.crypt {
			t.Errorf("Count(%d, encrypted) = %d, want %d", c.size, got, c.crypt)
		}
	}
	if got := ChargedSize(2); got != 192<<20 {
		t.Errorf("ChargedSize(2) = %d", got)
	}
}

// Rule: parity coefficients and mini-vector of spec/gateway.md §1.4.
func TestCode(t *testing.T) {
	rows, err := parityRows(production().code)
	if err != nil {
		t.Fatal(err)
	}
	want := "[1b1c1214 1c1b1412 12141b1c 14121c1b f5e8c4d8 e8f5d8c4 c4d8f5e8 d8c4e8f5]"
	if got := fmt.Sprintf("%x", rows); got != want {
		t.Errorf("parity rows %s, want %s", got, want)
	}
	g, err := newGeometry(4, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	data := [DataShards][]byte{}
	for i := range data {
		data[i] = []byte{byte(4 * i), byte(4*i + 1), byte(4*i + 2), byte(4*i + 3)}
	}
	for k := range g.parity {
		p := make([]byte, 4)
		id, err := g.encodeParity(k, &data, p)
		if err != nil {
			t.Fatal(err)
		}
		first := byte(16 + 4*k)
		if want := []byte{first, first + 1, first + 2, first + 3}; !bytes.Equal(p, want) {
			t.Errorf("parity shard %d is %x, want %x", k, p, want)
		}
		if id != sum(p) {
			t.Errorf("parity shard %d: wrong id", k)
		}
	}
}

// Rule: the known ids of zeros are what they are said to be.
func TestZeroIDs(t *testing.T) {
	zero := make([]byte, FragmentSize)
	if id := sum(zero); id != ZeroFragment {
		t.Errorf("ZeroFragment is %s", id)
	}
	if id := sum(zero, zero, zero, zero); id != ZeroSegment {
		t.Errorf("ZeroSegment is %s", id)
	}
}

// Rule: key, vector and padding of spec/gateway.md §1.3, checked on the two
// short messages of §1.7.
func TestCipherVectors(t *testing.T) {
	c := testCipher(t, "123456")
	for plain, want := range map[string]string{
		"000102030405060708090a0b0c0d0e0f": "6217cbd9cd574870beb0f86d688fe632a58633e32c23800ec366f93642f91447",
		"0001020304":                       "dfdda16edee484c5387ddf29eda8255b",
	} {
		b, err := hex.DecodeString(plain)
		if err != nil {
			t.Fatal(err)
		}
		size := len(b)
		n := blockSize - len(b)%blockSize
		b = append(b, bytes.Repeat([]byte{byte(n)}, n)...)
		c.encrypter().CryptBlocks(b, b)
		if got := hex.EncodeToString(b); got != want {
			t.Errorf("%s encrypts to %s, want %s", plain, got, want)
		}
		c.decrypt(b, nil)
		if got := hex.EncodeToString(b[:size]); got != plain {
			t.Errorf("decrypted %s, want %s", got, plain)
		}
	}
}

// Rule: the fid of 1, 3 and 5 segments (spec/gateway.md §1.5).
func TestFID(t *testing.T) {
	s := make([]Hash, 5)
	for i := range s {
		s[i][0] = byte(i)
	}
	h := func(l, r Hash) Hash { return sum(l[:], r[:]) }
	if FID(s[:1]) != h(s[0], s[0]) {
		t.Error("one segment")
	}
	if FID(s[:3]) != h(h(s[0], s[1]), h(s[2], s[2])) {
		t.Error("three segments")
	}
	a, b, c := h(s[0], s[1]), h(s[2], s[3]), h(s[4], s[4])
	if FID(s) != h(h(a, b), h(c, c)) {
		t.Error("five segments")
	}
	if FID(nil) != (Hash{}) {
		t.Error("no segments")
	}
	if s[1][0] != 1 {
		t.Error("FID changed its argument")
	}
}
