package scale_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
)

type described struct {
	Owner      hash32
	DealID     uint64     `type:"DealId"`
	VRFOutput  []byte     `scale:"output"`
	Sha256Hash [32]byte   `scale:"_" type:"H256"`
	Balance    scale.U128 `scale:"balance,compact" type:"BalanceOf<T>"`
	Hidden     func()     `scale:"-"`
	Box        *described
}

func (described) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_x::Described", Params: []scale.Param{{"T", scale.Type{}}, {"N", scale.TypeOf[uint32]()}}}
}

type newtype []uint16

func (newtype) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "x::New", FieldTypeName: "Vec<u16>"}
}

type synonym uint32

type balance scale.U128

func (balance) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "x::Balance", FieldTypeName: "u128"}
}

func def(t *testing.T, typ scale.Type) *scale.TypeDef {
	t.Helper()
	d, err := typ.Def()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDescribeStruct(t *testing.T) {
	d := def(t, scale.TypeOf[described]())
	if d.Path != "pallet_x::Described" || d.Kind != scale.KindComposite || len(d.Params) != 2 || !d.Params[0].Type.IsZero() {
		t.Errorf("definition = %+v", d)
	}
	want := []scale.Field{
		{Name: "owner", Type: scale.TypeOf[hash32]()},
		{Name: "deal_id", Type: scale.TypeOf[uint64](), TypeName: "DealId"},
		{Name: "output", Type: scale.TypeOf[[]byte]()},
		{Type: scale.TypeOf[[32]byte](), TypeName: "H256"},
		{Name: "balance", Type: d.Fields[4].Type, TypeName: "BalanceOf<T>"},
		{Name: "box", Type: scale.TypeOf[described]()},
	}
	if !slices.Equal(d.Fields, want) {
		t.Errorf("fields = %+v\nwant     %+v", d.Fields, want)
	}
	c := def(t, d.Fields[4].Type)
	if c.Kind != scale.KindCompact || c.Elem != scale.TypeOf[scale.U128]() {
		t.Errorf("compact field = %+v", c)
	}
	if again := def(t, scale.TypeOf[described]()); again.Fields[4].Type != d.Fields[4].Type {
		t.Error("a compact field is another type each time")
	}
	fields, err := scale.FieldsOf[described]()
	if err != nil || !slices.Equal(fields, want) {
		t.Errorf("FieldsOf = %+v, %v", fields, err)
	}
}

func TestDescribeOthers(t *testing.T) {
	for name, c := range map[string]struct {
		typ  scale.Type
		want scale.TypeDef
	}{
		"tuple":   {scale.TypeOf[point](), scale.TypeDef{Kind: scale.KindTuple, Elems: []scale.Type{scale.TypeOf[uint32](), scale.TypeOf[uint32]()}}},
		"unit":    {scale.TypeOf[struct{}](), scale.TypeDef{Kind: scale.KindTuple}},
		"newtype": {scale.TypeOf[newtype](), scale.TypeDef{Path: "x::New", Kind: scale.KindComposite, Fields: []scale.Field{{Type: scale.TypeOf[[]uint16](), TypeName: "Vec<u16>"}}}},
		"synonym": {scale.TypeOf[synonym](), scale.TypeDef{Kind: scale.KindPrimitive, Primitive: scale.U32}},
		"balance": {scale.TypeOf[balance](), scale.TypeDef{Path: "x::Balance", Kind: scale.KindComposite, Fields: []scale.Field{{Type: scale.TypeOf[scale.U128](), TypeName: "u128"}}}},
		"array":   {scale.TypeOf[[5]bool](), scale.TypeDef{Kind: scale.KindArray, Len: 5, Elem: scale.TypeOf[bool]()}},
		"state": {scale.TypeOf[state](), scale.TypeDef{Path: "x::State", Kind: scale.KindVariant, Variants: []scale.VariantDef{
			{Name: "Active"}, {Name: "Frozen", Index: 1}, {Name: "Gone", Index: 4}}}},
		"i64": {scale.TypeOf[int64](), scale.TypeDef{Kind: scale.KindPrimitive, Primitive: scale.I64}},
		"bounded": {scale.TypeOf[scale.BoundedVec[point, two]](), scale.TypeDef{
			Path: "bounded_collections::bounded_vec::BoundedVec", Kind: scale.KindComposite,
			Params: []scale.Param{{"T", scale.TypeOf[point]()}, {"S", scale.Type{}}},
			Fields: []scale.Field{{Type: scale.TypeOf[[]point](), TypeName: "Vec<T>"}}}},
	} {
		if got := def(t, c.typ); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s = %+v\nwant %+v", name, *got, c.want)
		}
	}
	d := def(t, shapeType)
	if d.Path != "x::Shape" || len(d.Variants) != 4 || d.Variants[1].Name != "Polygon" || d.Variants[1].Index != 7 ||
		d.Variants[1].Fields[0].Name != "corners" {
		t.Errorf("enum = %+v", d)
	}
	synthetic := &scale.TypeDef{Path: "a::B"}
	if got := def(t, scale.Synthetic(synthetic)); got != synthetic {
		t.Errorf("synthetic = %+v", got)
	}
}

type other interface{ other() }
type otherA struct{}

func (otherA) other()  {}
func (*otherB) other() {}

type otherB struct{}

func TestRegisterEnumRefusesMistakes(t *testing.T) {
	for name, f := range map[string]func(){
		"no interface":    func() { scale.RegisterEnum[int](scale.TypeInfo{}) },
		"empty interface": func() { scale.RegisterEnum[any](scale.TypeInfo{}) },
		"pointer variant": func() { scale.RegisterEnum(scale.TypeInfo{}, scale.V[other, *otherB](0, "B")) },
		"not a variant":   func() { scale.RegisterEnum(scale.TypeInfo{}, scale.V[other, point](0, "P")) },
		"index twice": func() {
			scale.RegisterEnum(scale.TypeInfo{}, scale.V[other, otherA](0, "A"), scale.V[other, otherA](0, "B"))
		},
		"type twice": func() {
			scale.RegisterEnum(scale.TypeInfo{}, scale.V[other, otherA](0, "A"), scale.V[other, otherA](1, "B"))
		},
		"enum twice": func() { scale.RegisterEnum[shape](scale.TypeInfo{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			f()
		}()
	}
}

func TestJSON(t *testing.T) {
	type doc struct {
		A scale.U128
		B scale.U256
		C scale.Option[uint32]
		D scale.Option[uint32]
	}
	v := doc{A: scale.MaxU128, B: scale.U256From64(255), C: scale.Some(uint32(7))}
	text, err := json.Marshal(v)
	if want := `{"A":"340282366920938463463374607431768211455","B":"0xff","C":7,"D":null}`; err != nil || string(text) != want {
		t.Errorf("JSON = %s, %v", text, err)
	}
	var back doc
	if err := json.Unmarshal(text, &back); err != nil || back != v {
		t.Errorf("back from JSON: %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"A":12,"B":"300"}`), &back); err != nil || back.A != scale.U128From64(12) || back.B != scale.U256From64(300) {
		t.Errorf("numbers: %+v, %v", back, err)
	}
	for _, bad := range []string{`{"A":-1}`, `{"A":1.5}`, `{"A":"x"}`, `{"A":null}`, `{"B":"0x"}`, `{"B":{}}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
