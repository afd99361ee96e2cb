package v1

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"testing"
)

func FuzzParseTag(f *testing.F) {
	f.Add(theMiner(f).tags[0].Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if tag, err := ParseTag(b); err == nil && !bytes.Equal(tag.Bytes(), b) {
			t.Fatal("two encodings of one tag")
		}
	})
}

func FuzzParseFile(f *testing.F) {
	file, err := (&File{Tag: theMiner(f).tags[0], Index: 1}).JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"Tag":{"t":{"name":"","u":"1","phi":["1"]},"phi_hash":"","attest":""},"USig":"","Index":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ParseFile(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		again, err := file.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if parsed, err := ParseFile(again); err != nil || !bytes.Equal(parsed.Tag.Bytes(), file.Tag.Bytes()) {
			t.Fatalf("does not survive writing: %v", err)
		}
	})
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(vectorChallenge().Bytes())
	f.Add([]byte{4, 0, 0, 0, 0, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseChallenge(b); err == nil && !bytes.Equal(c.Bytes(), b) {
			t.Fatal("two encodings of one challenge")
		}
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(theKey(f).public.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := ParsePublicKey(b); err == nil && !bytes.Equal(k.Bytes(), b) {
			t.Fatal("two encodings of one key")
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	der, err := theKey(f).Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ParsePrivateKey(b); err != nil && !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrKey) {
			t.Fatalf("unexpected error %v", err)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	f.Add("0")
	f.Add("123456789012345678901234567890")
	f.Add("-1")
	k := theKey(f)
	f.Fuzz(func(t *testing.T, s string) {
		if checkMu(s) != nil {
			return
		}
		x, ok := new(big.Int).SetString(s, 10)
		if !ok || x.String() != s || x.BitLen() > maxMuBits {
			t.Fatalf("accepted %q", s)
		}
		if fromLimbs(k.p.reduce(k.p.decimal, decimalChunks(s))).Cmp(x.Mod(x, k.p.order)) != 0 {
			t.Fatalf("reduction of %q", s)
		}
	})
}

// Nothing but the honest answer verifies, and no request makes a verifier panic.
func FuzzVerify(f *testing.F) {
	tagger, m := theTagger(f), theMiner(f)
	c := &Challenge{Indices: []uint32{3, 700}, Values: [][20]byte{{19: 5}, {19: 9}}}
	honest := (&miner{m.data[:1], m.tags[:1]}).prove(f, tagger.key.public, c)
	item := honest.Items[0]
	f.Add(item.Name, item.U, item.Mu, item.USig, honest.Sigma)
	f.Add("", "0", "-1", []byte{}, "")
	f.Fuzz(func(t *testing.T, name, u, mu string, uSig []byte, sigma string) {
		proof := &Proof{Items: []Item{{name, u, mu, uSig}}, Sigma: sigma}
		err := tagger.Verify(context.Background(), c, proof)
		same := name == item.Name && u == item.U && mu == item.Mu && sigma == honest.Sigma && len(uSig) == modulusBytes
		if (err == nil) != same {
			t.Fatalf("verify: %v", err)
		}
		if err != nil && !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrProof) {
			t.Fatalf("unexpected error %v", err)
		}
	})
}
