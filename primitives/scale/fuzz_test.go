package scale_test

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
)

// everything is a type with all that a decoder can meet.
type everything struct {
	Mixed   mixed
	Nested  nest
	Map     scale.BTreeMap[uint16, []byte]
	Bounded scale.BoundedBTreeMap[string, scale.Option[bool], thirty]
	Set     scale.BTreeSet[scale.U128]
	Result  scale.Result[scale.U256, shape]
	Compact []scale.Compact[uint16]
	Weak    scale.WeakBoundedVec[scale.CowStr, thirty]
	Box     *point
	Units   []struct{}
	Signed  [3]int32
	Flags   [3]bool
}

// Decoding is canonical: what decodes encodes to exactly the bytes consumed.
func FuzzUnmarshal(f *testing.F) {
	v := everything{Mixed: mixedValue(), Nested: nestList{[]nest{nestNode{nestLeaf{}}}}, Box: new(point), Result: scale.Err[scale.U256, shape](nothing{})}
	v.Map.Put(3, []byte("x"))
	v.Bounded.Put("key", scale.Some(true))
	f.Add(scale.MustMarshal(v))
	f.Add(make([]byte, 400))
	f.Fuzz(func(t *testing.T, b []byte) {
		canonical[everything](t, b)
		canonical[nest](t, b)
		canonical[[]shape](t, b)
		canonical[scale.BTreeMap[uint32, []nest]](t, b)
		canonical[scale.BTreeSet[[]byte]](t, b)
		canonical[[]scale.Option[string]](t, b)
		canonical[scale.Compact[scale.U128]](t, b)
		canonical[[][]struct{}](t, b)
	})
}

func canonical[T any](t *testing.T, b []byte) {
	v, n, err := scale.UnmarshalPrefix[T](b)
	if err != nil {
		return
	}
	again, err := scale.Marshal(v)
	if err != nil || !bytes.Equal(again, b[:n]) {
		t.Fatalf("%T from %x encodes to %x, %v", v, b[:n], again, err)
	}
}
