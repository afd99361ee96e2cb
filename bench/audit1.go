package bench

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"

	"github.com/gocess/gocess/ledger/pallets/podr2"
	scheme "github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/v1"
)

// version1 is a round as upstream's miners do it, with 47 blocks of every
// fragment.
func (a *audits) version1(n int) (r AuditRound, err error) {
	c, err := a.chain(n, podr2.Version1)
	if err != nil {
		return r, err
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return r, err
	}
	key, err := v1.NewPrivateKey(private)
	if err != nil {
		return r, err
	}
	secret := sha256.Sum256([]byte("bench"))
	tagger, err := v1.NewTagger(key, secret[:])
	if err != nil {
		return r, err
	}
	challenge := new(v1.Challenge)
	for i := range 47 {
		h := sha256.Sum256([]byte{byte(i)})
		challenge.Indices = append(challenge.Indices, uint32(37*i+5)%v1.BlocksPerFragment)
		challenge.Values = append(challenge.Values, [v1.ValueSize]byte(h[:v1.ValueSize]))
	}
	a.fragment(0)
	name := sha256.Sum256(a.data)
	tag, err := tagger.Tag(a.ctx, hex.EncodeToString(name[:]), "", bytes.NewReader(a.data), int64(len(a.data)))
	if err != nil {
		return r, err
	}
	r = AuditRound{Version: 1, Fragments: n, Sampled: n, Read: int64(n) * 47 * (scheme.FragmentSize / int64(v1.BlocksPerFragment))}
	proof := new(v1.Proof)
	prove, err := step("prove", func() (int, error) {
		prover, err := v1.NewProver(key.Public(), challenge)
		if err != nil {
			return 0, err
		}
		proof = new(v1.Proof)
		for range n {
			item, err := prover.Add(a.ctx, tag, bytes.NewReader(a.data), int64(len(a.data)))
			if err != nil {
				return 0, err
			}
			proof.Items = append(proof.Items, item)
		}
		proof.Sigma, err = prover.Sigma(a.ctx)
		return 0, err
	})
	if err != nil {
		return r, err
	}
	judge, err := step("verify, TEE worker", func() (int, error) { return 0, tagger.Verify(a.ctx, challenge, proof) })
	if err != nil {
		return r, err
	}
	r.Proof = len(proof.Sigma)
	for _, i := range proof.Items {
		r.ToTEE += len(i.Mu) + len(i.U) + len(i.USig) + len(i.Name)
	}
	r.ToTEE += len(proof.Sigma)
	r.Steps = append(r.Steps, prove, judge)
	return r, c.submit(&r, []byte(proof.Sigma))
}
