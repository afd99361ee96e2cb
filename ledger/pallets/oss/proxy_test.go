package oss_test

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
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

// anyAge lets payloads be signed for any block ahead, as the vectors are.
var anyAge = palletstest.Genesis{Constants: map[string]any{"Oss.PayloadAhead": uint32(1 << 31)}}

// TestProxyVectors are the vectors of spec/pallets-storage.md §14.
func TestProxyVectors(t *testing.T) {
	const (
		gateway1 = "02f17b57f801914fd35f95b73b199efe4e37d121f79e39f20ba29f6acd9e355b"
		gateway2 = "49b94ea25b90ab818ba212f295fe3dbca44579dcca913e87be2045c4b81701b5"
	)
	for _, v := range []struct{ name, oss, message, digest, account, sig string }{
		{
			"wallet", gateway1,
			"3c42797465733e" + gateway1 + "89e70800" + "3c2f42797465733e",
			"a307d8d43492a5460c86e18a9ffed36dff22f7b9734214e59ffb9d5134e6051d",
			"dfa6d7b776c4cac2e9a506e1b9def79c75a53488e3dc320643bb792fbdbe90d1",
			"65665a76bd886775766c77c8c5b43edb3ebb9b5f9860d4ded786b6537cf0fc4e00a5625d8a83d86c02435c82e70132bdb265a7fdb0fb14f7d724540be58b148b1c",
		},
		{
			"cess test key 1", gateway2,
			"3c42797465733e" + gateway2 + "e8030000" + "3c2f42797465733e",
			"9c5ca1af68e3fc4eaa16de6290ea983699795095b278d84fc0b005ab87a312bc",
			"e32d63ce0e0f60c7d3ea398b6fabd72ee8796bb803d4914aaa1838945172a69e",
			"1437496f368be95d2113de8cb012676ab2cb245e8d4bea05e3d09876df013aa431bb72b8820262437da4689d3c1192f05655186ca36c6590dc6dfdd3cfe658a41b",
		},
		{
			"sr25519", gateway2,
			"3c42797465733e" + gateway2 + "e8030000" + "3c2f42797465733e",
			"9c5ca1af68e3fc4eaa16de6290ea983699795095b278d84fc0b005ab87a312bc",
			"fac5b131d2b85b8352137846bdfb8182a2df0a0aac3a626d9d4235adb36d9d2c",
			"5ef27e59a67b3482fc3de19c4d2fce6224f3d6fda7571f99c90b3c9de7b9b63d5b7a4c2635118ca268e927b00e684b1b41ea8d37d3b30cf60a412e42ba9f4f85",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			message := unhex(t, v.message)
			payload := oss.ProxyAuthPayload{
				Oss:     substrate.AccountID(unhex(t, v.oss)),
				Expires: uint32(message[39]) | uint32(message[40])<<8 | uint32(message[41])<<16,
			}
			if got := hex.EncodeToString(payload.Message()); got != v.message {
				t.Fatalf("message is %s, want %s", got, v.message)
			}
			if got := crypto.PersonalDigest(message); hex.EncodeToString(got[:]) != v.digest {
				t.Fatalf("EIP-191 digest is %x, want %s", got, v.digest)
			}
			account, sig := [32]byte(unhex(t, v.account)), unhex(t, v.sig)
			var call runtime.Call = oss.ProxyAuthorize{AuthPublicKey: account, Sig: sig, Payload: payload}
			if len(sig) == 65 {
				call = oss.EVMProxyAuthorize{AuthPublicKey: account, Sig: [65]byte(sig), Payload: payload}
			}
			c := palletstest.New(t, anyAge)
			c.Must(bob, call)
			if !allowed(c, account, payload.Oss) {
				t.Error("the gateway may not act for the account")
			}
			want := oss.AuthorizeEvent{Account: account, Operator: payload.Oss}
			if got := palletstest.EventsOf[oss.AuthorizeEvent](c); len(got) != 1 || got[0] != want {
				t.Errorf("events are %+v, want %+v", got, want)
			}
		})
	}
}

// signed is a payload for Bob that an account signed with sr25519.
func signed(t *testing.T, uri string, exp types.BlockNumber) oss.ProxyAuthorize {
	t.Helper()
	pair, err := crypto.FromURI(crypto.Sr25519, uri)
	if err != nil {
		t.Fatal(err)
	}
	payload := oss.ProxyAuthPayload{Oss: bob, Expires: exp}
	sig, err := pair.Sign(payload.Message())
	if err != nil {
		t.Fatal(err)
	}
	return oss.ProxyAuthorize{AuthPublicKey: pair.AccountID(), Sig: sig, Payload: payload}
}

func TestProxyAuthorizeRefuses(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	good := signed(t, "//Owner", 10)

	short := good
	short.Sig = good.Sig[:63]
	wants(t, c.Run(alice, short), oss.ErrMalformedSignature)

	other := good
	other.Payload.Oss = alice
	wants(t, c.Run(alice, other), oss.ErrVerifySigFailed)

	late := good
	late.Payload.Expires++
	wants(t, c.Run(alice, late), oss.ErrVerifySigFailed)

	c.Must(alice, good)
	wants(t, c.Run(alice, good), oss.ErrExisted)
}

func TestEVMProxyAuthorizeRefusesOtherKeys(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pair, err := crypto.FromURI(crypto.Ecdsa, "//Owner")
	if err != nil {
		t.Fatal(err)
	}
	payload := oss.ProxyAuthPayload{Oss: bob, Expires: 10}
	sig := pair.(*crypto.EcdsaPair).SignDigest(crypto.PersonalDigest(payload.Message()))
	call := oss.EVMProxyAuthorize{AuthPublicKey: palletstest.Charlie, Sig: sig, Payload: payload}
	wants(t, c.Run(alice, call), oss.ErrVerifySigFailed)
	call.AuthPublicKey = pair.AccountID()
	broken := call
	broken.Sig[64] = 9
	wants(t, c.Run(alice, broken), oss.ErrVerifySigFailed)
	c.Must(alice, call)
	if !allowed(c, pair.AccountID(), bob) {
		t.Error("the gateway may not act for the account")
	}
}

// A payload is valid up to block exp + 99.
func TestPayloadLapses(t *testing.T) {
	for _, last := range []bool{true, false} {
		c := palletstest.New(t, palletstest.Genesis{})
		if last {
			c.GoTo(10 + 98)
			c.Must(alice, signed(t, "//Owner", 10))
			continue
		}
		c.GoTo(10 + 99)
		wants(t, c.Run(alice, signed(t, "//Owner", 10)), oss.ErrExpired)
	}
}

// Upstream takes a payload that expires in a hundred years.
func TestB24PayloadsOfTheFarFutureAreExpired(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	now := c.Number() + 1
	wants(t, c.Run(alice, signed(t, "//Owner", now+1+14_400)), oss.ErrExpired)
	wants(t, c.Run(alice, signed(t, "//Owner", 1<<32-50)), oss.ErrExpired)
	c.Must(alice, signed(t, "//Owner", c.Number()+1+14_400))
}

// Upstream lets anybody submit a payload again after the account cancelled the
// authorization.
func TestB24PayloadsCannotBeReplayed(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	call := signed(t, "//Owner", 20)
	owner := call.AuthPublicKey
	c.Must(alice, call)
	// The owner has no funds to sign with here; the effect is what counts.
	err := c.Do(func(ctx *runtime.Context) error {
		return oss.CancelAuthorize{Oss: bob}.Dispatch(ctx, runtime.SignedOrigin(owner))
	})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, c.Run(alice, call), oss.ErrExisted)
	c.Must(alice, signed(t, "//Owner", 21))
	// Past its time the payload needs no record to be refused.
	c.GoTo(200)
	wants(t, c.Run(alice, call), oss.ErrExpired)
	for _, key := range c.Keys() {
		if len(key) > 16 && [16]byte(key[:16]) == crypto.Twox128([]byte("OssExtra")) {
			t.Errorf("the record of a lapsed payload is left: %x", key)
		}
	}
}

// AuthorityList has no duplicates and at most 20 entries, whatever happens
// (spec/pallets-storage.md §11.16).
func TestListsStaySets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := palletstest.New(rt, palletstest.Genesis{})
		operators := rapid.IntRange(0, 24)
		model := map[int]bool{}
		for range rapid.IntRange(1, 60).Draw(rt, "calls") {
			i := operators.Draw(rt, "operator")
			who := palletstest.Account(string(rune('a' + i)))
			if rapid.Bool().Draw(rt, "cancel") {
				if c.Run(alice, oss.CancelAuthorize{Oss: who}) == nil {
					delete(model, i)
				}
			} else if c.Run(alice, oss.Authorize{Operator: who}) == nil {
				model[i] = true
			}
			list := oss.Authorities.Get(c.Ctx(), alice)
			if len(list) != len(model) || len(list) > 20 {
				rt.Fatalf("%d entries, the model has %d", len(list), len(model))
			}
			for i := range model {
				if !allowed(c, alice, palletstest.Account(string(rune('a'+i)))) {
					rt.Fatalf("operator %d is missing", i)
				}
			}
		}
	})
}
