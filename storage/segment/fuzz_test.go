package segment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"testing"
)

// FuzzParseManifest: what is accepted is valid and has a stable JSON form.
func FuzzParseManifest(f *testing.F) {
	m, err := small.encode(context.Background(), pattern(600), Discard, EncodeOptions{})
	if err != nil {
		f.Fatal(err)
	}
	m.Size += 2 * Size // as many segments of the real size
	b, err := json.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := ParseManifest(b); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"fid":"","file_size":1,"segment":[{"SegmentHash":"","FragmentHash":[]}]}`))
	f.Add([]byte(`{"segment":[null]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseManifest(out)
		if err != nil || !reflect.DeepEqual(m, back) {
			t.Fatalf("round trip: %v", err)
		}
	})
}

// FuzzRestore: a hostile manifest over hostile fragments gives an error or
// exactly the bytes it promises, and never more.
func FuzzRestore(f *testing.F) {
	f.Add([]byte("hello"), "", uint16(0), int64(0), int64(5), byte(0))
	f.Add(patternBytes(700), "key", uint16(0x0ff), int64(230), int64(40), byte(1))
	f.Add(make([]byte, 600), "", uint16(0xf00), int64(0), int64(600), byte(9))
	f.Fuzz(func(t *testing.T, data []byte, password string, lost uint16, offset, length int64, flip byte) {
		if len(data) == 0 || len(data) > small.maxSegments*small.capacity(true) {
			return
		}
		var c Cipher
		if password != "" {
			var err error
			if c, err = NewCipher(password); err != nil {
				return
			}
		}
		s := newStore(small)
		m, err := small.encode(t.Context(), bytes.NewReader(data), s, EncodeOptions{Cipher: c})
		if err != nil {
			t.Fatal(err)
		}
		from := FetchFunc(func(ctx context.Context, r FragmentRef) (io.ReadCloser, error) {
			if lost>>r.Shard&1 == 0 {
				return s.Fetch(ctx, r)
			}
			if flip&1 == 0 {
				return nil, fs.ErrNotExist
			}
			b := bytes.Clone(s.fragments[r.ID])
			b[int(flip)%len(b)] ^= flip | 2
			return io.NopCloser(bytes.NewReader(b[:len(b)-int(flip>>6)])), nil
		})
		var b bytes.Buffer
		err = small.restore(t.Context(), &b, m, offset, length, from, RestoreOptions{Cipher: c})
		good := 0
		for i := range Shards {
			good += 1 - int(lost>>i&1)
		}
		switch inside := offset >= 0 && length >= 0 && offset <= m.Size && length <= m.Size-offset; {
		case !inside:
			if !errors.Is(err, ErrRange) {
				t.Fatalf("error %v, want ErrRange", err)
			}
		case err == nil:
			if !bytes.Equal(b.Bytes(), data[offset:offset+length]) {
				t.Fatal("restored bytes differ")
			}
		case good >= DataShards:
			t.Fatalf("%d shards of 12 are good: %v", good, err)
		case !bytes.HasPrefix(data[offset:], b.Bytes()):
			t.Fatal("what was written before the error is not a prefix")
		}

		// The manifest lies: some id of it is replaced.
		wrong := *m
		wrong.Segments = append([]Segment(nil), m.Segments...)
		i := int(flip) % len(wrong.Segments)
		wrong.Segments[i].Fragments[int(flip)%Shards][0] ^= flip
		b.Reset()
		if err := small.restore(t.Context(), &b, &wrong, 0, wrong.Size, s, RestoreOptions{Cipher: c}); err != nil {
			t.Fatalf("one wrong fragment id: %v", err)
		}
		if !bytes.Equal(b.Bytes(), data) {
			t.Fatal("restored file differs")
		}
	})
}

// FuzzCipher: each password decrypts what it encrypted, in parts or at once,
// and no other password finds the padding.
func FuzzCipher(f *testing.F) {
	f.Add("123456", "123457", []byte("hello"), byte(1))
	f.Fuzz(func(t *testing.T, password, other string, data []byte, cut byte) {
		c, err := NewCipher(password)
		if err != nil {
			return
		}
		plain := append(make([]byte, -len(data)&15), data...)
		plain = append(plain, pad...)
		b := bytes.Clone(plain)
		c.encrypter().CryptBlocks(b, b)
		if len(b) >= 2*blockSize {
			n := len(b)
			if !c.padded(b[n-32:n-16], b[n-16:]) {
				t.Fatal("padding not found")
			}
			if o, err := NewCipher(other); err == nil && o != c && o.padded(b[n-32:n-16], b[n-16:]) {
				t.Fatalf("cipher %q reads what %q wrote", other, password)
			}
		}
		at := int(cut) % (len(b)/blockSize + 1) * blockSize
		var previous []byte
		if at > 0 {
			previous = bytes.Clone(b[at-blockSize : at])
		}
		c.decrypt(b[:at], nil)
		c.decrypt(b[at:], previous)
		if !bytes.Equal(b, plain) {
			t.Fatal("decrypted text differs")
		}
	})
}
