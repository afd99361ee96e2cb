package podr2_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// data are real fragments with real tags, made once for all tests.
type data struct {
	key       *scheme.SecretKey
	srs       *scheme.SRS
	fragments map[scheme.Name][]byte
	tags      map[scheme.Name][]byte
	names     []types.Hash
}

var theData = sync.OnceValues(func() (*data, error) {
	key, err := scheme.NewSecretKey(sha256.Sum256([]byte("tagger")))
	if err != nil {
		return nil, err
	}
	d := &data{
		key: key, srs: key.SRS(), fragments: make(map[scheme.Name][]byte), tags: make(map[scheme.Name][]byte),
	}
	tagger := scheme.NewTagger(key)
	for i := range 3 {
		content := make([]byte, scheme.FragmentSize)
		rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, "fragment", i))).Read(content)
		name := scheme.Name(sha256.Sum256(content))
		tags, err := tagger.Tag(context.Background(), name, bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		d.fragments[name], d.tags[name] = content, tags.Bytes()
		d.names = append(d.names, types.HashOf(name))
	}
	return d, nil
})

// world is a chain whose miners store the data under version 2.
type world struct {
	*audittest.World
	t palletstest.TB
	*data
	miner substrate.AccountID
}

func newWorld(t palletstest.TB, o audittest.Options) *world {
	t.Helper()
	d, err := theData()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{audittest.New(t, o), t, d, substrate.AccountID{}}
	w.miner = w.Miners[0]
	w.Must(palletstest.Bob, w.registration(d.key.Public()))
	for _, m := range w.Miners {
		w.store(m, d.names...)
		w.Must(m, podr2.SetVersion{Version: podr2.Version2})
	}
	return w
}

func (w *world) registration(key *scheme.PublicKey) podr2.RegisterTaggerKey {
	w.t.Helper()
	return podr2.RegisterTaggerKey{Key: key.Bytes(), Signature: w.Sign(podr2.TaggerKeyDigest(key))}
}

// store gives fragments with a tag to a miner, as FileBank does.
func (w *world) store(miner substrate.AccountID, names ...types.Hash) {
	w.t.Helper()
	w.Set(func(ctx *runtime.Context) error { return sminer.API{}.AddFragments(ctx, miner, names) })
}

func (w *world) forget(miner substrate.AccountID, names ...types.Hash) {
	w.t.Helper()
	w.Set(func(ctx *runtime.Context) error { return sminer.API{}.ForgetFragments(ctx, miner, names) })
}

// prove answers the miner's open challenge. The query is built as a miner does
// it, from the list before the challenge started.
func (w *world) prove(miner substrate.AccountID, list []podr2.Digest) []byte {
	w.t.Helper()
	ctx := context.Background()
	c := scheme.Challenge{Seed: podr2.SeedOf(w.Open(miner).Element, miner), Samples: podr2.Samples.Default()}
	q, err := c.Query(uint64(len(list)), func(i uint64) (scheme.Name, error) { return list[i], nil })
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := scheme.NewProver(w.srs, q)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range q.Fragments {
		name := q.Fragments[i].Name
		if err := p.Add(ctx, i, bytes.NewReader(w.fragments[name]), bytes.NewReader(w.tags[name])); err != nil {
			w.t.Fatal(err)
		}
	}
	proof, err := p.Finish(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return proof.Bytes()
}

// list is what the miner's next challenge asks about.
func (w *world) list(miner substrate.AccountID) []podr2.Digest {
	w.t.Helper()
	return names(w.t, w.Ctx(), miner)
}

// round challenges the miner, and submits what proof makes of the right proof.
func (w *world) round(miner substrate.AccountID, proof func(right []byte) []byte) {
	w.t.Helper()
	list := w.list(miner)
	w.Challenge(miner)
	w.Answer(miner, proof(w.prove(miner, list)))
}

func same(b []byte) []byte { return b }

// wrong is a well-formed proof of something else.
func wrong(b []byte) []byte {
	b = bytes.Clone(b)
	b[1+48+31]++ // the lowest byte of the value
	return b
}

func verdict(t *testing.T, w *world, miner substrate.AccountID) bool {
	t.Helper()
	p, _ := w.Open(miner).Proofs.Service.Get()
	v, ok := p.Verdict.Get()
	if !ok {
		t.Fatal("there is no verdict")
	}
	return v
}

func failures(w *world, miner substrate.AccountID) uint32 {
	return audit.ServiceFailures.Get(w.Ctx(), miner)
}

func completed(w *world, miner substrate.AccountID) int {
	return len(sminer.CompleteMinerSnapShots.Get(w.Ctx(), miner))
}
