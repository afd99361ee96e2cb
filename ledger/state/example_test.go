package state_test

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/gocess/gocess/ledger/state"
)

func Example() {
	store, err := state.Open("ledger", state.WithFS(vfs.NewMem()), state.WithRetention(1000))
	if err != nil {
		panic(err)
	}
	defer store.Close()

	genesis, err := store.Stage(0, []state.KV{{Key: []byte("alice"), Value: []byte("100")}})
	if err != nil {
		panic(err)
	}
	if err := store.Commit(genesis, nil); err != nil {
		panic(err)
	}

	// Two candidates for block 1; one is decided.
	pay, err := store.Stage(1, []state.KV{
		{Key: []byte("alice"), Value: []byte("60")},
		{Key: []byte("bob"), Value: []byte("40")},
	})
	if err != nil {
		panic(err)
	}
	empty, err := store.Stage(1, nil)
	if err != nil {
		panic(err)
	}
	header := []state.KV{{Key: []byte("header/1"), Value: []byte("...")}}
	if err := store.Commit(pay, header); err != nil {
		panic(err)
	}
	fmt.Println(store.Commit(empty, nil))

	for height := range uint64(2) {
		view, err := store.At(height)
		if err != nil {
			panic(err)
		}
		it := view.Iter(nil, nil)
		for it.Next() {
			fmt.Printf("%d %s=%s\n", height, it.Key(), it.Value())
		}
		if err := it.Close(); err != nil {
			panic(err)
		}
		proof, err := view.Prove([][]byte{[]byte("bob")})
		if err != nil {
			panic(err)
		}
		value, err := state.VerifyProof(view.Root(), proof, []byte("bob"))
		fmt.Printf("proved %q %v\n", value, err)
		view.Close()
	}
	// Output:
	// commit 1 after 1: staged block is stale
	// 0 alice=100
	// proved "" <nil>
	// 1 alice=60
	// 1 bob=40
	// proved "40" <nil>
}
