package tee

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/audit"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/types"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/filter"
	"github.com/gocess/gocess/storage/podr2/v1"
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

// open1 opens a challenge of version 1 about fragments.
func (b *bench) open1(start types.BlockNumber, names []types.Hash) *v1.Challenge {
	c := new(v1.Challenge)
	var e audit.ChallengeElement
	e.Start = start
	for k := range uint32(8) {
		h := sha256.Sum256(binary.BigEndian.AppendUint32(nil, k))
		c.Indices, c.Values = append(c.Indices, (37*k+5)%1024), append(c.Values, [20]byte(h[:20]))
	}
	e.ServiceParam.RandomIndexList = c.Indices
	e.ServiceParam.RandomList = c.Values
	var bloom types.BloomFilter
	frozen := podr2chain.FrozenList{Start: start, Count: uint32(len(names)), Version: podr2chain.Version1}
	var list []podr2.Name
	for _, n := range names {
		if err := bloom.Insert(n); err != nil {
			b.t.Fatal(err)
		}
		digest, err := n.Digest()
		if err != nil {
			b.t.Fatal(err)
		}
		list = append(list, digest)
	}
	b.chain.set(func(ch *memoryChain) {
		ch.challenges[b.who()] = audit.Challenge{Element: e, Snapshot: audit.MinerSnapshot{ServiceBloomFilter: bloom}}
		ch.frozen[b.who()], ch.names[b.who()] = frozen, list
	})
	return c
}

// held is a small fragment with its tag of version 1.
type held struct {
	data []byte
	name types.Hash
	tag  *v1.Tag
}

func (b *bench) hold(count int) []held {
	b.t.Helper()
	out := make([]held, count)
	for i := range out {
		h := &out[i]
		h.data, h.name = testFragment(byte(100+i), 16*v1.BlocksPerFragment)
		var err error
		if h.tag, err = b.master.tags.Tag(b.ctx, h.name.String(), "", bytes.NewReader(h.data), int64(len(h.data))); err != nil {
			b.t.Fatal(err)
		}
	}
	return out
}

func (b *bench) prove1(c *v1.Challenge, fragments ...held) *v1.Proof {
	b.t.Helper()
	p, err := v1.NewProver(b.master.rsa.Public(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	proof := new(v1.Proof)
	for _, h := range fragments {
		item, err := p.Add(b.ctx, h.tag, bytes.NewReader(h.data), int64(len(h.data)))
		if err != nil {
			b.t.Fatal(err)
		}
		proof.Items = append(proof.Items, item)
	}
	if proof.Sigma, err = p.Sigma(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	return proof
}

func namesOf(fragments []held) (out []types.Hash) {
	for _, h := range fragments {
		out = append(out, h.name)
	}
	return out
}

func TestBatchesOfVersion1(t *testing.T) {
	b := newBench(t)
	h := b.hold(3)
	c := b.open1(100, namesOf(h))
	var none, all filter.Filter
	for _, n := range namesOf(h) {
		if err := all.Insert(n.String()); err != nil {
			t.Fatal(err)
		}
	}
	verdict := func(v *api.Verdict, proof *v1.Proof, result bool) {
		t.Helper()
		if v.Result != result {
			t.Errorf("verdict %v", v.Result)
		}
		b.signed(api.VerdictHash(b.who(), b.worker.Identity(), []byte(proof.Sigma), result, c.Bytes(), &v.Filter), v.Signature[:])
	}
	// One batch, as chain and miner have it.
	whole := b.prove1(c, h...)
	v, err := b.client.BatchVerify(b.ctx, b.who(), c, whole, none)
	if err != nil {
		t.Fatal(err)
	}
	if v.Filter != all {
		t.Error("the filter is not complete")
	}
	verdict(v, whole, true)

	// Three chained batches with a restart between them.
	var chain []*api.Verdict
	before := none
	for i := range h {
		proof := b.prove1(c, h[i])
		v, err := b.client.BatchVerify(b.ctx, b.who(), c, proof, before)
		if err != nil {
			t.Fatal(err)
		}
		verdict(v, proof, true)
		chain, before = append(chain, v), v.Filter
		b.restart()
	}
	sig, err := b.client.AggregateSignature(b.ctx, b.who(), c, chain)
	if err != nil {
		t.Fatal(err)
	}
	b.signed(api.VerdictHash(b.who(), b.worker.Identity(), []byte(whole.Sigma), true, c.Bytes(), &all), sig[:])

	for what, history := range map[string][]*api.Verdict{
		"nothing": nil, "a part": chain[:2], "another order": {chain[1], chain[0], chain[2]}, "one twice": {chain[0], chain[0], chain[1], chain[2]},
		"only the last": chain[2:], "the sigma of another batch": {with(chain[0], func(v *api.Verdict) { v.Sigma = chain[1].Sigma }), chain[1], chain[2]},
		"a forged result": {with(chain[0], func(v *api.Verdict) { v.Result = false }), chain[1], chain[2]},
	} {
		_, err := b.client.AggregateSignature(b.ctx, b.who(), c, history)
		refuses(t, "aggregate of "+what, err, codes.InvalidArgument)
	}
	_, err = b.client.AggregateSignature(b.ctx, b.who(), c, []*api.Verdict{chain[0], chain[1], with(chain[2], func(v *api.Verdict) { v.Signature[0]++ })})
	refuses(t, "aggregate with a forged signature", err, codes.Unauthenticated)

	// A wrong batch makes all after it false.
	c = b.open1(200, namesOf(h))
	wrong := b.prove1(c, h[0])
	wrong.Items[0].Mu = "1"
	v, err = b.client.BatchVerify(b.ctx, b.who(), c, wrong, none)
	if err != nil {
		t.Fatal(err)
	}
	verdict(v, wrong, false)
	second := b.prove1(c, h[1])
	v2, err := b.client.BatchVerify(b.ctx, b.who(), c, second, v.Filter)
	if err != nil {
		t.Fatal(err)
	}
	verdict(v2, second, false)
}

func with(v *api.Verdict, change func(*api.Verdict)) *api.Verdict {
	c := *v
	change(&c)
	return &c
}

func TestBatchVerifyRefuses(t *testing.T) {
	b := newBench(t)
	h := b.hold(3)
	c := b.open1(100, namesOf(h[:2]))
	var none, all filter.Filter
	for _, n := range namesOf(h[:2]) {
		if err := all.Insert(n.String()); err != nil {
			t.Fatal(err)
		}
	}
	proof := b.prove1(c, h[0])
	// The bypass that upstream signs: nothing proven, the chain's own filter.
	_, err := b.client.BatchVerify(b.ctx, b.who(), c, new(v1.Proof), all)
	refuses(t, "nothing, with the filter of the chain", err, codes.InvalidArgument)
	_, err = b.client.BatchVerify(b.ctx, b.who(), c, new(v1.Proof), none)
	refuses(t, "nothing", err, codes.InvalidArgument)
	_, err = b.client.BatchVerify(b.ctx, b.who(), c, proof, all)
	refuses(t, "a filter that was not returned", err, codes.InvalidArgument)
	_, err = b.client.BatchVerify(b.ctx, b.who(), c, b.prove1(c, h[2]), none)
	refuses(t, "a fragment that is not in the challenge", err, codes.InvalidArgument)
	other := &v1.Challenge{Indices: append([]uint32{1}, c.Indices[1:]...), Values: c.Values}
	_, err = b.client.BatchVerify(b.ctx, b.who(), other, b.prove1(other, h[0]), none)
	refuses(t, "another question", err, codes.InvalidArgument)

	request := func() *api.BatchVerifyRequest {
		who := b.who()
		item := proof.Items[0]
		return &api.BatchVerifyRequest{
			Proof:  &api.BatchProof{Names: [][]byte{[]byte(item.Name)}, Us: [][]byte{[]byte(item.U)}, Mus: [][]byte{[]byte(item.Mu)}, Sigma: []byte(proof.Sigma)},
			Qslice: api.NewQslice(c), USigs: [][]byte{item.USig}, Miner: who[:],
		}
	}
	for what, change := range map[string]func(r *api.BatchVerifyRequest){
		"lists of different length": func(r *api.BatchVerifyRequest) { r.USigs = nil },
		"no u":                      func(r *api.BatchVerifyRequest) { r.Proof.Us = nil },
		"no question":               func(r *api.BatchVerifyRequest) { r.Qslice = nil },
		"an index out of range":     func(r *api.BatchVerifyRequest) { r.Qslice.Indices[0] = 1 << 40 },
		"a short value":             func(r *api.BatchVerifyRequest) { r.Qslice.Values[0] = r.Qslice.Values[0][1:] },
		"a long mu":                 func(r *api.BatchVerifyRequest) { r.Proof.Mus[0] = bytes.Repeat([]byte{'9'}, 20000) },
		"a u of zero":               func(r *api.BatchVerifyRequest) { r.Proof.Us[0] = []byte("0") },
		"a sigma that is no number": func(r *api.BatchVerifyRequest) { r.Proof.Sigma = []byte("1e9") },
		"an upper-case name":        func(r *api.BatchVerifyRequest) { r.Proof.Names[0] = bytes.ToUpper(r.Proof.Names[0]) },
		"no miner":                  func(r *api.BatchVerifyRequest) { r.Miner = nil },
		"a miner without challenge": func(r *api.BatchVerifyRequest) { r.Miner = make([]byte, 32) },
	} {
		r := request()
		change(r)
		_, err := api.BatchVerify.Call(b.ctx, b.client, r)
		refuses(t, what, err, codes.InvalidArgument)
	}
	// A u that no worker signed is a wrong proof, not an error.
	r := request()
	r.Proof.Us[0] = []byte("12345678901234567890")
	reply, err := api.BatchVerify.Call(b.ctx, b.client, r)
	if err != nil || reply.Result {
		t.Errorf("a u of the miner's own: %v, %v", reply, err)
	}
}

// Counters can be forged with names that collide; the list of the chain cannot.
func TestCompleteFilterNeedsAllFragments(t *testing.T) {
	b := newBench(t)
	h := b.hold(2)
	c := b.open1(100, namesOf(h))
	// The chain's filter is that of the first fragment only, so that it looks
	// complete after it.
	var bloom types.BloomFilter
	if err := bloom.Insert(h[0].name); err != nil {
		t.Fatal(err)
	}
	b.chain.set(func(ch *memoryChain) {
		open := ch.challenges[b.who()]
		open.Snapshot.ServiceBloomFilter = bloom
		ch.challenges[b.who()] = open
	})
	_, err := b.client.BatchVerify(b.ctx, b.who(), c, b.prove1(c, h[0]), filter.Filter{})
	refuses(t, "a complete filter without all fragments", err, codes.InvalidArgument)
}

func TestMinerWithoutFragments(t *testing.T) {
	b := newBench(t)
	c := b.open1(100, nil)
	v, err := b.client.BatchVerify(b.ctx, b.who(), c, new(v1.Proof), filter.Filter{})
	if err != nil || !v.Result {
		t.Fatalf("%v, %v", v, err)
	}
	b.signed(api.VerdictHash(b.who(), b.worker.Identity(), nil, true, c.Bytes(), new(filter.Filter)), v.Signature[:])
	_, _, err = b.client.VerifyV2(b.ctx, b.who(), nil)
	refuses(t, "version 2 for a miner of version 1", err, codes.FailedPrecondition)
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
