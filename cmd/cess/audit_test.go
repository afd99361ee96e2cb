package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gocess/gocess/storage/podr2"
)

// The scripts check proofs that a miner made in this test, and what is wrong with them in some way.
func TestAuditScripts(t *testing.T) {
	files := proofFiles(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/audit", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			for name, content := range files {
				if err := os.WriteFile(filepath.Join(env.WorkDir, name), content, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

func ok[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// audited is a tagger's key with two fragments and their tags.
type audited struct {
	key       *podr2.SecretKey
	fragments [][]byte
	names     []podr2.Name
	tags      [][]byte
}

func newAudited(t *testing.T) *audited {
	t.Helper()
	a := &audited{key: ok(podr2.NewSecretKey([32]byte{1}))(t)}
	tagger := podr2.NewTagger(a.key)
	for i := range byte(2) {
		data := make([]byte, podr2.FragmentSize)
		_, _ = rand.NewChaCha8([32]byte{i}).Read(data)
		name := podr2.Name(sha256.Sum256(data))
		tags := ok(tagger.Tag(context.Background(), name, bytes.NewReader(data)))(t)
		a.fragments, a.names, a.tags = append(a.fragments, data), append(a.names, name), append(a.tags, tags.Bytes())
	}
	return a
}

// prove answers a challenge with 40 samples.
func (a *audited) prove(t *testing.T, seed podr2.Seed) *serviceProof {
	t.Helper()
	ctx := context.Background()
	challenge := podr2.Challenge{Seed: seed, Samples: 40}
	query := ok(challenge.Query(2, func(i uint64) (podr2.Name, error) { return a.names[i], nil }))(t)
	prover := ok(podr2.NewProver(a.key.SRS(), query))(t)
	for i, f := range query.Fragments {
		at := 0
		if f.Name != a.names[0] {
			at = 1
		}
		if err := prover.Add(ctx, i, bytes.NewReader(a.fragments[at]), bytes.NewReader(a.tags[at])); err != nil {
			t.Fatal(err)
		}
	}
	proof := ok(prover.Finish(ctx))(t)
	return &serviceProof{
		Key: a.key.Public().Bytes(), Seed: seed[:], Samples: 40, Proof: proof.Bytes(),
		Fragments: []string{a.names[0].String(), a.names[1].String()},
	}
}

func proofFiles(t *testing.T) map[string][]byte {
	t.Helper()
	a := newAudited(t)
	good := a.prove(t, podr2.Seed{7})
	files := map[string][]byte{}
	add := func(name string, change func(p *serviceProof)) {
		p := *good
		p.Key, p.Seed, p.Proof = bytes.Clone(p.Key), bytes.Clone(p.Seed), bytes.Clone(p.Proof)
		p.Fragments = append([]string(nil), p.Fragments...)
		change(&p)
		files[name] = ok(json.Marshal(p))(t)
	}
	add("proof.json", func(*serviceProof) {})
	add("other-challenge.json", func(p *serviceProof) { p.Proof = a.prove(t, podr2.Seed{8}).Proof })
	add("other-key.json", func(p *serviceProof) { p.Key = ok(podr2.NewSecretKey([32]byte{2}))(t).Public().Bytes() })
	add("other-fragments.json", func(p *serviceProof) { p.Fragments[0] = podr2.Name{9}.String() })
	add("swapped-fragments.json", func(p *serviceProof) {
		p.Fragments[0], p.Fragments[1] = p.Fragments[1], p.Fragments[0]
	})
	add("fewer-samples.json", func(p *serviceProof) { p.Samples-- })
	add("flipped-bit.json", func(p *serviceProof) { p.Proof[60] ^= 1 })
	add("short-proof.json", func(p *serviceProof) { p.Proof = p.Proof[:128] })
	add("zero-proof.json", func(p *serviceProof) { clear(p.Proof) })
	add("zero-key.json", func(p *serviceProof) { clear(p.Key) })
	add("short-seed.json", func(p *serviceProof) { p.Seed = p.Seed[:31] })
	add("no-fragments.json", func(p *serviceProof) { p.Fragments = nil })
	add("no-samples.json", func(p *serviceProof) { p.Samples = 0 })
	add("fragment-name.json", func(p *serviceProof) { p.Fragments = []string{"photo", "letter"} })
	proof := files["proof.json"]
	files["garbage.json"] = []byte("\x00\xff what is this?")
	files["unknown-field.json"] = bytes.Replace(proof, []byte("{"), []byte(`{"verdict":true,`), 1)
	files["cut.json"] = proof[:len(proof)-10]
	files["two.json"] = append(bytes.Clone(proof), proof...)
	files["no-hex.json"] = bytes.Replace(proof, []byte(`"0x`), []byte(`"`), 1)
	return files
}
