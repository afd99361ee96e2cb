package crypto

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// Made with schnorrkel 0.11.5 (Rust) and the key //Alice: BABE transcripts, proofs and the bytes drawn from them.
func TestVRFVectors(t *testing.T) {
	alice := mustURI(t, Sr25519, "//Alice")
	randomness := [32]byte(bytes.Repeat([]byte{0x11}, 32))
	for _, v := range []struct {
		slot, epoch        uint64
		preOutput, proof   string
		out32, out16, free string
	}{
		{42, 3, "1cd4beb768d2ae883197a4f742324dfa26e5496fe57e49ba10d617cc41b36b3c",
			"20d461e9b4d5abfd657adbf5496354bfd540bfb61ebfb25dd89ef10e1179a506232fd90ae98fc8bf589a0956701937991883ac2feceb862d327f70d9fbab9d08",
			"36213d5321f04f56faa66f1df18e95e35957884cfe3e6842aa9bc8dc96ebce6c", "9730b77ae8360ef3e1e3688a7c1a337f",
			"0ff76774ed9579e6456fe01c590dc8386fbabe6e11217ec8"},
		{289_000_000, 1<<64 - 1, "1a47e3e415ec4c8e9bf39fb21e390e309ac86d0667d49f5e11ba59b25603a274",
			"1cb30eb33cd99f8a3a9a7097984daf796ab11bc9d1860bd9249053609f3b9e0234367a256d3b4050620f17f47652eb93b41953f20284b1d03df2e65d673a2f0d",
			"736f0b22daae80450b1f64e2fbda54f9ebb637e24520a39932fbe6b69b6aa1bb", "1bb48b6e5c7ce3661833c59af417e977",
			"d867d0cf7a337d203ccf0b57e0fe0a19bbd591c7e16954a3"},
	} {
		parts := BabeVRFParts(v.slot, v.epoch, randomness)
		preOutput, proof := [32]byte(fromHex(t, v.preOutput)), [64]byte(fromHex(t, v.proof))
		out, err := VRFVerify(alice.Public(), preOutput, proof, BabeVRFLabel, parts...)
		if err != nil {
			t.Fatalf("slot %d: %v", v.slot, err)
		}
		for _, draw := range []struct{ context, want string }{
			{"BabeVRFInOutContext", v.out32}, {"substrate-babe-vrf", v.out16}, {"", v.free},
		} {
			if got, err := out.MakeBytes(draw.context, len(draw.want)/2); err != nil || hex.EncodeToString(got) != draw.want {
				t.Errorf("slot %d, context %q: %x, %v, want %s", v.slot, draw.context, got, err, draw.want)
			}
		}
		own, _, err := VRFSign(alice, BabeVRFLabel, parts...)
		if err != nil || own != preOutput {
			t.Errorf("slot %d: own pre-output %x, %v", v.slot, own, err)
		}
	}
}

// The wallet evaluates the VRF on schnorrkel's signing transcript.
func TestWalletVRF(t *testing.T) {
	v := wallet().VRF
	pre, _, err := VRFSign(mustURI(t, Sr25519, "//Alice"), "SigningContext",
		VRFPart{"", []byte(v.Context)}, VRFPart{"sign-bytes", []byte(v.Message)})
	if err != nil || !bytes.Equal(pre[:], v.PreOut) {
		t.Errorf("pre-output %x, %v, want %x", pre, err, v.PreOut)
	}
}

func TestVRFRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pair, err := FromSeed(Sr25519, rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		label, data := rapid.String().Draw(t, "label"), rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		part := VRFPart{"part", data}
		pre, proof, err := VRFSign(pair, label, part)
		if err != nil {
			t.Fatal(err)
		}
		out, err := VRFVerify(pair.Public(), pre, proof, label, part)
		if err != nil {
			t.Fatal(err)
		}
		again, proof2, err := VRFSign(pair, label, part)
		if err != nil || again != pre || proof2 == proof {
			t.Fatal("the pre-output must repeat itself and the proof must not")
		}
		attached, err := VRFAttach(pair.Public(), pre, label, part)
		if err != nil {
			t.Fatal(err)
		}
		a, errA := out.MakeBytes("ctx", 32)
		b, errB := attached.MakeBytes("ctx", 32)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatal("verified and attached outputs differ")
		}
		bad := proof
		bad[rapid.IntRange(0, 63).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := VRFVerify(pair.Public(), pre, bad, label, part); !errors.Is(err, ErrVRF) {
			t.Fatalf("damaged proof: %v", err)
		}
		if _, err := VRFVerify(pair.Public(), pre, proof, label+"x", part); !errors.Is(err, ErrVRF) {
			t.Fatalf("other label: %v", err)
		}
		if _, err := VRFVerify(pair.Public(), pre, proof, label, part, part); !errors.Is(err, ErrVRF) {
			t.Fatalf("other parts: %v", err)
		}
		pre[rapid.IntRange(0, 31).Draw(t, "at")] ^= 1
		if _, err := VRFVerify(pair.Public(), pre, proof, label, part); !errors.Is(err, ErrVRF) {
			t.Fatalf("other pre-output: %v", err)
		}
	})
}

func TestVRFErrors(t *testing.T) {
	if _, _, err := VRFSign(mustURI(t, Ed25519, "//Alice"), "x"); !errors.Is(err, ErrVRFKey) {
		t.Errorf("ed25519 pair: %v", err)
	}
	for _, public := range [][]byte{nil, make([]byte, 31), make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)} {
		if _, err := VRFVerify(public, [32]byte{}, [64]byte{}, "x"); !errors.Is(err, ErrVRFKey) {
			t.Errorf("key %x: %v", public, err)
		}
		if _, err := VRFAttach(public, [32]byte{}, "x"); !errors.Is(err, ErrVRFKey) {
			t.Errorf("key %x: %v", public, err)
		}
	}
	alice := mustURI(t, Sr25519, "//Alice").Public()
	if _, err := VRFVerify(alice, [32]byte{}, [64]byte{}, "x"); !errors.Is(err, ErrVRF) {
		t.Errorf("zero signature: %v", err)
	}
	if _, err := VRFAttach(alice, [32]byte(bytes.Repeat([]byte{0xff}, 32)), "x"); !errors.Is(err, ErrVRF) {
		t.Errorf("malformed pre-output: %v", err)
	}
	out, err := VRFAttach(alice, [32]byte{}, "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, 0, 65, 1 << 40} {
		if _, err := out.MakeBytes("x", n); err == nil {
			t.Errorf("%d bytes", n)
		}
	}
}
