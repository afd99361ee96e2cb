package tee

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
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
