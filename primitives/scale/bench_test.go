package scale_test

import (
	"encoding/binary"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
)

// The benchmark value: about 1 KB of mixed fields, like a miner or file record.

type hash32 [32]byte

type fragment struct {
	Hash  [64]byte
	Avail bool
	Tag   scale.Option[uint32]
	Miner hash32
}

type mixed struct {
	Owner    hash32
	Name     string
	Size     scale.U128
	Tip      scale.U128 `scale:"tip,compact"`
	Nonce    uint32     `scale:"nonce,compact"`
	State    state
	Parts    scale.BoundedVec[fragment, thirty]
	Raw      []byte
	Deadline scale.Option[uint32]
	Numbers  []uint32
	Kind     shape
}

type thirty struct{}

func (thirty) Max() int { return 30 }

type state uint8

func (state) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "x::State", Variants: []scale.VariantInfo{{0, "Active"}, {1, "Frozen"}, {4, "Gone"}}}
}

type shape interface{ shape() }

type circle struct {
	Radius uint64 `scale:"radius,compact"`
}
type polygon struct{ Corners []point }
type point struct{ X, Y uint32 }
type nothing struct{}
type boxed struct{ Inner *point }

func (circle) shape()  {}
func (polygon) shape() {}
func (nothing) shape() {}
func (boxed) shape()   {}

var shapeType = scale.RegisterEnum[shape](scale.TypeInfo{Path: "x::Shape"},
	scale.V[shape, circle](0, "Circle"), scale.V[shape, polygon](7, "Polygon"),
	scale.V[shape, nothing](2, "Nothing"), scale.V[shape, boxed](3, "Boxed"))

func mixedValue() mixed {
	v := mixed{
		Owner: hash32{1, 2, 3}, Name: "a file name of usual length.bin", Size: scale.U128From64(123456789),
		Tip: scale.U128From64(1e18), Nonce: 77, State: 4, Raw: make([]byte, 150),
		Deadline: scale.Some(uint32(1 << 20)), Numbers: []uint32{1, 2, 3, 4, 5, 6, 7, 8}, Kind: circle{1 << 33},
	}
	for i := range 6 {
		f := fragment{Avail: i%2 == 0, Miner: hash32{byte(i)}}
		if i%3 == 0 {
			f.Tag = scale.Some(uint32(i))
		}
		v.Parts = append(v.Parts, f)
	}
	return v
}

func BenchmarkAppend(b *testing.B) {
	v, codec := mixedValue(), scale.CodecFor[mixed]()
	buf, _ := codec.Append(nil, v)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = codec.Append(buf[:0], v)
	}
}

func BenchmarkMarshal(b *testing.B) {
	v := mixedValue()
	b.SetBytes(int64(len(scale.MustMarshal(v))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scale.Marshal(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	raw := scale.MustMarshal(mixedValue())
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scale.Unmarshal[mixed](raw); err != nil {
			b.Fatal(err)
		}
	}
}

// A fixed-size record without vectors: an account.
type account struct {
	Nonce, Consumers, Providers, Sufficients uint32
	Free, Reserved, Frozen, Flags            scale.U128
}

func BenchmarkMarshalAccount(b *testing.B) {
	v := account{Nonce: 1, Free: scale.U128From64(1e18)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scale.Marshal(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalAccount(b *testing.B) {
	raw := scale.MustMarshal(account{Nonce: 1, Free: scale.U128From64(1e18)})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scale.Unmarshal[account](raw); err != nil {
			b.Fatal(err)
		}
	}
}

// By hand, as the floor of what a codec can do.
func BenchmarkHandWrittenAppend(b *testing.B) {
	v := mixedValue()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = handWritten(buf[:0], &v)
	}
	if string(buf) != string(scale.MustMarshal(v)) {
		b.Fatal("hand-written encoding differs")
	}
}

func handWritten(b []byte, v *mixed) []byte {
	b = append(b, v.Owner[:]...)
	b, _ = scale.AppendString(b, v.Name)
	b = scale.AppendU128(b, v.Size)
	b = scale.AppendCompactU128(b, v.Tip)
	b = scale.AppendCompact(b, uint64(v.Nonce))
	b = append(b, byte(v.State))
	b = scale.AppendCompact(b, uint64(len(v.Parts)))
	for i := range v.Parts {
		f := &v.Parts[i]
		b = scale.AppendBool(append(b, f.Hash[:]...), f.Avail)
		b = appendOption(b, f.Tag)
		b = append(b, f.Miner[:]...)
	}
	b = scale.AppendBytes(b, v.Raw)
	b = appendOption(b, v.Deadline)
	b = scale.AppendCompact(b, uint64(len(v.Numbers)))
	for _, n := range v.Numbers {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return scale.AppendCompact(append(b, 0), v.Kind.(circle).Radius)
}

func appendOption(b []byte, o scale.Option[uint32]) []byte {
	if v, ok := o.Get(); ok {
		return binary.LittleEndian.AppendUint32(append(b, 1), v)
	}
	return append(b, 0)
}
