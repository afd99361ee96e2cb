package segment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"
)

// Rule: edge sizes of spec/gateway.md §8.1 at full size: padding and segment
// ids are as specified and the worst loss is repaired. TestEdgeSizes has all of
// them at a small size; under the race detector two full ones do.
func TestEdgeSizesFull(t *testing.T) {
	if testing.Short() {
		t.Skip("full-size segments in -short mode")
	}
	for password, sizes := range map[string][]int{
		"":       {Size - 1, Size, Size + 1},
		"123456": {EncryptedSize - 1, EncryptedSize, EncryptedSize + 1, 2*EncryptedSize + 8},
	} {
		for _, size := range sizes {
			if underRace && size != Size+1 && size != EncryptedSize {
				continue
			}
			t.Run(fmt.Sprintf("%d/encrypted=%t", size, password != ""), func(t *testing.T) {
				c := testCipher(t, password)
				s := newStore(production())
				m, err := Encode(t.Context(), pattern(int64(size)), s, EncodeOptions{Cipher: c})
				if err != nil {
					t.Fatal(err)
				}
				data := patternBytes(size)
				var ids []Hash
				for part := range slices.Chunk(data, production().capacity(password != "")) {
					seg := make([]byte, Size)
					copy(seg, part)
					if password != "" {
						copy(seg[EncryptedSize:], pad)
						c.encrypter().CryptBlocks(seg, seg)
					}
					ids = append(ids, sum(seg))
				}
				if !slices.Equal(m.SegmentIDs(), ids) || m.FID != FID(ids) || m.Size != int64(size) {
					t.Fatal("segment ids differ from the specification")
				}
				h := sha256.New()
				err = Restore(t.Context(), h, m, s.without(0, 2, 3, 5, 7, 8, 9, 10), RestoreOptions{Cipher: c})
				if err != nil {
					t.Fatal(err)
				}
				if Hash(h.Sum(nil)) != sum(data) {
					t.Error("restored file differs")
				}
			})
		}
	}
}

// Rule: a range over a segment boundary and a segment by itself, at full size.
func TestRestorePartsFull(t *testing.T) {
	if testing.Short() {
		t.Skip("full-size segments in -short mode")
	}
	const size = Size + 1000
	data := patternBytes(size)
	c := testCipher(t, "123456")
	m, s := encoded(t, production(), data, c)
	var b bytes.Buffer
	const offset, length = EncryptedSize - 3, 500
	if err := RestoreRange(t.Context(), &b, m, offset, length, s.without(0), RestoreOptions{Cipher: c}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), data[offset:offset+length]) {
		t.Error("range differs")
	}
	h := sha256.New()
	if err := RestoreSegment(t.Context(), h, 1, m.Segments[1], s, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if Hash(h.Sum(nil)) != m.Segments[1].ID {
		t.Error("stored segment differs")
	}
}

// zeroParity makes a segment whose first parity shard is all zero although its
// data is not: 1b·a + 1c·b + 12·c + 14·d = 0.
func zeroParity(fragment int) []byte {
	var inverse byte
	for x := 1; x < 256; x++ {
		if multiply(0x14, byte(x)) == 1 {
			inverse = byte(x)
		}
	}
	seg := patternBytes(4 * fragment)
	for i := range fragment {
		p := multiply(0x1b, seg[i]) ^ multiply(0x1c, seg[fragment+i]) ^ multiply(0x12, seg[2*fragment+i])
		seg[3*fragment+i] = multiply(inverse, p)
	}
	return seg
}

// Rule: zeros are also recognised among the parity shards, and serve there for
// restoring like any other fragment.
func TestZeroParity(t *testing.T) {
	data := zeroParity(small.fragment)
	m, s := encoded(t, small, data, Cipher{})
	if m.Segments[0].Fragments[4] != small.zeroFragment || s.puts[small.zeroFragment] != 1 {
		t.Fatal("parity shard of zeros was not recognised")
	}
	for _, lost := range [][]int{{0}, {0, 1, 2}, {1, 3, 5, 6, 7, 8, 9, 10}} {
		if got := restored(t, small, m, s.without(lost...), RestoreOptions{}); !bytes.Equal(got, data) {
			t.Errorf("without %v: restored file differs", lost)
		}
		if got := restored(t, small, m, s, RestoreOptions{}); !bytes.Equal(got, data) {
			t.Error("restored file differs")
		}
	}
	for shard, id := range m.Segments[0].Fragments {
		b, err := small.rebuildFragment(t.Context(), 0, m.Segments[0], shard, s, RestoreOptions{})
		if err != nil || sum(b) != id {
			t.Errorf("rebuild shard %d: %v", shard, err)
		}
	}
	for i, b := range small.zero {
		if b != 0 {
			t.Fatalf("the shared zeros were written to at %d", i)
		}
	}
}

// Rule: what a range needs but cannot have is made from other shards, and a
// shard that failed once is not tried again for the following segments.
func TestRestoreRangeWithoutShard(t *testing.T) {
	const segments = 10
	data := patternBytes(segments * 256)
	m, s := encoded(t, small, data, Cipher{})
	var mu sync.Mutex
	tried := 0
	from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
		if f.Shard == 1 {
			mu.Lock()
			defer mu.Unlock()
			tried++
			return nil, fs.ErrNotExist
		}
		return s.Fetch(ctx, f)
	})
	const offset, length = 70, segments*256 - 70 - 130
	var b bytes.Buffer
	if err := small.restore(t.Context(), &b, m, offset, length, from, RestoreOptions{Window: 1}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), data[offset:offset+length]) {
		t.Error("range differs")
	}
	if tried != 1 {
		t.Errorf("the lost shard was tried %d times", tried)
	}
}
