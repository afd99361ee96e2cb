package podr2

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

func FuzzParseProof(f *testing.F) {
	w := theWorld(f)
	f.Add(w.prove(f, w.query(f, "fuzz", 10)).Bytes())
	f.Add(make([]byte, ProofSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !bytes.Equal(p.Bytes(), b) {
			t.Fatal("two encodings of one proof")
		}
	})
}

// No bytes but those of the honest proof verify.
func FuzzVerify(f *testing.F) {
	w := theWorld(f)
	q := w.query(f, "fuzz", 3)
	honest := w.prove(f, q).Bytes()
	f.Add(honest)
	f.Add(w.prove(f, w.query(f, "other", 3)).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		if err := w.key.Public().Verify(context.Background(), q, p); (err == nil) != bytes.Equal(b, honest) {
			t.Fatalf("verify %x: %v", b, err)
		}
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(mustKey(f, "fuzz").Public().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParsePublicKey(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrKey) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !bytes.Equal(k.Bytes(), b) {
			t.Fatal("two encodings of one key")
		}
	})
}

func FuzzParseSRS(f *testing.F) {
	w := theWorld(f)
	f.Add(w.srs.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSRS(w.key.Public(), b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrKey) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !bytes.Equal(s.Bytes(), w.srs.Bytes()) {
			t.Fatal("a second SRS for one key")
		}
	})
}

func FuzzParseTags(f *testing.F) {
	w := theWorld(f)
	f.Add(w.tags[0].Bytes())
	f.Add(w.tags[2].Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		tags, err := ParseTags(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !bytes.Equal(tags.Bytes(), b) {
			t.Fatal("two encodings of one tag file")
		}
		for i := range 4 {
			_, _ = tags.point(i)
		}
	})
}

// A prover must survive any tag file, and tell it from the right one before or at verification.
func FuzzProverTags(f *testing.F) {
	w := theWorld(f)
	q := w.query(f, "fuzz", 5).Select(func(f *FragmentQuery) bool { return f.Index == 0 })
	if q.Blocks() == 0 {
		f.Fatal("the seed hits no block of fragment 0")
	}
	honest := w.prove(f, q).Bytes()
	f.Add(w.tags[0].Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := NewProver(w.srs, q)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Add(context.Background(), 0, bytes.NewReader(w.fragments[0]), bytes.NewReader(b)); err != nil {
			return
		}
		proof, err := p.Finish(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.key.Public().Verify(context.Background(), q, proof); (err == nil) != bytes.Equal(proof.Bytes(), honest) {
			t.Fatalf("verify: %v", err)
		}
	})
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(Challenge{seedOf("fuzz"), 460}.Bytes(), uint64(1000))
	f.Fuzz(func(t *testing.T, b []byte, fragments uint64) {
		c, err := ParseChallenge(b)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Bytes(), b) {
			t.Fatal("two encodings of one challenge")
		}
		c.Samples = min(c.Samples, 100)
		if _, err := c.Draw(fragments); err != nil && !errors.Is(err, ErrQuery) {
			t.Fatalf("unexpected error %v", err)
		}
	})
}

func FuzzParseName(f *testing.F) {
	f.Add(Name(seedOf("fuzz")).String())
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := ParseName(s); err == nil && name.String() != s {
			t.Fatal("two spellings of one name")
		}
	})
}
