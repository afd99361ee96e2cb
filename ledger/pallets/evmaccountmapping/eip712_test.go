package evmaccountmapping_test

import (
	"encoding/hex"
	"testing"

	evm "github.com/gocess/gocess/ledger/pallets/evmaccountmapping"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var hello = runtime.RuntimeCall{Call: system.RemarkWithEvent{Remark: []byte("Hello")}}

func TestHelloOnTheWire(t *testing.T) {
	raw, err := scale.Marshal(hello)
	if err != nil || hex.EncodeToString(raw) != "00071448656c6c6f" {
		t.Fatalf("%x, %v", raw, err)
	}
}

// spec/pallets-storage.md §14.
func TestVectorOfCESS(t *testing.T) {
	domain := evm.NewDomain([]byte("Substrate"), []byte("1"), scale.U256{}, substrate.H160{})
	if hex.EncodeToString(domain[:]) != "33cfd741b4ab8d7f3c14cfb99f3983220d8915521fdc67c9f90414abf4bc9fe0" {
		t.Errorf("domain separator %x", domain)
	}
	who := substrate.AccountID(unhex(t, "e32d63ce0e0f60c7d3ea398b6fabd72ee8796bb803d4914aaa1838945172a69e"))
	digest := domain.Digest(11330, who, unhex(t, "00071448656c6c6f"), 5)
	if hex.EncodeToString(digest[:]) != "4c81b25fa866c28a6dd7f70c7e77a51226e338ccce0952ef266d5dc5a487b2ec" {
		t.Errorf("digest %x", digest)
	}
	signature := unhex(t, "58116d4048ce91ac55017bc41a653efe4da8ac0a0fe26ed94d9d8e032be1d6f03c2aff95267b044d9e903396347914bfe410cd1eecf5d8a9379105b1b2180fa500")
	public, err := crypto.RecoverDigest(digest, signature)
	if err != nil || substrate.AccountID(crypto.Blake2b256(public[:])) != who {
		t.Errorf("recovered %x, %v", public, err)
	}
	if got := key(t, "cess test key 1").SignDigest(digest); hex.EncodeToString(got[:]) != hex.EncodeToString(signature) {
		t.Errorf("signature %x", got)
	}
}

// The generic vector of the same section: another prefix, another key.
func TestVectorOfPrefix42(t *testing.T) {
	_, account, err := ss58.Decode("5DT96geTS2iLpkH8fAhYAAphNpxddKCV36s5ShVFavf1xQiF")
	if err != nil {
		t.Fatal(err)
	}
	domain := evm.NewDomain([]byte("Substrate"), []byte("1"), scale.U256{}, substrate.H160{})
	digest := domain.Digest(42, substrate.AccountID(account), unhex(t, "00071448656c6c6f"), 0)
	if hex.EncodeToString(digest[:]) != "9f3fc33e4f0d0cca4fcb6a7508393782c50fa03fa3dd32ed5a20ddde9267b133" {
		t.Errorf("digest %x", digest)
	}
	public, err := crypto.RecoverDigest(digest, unhex(t, "37cb6ff8e296d7e476ee13a6cfababe788217519d428fcc723b482dc97cb4d1359a8d1c020fe3cebc1d06a67e61b1f0e296739cecacc640b0ba48e8a7555472e1b"))
	if err != nil || hex.EncodeToString(public[:]) != "027cf2fa7bfe66adad4149481ff86794ce7e1ab2f7ed615ad3918f91581d2c00f1" {
		t.Errorf("recovered %x, %v", public, err)
	}
}

// Every part of the domain and of the message changes what is signed.
func TestTheDigestBindsEverything(t *testing.T) {
	seen := map[[32]byte]string{}
	add := func(label string, d [32]byte) {
		if other, dup := seen[d]; dup {
			t.Errorf("%s has the digest of %s", label, other)
		}
		seen[d] = label
	}
	domain := func(name, version string, id uint64, contract byte) evm.Domain {
		return evm.NewDomain([]byte(name), []byte(version), scale.U256From64(id), substrate.H160{contract})
	}
	base := domain("Substrate", "1", 0, 0)
	add("base", base.Digest(1, substrate.AccountID{}, nil, 0))
	add("prefix", base.Digest(2, substrate.AccountID{}, nil, 0))
	add("who", base.Digest(1, substrate.AccountID{1}, nil, 0))
	add("call", base.Digest(1, substrate.AccountID{}, []byte{0}, 0))
	add("nonce", base.Digest(1, substrate.AccountID{}, nil, 1))
	add("nonce in the high half", base.Digest(1, substrate.AccountID{}, nil, 1<<32))
	for label, d := range map[string]evm.Domain{
		"name": domain("CESS", "1", 0, 0), "version": domain("Substrate", "2", 0, 0), "chain id": domain("Substrate", "1", 11330, 0), "contract": domain("Substrate", "1", 0, 1),
	} {
		add(label, d.Digest(1, substrate.AccountID{}, nil, 0))
	}
}
