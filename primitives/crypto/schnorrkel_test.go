package crypto

import (
	"math"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
	"pgregory.net/rapid"
)

// libraryVerify is the verdict of the library that made the signature.
func libraryVerify(public, msg, sig []byte) bool {
	if len(public) != sr25519.PublicKeySize || [32]byte(public) == ([32]byte{}) || uint64(len(msg)) > math.MaxUint32 {
		return false
	}
	key, err := sr25519.NewPublicKeyFromBytes(public)
	if err != nil {
		return false
	}
	signature, err := sr25519.NewSignatureFromBytes(sig)
	return err == nil && key.Verify(sr25519.NewSigningContext([]byte("substrate")).NewTranscriptBytes(msg), signature)
}

func TestSchnorrAgreesWithTheLibrary(t *testing.T) {
	good, bad := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pair := someKeys()[rapid.IntRange(0, 3).Draw(t, "key")] // the first four are sr25519
		msg := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "msg")
		sig, err := pair.Sign(msg)
		if err != nil {
			t.Fatal(err)
		}
		public := pair.Public()
		damage := func(b []byte) {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		switch rapid.IntRange(0, 8).Draw(t, "damage") {
		case 0:
			damage(sig)
		case 1:
			damage(public)
		case 2:
			damage(sig[63:]) // the marker, or a scalar that is not reduced
		case 3:
			copy(sig, rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "R"))
		case 4:
			msg = append(msg, 0)
		case 5:
			clear(public)
		case 6:
			sig = sig[:rapid.IntRange(0, 63).Draw(t, "length")]
		}
		want := libraryVerify(public, msg, sig)
		if got := verifySr25519(public, msg, sig); got != want {
			t.Fatalf("key %x, message %x, signature %x: got %t, want %t", public, msg, sig, got, want)
		}
		if want {
			good++
		} else {
			bad++
		}
	})
	if good == 0 || bad == 0 {
		t.Errorf("%d good and %d bad signatures: want some of each", good, bad)
	}
}

// Two signatures whose errors cancel out in a plain sum: only random weights
// tell them from good ones.
func TestBatchWeighsItsMembers(t *testing.T) {
	pair := someKeys()[0]
	var list []schnorr
	for i := range 2 {
		msg := []byte{byte(i)}
		sig, err := pair.Sign(msg)
		if err != nil {
			t.Fatal(err)
		}
		x, ok := parseSchnorr(pair.Public(), msg, sig)
		if !ok || !x.verify() {
			t.Fatal("a good signature fails")
		}
		list = append(list, x)
	}
	one := list[0].k
	one.One()
	list[0].s.Add(&list[0].s, &one)
	list[1].s.Sub(&list[1].s, &one)
	if verifySchnorrs(list) {
		t.Error("two bad signatures pass together")
	}
}

// A full cache goes on giving the right keys.
func TestKeyCacheKeepsKeysApart(t *testing.T) {
	var cache keyCache
	first := make(map[[32]byte]*sr25519Key)
	for _, pair := range someKeys()[:4] {
		encoded := pair.AccountID()
		first[encoded] = cache.parse(encoded)
	}
	for encoded, want := range first {
		got := cache.parse(encoded)
		if got == nil || got.encoded != encoded || got.point.Equal(&want.point) != 1 {
			t.Errorf("%x: got %v, want %v", encoded, got, want)
		}
		encoded[31] |= 0x80 // no point is encoded so
		if cache.parse(encoded) != nil {
			t.Errorf("%x is decoded", encoded)
		}
	}
}
