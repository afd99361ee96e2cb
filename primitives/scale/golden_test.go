package scale_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// check encodes v, compares it with the vector and decodes it back.
func check[T any](t *testing.T, v T, want string) {
	t.Helper()
	got, err := scale.Marshal(v)
	if err != nil {
		t.Errorf("encode %v: %v", v, err)
		return
	}
	if hex.EncodeToString(got) != want {
		t.Errorf("encode %#v = %x, want %s", v, got, want)
	}
	back, err := scale.Unmarshal[T](unhex(t, want))
	if err != nil {
		t.Errorf("decode %s: %v", want, err)
		return
	}
	if again := scale.MustMarshal(back); !bytes.Equal(again, got) {
		t.Errorf("decode %s gives %#v, which encodes to %x", want, back, again)
	}
}

func TestCompactVectors(t *testing.T) {
	for v, want := range map[uint64]string{
		0: "00", 1: "04", 63: "fc", 64: "0101", 16383: "fdff", 16384: "02000100",
		1<<30 - 1: "feffffff", 1 << 30: "0300000040", 1 << 32: "070000000001",
		1e18: "13000064a7b3b6e00d", 1<<64 - 1: "13ffffffffffffffff",
	} {
		check(t, scale.Compact[uint64]{v}, want)
		check(t, scale.Compact[scale.U128]{scale.U128From64(v)}, want)
		if n := scale.CompactSize(v); n != len(want)/2 {
			t.Errorf("CompactSize(%d) = %d, want %d", v, n, len(want)/2)
		}
	}
	check(t, scale.Compact[scale.U128]{scale.MaxU128}, "33ffffffffffffffffffffffffffffffff")
}
