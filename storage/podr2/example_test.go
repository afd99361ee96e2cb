package podr2_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log"

	"github.com/gocess/gocess/storage/podr2"
)

// A tagger tags a fragment, a miner answers a challenge, and anybody checks the answer with the public key.
func Example() {
	ctx := context.Background()
	fragment := bytes.Repeat([]byte("service data "), podr2.FragmentSize/13+1)[:podr2.FragmentSize]
	name := podr2.Name(sha256.Sum256(fragment))

	// The tagger: once for each fragment. In earnest the seed is 32 random bytes and stays secret.
	secret, err := podr2.NewSecretKey([32]byte{1})
	if err != nil {
		log.Fatal(err)
	}
	tags, err := podr2.NewTagger(secret).Tag(ctx, name, bytes.NewReader(fragment))
	if err != nil {
		log.Fatal(err)
	}
	publicKey, publicPowers := secret.Public().Bytes(), secret.SRS().Bytes()

	// The miner keeps fragment and tags, and checks once what it got.
	key, err := podr2.ParsePublicKey(publicKey)
	if err != nil {
		log.Fatal(err)
	}
	srs, err := podr2.ParseSRS(key, publicPowers)
	if err != nil {
		log.Fatal(err)
	}
	if err := srs.CheckTags(ctx, tags, bytes.NewReader(fragment)); err != nil {
		log.Fatal(err)
	}

	// A challenge: both sides derive the same query from the seed and the miner's list of fragments.
	challenge := podr2.Challenge{Seed: podr2.NewSeed([]byte("randomness of a block"), [32]byte{7}), Samples: 460}
	names := []podr2.Name{name}
	query, err := challenge.Query(uint64(len(names)), func(i uint64) (podr2.Name, error) { return names[i], nil })
	if err != nil {
		log.Fatal(err)
	}

	// The miner answers.
	prover, err := podr2.NewProver(srs, query)
	if err != nil {
		log.Fatal(err)
	}
	for i := range query.Fragments {
		if err := prover.Add(ctx, i, bytes.NewReader(fragment), bytes.NewReader(tags.Bytes())); err != nil {
			log.Fatal(err)
		}
	}
	proof, err := prover.Finish(ctx)
	if err != nil {
		log.Fatal(err)
	}
	answer := proof.Bytes()
	fmt.Println(len(tags.Bytes()), "bytes of tags,", len(answer), "bytes of proof")

	// Anybody verifies.
	received, err := podr2.ParseProof(answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("verdict:", key.Verify(ctx, query, received))
	// Output:
	// 49264 bytes of tags, 129 bytes of proof
	// verdict: <nil>
}
