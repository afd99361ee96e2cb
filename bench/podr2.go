package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/v1"
)

// PoDR2Result is what the proofs of stored data cost, version 2 and version 1.
type PoDR2Result struct {
	V2 []Step `json:"v2"`
	V1 []Step `json:"v1"`
	// PeakRSS is the most memory in use at any time, in bytes.
	PeakRSS uint64 `json:"peakRSS"`
}

// PoDR2 tags fragments of 8 MiB, answers a challenge with samples blocks of
// version 2 about all of them, and one of version 1 with 47.
func PoDR2(ctx context.Context, fragments int, samples uint32) (*PoDR2Result, error) {
	resetPeak()
	d := &dataLife{ctx: ctx}
	for i := range fragments {
		data := make([]byte, podr2.FragmentSize)
		if _, err := io.ReadFull(newPattern(int64(len(data))), data); err != nil {
			return nil, err
		}
		data[0] = byte(i)
		data[1] = byte(i >> 8)
		d.fragments = append(d.fragments, data)
		d.names = append(d.names, podr2.Name(sha256.Sum256(data)))
	}
	result := new(PoDR2Result)
	var err error
	if result.V2, err = d.version2(samples); err != nil {
		return nil, err
	}
	if result.V1, err = d.version1(); err != nil {
		return nil, err
	}
	result.PeakRSS = UsageOf(os.Getpid()).PeakRSS
	return result, nil
}

// dataLife is a miner's data.
type dataLife struct {
	ctx       context.Context
	fragments [][]byte
	names     []podr2.Name
}

func (d *dataLife) version2(samples uint32) (steps []Step, err error) {
	key, err := podr2.NewSecretKey([32]byte{1})
	if err != nil {
		return nil, err
	}
	srs, tagger := key.SRS(), podr2.NewTagger(key)
	tags := make([]*podr2.Tags, len(d.fragments))
	at := map[podr2.Name]int{}
	for i, name := range d.names {
		if tags[i], err = tagger.Tag(d.ctx, name, bytes.NewReader(d.fragments[i])); err != nil {
			return nil, err
		}
		at[name] = i
	}
	challenge := podr2.Challenge{Seed: podr2.Seed{1}, Samples: samples}
	var query *podr2.Query
	var proof *podr2.Proof
	return runSteps([]namedWork{
		{"tag a fragment of 8 MiB", func() (int, error) {
			t, err := tagger.Tag(d.ctx, d.names[0], bytes.NewReader(d.fragments[0]))
			if err != nil {
				return 0, err
			}
			return len(t.Bytes()), nil
		}},
		{"check the tags of a fragment", func() (int, error) {
			return 0, srs.CheckTags(d.ctx, tags[0], bytes.NewReader(d.fragments[0]))
		}},
		{"draw the challenge", func() (n int, err error) {
			query, err = challenge.Query(uint64(len(d.names)), func(i uint64) (podr2.Name, error) { return d.names[i], nil })
			return 0, err
		}},
		{"prove", func() (int, error) {
			prover, err := podr2.NewProver(srs, query)
			if err != nil {
				return 0, err
			}
			for i := range query.Fragments {
				k := at[query.Fragments[i].Name]
				if err := prover.Add(d.ctx, i, bytes.NewReader(d.fragments[k]), bytes.NewReader(tags[k].Bytes())); err != nil {
					return 0, err
				}
			}
			if proof, err = prover.Finish(d.ctx); err != nil {
				return 0, err
			}
			return len(proof.Bytes()), nil
		}},
		{"verify", func() (int, error) { return 0, key.Public().Verify(d.ctx, query, proof) }},
	})
}

func (d *dataLife) version1() ([]Step, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	key, err := v1.NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	secret := sha256.Sum256([]byte("bench"))
	tagger, err := v1.NewTagger(key, secret[:])
	if err != nil {
		return nil, err
	}
	challenge := new(v1.Challenge)
	for i := range 47 {
		h := sha256.Sum256([]byte{byte(i)})
		challenge.Indices = append(challenge.Indices, uint32(37*i+5)%v1.BlocksPerFragment)
		challenge.Values = append(challenge.Values, [v1.ValueSize]byte(h[:v1.ValueSize]))
	}
	data, name := d.fragments[0], hex.EncodeToString(d.names[0][:])
	var tag *v1.Tag
	var proof *v1.Proof
	return runSteps([]namedWork{
		{"tag a fragment of 8 MiB", func() (n int, err error) {
			if tag, err = tagger.Tag(d.ctx, name, "", bytes.NewReader(data), int64(len(data))); err != nil {
				return 0, err
			}
			return len(tag.Bytes()), nil
		}},
		{"prove a fragment, 47 blocks", func() (int, error) {
			prover, err := v1.NewProver(key.Public(), challenge)
			if err != nil {
				return 0, err
			}
			item, err := prover.Add(d.ctx, tag, bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return 0, err
			}
			sigma, err := prover.Sigma(d.ctx)
			proof = &v1.Proof{Items: []v1.Item{item}, Sigma: sigma}
			return len(item.Mu) + len(item.U) + len(item.USig) + len(item.Name) + len(sigma), err
		}},
		{"verify it with the secret key", func() (int, error) { return 0, tagger.Verify(d.ctx, challenge, proof) }},
		{"verify it with the public key", func() (int, error) { return 0, key.Public().Verify(d.ctx, challenge, proof) }},
	})
}

// namedWork is an operation that makes something of a length.
type namedWork struct {
	what string
	work func() (bytes int, err error)
}

func runSteps(list []namedWork) (steps []Step, err error) {
	for _, w := range list {
		s, err := step(w.what, w.work)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}
