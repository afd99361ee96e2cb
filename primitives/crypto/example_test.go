package crypto_test

import (
	"fmt"
	"os"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/ss58"
)

func Example() {
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		fmt.Println(err)
		return
	}
	account := alice.AccountID()
	sig, err := alice.Sign([]byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ss58.Encode(ss58.CESS, account[:]))
	fmt.Println(crypto.VerifyAccount(crypto.Sr25519, account, []byte("hello"), sig))
	fmt.Printf("%#v\n", alice) // never the secret
	// Output:
	// cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc
	// true
	// sr25519:cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc
}

func ExampleBatch() {
	batch := crypto.NewBatch(0)
	for _, name := range []string{"//Alice", "//Bob", "//Charlie"} {
		pair, err := crypto.FromURI(crypto.Sr25519, name)
		if err != nil {
			fmt.Println(err)
			return
		}
		sig, err := pair.Sign([]byte(name))
		if err != nil {
			fmt.Println(err)
			return
		}
		msg := []byte(name)
		if name == "//Bob" {
			msg = []byte("//Eve")
		}
		batch.Add(crypto.Sr25519, pair.Public(), msg, sig)
	}
	fmt.Println(batch.Verify())
	// Output: false [true false true]
}

func ExampleKeystore() {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := crypto.OpenKeystore(dir, crypto.WithScryptCost(crypto.LegacyScryptCost))
	if err != nil {
		fmt.Println(err)
		return
	}
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Put("alice", alice, "correct horse"))
	_, err = store.Get("alice", "battery staple")
	fmt.Println(err)
	fmt.Println(store.Get("alice", "correct horse"))
	// Output:
	// <nil>
	// open key "alice": wrong passphrase (or damaged key file)
	// sr25519:cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc <nil>
}
