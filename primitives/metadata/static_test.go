package metadata_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// These tests need no reference: they hold the static codec, the metadata built from the
// same Go types and the dynamic codec against each other.

// agree encodes v statically, decodes it dynamically by the metadata of its type, compares
// the JSON and encodes it dynamically again.
func agree[T any](t *testing.T, v T, want string) {
	t.Helper()
	desc := description()
	desc.Pallets[0].Storage[0].Value = scale.TypeOf[T]()
	m, err := metadata.Build(desc)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := scale.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	e := entry(t, m, "X", "Records")
	x, err := m.DecodeValue(e.Value(), raw, metadata.Format{})
	if err != nil {
		t.Errorf("%T: %v", v, err)
		return
	}
	text, err := json.Marshal(x)
	if err != nil || string(text) != want {
		t.Errorf("%T = %s, %v\nwant %s", v, text, err, want)
	}
	again, err := m.EncodeValue(e.Value(), x, metadata.Format{})
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("%T: %x, %v; want %x", v, again, err, raw)
	}
}

func TestDynamicAgreesWithStatic(t *testing.T) {
	agree(t, record{Owner: bob, Balance: scale.U128From64(1e18), Names: scale.BoundedVec[scale.BoundedVec[uint8, maxNames], maxNames]{[]byte("ab"), nil}},
		`{"owner":"`+bob.String()+`","balance":"1000000000000000000","names":["0x6162","0x"]}`)
	agree(t, node(branch{leaf{1}, branch{leaf{2}, leaf{3}}}),
		`{"Branch":{"left":{"Leaf":1},"right":{"Branch":{"left":{"Leaf":2},"right":{"Leaf":3}}}}}`)
	var m scale.BTreeMap[uint32, bool]
	m.Put(300, true)
	m.Put(2, false)
	agree(t, m, `[[2,false],[300,true]]`)
	agree(t, scale.Some(scale.None[bool]()), `{"Some":null}`)
	agree(t, scale.Some(scale.Some(false)), `{"Some":false}`)
	agree(t, scale.None[scale.Option[bool]](), `null`)
	agree(t, scale.Some(struct{}{}), `{"Some":null}`)
	agree(t, scale.Ok[struct{}, bool](struct{}{}), `{"Ok":null}`)
	agree(t, scale.Err[uint8]("no"), `{"Err":"no"}`)
	agree(t, scale.U256From64(1<<40), `"1099511627776"`)
	agree(t, [2]int16{-2, 3}, `[-2,3]`)
	agree(t, int64(-1), `-1`)
	agree(t, []scale.Compact[substrate.Perbill]{{Value: 7}}, `[7]`)
	agree(t, substrate.ErrBadOrigin, `"BadOrigin"`)
	agree(t, substrate.Invalid(substrate.InvalidCustom(3)), `{"Invalid":{"Custom":3}}`)
	agree(t, substrate.MortalEra(64, 42), `{"Mortal165":2}`)
	agree(t, substrate.AddressOfIndex(5), `{"Index":5}`)
	agree(t, substrate.DispatchInfo{Weight: substrate.Weight{RefTime: 1, ProofSize: 2}}, `{"weight":{"ref_time":1,"proof_size":2},"class":"Normal","pays_fee":"Yes"}`)
	agree(t, substrate.Header{Number: 5}, `{"parent_hash":"`+substrate.H256{}.String()+`","number":5,"state_root":"`+substrate.H256{}.String()+
		`","extrinsics_root":"`+substrate.H256{}.String()+`","digest":{"logs":[]}}`)
	agree(t, struct {
		A uint8
		B scale.CowStr
	}{1, "x"}, `[1,"x"]`)
}

func TestDiffOfBuiltRuntimes(t *testing.T) {
	want, err := metadata.Build(description())
	if err != nil {
		t.Fatal(err)
	}
	desc := description()
	x := &desc.Pallets[0]
	x.Storage[1].Modifier, x.Storage[1].Fallback = metadata.Optional, []byte{1}
	x.Storage[3].Value = scale.TypeOf[leaf]()
	x.Storage[4].Name = "Other"
	x.Constants[0].Value = nil
	x.Index = 1
	got, err := metadata.Build(desc)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, d := range metadata.Diff(got, want, nil) {
		texts = append(texts, d.String())
	}
	expected := []string{
		"pallet: X.index: got 1, want 9",
		"storage: X.storage.Plain.modifier: got Optional, want Default",
		"storage: X.storage.Plain.fallback: got 0x01, want 0x00",
		"storage: X.storage.Tree.value: got (u32), want Node",
		"storage missing: X.storage.Map",
		"storage extra: X.storage.Other",
		"constant value: X.constant.K: got 0x, want 0x0401",
	}
	if !slices.Equal(texts, expected) {
		t.Errorf("differences:\n%s\nwant:\n%s", lines(texts), lines(expected))
	}
	s := metadata.ScoreOf(got, want, nil)
	if s.Items != 6 || s.Equal != 3 || s.Values != 1 || s.Extra != 1 || s.Other != 1 {
		t.Errorf("score = %+v", s)
	}
	if d := metadata.Diff(want, want, nil); len(d) > 0 {
		t.Errorf("differs from itself: %v", d)
	}
}

func TestDecodeRefusesBrokenBlobs(t *testing.T) {
	good, err := metadata.EncodeV15(description())
	if err != nil {
		t.Fatal(err)
	}
	for name, blob := range map[string][]byte{
		"empty":      nil,
		"no magic":   []byte("metb\x0f"),
		"version 16": append([]byte("meta\x10"), good[5:]...),
		"as V14":     append([]byte("meta\x0e"), good[5:]...),
		"trailing":   append(slices.Clone(good), 0),
		"cut":        good[:len(good)-1],
	} {
		if m, err := metadata.Decode(blob); err == nil {
			t.Errorf("%s decodes: %d types", name, len(m.Types))
		}
	}
	m, err := metadata.Decode(good)
	if err != nil {
		t.Fatal(err)
	}
	m.Runtime = metadata.TypeID(len(m.Types))
	blob, err := m.EncodeV15()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := metadata.Decode(blob); err == nil {
		t.Error("a type id beyond the registry decodes")
	}
}

// The types that Go types do not give: wide signed integers, char and bit sequences.
func TestDynamicScalars(t *testing.T) {
	m := &metadata.Metadata{}
	for k := range 15 {
		m.Types = append(m.Types, metadata.Type{Def: metadata.Primitive{Kind: metadata.PrimitiveKind(k)}})
	}
	m.Types = append(m.Types,
		metadata.Type{Path: []string{"bitvec", "order", "Lsb0"}, Def: metadata.Composite{}},
		metadata.Type{Path: []string{"bitvec", "order", "Msb0"}, Def: metadata.Composite{}},
		metadata.Type{Def: metadata.BitSequence{Store: 3, Order: 15}},
		metadata.Type{Def: metadata.BitSequence{Store: 3, Order: 16}},
		metadata.Type{Def: metadata.BitSequence{Store: 4, Order: 16}},
		metadata.Type{Def: metadata.Tuple{}},
		metadata.Type{Def: metadata.Compact{Elem: 20}},
		metadata.Type{Def: metadata.Compact{Elem: 8}},
		metadata.Type{Path: []string{"Self"}, Def: metadata.Composite{Fields: []metadata.Field{{Type: 23}}}},
		metadata.Type{Path: []string{"Twice"}, Def: metadata.Tuple{Elems: []metadata.TypeID{24, 24}}},
		metadata.Type{Def: metadata.Sequence{Elem: 20}},
	)
	for _, c := range []struct {
		id   metadata.TypeID
		raw  string
		want string // "" = must fail
	}{
		{0, "01", "true"}, {0, "02", ""},
		{1, "ac200000", `"€"`}, {1, "00d80000", ""}, {1, "ffffffff", ""},
		{2, "0c616263", `"abc"`},
		{6, "ffffffffffffffff", "18446744073709551615"},
		{8, "01" + zeros(31), `"1"`},
		{9, "80", "-128"}, {12, "feffffffffffffff", "-2"},
		{13, "ffffffffffffffffffffffffffffffff", `"-1"`},
		{14, zeros(31) + "80", `"-57896044618658097711785492504343953926634992332820282019728792003956564819968"`},
		{17, "1405", `"0b10100"`}, {18, "14a0", `"0b10100"`}, {17, "00", `"0b"`}, {17, "24ff", ""}, {19, "0000", ""},
		{21, "", "null"}, {22, "04", ""},
		{23, "00", ""}, {24, "0000", ""}, // types that contain themselves
		{25, "0c", "[null,null,null]"}, {25, "feffffff", ""},
	} {
		v, err := m.DecodeValue(c.id, mustHex(c.raw), metadata.Format{})
		if c.want == "" {
			if err == nil {
				t.Errorf("type %d: %s decodes to %v", c.id, c.raw, v)
			}
			continue
		}
		text, _ := json.Marshal(v)
		if err != nil || string(text) != c.want {
			t.Errorf("type %d: %s = %s, %v; want %s", c.id, c.raw, text, err, c.want)
			continue
		}
		if c.id == 17 || c.id == 18 {
			continue // bits beyond the last are free on the wire
		}
		if b, err := m.EncodeValue(c.id, v, metadata.Format{}); err != nil || !bytes.Equal(b, mustHex(c.raw)) {
			t.Errorf("type %d: %s encodes to %x, %v", c.id, text, b, err)
		}
	}
	for id, bad := range map[metadata.TypeID][]any{
		0: {1, "true"}, 1: {"ab", "", 1}, 2: {1, "\xff"}, 3: {256, -1, true, nil, 0.5, "0x100", "1e2", ""},
		9: {128, -129}, 13: {"170141183460469231731687303715884105728"}, 17: {"0b12", "11", 3}, 20: {1, "x"}, 23: {1},
	} {
		for _, v := range bad {
			if b, err := m.EncodeValue(id, v, metadata.Format{}); err == nil {
				t.Errorf("type %d: %v encodes to %x", id, v, b)
			}
		}
	}
}

func zeros(n int) string { return strings.Repeat("00", n) }
