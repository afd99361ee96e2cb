package crypto

import (
	"fmt"
	"strconv"
	"testing"
)

func BenchmarkSign(b *testing.B) {
	msg := make([]byte, 150) // a transfer's payload
	for _, scheme := range schemes {
		b.Run(scheme.String(), func(b *testing.B) {
			pair := mustURI(b, scheme, "//Alice")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pair.Sign(msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	msg := make([]byte, 150)
	for _, scheme := range schemes {
		b.Run(scheme.String(), func(b *testing.B) {
			pair := mustURI(b, scheme, "//Alice")
			sig, err := pair.Sign(msg)
			if err != nil {
				b.Fatal(err)
			}
			public := pair.Public()
			b.ReportAllocs()
			for b.Loop() {
				if !Verify(scheme, public, msg, sig) {
					b.Fatal("bad signature")
				}
			}
		})
	}
}

// BenchmarkBatch reports the time of one signature in batches of different signers.
func BenchmarkBatch(b *testing.B) {
	type signed struct{ public, msg, sig []byte }
	for _, scheme := range []Scheme{Sr25519, Ed25519} {
		for _, size := range []int{1, 4, 16, 64, 256} {
			for _, bad := range []int{0, 1} {
				if bad > 0 && size != 64 {
					continue
				}
				b.Run(fmt.Sprintf("%s/%d/bad=%d", scheme, size, bad), func(b *testing.B) {
					entries := make([]signed, size)
					for i := range entries {
						pair := mustURI(b, scheme, "//"+strconv.Itoa(i))
						msg := append(make([]byte, 150), strconv.Itoa(i)...)
						sig, err := pair.Sign(msg)
						if err != nil {
							b.Fatal(err)
						}
						entries[i] = signed{pair.Public(), msg, sig}
					}
					for i := range bad {
						entries[i].msg = nil
					}
					batch := NewBatch(0)
					b.ReportAllocs()
					for b.Loop() {
						batch.Reset()
						for _, e := range entries {
							batch.Add(scheme, e.public, e.msg, e.sig)
						}
						if ok, _ := batch.Verify(); ok != (bad == 0) {
							b.Fatal("wrong verdict")
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/sig")
				})
			}
		}
	}
}

func BenchmarkVRF(b *testing.B) {
	pair := mustURI(b, Sr25519, "//Alice")
	parts := BabeVRFParts(1, 2, [32]byte{})
	pre, proof, err := VRFSign(pair, BabeVRFLabel, parts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := VRFSign(pair, BabeVRFLabel, parts...); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if _, err := VRFVerify(pair.Public(), pre, proof, BabeVRFLabel, parts...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHash(b *testing.B) {
	var key [32]byte
	for _, bench := range []struct {
		name string
		hash func()
	}{
		{"Blake2b128", func() { Blake2b128(key[:]) }},
		{"Blake2b256", func() { Blake2b256(key[:]) }},
		{"Blake2b256/parts", func() { Blake2b256(key[:], key[:]) }},
		{"Keccak256", func() { Keccak256(key[:]) }},
		{"Twox64", func() { Twox64(key[:]) }},
		{"Twox128", func() { Twox128(key[:]) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.hash()
			}
		})
	}
}

func BenchmarkFromURI(b *testing.B) {
	for b.Loop() {
		mustURI(b, Sr25519, "//Alice")
	}
}
