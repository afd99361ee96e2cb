package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/gocess/gocess/storage/podr2/internal/cputime"
)

func BenchmarkTag(b *testing.B) {
	b.Run("ifma", func(b *testing.B) {
		if theKey(b).p.wide == nil {
			b.Skip("this processor has no AVX-512 IFMA")
		}
		benchmarkTag(b, theTagger(b))
	})
	b.Run("portable", func(b *testing.B) {
		tagger := *theTagger(b)
		tagger.key = portable(tagger.key)
		benchmarkTag(b, &tagger)
	})
}

func benchmarkTag(b *testing.B, tagger *Tagger) {
	data := vectorData()
	name := digest(data)
	b.SetBytes(int64(len(data)))
	report := cputime.Report(b)
	for b.Loop() {
		if _, err := tagger.Tag(context.Background(), name, "", bytes.NewReader(data), int64(len(data))); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

func BenchmarkProveOneFragment(b *testing.B) {
	k, c := theKey(b), vectorChallenge()
	data := vectorData()
	tag := &Tag{Name: digest(data), U: big.NewInt(5)}
	random := rand.NewChaCha8([32]byte{1})
	for i := range tag.Phi {
		random.Read(tag.Phi[i][1:])
	}
	p, err := NewProver(k.public, c)
	if err != nil {
		b.Fatal(err)
	}
	report := cputime.Report(b)
	for b.Loop() {
		if _, err := p.Add(context.Background(), tag, bytes.NewReader(data), int64(len(data))); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

// manyFragments returns a valid proof over n fragments of full-sized mu. The holder of the key can make one without
// data: any mu, and sigma = ( Π Π H^v · Π u^mu )^d.
func manyFragments(b *testing.B, tagger *Tagger, c *Challenge, n int) *Proof {
	b.Helper()
	k := tagger.key
	random := rand.NewChaCha8([32]byte{9})
	mu := make([]byte, 65702/8)
	proof := new(Proof)
	names := make([]string, n)
	var us []*big.Int
	powers := [2]residue{append(residue(nil), k.p.one...), append(residue(nil), k.q.one...)}
	for f := range n {
		h := sha256.Sum256(fmt.Appendf(nil, "fragment %d", f))
		names[f] = hex.EncodeToString(h[:])
		u, err := tagger.OwnU(names[f])
		if err != nil {
			b.Fatal(err)
		}
		random.Read(mu)
		item := Item{Name: names[f], U: u.String(), Mu: new(big.Int).SetBytes(mu).String()}
		sum := sha256.Sum256([]byte(item.U))
		if item.USig, err = k.SignRaw(sum[:]); err != nil {
			b.Fatal(err)
		}
		for i, p := range []*prime{&k.p, &k.q} {
			e := p.reduce(p.decimal, decimalChunks(item.Mu))
			p.mul(powers[i], powers[i], p.residueOf(new(big.Int).Exp(u, fromLimbs(e), p.integer)))
		}
		us, proof.Items = append(us, u), append(proof.Items, item)
	}
	_, right, err := k.public.sides(context.Background(), &parsedProof{c, names, us, big.NewInt(1)})
	if err != nil {
		b.Fatal(err)
	}
	product := k.join(powers[0], powers[1])
	right.Mul(right, new(big.Int).SetBytes(product[:]))
	right.Mod(right, k.rsa.N)
	proof.Sigma = right.Exp(right, k.rsa.D, k.rsa.N).String()
	return proof
}

func BenchmarkVerify(b *testing.B) {
	tagger, c := theTagger(b), vectorChallenge()
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d-fragments", n), func(b *testing.B) {
			proof := manyFragments(b, tagger, c, n)
			report := cputime.Report(b)
			for b.Loop() {
				if err := tagger.Verify(context.Background(), c, proof); err != nil {
					b.Fatal(err)
				}
			}
			report()
		})
	}
}

func BenchmarkVerifyPublic(b *testing.B) {
	tagger, c := theTagger(b), vectorChallenge()
	proof := manyFragments(b, tagger, c, 10)
	report := cputime.Report(b)
	for b.Loop() {
		if err := tagger.key.public.Verify(context.Background(), c, proof); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

func BenchmarkMul(b *testing.B) {
	k := theKey(b)
	for _, m := range []*modulus{k.p.modulus, k.public.n} {
		b.Run(fmt.Sprintf("%d-bits", 64*len(m.limbs)), func(b *testing.B) {
			x := m.residueOf(big.NewInt(3))
			report := cputime.Report(b)
			for b.Loop() {
				m.mul(x, x, m.square)
			}
			report()
		})
	}
}
