package pois_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/gocess/gocess/storage/pois"
)

// A miner generates a set of tiny files and convinces a verifier that it did.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "pois-example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	params := pois.Params{K: 8, N: 512, D: 2} // 32 KiB per file; a network uses pois.Production
	id := pois.ID{1}

	set, err := pois.OpenSet(params, id, 1, dir)
	if err != nil {
		panic(err)
	}
	if err := pois.Generate(ctx, set, pois.GenerateOptions{}); err != nil {
		panic(err)
	}
	commits, err := set.Commits()
	if err != nil {
		panic(err)
	}

	verifier, err := pois.NewVerifier(params, pois.WithAllPaths())
	if err != nil {
		panic(err)
	}
	rows, err := verifier.Challenge(rand.Reader, commits)
	if err != nil {
		panic(err)
	}

	proof, err := set.ProveCommit(ctx, rows, pois.AllPaths)
	if err != nil {
		panic(err)
	}
	fmt.Println(verifier.VerifyCommit(id, commits, rows, proof))
	// Output: <nil>
}
