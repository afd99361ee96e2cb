package metadata_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
)

func TestDiffOfReferenceWithItselfIsEmpty(t *testing.T) {
	m := decodeReference(t)
	if d := metadata.Diff(m, decodeReference(t), nil); len(d) > 0 {
		t.Errorf("%d differences, first: %v", len(d), d[0])
	}
	s := metadata.ScoreOf(m, m, nil)
	if s.Equal != s.Items || s.Items == 0 || s.Other != 0 || s.Extra != 0 {
		t.Errorf("score of the reference against itself: %v", s)
	}
	t.Log(s)
}

// pallet finds a pallet whose parts the test may change.
func pallet(t *testing.T, m *metadata.Metadata, name string) *metadata.Pallet {
	t.Helper()
	p, err := m.Pallet(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func enumOf(t *testing.T, m *metadata.Metadata, id scale.Option[metadata.TypeID]) metadata.Enum {
	t.Helper()
	return m.Types[id.Or(0)].Def.(metadata.Enum)
}

func entry(t *testing.T, m *metadata.Metadata, p, name string) *metadata.StorageEntry {
	t.Helper()
	e, err := pallet(t, m, p).Entry(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDiffFindsExactlyTheChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, m *metadata.Metadata)
		want   []string
	}{
		{"call removed", func(t *testing.T, m *metadata.Metadata) {
			id := pallet(t, m, "Balances").Calls
			e := enumOf(t, m, id)
			e.Variants = slices.DeleteFunc(e.Variants, func(v metadata.Variant) bool { return v.Name == "burn" })
			m.Types[id.Or(0)].Def = e
		}, []string{"call not live: Balances.call.burn"}},
		{"all calls removed", func(t *testing.T, m *metadata.Metadata) {
			pallet(t, m, "Grandpa").Calls = scale.None[metadata.TypeID]()
		}, []string{
			"call not live: Grandpa.call.report_equivocation",
			"call not live: Grandpa.call.report_equivocation_unsigned",
			"call not live: Grandpa.call.note_stalled",
		}},
		{"call renumbered", func(t *testing.T, m *metadata.Metadata) {
			enumOf(t, m, pallet(t, m, "Balances").Calls).Variants[0].Index = 99
		}, []string{"call: Balances.call.transfer_allow_death.index: got 99, want 0"}},
		{"argument renamed", func(t *testing.T, m *metadata.Metadata) {
			enumOf(t, m, pallet(t, m, "Balances").Calls).Variants[0].Fields[1].Name = scale.Some("amount")
		}, []string{`call: Balances.call.transfer_allow_death.value.name: got "amount", want "value"`}},
		{"typeName dropped", func(t *testing.T, m *metadata.Metadata) {
			enumOf(t, m, pallet(t, m, "Oss").Event).Variants[0].Fields[0].TypeName = scale.None[string]()
		}, []string{`event: Oss.event.Authorize.acc.typeName: got none, want "AccountOf<T>"`}},
		{"event missing and extra", func(t *testing.T, m *metadata.Metadata) {
			enumOf(t, m, pallet(t, m, "Sudo").Event).Variants[1].Name = "Renamed"
		}, []string{"event missing: Sudo.event.KeyChanged", "event extra: Sudo.event.Renamed"}},
		{"error renumbered", func(t *testing.T, m *metadata.Metadata) {
			enumOf(t, m, pallet(t, m, "Sudo").Error).Variants[0].Index = 7
		}, []string{"error: Sudo.error.RequireSudo.index: got 7, want 0"}},
		{"modifier and fallback", func(t *testing.T, m *metadata.Metadata) {
			e := entry(t, m, "Timestamp", "Now")
			e.Modifier, e.Fallback = metadata.Optional, []byte{0}
		}, []string{
			"storage: Timestamp.storage.Now.modifier: got Optional, want Default",
			"storage: Timestamp.storage.Now.fallback: got 0x00, want 0x0000000000000000",
		}},
		{"hasher", func(t *testing.T, m *metadata.Metadata) {
			e := entry(t, m, "System", "BlockHash")
			s := e.Type.(metadata.MapStorage)
			s.Hashers = []metadata.Hasher{metadata.Identity}
			e.Type = s
		}, []string{"storage: System.storage.BlockHash.hashers: got [Identity], want [Twox64Concat]"}},
		{"field of a nested struct", func(t *testing.T, m *metadata.Metadata) {
			id := entry(t, m, "System", "Account").Value()
			account := m.Types[id].Def.(metadata.Composite)
			data := m.Types[account.Fields[4].Type].Def.(metadata.Composite)
			data.Fields[2].Name = scale.Some("ice")
		}, []string{
			`storage: System.storage.Account.value.data.frozen.name: got "ice", want "frozen"`,
			`storage: System.storage.Account.value.params.AccountData.frozen.name: got "ice", want "frozen"`,
			`storage: Balances.storage.Account.value.frozen.name: got "ice", want "frozen"`,
		}},
		{"constant value", func(t *testing.T, m *metadata.Metadata) {
			p := pallet(t, m, "System")
			for i := range p.Constants {
				if p.Constants[i].Name == "SS58Prefix" {
					p.Constants[i].Value = []byte{42, 0}
				}
			}
		}, []string{"constant value: System.constant.SS58Prefix: got 0x2a00, want 0x422c"}},
		{"pallet gone", func(t *testing.T, m *metadata.Metadata) {
			m.Pallets = slices.DeleteFunc(m.Pallets, func(p metadata.Pallet) bool { return p.Name == "Cacher" })
		}, []string{"pallet missing: Cacher"}},
		{"pallet renumbered", func(t *testing.T, m *metadata.Metadata) {
			pallet(t, m, "Cacher").Index = 200
		}, []string{"pallet: Cacher.index: got 200, want 109"}},
		{"outer enum grown", func(t *testing.T, m *metadata.Metadata) {
			e := m.Types[m.Outer.Call].Def.(metadata.Enum)
			e.Variants = append(e.Variants, metadata.Variant{Name: "New", Index: 250})
			m.Types[m.Outer.Call].Def = e
		}, nil},
		{"docs", func(t *testing.T, m *metadata.Metadata) {
			pallet(t, m, "System").Docs = []string{"other"}
			m.Types[0].Docs = []string{"other"}
		}, nil},
		{"extension", func(t *testing.T, m *metadata.Metadata) {
			m.Extrinsic.Extensions[5].Identifier = "Nonce"
		}, []string{"runtime: extrinsic.extensions.5: got Nonce, want CheckNonce"}},
		{"api method", func(t *testing.T, m *metadata.Metadata) {
			m.APIs[0].Methods[0].Name = "versions"
		}, []string{"api: api.Core.version: got absent, want present", "api: api.Core.versions: got present, want absent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want := decodeReference(t), decodeReference(t)
			c.change(t, got)
			var texts []string
			for _, d := range metadata.Diff(got, want, nil) {
				texts = append(texts, d.String())
			}
			slices.Sort(texts)
			slices.Sort(c.want)
			if !slices.Equal(texts, c.want) {
				t.Errorf("differences:\n%s\nwant:\n%s", lines(texts), lines(c.want))
			}
		})
	}
}

func lines(list []string) (s string) {
	for _, l := range list {
		s += "  " + l + "\n"
	}
	return s
}

// A registry in another order describes the same runtime.
func TestDiffIgnoresTypeIDs(t *testing.T) {
	want := decodeReference(t)
	got := permuted(t, want)
	if d := metadata.Diff(got, want, nil); len(d) > 0 {
		t.Errorf("%d differences, first: %v", len(d), d[0])
	}
}

func TestScoreCountsItems(t *testing.T) {
	got, want := decodeReference(t), decodeReference(t)
	entry(t, got, "Timestamp", "Now").Modifier = metadata.Optional
	entry(t, got, "Timestamp", "Now").Fallback = []byte{0}
	pallet(t, got, "Grandpa").Calls = scale.None[metadata.TypeID]()
	s := metadata.ScoreOf(got, want, []string{"Timestamp", "Grandpa"})
	all := metadata.ScoreOf(want, want, []string{"Timestamp", "Grandpa"})
	if s.Items != all.Items || s.Equal != all.Items-4 || s.NotLive != 3 || len(s.Pallets) != 2 {
		t.Errorf("score = %+v of %+v", s, all)
	}
	if p := fmt.Sprintf("%.1f", all.Percent()); p != "100.0" {
		t.Errorf("percent = %s", p)
	}
}

// permuted is m with its registry reversed, done on the wire: through the exported fields
// only.
func permuted(t *testing.T, m *metadata.Metadata) *metadata.Metadata {
	t.Helper()
	last := metadata.TypeID(len(m.Types) - 1)
	out, err := metadata.Renumber(m, func(id metadata.TypeID) metadata.TypeID { return last - id })
	if err != nil {
		t.Fatal(err)
	}
	return out
}
