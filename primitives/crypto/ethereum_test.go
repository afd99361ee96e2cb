package crypto

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/ss58"
	"pgregory.net/rapid"
)

func TestEIP55(t *testing.T) {
	for _, want := range []string{ // the examples of the EIP
		"0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
		"0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
	} {
		for _, text := range []string{want, want[2:], strings.ToLower(want), "0x" + strings.ToUpper(want[2:])} {
			a, err := ParseEthAddress(text)
			if err != nil || a.String() != want {
				t.Errorf("%s reads as %v, %v", text, a, err)
			}
		}
	}
}

func TestEthAddressErrors(t *testing.T) {
	for _, v := range []struct{ text, says string }{
		{"", "0 digits"}, {"0x", "0 digits"}, {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "39 digits"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", "hexadecimal"}, {"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "checksum"},
	} {
		if a, err := ParseEthAddress(v.text); !errors.Is(err, ErrEthAddress) || !strings.Contains(err.Error(), v.says) || a != (EthAddress{}) {
			t.Errorf("%q: %v, %v, want an error about %q", v.text, a, err, v.says)
		}
	}
}

func TestEthAddressJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := EthAddress(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "address"))
		text, err := json.Marshal(a)
		var back EthAddress
		if err != nil || json.Unmarshal(text, &back) != nil || back != a {
			t.Fatalf("%s becomes %s", text, back)
		}
	})
}

func TestWalletEthereum(t *testing.T) {
	for _, v := range wallet().Eth {
		pair := mustURI(t, Ecdsa, v.Seed).(*EcdsaPair)
		account, evm := pair.AccountID(), v.Address.AccountID()
		if pair.EthAddress() != v.Address || !bytes.Equal(account[:], v.Account) {
			t.Errorf("%s: address %s account %x, want %s and %x", v.Seed, pair.EthAddress(), account, v.Address, v.Account)
		}
		if got := ss58.Encode(ss58.CESS, evm[:]); got != v.EVM {
			t.Errorf("%s: EVM account %s, want %s", v.Address, got, v.EVM)
		}
		if of, err := EthAddressOf(pair.Public()); err != nil || of != v.Address {
			t.Errorf("address of the public key: %v, %v", of, err)
		}
	}
}

// spec/wire.md §7.6.
func TestEVMAccount(t *testing.T) {
	account := EthAddress(bytes.Repeat([]byte{0x11}, 20)).AccountID()
	if got := hex.EncodeToString(account[:]); got != "32f955c958e51189a4921aed41ef00818f7368dfaec8d9969f091006f8066228" {
		t.Errorf("account %s", got)
	}
	if got := TruncatedAddress(account); !bytes.Equal(got[:], account[:20]) {
		t.Errorf("truncated address %s", got)
	}
}

// The example of web3.js' accounts.sign; RFC 6979 makes the signature reproducible.
func TestPersonalSign(t *testing.T) {
	pair := mustURI(t, Ecdsa, "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318").(*EcdsaPair)
	msg := []byte("Some data")
	want := fromHex(t, "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c")
	sig := pair.SignDigest(PersonalDigest(msg))
	sig[64] += 27
	if !bytes.Equal(sig[:], want) {
		t.Fatalf("signature %x, want %x", sig, want)
	}
	for _, v := range []byte{28, 1} {
		sig[64] = v
		if who, err := RecoverPersonal(msg, sig[:]); err != nil || who.String() != "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23" {
			t.Errorf("v = %d recovers %v, %v", v, who, err)
		}
	}
	for _, v := range []byte{27, 0} { // the other key of the same r and s
		sig[64] = v
		if who, err := RecoverPersonal(msg, sig[:]); err == nil && who == pair.EthAddress() {
			t.Errorf("v = %d recovers the signer", v)
		}
	}
}

// spec/cdn.md §7.1: a traffic receipt of the content network, signed over SHA-256 of its request id.
func TestRecoverReceipt(t *testing.T) {
	digest := sha256.Sum256([]byte("hello world!! test aaa bbb ccc"))
	sig := fromHex(t, "51097d349542498fd40b9ceebbe8c7c43ab921ec5b4bb4e47e7146886d2490f50f31573722939a1181d7c380cd359e2868e1790a01c410f05d063a354c6913c700")
	key, err := RecoverDigest(digest, sig)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := EthAddressOf(key[:]); err != nil || a.String() != "0x8aDc35e1a9a5A6217a63998821D3c413b2d4719B" {
		t.Errorf("recovers %v, %v", a, err)
	}
}

func TestRecoverDigestErrors(t *testing.T) {
	pair := mustURI(t, Ecdsa, "//Alice").(*EcdsaPair)
	digest := sha256.Sum256([]byte("gocess"))
	good := pair.SignDigest(digest)
	order := fromHex(t, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
	highS := fromHex(t, "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1") // (order+1)/2
	with := func(at int, b ...byte) []byte {
		sig := append([]byte(nil), good[:]...)
		copy(sig[at:], b)
		return sig
	}
	for _, v := range []struct {
		name string
		sig  []byte
		says string
	}{
		{"empty", nil, "0 bytes"}, {"no v", good[:64], "64 bytes"}, {"too long", append(good[:], 0), "66 bytes"},
		{"v = 2", with(64, 2), "v is 2"}, {"v = 26", with(64, 26), "v is 26"}, {"v = 29", with(64, 29), "v is 29"}, {"v = 255", with(64, 255), "v is 255"},
		{"r = 0", with(0, make([]byte, 32)...), "r is out"}, {"r = order", with(0, order...), "r is out"},
		{"s = 0", with(32, make([]byte, 32)...), "s is out"}, {"s = order", with(32, order...), "s is out"},
		{"high s", with(32, highS...), "upper half"},
		{"r is no x coordinate", with(0, fromHex(t, "0000000000000000000000000000000000000000000000000000000000000005")...), "no public key"},
	} {
		if _, err := RecoverDigest(digest, v.sig); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), v.says) {
			t.Errorf("%s: %v, want an error about %q", v.name, err, v.says)
		}
		if _, err := RecoverPersonal([]byte("x"), v.sig); err == nil {
			t.Errorf("%s: RecoverPersonal takes it", v.name)
		}
	}
	if key, err := RecoverDigest(digest, good[:]); err != nil || !bytes.Equal(key[:], pair.Public()) {
		t.Errorf("good signature recovers %x, %v", key, err)
	}
}

func TestVerifyDigest(t *testing.T) {
	pair := mustURI(t, Ecdsa, "//Alice").(*EcdsaPair)
	digest := sha256.Sum256([]byte("gocess"))
	sig := pair.SignDigest(digest)
	uncompressed := pair.secret().PubKey().SerializeUncompressed()
	for _, public := range [][]byte{pair.Public(), uncompressed} {
		if !VerifyDigest(public, digest, sig[:]) || !VerifyDigest(public, digest, sig[:64]) {
			t.Errorf("key of %d bytes: own signature does not verify", len(public))
		}
		if VerifyDigest(public, sha256.Sum256(nil), sig[:]) || VerifyDigest(public, digest, sig[:63]) {
			t.Errorf("key of %d bytes: foreign digest or cut signature verifies", len(public))
		}
	}
	if VerifyDigest(pair.Public()[1:], digest, sig[:]) || VerifyDigest(mustURI(t, Ecdsa, "//Bob").Public(), digest, sig[:]) {
		t.Error("a malformed or foreign key verifies")
	}
}
