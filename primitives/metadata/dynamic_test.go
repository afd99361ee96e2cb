package metadata_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var bob = substrate.AccountID(mustHex("8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"))

func mustHex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// named writes accounts as "acc:" and hex.
var named = metadata.Format{
	Account: func(id [32]byte) string { return "acc:" + hex.EncodeToString(id[:]) },
	ParseAccount: func(s string) (id [32]byte, err error) {
		b, err := hex.DecodeString(strings.TrimPrefix(s, "acc:"))
		if err != nil || len(b) != 32 || !strings.HasPrefix(s, "acc:") {
			return id, fmt.Errorf("no account: %s", s)
		}
		return [32]byte(b), nil
	},
}

func TestDynamicCall(t *testing.T) {
	m := decodeReference(t)
	want := mustHex("0603 00 8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48 e5c0")
	for name, args := range map[string]any{
		"object":         metadata.Object{{"dest", metadata.Object{{"Id", bob}}}, {"value", 12345}},
		"map":            map[string]any{"dest": map[string]any{"Id": bob.String()}, "value": "12345"},
		"list":           []any{bob[:], json.Number("12345")},
		"account text":   map[string]any{"dest": named.Account(bob), "value": 12345.0},
		"variant, typed": map[string]any{"dest": map[string]substrate.AccountID{"Id": bob}, "value": scale.U128From64(12345)},
		"hex number":     []any{bob, "0x3039"},
		"big":            []any{&bob, big.NewInt(12345)},
	} {
		got, err := m.EncodeCall("Balances", "transfer_keep_alive", args, named)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v; want %x", name, got, err, want)
		}
	}
	call, err := m.DecodeCall(want, named)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	if s := `{"pallet":"Balances","name":"transfer_keep_alive","args":{"dest":{"Id":"` + named.Account(bob) + `"},"value":"12345"}}`; string(text) != s {
		t.Errorf("call = %s\nwant   %s", text, s)
	}
	batch, err := m.EncodeCall("Utility", "batch", []any{[]any{
		map[string]any{"Balances": map[string]any{"transfer_keep_alive": call.Args}},
		map[string]any{"System": map[string]any{"remark": map[string]any{"remark": "hello"}}},
	}}, named)
	if err != nil {
		t.Fatal(err)
	}
	if s := "0100" + "08" + hex.EncodeToString(want) + "0000" + "14" + hex.EncodeToString([]byte("hello")); hex.EncodeToString(batch) != s {
		t.Errorf("batch = %x\nwant    %s", batch, s)
	}
}

func TestDynamicRefusesMisfits(t *testing.T) {
	m := decodeReference(t)
	for name, args := range map[string]any{
		"missing field":   map[string]any{"dest": bob},
		"unknown field":   map[string]any{"dest": bob, "value": 1, "tip": 1},
		"unknown variant": map[string]any{"dest": map[string]any{"Ident": bob}, "value": 1},
		"negative":        []any{bob, -1},
		"fraction":        []any{bob, 1.5},
		"too large":       []any{bob, "340282366920938463463374607431768211456"},
		"no number":       []any{bob, "many"},
		"short account":   []any{"0x1234", 1},
		"no account":      []any{"somebody", 1},
		"two variants":    []any{map[string]any{"Id": bob, "Index": 1}, 1},
		"too few":         []any{bob},
		"nothing":         nil,
		"channel":         []any{bob, make(chan int)},
	} {
		if b, err := m.EncodeCall("Balances", "transfer_keep_alive", args, named); !errors.Is(err, metadata.ErrValue) {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
	if _, err := m.EncodeCall("Balances", "steal", nil, named); !errors.Is(err, metadata.ErrNotFound) {
		t.Errorf("unknown call: %v", err)
	}
	if _, err := m.DecodeCall(mustHex("0603"), named); !errors.Is(err, scale.ErrUnexpectedEnd) {
		t.Errorf("short call: %v", err)
	}
	if _, err := m.DecodeCall(mustHex("0000 00 00"), named); !errors.Is(err, scale.ErrTrailing) {
		t.Errorf("long call: %v", err)
	}
}

func TestDynamicEvents(t *testing.T) {
	m := decodeReference(t)
	alice := strings.Repeat("11", 32)
	raw := mustHex("0c" +
		"00 01000000 06 02" + alice + hex.EncodeToString(bob[:]) + "39300000000000000000000000000000 00" +
		"00 01000000 00 01 03 06 02000000 00 00 00 00 00" + // ExtrinsicFailed(Module(6, 2), weight 0, Normal, Yes)
		"01 00 02 04" + strings.Repeat("ab", 32)) // CodeUpdated with a topic
	events, err := m.DecodeEvents(raw, named)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"phase":"ApplyExtrinsic","extrinsic":1,"pallet":"Balances","name":"Transfer","fields":{"from":"acc:` + alice + `","to":"` + named.Account(bob) + `","amount":"12345"}},` +
		`{"phase":"ApplyExtrinsic","extrinsic":1,"pallet":"System","name":"ExtrinsicFailed","fields":{"dispatch_error":{"Module":{"index":6,"error":"0x02000000"}},"dispatch_info":{"weight":{"ref_time":0,"proof_size":0},"class":"Normal","pays_fee":"Yes"}}},` +
		`{"phase":"Finalization","pallet":"System","name":"CodeUpdated","fields":null,"topics":["0x` + strings.Repeat("ab", 32) + `"]}]`
	if string(text) != want {
		t.Errorf("events = %s\nwant     %s", text, want)
	}
	if _, v, err := m.ErrorAt(6, 2); err != nil || v.Name != "InsufficientBalance" {
		t.Errorf("error 2 of pallet 6 = %v, %v", v, err)
	}
}

// Every type of the reference: random encodings decode, and encode to the same bytes.
func TestDynamicRoundTrip(t *testing.T) {
	m := decodeReference(t)
	rapid.Check(t, func(t *rapid.T) {
		id := metadata.TypeID(rapid.IntRange(0, len(m.Types)-1).Draw(t, "type"))
		raw := encodingOf(t, m, id, 0)
		v, err := m.DecodeValue(id, raw, named)
		if err != nil {
			t.Fatalf("%s %x: %v", m.TypeName(id), raw, err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.EncodeValue(id, v, named)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%s %s: %x, %v; want %x", m.TypeName(id), text, again, err, raw)
		}
		// and through JSON
		var plain any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&plain); err != nil {
			t.Fatal(err)
		}
		again, err = m.EncodeValue(id, plain, named)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%s from JSON %s: %x, %v; want %x", m.TypeName(id), text, again, err, raw)
		}
	})
}

// encodingOf draws a valid encoding of a type. Deep down it prefers what ends soon.
func encodingOf(t *rapid.T, m *metadata.Metadata, id metadata.TypeID, depth int) (b []byte) {
	fields := func(list []metadata.Field) {
		for _, f := range list {
			b = append(b, encodingOf(t, m, f.Type, depth+1)...)
		}
	}
	repeat := func(n int, elem metadata.TypeID) {
		for range n {
			b = append(b, encodingOf(t, m, elem, depth+1)...)
		}
	}
	switch d := m.Types[id].Def.(type) {
	case metadata.Composite:
		fields(d.Fields)
	case metadata.Enum:
		if len(d.Variants) == 0 {
			t.Skip("an enum without variants has no values")
		}
		v := rapid.SampledFrom(d.Variants).Draw(t, "variant")
		for tries := 0; depth > 8 && len(v.Fields) > 0 && tries < 3; tries++ {
			v = d.Variants[rapid.IntRange(0, len(d.Variants)-1).Draw(t, "variant")]
		}
		if depth > 30 {
			t.Skip("too deep")
		}
		b = append(b, v.Index)
		fields(v.Fields)
	case metadata.Sequence:
		n := 0
		if depth < 12 {
			n = rapid.IntRange(0, 3).Draw(t, "length")
		}
		b = scale.AppendCompact(b, uint64(n))
		repeat(n, d.Elem)
	case metadata.Array:
		repeat(int(d.Len), d.Elem)
	case metadata.Tuple:
		for _, e := range d.Elems {
			repeat(1, e)
		}
	case metadata.Compact:
		inner := m.Types[d.Elem]
		if c, ok := inner.Def.(metadata.Composite); ok {
			inner = m.Types[c.Fields[0].Type]
		}
		bits := 8 << (inner.Def.(metadata.Primitive).Kind - 3)
		x := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, bits/8).Draw(t, "compact"))
		n, _ := scale.U128FromBig(x)
		b = scale.AppendCompactU128(b, n)
	case metadata.Primitive:
		switch d.Kind {
		case 0:
			b = append(b, byte(rapid.IntRange(0, 1).Draw(t, "bool")))
		case 2:
			b, _ = scale.AppendString(b, rapid.StringN(0, 5, 20).Draw(t, "text"))
		default:
			size := 1 << (d.Kind - 3)
			b = append(b, rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "integer")...)
		}
	}
	return b
}
