package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func localMetadata(t testing.TB) *metadata.Metadata {
	t.Helper()
	rt, err := pallets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := rt.MetadataV14() // what every node serves
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func itemOf(t testing.TB, m *metadata.Metadata, name string) *storageItem {
	t.Helper()
	p, item, err := split(name)
	if err != nil {
		t.Fatal(err)
	}
	found, err := (&remote{meta: m}).pallet(p)
	if err != nil {
		t.Fatal(err)
	}
	i, err := findItem(m, found, item)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

const aliceAddress = "cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc"

var fidText = strings.Repeat("0a1b", 16)

func account(t testing.TB, text string) substrate.AccountID {
	t.Helper()
	id, err := parseAccount(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Keys made from text are those that the pallets' own declarations make.
func TestKeysAreThoseOfTheChain(t *testing.T) {
	m := localMetadata(t)
	alice := account(t, "//Alice")
	fid, err := types.ParseHash(fidText)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		item string
		keys []string
		want []byte
	}{
		{"System.Number", nil, system.Number.Key()},
		{"system.account", []string{"//Alice"}, system.Accounts.Key(alice)},
		{"System.Account", []string{aliceAddress}, system.Accounts.Key(alice)},
		{"System.Account", []string{"0x" + hex.EncodeToString(alice[:])}, system.Accounts.Key(alice)},
		{"FileBank.File", []string{fidText}, filebank.Files.Key(fid)},
		{"System.BlockHash", []string{"7"}, system.BlockHashes.Key(7)},
		{"StorageHandler.Territory", []string{aliceAddress, "photos"}, storagehandler.Territories.Key(alice, types.TerritoryName("photos"))},
		{"StorageHandler.Territory", []string{aliceAddress, "0x70686f746f73"}, storagehandler.Territories.Key(alice, types.TerritoryName("photos"))},
		{"StorageHandler.Territory", []string{aliceAddress}, storagehandler.Territories.PrefixOf(alice)},
	} {
		i := itemOf(t, m, c.item)
		keys, err := i.parseKeys(c.keys)
		if err != nil {
			t.Errorf("%s %v: %v", c.item, c.keys, err)
			continue
		}
		got, err := i.key(keys)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s %v: key %x, %v; want %x", c.item, c.keys, got, err, c.want)
		}
		if len(keys) < len(i.keys) {
			continue
		}
		back, err := i.parseKey(got)
		if err != nil {
			t.Errorf("%s: %v", c.item, err)
		}
		for n := range back {
			if back[n] != keys[n] {
				t.Errorf("%s: key %d comes back as %v, was %v", c.item, n, back[n], keys[n])
			}
		}
	}
}

func TestKeysAreRefused(t *testing.T) {
	m := localMetadata(t)
	for item, keys := range map[string][]string{
		"System.Number":    {"1"},
		"System.Account":   {"nobody"},
		"System.BlockHash": {"-1"},
		"FileBank.File":    {"short"},
		"Oss.Oss":          {"//Alice", "//Bob"},
	} {
		if got, err := itemOf(t, m, item).parseKeys(keys); err == nil {
			t.Errorf("%s %v: accepted as %v", item, keys, got)
		}
	}
}

// Arguments from text make the bytes that the typed calls make.
func TestCallsAreThoseOfTheChain(t *testing.T) {
	m := localMetadata(t)
	bob := account(t, "//Bob")
	transfer := balances.TransferKeepAlive{Dest: substrate.AddressOf(bob), Value: scale.U128From64(1_500_000_000_000_000_000)}
	encode := func(c runtime.Call) string {
		b, err := scale.Marshal(runtime.RuntimeCall{Call: c})
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(b)
	}
	for _, c := range []struct {
		call string
		args []string
		want string
	}{
		{"Balances.transfer_keep_alive", []string{"//Bob", "1.5TCESS"}, encode(transfer)},
		{"balances.Transfer_Keep_Alive", []string{`{"Id":"//Bob"}`, "1_500_000_000_000_000_000"}, encode(transfer)},
		{"Oss.authorize", []string{"//Bob"}, encode(oss.Authorize{Operator: bob})},
		{"Oss.destroy", nil, encode(oss.Destroy{})},
		{"System.remark", []string{"hello"}, encode(system.Remark{Remark: []byte("hello")})},
		{"Oss.register", []string{"0x" + strings.Repeat("00", 38), "files.example.com"}, encode(oss.Register{Domain: oss.Domain("files.example.com")})},
		{"StorageHandler.mint_territory", []string{"1", "photos", "30"}, encode(storagehandler.MintTerritory{GiBCount: 1, TerritoryName: types.TerritoryName("photos"), Days: 30})},
		// A call in a call: as hex and as JSON, with amounts in it.
		{"Sudo.sudo", []string{"0x" + encode(transfer)}, "1600" + encode(transfer)},
		{"Sudo.sudo", []string{`{"Balances":{"transfer_keep_alive":{"dest":"//Bob","value":"1.5TCESS"}}}`}, "1600" + encode(transfer)},
	} {
		name, item, err := split(c.call)
		if err != nil {
			t.Fatal(err)
		}
		p, err := (&remote{meta: m}).pallet(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encodeCall(m, p, item, c.args)
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("%s %v: %x, %v; want %s", c.call, c.args, got, err, c.want)
		}
	}
}

// Whatever a value shows as, it can be given back as that.
func TestPresentedValuesCanBeGivenBack(t *testing.T) {
	m := localMetadata(t)
	bytesOf := func(most int) *rapid.Generator[[]byte] {
		return rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, most), rapid.Map(rapid.StringN(0, most/4, most), func(s string) []byte { return []byte(s) }))
	}
	rapid.Check(t, func(t *rapid.T) {
		var hash types.Hash
		copy(hash[:], rapid.OneOf(rapid.Just([]byte(fidText)), rapid.SliceOfN(rapid.Byte(), 64, 64)).Draw(t, "hash"))
		brief := filebank.UserBrief{FileName: bytesOf(60).Draw(t, "name"), TerritoryName: bytesOf(60).Draw(t, "territory")}
		file := filebank.File{
			SegmentList: []filebank.Segment{{Hash: hash, FragmentList: []filebank.Fragment{{Hash: hash, Tag: scale.Some(uint32(3))}, {Hash: hash}}}},
			Owner:       []filebank.UserBrief{brief}, FileSize: scale.U128From64(rapid.Uint64().Draw(t, "size")),
		}
		deal := filebank.Deal{User: brief, SegmentList: []filebank.SegmentList{{Hash: hash}}}
		for name, v := range map[string]any{"FileBank.File": file, "FileBank.DealMap": deal} {
			var raw []byte
			var err error
			switch v := v.(type) {
			case filebank.File:
				raw, err = scale.Marshal(v)
			case filebank.Deal:
				raw, err = scale.Marshal(v)
			}
			if err != nil {
				t.Fatal(err)
			}
			checkGivenBack(t, itemOf2(m, name), raw)
		}
	})
}

func itemOf2(m *metadata.Metadata, name string) *storageItem {
	p, item, _ := strings.Cut(name, ".")
	found, err := (&remote{meta: m}).pallet(p)
	if err != nil {
		return nil
	}
	i, err := findItem(m, found, item)
	if err != nil {
		return nil
	}
	return i
}

func checkGivenBack(t *rapid.T, i *storageItem, raw []byte) {
	v, err := i.value(raw)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	read, err := argument(i.m, i.entry.Value(), string(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	again, err := i.m.EncodeValue(i.entry.Value(), read, format)
	if err != nil || !bytes.Equal(again, raw) {
		t.Fatalf("%s: %x, %v; want %x", text, again, err, raw)
	}
}

func TestPresentBytes(t *testing.T) {
	text, array := metadata.Sequence{}, metadata.Array{Len: 32}
	for _, c := range []struct {
		def     metadata.Def
		in, out string
	}{
		{text, "0x70686f746f73", "photos"},
		{text, "0x", "0x"},
		{text, "0x00ff", "0x00ff"},
		{text, "0x3078", "0x3078"}, // the text 0x would be read as hex
		{text, "0xc3a9", "é"},
		{text, "0x0a", "0x0a"},
		{array, "0x" + strings.Repeat("41", 32), "0x" + strings.Repeat("41", 32)},
		{metadata.Array{Len: 64}, "0x" + hex.EncodeToString([]byte(fidText)), fidText},
		{metadata.Primitive{}, "0x41", "0x41"},
	} {
		if got := presentBytes(c.def, c.in); got != c.out {
			t.Errorf("%v %s: %q, want %q", c.def, c.in, got, c.out)
		}
	}
}

// Any text of any argument is read or refused.
func FuzzArgument(f *testing.F) {
	m := localMetadata(f)
	f.Add(uint16(0), "1.5TCESS")
	f.Add(uint16(9), `{"Id":"//Alice"}`)
	f.Add(uint16(40), `[{"a":[null,1,"0x00"]}]`)
	f.Add(uint16(77), "0x0603")
	f.Fuzz(func(t *testing.T, n uint16, text string) {
		id := metadata.TypeID(int(n) % len(m.Types))
		v, err := argument(m, id, text)
		if err != nil {
			return
		}
		raw, err := m.EncodeValue(id, v, format)
		if err != nil {
			return
		}
		back, err := m.DecodeValue(id, raw, format)
		if err != nil {
			t.Fatalf("%s: %q encodes to %x, which does not decode: %v", m.TypeName(id), text, raw, err)
		}
		present(m, id, back)
	})
}
