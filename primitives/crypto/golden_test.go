package crypto

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gocess/gocess/primitives/ss58"
)

// hexBytes is 0x text in JSON.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(strings.TrimPrefix(string(text), "0x"))
	return err
}

// walletVectors is testdata/wallet.json, made with the keyring of the polkadot-js wallet.
type walletVectors struct {
	URIs []struct {
		Scheme          Scheme
		URI             string
		Public, Account hexBytes
		Address         string
		Error           string
	}
	Signatures []struct {
		Scheme             Scheme
		Public             hexBytes
		Message            string
		Signature, Wrapped hexBytes
	}
	KeyFiles []struct {
		Scheme          Scheme
		URI, Passphrase string
		JSON            json.RawMessage
	}
	Eth []struct {
		Seed    string
		Address EthAddress
		Account hexBytes
		EVM     string
	}
	Mnemonics []struct {
		Mnemonic      string
		Entropy, Mini hexBytes
		MiniPassword  hexBytes `json:"mini_pw"`
	}
	VRF struct {
		Context, Message string
		PreOut           hexBytes
	}
}

var wallet = sync.OnceValue(func() (v walletVectors) {
	data, err := os.ReadFile("testdata/wallet.json")
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		panic(err)
	}
	return v
})

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustURI(t testing.TB, scheme Scheme, uri string) Pair {
	t.Helper()
	pair, err := FromURI(scheme, uri)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

var schemes = []Scheme{Sr25519, Ed25519, Ecdsa}

func TestWalletURIs(t *testing.T) {
	for _, v := range wallet().URIs {
		t.Run(v.Scheme.String()+" "+v.URI, func(t *testing.T) {
			pair, err := FromURI(v.Scheme, v.URI)
			if v.Error != "" {
				if err == nil {
					t.Fatalf("the wallet refuses it: %s", v.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			account := pair.AccountID()
			if !bytes.Equal(pair.Public(), v.Public) || !bytes.Equal(account[:], v.Account) {
				t.Errorf("public %x account %x, want %x and %x", pair.Public(), account, v.Public, v.Account)
			}
			if got := ss58.Encode(ss58.CESS, account[:]); got != v.Address {
				t.Errorf("address %s, want %s", got, v.Address)
			}
			if pair.Scheme() != v.Scheme {
				t.Errorf("scheme %v", pair.Scheme())
			}
		})
	}
}

// spec/wire.md §7.3.
func TestSpecAccounts(t *testing.T) {
	for _, v := range []struct{ uri, public, address string }{
		{"//Alice", "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d", "cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc"},
		{"//Bob", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48", "cXiCk1Z1bva3fpsYHqsfzXJmQ9jSMw5FrZJFE61E6YVLkU6w2"},
		{"//Charlie", "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22", "cXiFQ5j9eFZwJTUwxNfGKWyDgys7jvP8hz5WZd1XCptXGmPg2"},
		{"//Dave", "306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20", "cXg589ugcTayykZnyd8gHpM9882mEFSjdR7fXUTPwix33ngWV"},
		{"//Eve", "e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e", "cXkBgsDbkBxmBUBeYNMf1wTXp7TGu3Z8GcAVeBYMbYH8QoP7E"},
		{"//Ferdie", "1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c", "cXfdLkvc2MXiaiXH1h3PKBoyh39o6X38hU7c4oRY3ZxRyM9JJ"},
		{"//Alice//stash", "be5ddb1579b72e84524fc29e78609e3caf42e85aa118ebfe0b0ad404b5bdd25f", "cXjHGCWMUM8gM9YFJUK2rqq2tiFWB4huBKWdQPkWdcXcZHhHA"},
		{DevPhrase, "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a", "cXgaee2N8E77JJv9gdsGAckv1Qsf3hqWYf7NL4q6ZuQzuAUtB"},
		{"/soft//hard", "b692f2e809e8805a1814fab0baea78841806544446ebb8280b4e593962706f4a", "cXj73b4TfvhEoHcM2pBkhGoVGzC2tF6vUi6Xj6Z9BQxyHhGzW"},
	} {
		pair := mustURI(t, Sr25519, v.uri)
		account := pair.AccountID()
		if got := hex.EncodeToString(pair.Public()); got != v.public {
			t.Errorf("%s: public key %s, want %s", v.uri, got, v.public)
		}
		if got := ss58.Encode(ss58.CESS, account[:]); got != v.address {
			t.Errorf("%s: address %s, want %s", v.uri, got, v.address)
		}
	}
}

func TestWalletSignatures(t *testing.T) {
	for _, v := range wallet().Signatures {
		msg := []byte(v.Message)
		if !Verify(v.Scheme, v.Public, msg, v.Signature) {
			t.Errorf("%s: the wallet's signature over %d bytes does not verify", v.Scheme, len(msg))
		}
		if Verify(v.Scheme, v.Public, msg, v.Wrapped) || !VerifyText(v.Scheme, v.Public, msg, v.Wrapped) {
			t.Errorf("%s: the wallet's signature over wrapped text verifies bare, or not as text", v.Scheme)
		}
		if !VerifyText(v.Scheme, v.Public, WrapText(msg), v.Signature) {
			t.Errorf("%s: a bare signature does not verify for wrapped text", v.Scheme)
		}
		if v.Scheme == Sr25519 {
			continue // randomised
		}
		pair := mustURI(t, v.Scheme, "//Alice")
		if sig, err := pair.Sign(msg); err != nil || !bytes.Equal(sig, v.Signature) {
			t.Errorf("%s: signature over %d bytes: %x, %v; the wallet's is %x", v.Scheme, len(msg), sig, err, v.Signature)
		}
	}
}

func TestWalletMnemonics(t *testing.T) {
	for _, v := range wallet().Mnemonics {
		entropy, err := MnemonicEntropy(v.Mnemonic)
		if err != nil || !bytes.Equal(entropy, v.Entropy) {
			t.Errorf("%d words: entropy %x, %v, want %x", len(strings.Fields(v.Mnemonic)), entropy, err, v.Entropy)
		}
		if text, err := MnemonicFromEntropy(v.Entropy); err != nil || text != v.Mnemonic {
			t.Errorf("words of %x: %q, %v, want %q", v.Entropy, text, err, v.Mnemonic)
		}
		for password, want := range map[string]hexBytes{"": v.Mini, "pw": v.MiniPassword} {
			if seed, err := MnemonicSeed(v.Mnemonic, password); err != nil || !bytes.Equal(seed[:], want) {
				t.Errorf("seed with password %q: %x, %v, want %x", password, seed, err, want)
			}
		}
	}
}

// spec/wire.md §3.2: an extrinsic signed by ed25519 //Alice, and its hash.
func TestSpecExtrinsic(t *testing.T) {
	call := fromHex(t, "0603008eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48e5c0")
	genesis := bytes.Repeat([]byte{0xab}, 32)
	extra := []byte{0x00, 0x0c, 0x00}
	payload := bytes.Join([][]byte{call, extra, {137, 0, 0, 0, 1, 0, 0, 0}, genesis, genesis}, nil)
	pair := mustURI(t, Ed25519, "//Alice")
	sig, err := pair.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	want := "49bf70952b47b1a374e788f218bef133987ee43e6ff854a430e7ab9e0da35c9245e81191c3b89e5f978b82ce477f7f8e396d85a329c5397af123a33cc70d590d"
	if got := hex.EncodeToString(sig); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	hash := Blake2b256([]byte{0x2d, 0x02, 0x84, 0x00}, pair.Public(), []byte{byte(Ed25519)}, sig, extra, call)
	if got := hex.EncodeToString(hash[:]); got != "569eddc225dea4b31e80f335677363d1d68351d0bc7e79c8630e92cdecf89eb5" {
		t.Errorf("extrinsic hash %s", got)
	}
}
