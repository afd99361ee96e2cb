package scale_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
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

func TestVectors(t *testing.T) {
	check(t, true, "01")
	check(t, uint16(42), "2a00")
	check(t, uint32(16777215), "ffffff00")
	check(t, uint64(1)<<56, "0000000000000001")
	check(t, int8(-1), "ff")
	check(t, int16(-2), "feff")
	check(t, int32(-3), "fdffffff")
	check(t, int64(-4), "fcffffffffffffff")
	check(t, scale.U128From64(12345), "39300000000000000000000000000000")
	check(t, scale.U256From64(258), "0201"+zeros(30))
	check(t, "Hamlet", "1848616d6c6574")
	check(t, "", "00")
	check(t, []byte{1, 2}, "080102")
	check(t, []uint16{4, 8, 15, 16, 23, 42}, "18040008000f00100017002a00")
	check(t, [3]uint16{1, 2, 3}, "010002000300")
	check(t, [][]byte{{1}, nil}, "08040100")
	check(t, struct{}{}, "")
	check(t, []struct{}{{}, {}}, "08")
	check(t, scale.Some(true), "0101") // the two-byte form
	check(t, scale.None[bool](), "00")
	check(t, scale.Some(scale.None[uint8]()), "0100")
	check(t, scale.Ok[uint8, bool](42), "002a")
	check(t, scale.Err[uint8](false), "0100")
	check(t, point{1, 2}, "0100000002000000")
	check(t, struct {
		A uint32 `scale:"a,compact"`
		B bool
	}{64, true}, "010101")
	check(t, scale.CowStr("cess-node"), "24636573732d6e6f6465")
	check(t, scale.BoundedVec[uint8, thirty]{9}, "0409")
	check(t, scale.WeakBoundedVec[uint16, thirty]{9}, "040900")
	check(t, state(4), "04")
	check(t, shape(circle{63}), "00fc")
	check(t, shape(polygon{[]point{{1, 2}}}), "07040100000002000000")
	check(t, shape(nothing{}), "02")
	check(t, shape(boxed{&point{1, 2}}), "030100000002000000")
	check(t, []shape{nothing{}, circle{0}}, "08020000")
	check(t, scale.SetOf[uint32](300, 1, 300), "08010000002c010000")
	check(t, scale.CowVec[uint8]{7}, "0407")
	check(t, balance(scale.U128From64(1)), "01"+zeros(15))
	check(t, scale.Compact[balance]{balance(scale.U128From64(1))}, "04")
	check(t, scale.SetOf(balance(scale.U128From64(256)), balance(scale.U128From64(1))), "08"+"01"+zeros(15)+"0001"+zeros(14))

	var m scale.BTreeMap[uint16, string]
	m.Put(256, "b")
	m.Put(2, "a")
	check(t, m, "08020004610001"+"0462")
}

func zeros(n int) string { return hex.EncodeToString(make([]byte, n)) }

// A zero value survives a round trip.
func TestEmptyVectorsDecodeToNil(t *testing.T) {
	type all struct {
		Bytes  []byte
		List   []uint32
		Nested [][]byte
		Bound  scale.BoundedVec[bool, thirty]
		Map    scale.BTreeMap[uint8, uint8]
	}
	v, err := scale.Unmarshal[all](make([]byte, 5))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(v, all{}) {
		t.Errorf("empty vectors decode to %#v", v)
	}
}
