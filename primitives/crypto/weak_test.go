package crypto

import (
	stded25519 "crypto/ed25519"
	"crypto/sha512"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// verdicts returns what the single and the batch verifier say.
func verdicts(scheme Scheme, public, msg, sig []byte) (single, batch bool) {
	b := NewBatch(0)
	honest, err := newEd25519(make([]byte, 32))
	if err != nil {
		return false, false
	}
	good, _ := honest.Sign(nil)
	b.Add(Ed25519, honest.Public(), nil, good)
	b.Add(scheme, public, msg, sig)
	_, each := b.Verify()
	return Verify(scheme, public, msg, sig), each[1]
}

func TestIdentityKeySignsNothing(t *testing.T) {
	// Under the identity as public key, R = 0 and s = 0 satisfy the equation for every message.
	sig := make([]byte, 64)
	sig[63] = 0x80
	key, signature := new(sr25519.PublicKey), new(sr25519.Signature)
	if key.UnmarshalBinary(make([]byte, 32)) != nil || signature.UnmarshalBinary(sig) != nil ||
		!key.Verify(signingContext.NewTranscriptBytes([]byte("anything")), signature) {
		t.Fatal("the forgery is none; the test proves nothing")
	}
	if single, batch := verdicts(Sr25519, make([]byte, 32), []byte("anything"), sig); single || batch {
		t.Errorf("the all-zero account signs: single %t, batch %t", single, batch)
	}
}

func TestSmallOrderKeysSignNothing(t *testing.T) {
	sig := make([]byte, 64)
	sig[0] = 1 // R is the identity, s = 0
	for i, point := range curve.EIGHT_TORSION {
		var public curve.CompressedEdwardsY
		public.SetEdwardsPoint(point)
		rules := &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}
		if !ed25519.VerifyWithOptions(public[:], []byte("anything"), sig, rules) {
			t.Fatal("the forgery is none; the test proves nothing")
		}
		if single, batch := verdicts(Ed25519, public[:], []byte("anything"), sig); single || batch {
			t.Errorf("torsion point %d (%x) signs: single %t, batch %t", i, public, single, batch)
		}
	}
}

// A signature whose R carries a small-order component satisfies the cofactored equation only. ZIP-215 accepts it, single
// and in a batch, which RFC 8032 leaves open and crypto/ed25519 refuses.
func TestCofactoredVerification(t *testing.T) {
	seed := [32]byte{1}
	pair, err := newEd25519(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	msg, public := []byte("gocess"), pair.Public()
	digest := sha512.Sum512(seed[:])
	digest[0] &= 248
	digest[31] = digest[31]&63 | 64
	a, err := scalar.NewFromBytesModOrder(digest[:32])
	if err != nil {
		t.Fatal(err)
	}
	wide := sha512.Sum512([]byte("nonce"))
	r, err := scalar.NewFromBytesModOrderWide(wide[:])
	if err != nil {
		t.Fatal(err)
	}
	for i, torsion := range curve.EIGHT_TORSION {
		var R curve.EdwardsPoint
		R.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, r)
		R.Add(&R, torsion)
		var compressed curve.CompressedEdwardsY
		compressed.SetEdwardsPoint(&R)
		h := sha512.New()
		h.Write(compressed[:])
		h.Write(public)
		h.Write(msg)
		k, err := scalar.NewFromBytesModOrderWide(h.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		s := scalar.New().Mul(k, a)
		s.Add(s, r)
		sBytes, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		sig := append(compressed[:], sBytes...)
		if single, batch := verdicts(Ed25519, public, msg, sig); !single || !batch {
			t.Errorf("torsion %d: single %t, batch %t", i, single, batch)
		}
		if std := stded25519.Verify(public, msg, sig); std != (i == 0) {
			t.Errorf("torsion %d: crypto/ed25519 says %t; the test proves nothing", i, std)
		}
	}
}

// Signatures without the marker bit are of the pre-2019 format, which is refused.
func TestUnmarkedSr25519(t *testing.T) {
	pair := mustURI(t, Sr25519, "//Alice")
	sig, err := pair.Sign(nil)
	if err != nil {
		t.Fatal(err)
	}
	sig[63] &= 0x7f
	if single, batch := verdicts(Sr25519, pair.Public(), nil, sig); single || batch {
		t.Errorf("unmarked signature: single %t, batch %t", single, batch)
	}
}
