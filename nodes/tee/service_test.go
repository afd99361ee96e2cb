package tee

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/audit"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/types"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/filter"
)

// fragmentOf makes a fragment of some size and its name on chain.
func testFragment(seed byte, size int) ([]byte, types.Hash) {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data) // never fails
	return data, types.HashOf(sha256.Sum256(data))
}

var testFile = types.HashOf([32]byte{0xab})

// list has the chain give fragments to the miner.
func (b *bench) list(file types.Hash, fragments ...types.Hash) {
	b.chain.set(func(c *memoryChain) {
		for _, f := range fragments {
			c.listed[listing{b.who(), file, f}] = true
		}
	})
}

func TestTagsOfBothVersions(t *testing.T) {
	b := newBench(t)
	data, name := testFragment(1, podr2.FragmentSize)
	next, nextName := testFragment(2, podr2.FragmentSize)
	b.list(testFile, name, nextName)
	request := api.TagRequest{Miner: b.who(), File: testFile, Fragment: name, Data: data}

	public, srsBytes, err := b.client.TaggerKey(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	key, err := podr2.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	srs, err := podr2.ParseSRS(key, srsBytes)
	if err != nil {
		t.Fatal(err)
	}
	encoded, signature, err := b.client.TagV2(b.ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	tags, err := podr2.ParseTags(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if err := srs.CheckTags(b.ctx, tags, bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
	digests := []api.Digest{{Fragment: name, TEE: b.worker.Identity()}}
	b.signed(api.TagsHash(b.who(), testFile, digests), signature)

	// The second fragment of the file, with version 1: digests accumulate.
	tag, signature, err := b.client.GenTag(b.ctx, api.TagRequest{
		Miner: b.who(), File: testFile, Fragment: nextName, Data: next, Digests: digests, LastSignature: signature,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tag.Check(b.master.rsa.Public(), ""); err != nil {
		t.Error(err)
	}
	digests = append(digests, api.Digest{Fragment: nextName, TEE: b.worker.Identity()})
	b.signed(api.TagsHash(b.who(), testFile, digests), signature)

	for what, change := range map[string]struct {
		code codes.Code
		do   func(r *api.TagRequest)
	}{
		"a fragment that is not listed":  {codes.PermissionDenied, func(r *api.TagRequest) { r.File = types.HashOf([32]byte{1}) }},
		"another miner's fragment":       {codes.Internal, func(r *api.TagRequest) { r.Miner[0]++ }},
		"data of another name":           {codes.InvalidArgument, func(r *api.TagRequest) { r.Data = next }},
		"short data":                     {codes.InvalidArgument, func(r *api.TagRequest) { r.Data = data[:1024] }},
		"no data":                        {codes.InvalidArgument, func(r *api.TagRequest) { r.Data = nil }},
		"digests without a signature":    {codes.Unauthenticated, func(r *api.TagRequest) { r.Digests = digests }},
		"digests with another signature": {codes.Unauthenticated, func(r *api.TagRequest) { r.Digests, r.LastSignature = digests[:1], signature }},
		"a digest that is no hash": {codes.InvalidArgument, func(r *api.TagRequest) {
			r.Digests, r.LastSignature = []api.Digest{{}}, signature
		}},
		"a thousand digests": {codes.InvalidArgument, func(r *api.TagRequest) { r.Digests = make([]api.Digest, maxDigests) }},
		"a name that is no hash": {codes.InvalidArgument, func(r *api.TagRequest) {
			r.Fragment[3] = 'X'
		}},
	} {
		r := request
		change.do(&r)
		_, _, err := b.client.TagV2(b.ctx, r)
		refuses(t, "version 2, "+what, err, change.code)
		_, _, err = b.client.GenTag(b.ctx, r)
		refuses(t, "version 1, "+what, err, change.code)
	}
	b.worker.ring.publish(nil)
	_, _, err = b.client.TagV2(b.ctx, request)
	refuses(t, "a tagger whose key is not on chain", err, codes.Unavailable)
}

func TestVerdictsOfVersion2(t *testing.T) {
	b := newBench(t)
	b.open1(100, nil)
	data, name := testFragment(5, podr2.FragmentSize)
	digest, err := name.Digest()
	if err != nil {
		t.Fatal(err)
	}
	tags, err := b.tagger.tagger.Tag(b.ctx, digest, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var element audit.ChallengeElement
	b.chain.set(func(c *memoryChain) {
		c.frozen[b.who()] = podr2chain.FrozenList{Start: 100, Count: 1, Version: podr2chain.Version2}
		c.names[b.who()] = []podr2.Name{digest}
		element = c.challenges[b.who()].Element
	})
	query, err := podr2.Challenge{Seed: podr2chain.SeedOf(element, b.who()), Samples: b.chain.samples}.
		Query(1, func(uint64) (podr2.Name, error) { return digest, nil })
	if err != nil {
		t.Fatal(err)
	}
	prover, err := podr2.NewProver(b.tagger.key.SRS(), query)
	if err != nil {
		t.Fatal(err)
	}
	if err := prover.Add(b.ctx, 0, bytes.NewReader(data), bytes.NewReader(tags.Bytes())); err != nil {
		t.Fatal(err)
	}
	proof, err := prover.Finish(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	challenge, err := challengeV1(&element.ServiceParam)
	if err != nil {
		t.Fatal(err)
	}
	honest := proof.Bytes()
	wrong := bytes.Clone(honest)
	wrong[60]++
	for what, p := range map[string][]byte{"honest": honest, "wrong": wrong, "no point": make([]byte, podr2.ProofSize), "nothing": nil} {
		result, sig, err := b.client.VerifyV2(b.ctx, b.who(), p)
		if err != nil || result != (what == "honest") {
			t.Errorf("%s: verdict %v, %v", what, result, err)
			continue
		}
		b.signed(api.VerdictHash(b.who(), b.worker.Identity(), p, result, challenge.Bytes(), new(filter.Filter)), sig[:])
	}
	_, _, err = b.client.VerifyV2(b.ctx, b.who(), honest[1:])
	refuses(t, "a short proof", err, codes.InvalidArgument)
	b.chain.set(func(c *memoryChain) { c.tagger = nil })
	_, _, err = b.client.VerifyV2(b.ctx, b.who(), honest)
	refuses(t, "without a key on chain", err, codes.FailedPrecondition)
	b.chain.set(func(c *memoryChain) { delete(c.challenges, b.who()) })
	_, _, err = b.client.VerifyV2(b.ctx, b.who(), honest)
	refuses(t, "without a challenge", err, codes.InvalidArgument)
}
