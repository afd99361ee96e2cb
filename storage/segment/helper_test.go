package segment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is the geometry of property tests: fragments of 64 bytes, coded in
// tiles that do not divide them.
var small = func() *geometry {
	g, err := newGeometry(64, 20, 48)
	if err != nil {
		panic(err)
	}
	return g
}()

// pattern is the file of the vectors: byte i is i mod 251.
func pattern(size int64) io.Reader { return io.LimitReader(&patternReader{}, size) }

type patternReader struct{ off int }

// patternTile is a whole number of periods.
var patternTile = func() []byte {
	b := make([]byte, 251*256)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}()

func (r *patternReader) Read(p []byte) (int, error) {
	n := copy(p, patternTile[r.off:])
	r.off = (r.off + n) % len(patternTile)
	return n, nil
}

func patternBytes(size int) []byte {
	b := make([]byte, size)
	if _, err := io.ReadFull(&patternReader{}, b); err != nil {
		panic(err)
	}
	return b
}

// store is a sink in memory that also checks the rules of the Sink contract
// that do not depend on order, and a fetcher over what it holds.
type store struct {
	zero Hash

	mu        sync.Mutex // guards what follows
	fragments map[Hash][]byte
	puts      map[Hash]int
	committed int
}

func newStore(g *geometry) *store {
	return &store{zero: g.zeroFragment, fragments: map[Hash][]byte{}, puts: map[Hash]int{}}
}

func (s *store) Put(_ context.Context, f Fragment) error {
	if id := Hash(sha256.Sum256(f.Data)); id != f.ID {
		return fmt.Errorf("fragment %s is really %s", f.ID, id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.committed > 0 {
		return errors.New("put after commit")
	}
	s.puts[f.ID]++
	if f.ID != s.zero {
		s.fragments[f.ID] = bytes.Clone(f.Data)
	}
	return nil
}

func (s *store) Commit(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed++
	return nil
}

func (s *store) Fetch(_ context.Context, f FragmentRef) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.fragments[f.ID]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// without is a fetcher to which some shards are lost.
func (s *store) without(shards ...int) Fetcher {
	return FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
		for _, i := range shards {
			if f.Shard == i {
				return nil, fs.ErrNotExist
			}
		}
		return s.Fetch(ctx, f)
	})
}

func testCipher(t testing.TB, password string) Cipher {
	t.Helper()
	if password == "" {
		return Cipher{}
	}
	c, err := NewCipher(password)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// encoded stores data and returns its manifest.
func encoded(t testing.TB, g *geometry, data []byte, c Cipher) (*Manifest, *store) {
	t.Helper()
	s := newStore(g)
	m, err := g.encode(t.Context(), bytes.NewReader(data), s, EncodeOptions{Cipher: c})
	if err != nil {
		t.Fatal(err)
	}
	if s.committed != 1 {
		t.Fatalf("sink was committed %d times", s.committed)
	}
	return m, s
}

// restored reads the whole file back.
func restored(t testing.TB, g *geometry, m *Manifest, from Fetcher, opts RestoreOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := g.restore(t.Context(), &b, m, 0, m.Size, from, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
