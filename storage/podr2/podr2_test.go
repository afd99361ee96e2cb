package podr2

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/lanes"
	"pgregory.net/rapid"
)

func digest(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }

// The formats are frozen: these digests may only change together with Version.
func TestGolden(t *testing.T) {
	w := theWorld(t)
	q := w.query(t, "golden", 460)
	qd := q.digest()
	for _, c := range []struct{ what, got, want string }{
		{"fragment name", w.names[0].String(), "ebfc0ea76cc2f651cd05a3b2fc448ed3cff58035b3e301a01c5e121f67756e88"},
		{"public key", digest(w.key.Public().Bytes()), "0df0dbe856094e9389da2e072392a31cf9adf90e188cb1de78b3ad9a39c26ca5"},
		{"key id", w.key.Public().ID().String(), "0e305bd76d5219ead0efc7dde79fb0c020d2e0ab8ea6fd22698eba793cef398c"},
		{"SRS", digest(w.srs.Bytes()), "47c93103e6ad2a5976a10879eb1adf61adf825c196fa870720a09e61c562f967"},
		{"tags", digest(w.tags[0].Bytes()), "41189f7f037d8b4cd56b1b16e48413bb94fb18d966141e6ac4587b865f76115d"},
		{"tags of zeros", digest(w.tags[2].Bytes()), "3d70627726d442ba60964488c751cb69d75937ceb14a7960a59788269f50e4bc"},
		{"query", hex.EncodeToString(qd[:]), "15a64253672081f7fa8aae20929f68ea27d74b9935ad02ff452a2b4f0406937a"},
		{"proof", hex.EncodeToString(w.prove(t, q).Bytes()), "028513d1a2e6776bd5a775dfa6be8129cc58b9fdda7dc6e71cdf586a61d2870806eca4ae422c382ebb5baa054e91c57f5628b3e610b9ae775dd1a27bf8e50e47d64cba5c346095e573fe0816b785d38c0bb12b57d74e8eddef3be00d609a8620d031b9cb8b0d33f009fb0040849f9a7e5fe6acf89dfd37dcf9a10e500b7d21cbc2"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, c.got, c.want)
		}
	}
}

// Tags must equal the formula computed from public powers, without the trapdoor and without the column arithmetic.
func TestTagsMatchPublicFormula(t *testing.T) {
	w := theWorld(t)
	for f, data := range w.fragments {
		for _, block := range []int{0, 1, 511, 512, 1023} {
			scalars := make([]fr.Element, SectorsPerBlock)
			for j := range scalars {
				from := block*BlockSize + j*SectorSize
				scalars[j].SetBytes(data[from:min(from+SectorSize, (block+1)*BlockSize)])
			}
			want, err := multiply(w.srs.powers, scalars)
			if err != nil {
				t.Fatal(err)
			}
			hash, err := bls12381.HashToG1(appendBlockMessage(nil, w.names[f], uint32(block)), []byte(dstBlock))
			if err != nil {
				t.Fatal(err)
			}
			want.Add(&want, &hash)
			want.ScalarMultiplication(&want, w.key.x.BigInt(new(big.Int)))
			got, err := w.tags[f].point(block)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(&want) {
				t.Errorf("tag %d of fragment %d differs from x·(H + Σ m_j·A_j)", block, f)
			}
		}
	}
}

// faulty is an engine in which something goes wrong.
type faulty struct {
	lanes.Engine
	failed bool
	spoil  func(points []bls12381.G1Affine)
}

func (f faulty) Failed() bool { return f.failed }

func (f faulty) Points(dst []bls12381.G1Affine) {
	f.Engine.Points(dst)
	f.spoil(dst)
}

// Every engine, and the complete formulas that stand in when one fails, make the same tags; a bit flip makes none.
func TestTaggerOnEveryEngine(t *testing.T) {
	w := theWorld(t)
	with := func(e lanes.Engine) (*Tags, error) {
		tagger := NewTagger(w.key)
		tagger.engines = &sync.Pool{New: func() any { return e }}
		return tagger.Tag(context.Background(), w.names[1], bytes.NewReader(w.fragments[1]))
	}
	tags, err := with(lanes.NewPortableEngine(BlocksPerFragment))
	if err != nil || !bytes.Equal(tags.Bytes(), w.tags[1].Bytes()) {
		t.Errorf("portable engine: %v", err)
	}
	tags, err = with(faulty{Engine: lanes.NewEngine(BlocksPerFragment), failed: true})
	if err != nil || !bytes.Equal(tags.Bytes(), w.tags[1].Bytes()) {
		t.Errorf("failed engine: %v", err)
	}
	tags, err = with(faulty{Engine: lanes.NewEngine(BlocksPerFragment), spoil: func(points []bls12381.G1Affine) {
		points[300].X[2] ^= 1 << 17
	}})
	if !errors.Is(err, ErrFault) || tags != nil {
		t.Errorf("bit flip: %v", err)
	}
}

func TestHonestProofsVerify(t *testing.T) {
	w := theWorld(t)
	for _, samples := range []uint32{1, 2, 47, 460, 1000, 3 * BlocksPerFragment, MaxSamples} {
		q := w.query(t, fmt.Sprint("honest ", samples), samples)
		if want := min(int(samples), 3*BlocksPerFragment); q.Blocks() != want {
			t.Fatalf("%d samples ask for %d blocks, want %d", samples, q.Blocks(), want)
		}
		proof := w.prove(t, q)
		encoded := proof.Bytes()
		if len(encoded) != ProofSize || ProofSize > 200 {
			t.Fatalf("proof of %d bytes", len(encoded))
		}
		parsed, err := ParseProof(encoded)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ParsePublicKey(w.key.Public().Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Verify(context.Background(), q, parsed); err != nil {
			t.Errorf("%d samples: %v", samples, err)
		}
	}
}

// A query that hits only zero blocks has y = 0 and π at infinity, and still proves possession of the tags.
func TestZeroFragment(t *testing.T) {
	w := theWorld(t)
	q := w.query(t, "zeros", 460).Select(func(f *FragmentQuery) bool { return f.Index == 2 })
	proof := w.prove(t, q)
	if !proof.quotient.IsInfinity() || !proof.value.IsZero() {
		t.Fatal("the combined polynomial of zeros must be zero")
	}
	parsed, err := ParseProof(proof.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.key.Public().Verify(context.Background(), q, parsed); err != nil {
		t.Fatal(err)
	}
	q.Fragments[0].Blocks[0].Block ^= 1
	if err := w.key.Public().Verify(context.Background(), q, parsed); !errors.Is(err, ErrProof) {
		t.Fatalf("proof of another zero block: %v", err)
	}
}

func TestManyFragments(t *testing.T) {
	key := mustKey(t, "many")
	s := newSparse(t, key, "many", 1_000_000, 60)
	proof := s.prove(t, key.SRS())
	if err := key.Public().Verify(context.Background(), s.query, proof); err != nil {
		t.Fatal(err)
	}
}

// Two keys: the query is split, and each part has its proof.
func TestSeveralKeys(t *testing.T) {
	ctx := context.Background()
	a, b := newSparse(t, mustKey(t, "a"), "a", 100, 20), newSparse(t, mustKey(t, "b"), "b", 100, 20)
	claims := []Claim{
		{a.key.Public(), a.query, a.prove(t, a.key.SRS())},
		{b.key.Public(), b.query, b.prove(t, b.key.SRS())},
	}
	ok, err := VerifyBatch(ctx, claims)
	if err != nil || !ok[0] || !ok[1] {
		t.Fatalf("got %v, %v", ok, err)
	}
	claims[0].Key, claims[1].Key = claims[1].Key, claims[0].Key
	if ok, err = VerifyBatch(ctx, claims); err != nil || ok[0] || ok[1] {
		t.Fatalf("exchanged keys: got %v, %v", ok, err)
	}
}

func TestProverTakesFragmentsInAnyOrderAndConcurrently(t *testing.T) {
	key := mustKey(t, "order")
	srs := key.SRS()
	s := newSparse(t, key, "order", 50, 40)
	want := s.prove(t, srs).Bytes()
	p, err := NewProver(srs, s.query)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := len(s.query.Fragments) - 1; i >= 0; i-- {
		group.Go(func() {
			fragment, tags := s.open(i)
			if err := p.Add(context.Background(), i, fragment, tags); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	proof, err := p.Finish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(proof.Bytes(), want) {
		t.Fatal("the proof depends on the order of fragments")
	}
}

func TestProverErrors(t *testing.T) {
	w := theWorld(t)
	ctx := context.Background()
	q := w.query(t, "errors", 30)
	p, err := NewProver(w.srs, q)
	if err != nil {
		t.Fatal(err)
	}
	data, tags := bytes.NewReader(w.fragments[0]), bytes.NewReader(w.tags[0].Bytes())
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	damaged := bytes.Clone(w.tags[0].Bytes())
	for i := tagHeaderSize; i < len(damaged); i += g1Size {
		damaged[i] ^= 0x80
	}
	broken := errors.New("disk on fire")
	for what, c := range map[string]struct {
		err error
		add func() error
	}{
		"tags of another fragment": {ErrTags, func() error { return p.Add(ctx, 0, data, bytes.NewReader(w.tags[1].Bytes())) }},
		"damaged tags":             {ErrEncoding, func() error { return p.Add(ctx, 0, data, bytes.NewReader(damaged)) }},
		"short fragment":           {io.ErrUnexpectedEOF, func() error { return p.Add(ctx, 0, bytes.NewReader(w.fragments[0][:100]), tags) }},
		"short tag file":           {io.ErrUnexpectedEOF, func() error { return p.Add(ctx, 0, data, bytes.NewReader(w.tags[0].Bytes()[:tagHeaderSize])) }},
		"no tag file":              {io.ErrUnexpectedEOF, func() error { return p.Add(ctx, 0, data, bytes.NewReader(nil)) }},
		"failing disk": {broken, func() error {
			return p.Add(ctx, 0, readerAt(func([]byte, int64) (int, error) { return 0, broken }), tags)
		}},
		"no such fragment": {ErrIncomplete, func() error { return p.Add(ctx, len(q.Fragments), data, tags) }},
		"negative index":   {ErrIncomplete, func() error { return p.Add(ctx, -1, data, tags) }},
		"canceled":         {context.Canceled, func() error { return p.Add(canceled, 0, data, tags) }},
		"incomplete":       {ErrIncomplete, func() error { _, err := p.Finish(ctx); return err }},
	} {
		if err := c.add(); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
	for i := range q.Fragments {
		f := q.Fragments[i].Index
		if err := p.Add(ctx, i, bytes.NewReader(w.fragments[f]), bytes.NewReader(w.tags[f].Bytes())); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Add(ctx, 0, data, tags); !errors.Is(err, ErrIncomplete) {
		t.Errorf("added twice: %v", err)
	}
	if _, err := p.Finish(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("finish canceled: %v", err)
	}
	proof, err := p.Finish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.key.Public().Verify(ctx, q, proof); err != nil {
		t.Errorf("failed attempts spoiled the proof: %v", err)
	}
}

func TestTagErrors(t *testing.T) {
	w := theWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	tagger := NewTagger(w.key)
	data := w.fragments[0]
	for what, c := range map[string]struct {
		name Name
		data io.Reader
		err  error
	}{
		"empty":        {w.names[0], bytes.NewReader(nil), ErrSize},
		"short":        {w.names[0], bytes.NewReader(data[:FragmentSize-1]), ErrSize},
		"long":         {w.names[0], io.MultiReader(bytes.NewReader(data), strings.NewReader("x")), ErrSize},
		"other name":   {w.names[1], bytes.NewReader(data), ErrName},
		"broken early": {w.names[0], iotest.ErrReader(io.ErrClosedPipe), io.ErrClosedPipe},
		"broken late":  {w.names[0], io.MultiReader(bytes.NewReader(data), iotest.ErrReader(io.ErrClosedPipe)), io.ErrClosedPipe},
	} {
		if tags, err := tagger.Tag(ctx, c.name, c.data); !errors.Is(err, c.err) || tags != nil {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
	cancel()
	if _, err := tagger.Tag(ctx, w.names[0], bytes.NewReader(data)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestCanceledVerification(t *testing.T) {
	w := theWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	q := w.query(t, "cancel", 20)
	proof := w.prove(t, q)
	cancel()
	if err := w.key.Public().Verify(ctx, q, proof); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v", err)
	}
	if _, err := VerifyBatch(ctx, []Claim{{w.key.Public(), q, proof}}); !errors.Is(err, context.Canceled) {
		t.Errorf("batch: %v", err)
	}
	if err := w.srs.CheckTags(ctx, w.tags[0], bytes.NewReader(w.fragments[0])); !errors.Is(err, context.Canceled) {
		t.Errorf("check tags: %v", err)
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	key := mustKey(t, "log")
	tagger := NewTagger(key)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{key, *key, tagger, *tagger} {
			if text := fmt.Sprintf(format, value); len(text) > 120 || !strings.Contains(text, key.Public().ID().String()) {
				t.Errorf("%s of %T prints %.200s", format, value, text)
			}
		}
	}
}

// Draw gives distinct, ordered blocks within bounds, and exactly as many as asked for.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Challenge{seedOf(rapid.String().Draw(t, "seed")), rapid.Uint32Range(1, 3000).Draw(t, "samples")}
		fragments := rapid.OneOf(rapid.Uint64Range(1, 4), rapid.Uint64Range(1, MaxFragments)).Draw(t, "fragments")
		samples, err := c.Draw(fragments)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(uint64(c.Samples), fragments*BlocksPerFragment); uint64(len(samples)) != want {
			t.Fatalf("%d samples, want %d", len(samples), want)
		}
		for i, s := range samples {
			if s.Fragment >= fragments || s.Block >= BlocksPerFragment {
				t.Fatalf("sample %v out of range", s)
			}
			if i > 0 {
				before := samples[i-1]
				if before.Fragment > s.Fragment || before.Fragment == s.Fragment && before.Block >= s.Block {
					t.Fatalf("samples %v, %v out of order", before, s)
				}
			}
		}
	})
}

// Every block is drawn equally often: 400 draws of 512 out of 1024 leave each count within six deviations of 200.
func TestDrawIsUniform(t *testing.T) {
	var counts [BlocksPerFragment]int
	for i := range 400 {
		samples, err := Challenge{seedOf(fmt.Sprint("uniform ", i)), 512}.Draw(1)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			counts[s.Block]++
		}
	}
	for block, n := range counts {
		if n < 140 || n > 260 {
			t.Errorf("block %d was drawn %d times in 400", block, n)
		}
	}
}

func TestQueryLimits(t *testing.T) {
	w := theWorld(t)
	noName := errors.New("no such fragment")
	for what, c := range map[string]struct {
		c         Challenge
		fragments uint64
		err       error
	}{
		"no fragments":       {Challenge{Samples: 1}, 0, ErrQuery},
		"too many fragments": {Challenge{Samples: 1}, MaxFragments + 1, ErrQuery},
		"no samples":         {Challenge{}, 1, ErrQuery},
		"too many samples":   {Challenge{Samples: MaxSamples + 1}, 1, ErrQuery},
		"unknown name":       {Challenge{Samples: 1}, 1, noName},
	} {
		if _, err := c.c.Query(c.fragments, func(uint64) (Name, error) { return Name{}, noName }); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
	proof := w.prove(t, w.query(t, "limits", 5))
	many := make([]BlockQuery, MaxSamples+1)
	for what, q := range map[string]*Query{
		"nil":          nil,
		"empty":        {},
		"no blocks":    {Fragments: []FragmentQuery{{}}},
		"block 1024":   {Fragments: []FragmentQuery{{Blocks: []BlockQuery{{Block: BlocksPerFragment}}}}},
		"16385 blocks": {Fragments: []FragmentQuery{{Blocks: many}}},
	} {
		if err := w.key.Public().Verify(context.Background(), q, proof); !errors.Is(err, ErrQuery) {
			t.Errorf("%s: verify says %v", what, err)
		}
		if _, err := NewProver(w.srs, q); !errors.Is(err, ErrQuery) {
			t.Errorf("%s: prover says %v", what, err)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	seen := map[Seed]string{}
	for _, randomness := range []string{"", "a", "aa"} {
		for _, miner := range []string{"m1", "m2"} {
			s := NewSeed([]byte(randomness), seedOf(miner))
			if other, again := seen[s]; again {
				t.Errorf("%q/%s and %s have one seed", randomness, miner, other)
			}
			seen[s] = randomness + "/" + miner
		}
	}
}

func TestSampling(t *testing.T) {
	for _, c := range []struct {
		loss, probability float64
		want              uint32
	}{{0.01, 0.99, 459}, {0.05, 0.99, 90}, {0.1, 0.99, 44}, {0.001, 0.99, 4603}, {0, 0.99, MaxSamples}, {1, 0.5, 1}, {0.5, 0, 1}, {-1, 2, 1}} {
		if got := SamplesFor(c.loss, c.probability); got != c.want {
			t.Errorf("SamplesFor(%v, %v) = %d, want %d", c.loss, c.probability, got, c.want)
		}
	}
	near := func(got, want float64) bool { return got > want-1e-6 && got < want+1e-6 }
	for _, c := range []struct {
		total, lost uint64
		samples     uint32
		want        float64
	}{{1024, 1, 460, 460.0 / 1024}, {1024, 1024, 1, 1}, {1024, 0, 460, 0}, {1024, 5, 0, 0}, {100, 60, 41, 1}, {4, 2, 2, 5.0 / 6}, {1 << 40, 1 << 33, 460, 0.9728902}} {
		if got := Detection(c.total, c.lost, c.samples); !near(got, c.want) {
			t.Errorf("Detection(%d, %d, %d) = %v, want %v", c.total, c.lost, c.samples, got, c.want)
		}
	}
}
