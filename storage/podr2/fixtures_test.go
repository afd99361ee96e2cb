package podr2

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// seedOf returns 32 bytes that belong to a label.
func seedOf(label string) [32]byte { return sha256.Sum256([]byte(label)) }

// fragmentOf returns the 8 MiB that belong to a label.
func fragmentOf(label string) []byte {
	data := make([]byte, FragmentSize)
	rand.NewChaCha8(seedOf(label)).Read(data)
	return data
}

func nameOf(data []byte) Name { return sha256.Sum256(data) }

func mustKey(t testing.TB, label string) *SecretKey {
	t.Helper()
	key, err := NewSecretKey(seedOf(label))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// world is a miner with three real fragments, one of them all zero, under one key. It is made once for all tests.
type world struct {
	key       *SecretKey
	srs       *SRS
	fragments [][]byte
	names     []Name
	tags      []*Tags
}

var makeWorld = sync.OnceValues(func() (*world, error) {
	key, err := NewSecretKey(seedOf("test key"))
	if err != nil {
		return nil, err
	}
	w := &world{key: key, srs: key.SRS(), fragments: [][]byte{
		fragmentOf("fragment 0"), fragmentOf("fragment 1"), make([]byte, FragmentSize),
	}}
	tagger := NewTagger(key)
	for _, f := range w.fragments {
		tags, err := tagger.Tag(context.Background(), nameOf(f), bytes.NewReader(f))
		if err != nil {
			return nil, err
		}
		w.names, w.tags = append(w.names, nameOf(f)), append(w.tags, tags)
	}
	return w, nil
})

func theWorld(t testing.TB) *world {
	t.Helper()
	w, err := makeWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) query(t testing.TB, label string, samples uint32) *Query {
	t.Helper()
	q, err := Challenge{seedOf(label), samples}.Query(uint64(len(w.names)), func(i uint64) (Name, error) {
		return w.names[i], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (w *world) prove(t testing.TB, q *Query) *Proof {
	t.Helper()
	return prove(t, w.srs, q, func(f *FragmentQuery) (io.ReaderAt, io.ReaderAt) {
		return bytes.NewReader(w.fragments[f.Index]), bytes.NewReader(w.tags[f.Index].Bytes())
	})
}

func prove(t testing.TB, srs *SRS, q *Query, open func(*FragmentQuery) (fragment, tags io.ReaderAt)) *Proof {
	t.Helper()
	ctx := context.Background()
	p, err := NewProver(srs, q)
	if err != nil {
		t.Fatal(err)
	}
	for i := range q.Fragments {
		fragment, tags := open(&q.Fragments[i])
		if err := p.Add(ctx, i, fragment, tags); err != nil {
			t.Fatal(err)
		}
	}
	proof, err := p.Finish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// sparse is a miner of any size whose data exist only where a query asks: block b of fragment f is a stream that
// belongs to (f, b), and only the tags of the query are made.
type sparse struct {
	key   *SecretKey
	query *Query
	tags  []map[int64][]byte // by fragment of the query, offset to tag
}

func sparseName(label string, i uint64) Name {
	return sha256.Sum256(fmt.Appendf(nil, "%s %d", label, i))
}

func newSparse(t testing.TB, key *SecretKey, label string, fragments uint64, samples uint32) *sparse {
	t.Helper()
	q, err := Challenge{seedOf(label), samples}.Query(fragments, func(i uint64) (Name, error) {
		return sparseName(label, i), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &sparse{key: key, query: q}
	tagger := NewTagger(key)
	scratch, block := make(fr.Vector, SectorsPerBlock), make([]byte, BlockSize)
	for i := range q.Fragments {
		f := &q.Fragments[i]
		tags := map[int64][]byte{0: appendTagHeader(nil, f.Name, key.public.id)}
		for _, b := range f.Blocks {
			s.block(f.Index, b.Block, block)
			k := tagger.blockScalar(scratch, block)
			point := tagger.tagSlowly(f.Name, b.Block, &k)
			encoded := point.Bytes()
			tags[int64(tagHeaderSize)+int64(b.Block)*g1Size] = encoded[:]
		}
		s.tags = append(s.tags, tags)
	}
	return s
}

func (s *sparse) block(fragment uint64, block uint32, dst []byte) {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], fragment)
	binary.BigEndian.PutUint32(seed[8:], block)
	rand.NewChaCha8(seed).Read(dst)
}

func (s *sparse) open(i int) (fragment, tags io.ReaderAt) {
	return readerAt(func(b []byte, offset int64) (int, error) {
			s.block(s.query.Fragments[i].Index, uint32(offset/BlockSize), b)
			return len(b), nil
		}), readerAt(func(b []byte, offset int64) (int, error) {
			return copy(b, s.tags[i][offset]), nil
		})
}

func (s *sparse) prove(t testing.TB, srs *SRS) *Proof {
	t.Helper()
	i := -1
	return prove(t, srs, s.query, func(*FragmentQuery) (io.ReaderAt, io.ReaderAt) {
		i++
		return s.open(i)
	})
}

type readerAt func(b []byte, offset int64) (int, error)

func (r readerAt) ReadAt(b []byte, offset int64) (int, error) { return r(b, offset) }
