package pallets_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	"github.com/gocess/gocess/ledger/pallets/next"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

func bothVersions(t *testing.T, constants map[string]json.RawMessage) *runtime.Versions {
	t.Helper()
	v, err := runtime.NewVersions(0, constants, append(slices.Clone(pallets.Releases), next.Release())...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A version decodes its own calls and no others, inside of batches too: programs
// that know more versions agree with those that know one.
func TestCallsDecodeByVersion(t *testing.T) {
	v := bothVersions(t, nil)
	for name, call := range map[string]runtime.Call{
		"a call":  next.Write{Text: []byte("x")},
		"a batch": utility.Batch{Calls: []runtime.RuntimeCall{{Call: system.Remark{}}, {Call: next.Write{}}}},
	} {
		raw := scale.MustMarshal(runtime.RuntimeCall{Call: call})
		if _, err := v.First().DecodeCall(raw); err == nil {
			t.Errorf("%s of 138 is one of 137", name)
		}
		if _, err := v.Newest().DecodeCall(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		bare := scale.MustMarshal(append([]byte{4}, raw...))
		if _, err := v.First().DecodeExtrinsic(bare); !errors.Is(err, runtime.ErrExtrinsicFormat) {
			t.Errorf("%s in an extrinsic of 137: %v", name, err)
		}
	}
}

// Metadata, constants and the version are those of the version; a known one stays
// as it was, byte for byte.
func TestVersionsDescribeThemselves(t *testing.T) {
	v := bothVersions(t, nil)
	alone, err := pallets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := alone.MetadataV15()
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range []*runtime.Runtime{v.First(), v.Newest()} {
		got, err := rt.MetadataV15()
		if err != nil {
			t.Fatal(err)
		}
		newer := rt == v.Newest()
		if bytes.Equal(got, want) == newer || bytes.Contains(got, []byte("Almanac")) != newer {
			t.Errorf("metadata of %d: %d bytes, 137 has %d", rt.Version().SpecVersion, len(got), len(want))
		}
		if shown := system.Version.Of(rt); shown.SpecVersion != rt.Version().SpecVersion {
			t.Errorf("System.Version of %d shows %d", rt.Version().SpecVersion, shown.SpecVersion)
		}
	}
	if old, now := cacher.BillsLimit.Of(v.First()), cacher.BillsLimit.Of(v.Newest()); old == now || now != next.BillsLimit {
		t.Errorf("BillsLimit was %d and is %d", old, now)
	}
	// What the chain's spec sets holds in all versions.
	v = bothVersions(t, map[string]json.RawMessage{"Cacher.BillsLimit": json.RawMessage("7")})
	if old, now := cacher.BillsLimit.Of(v.First()), cacher.BillsLimit.Of(v.Newest()); old != 7 || now != 7 {
		t.Errorf("BillsLimit was %d and is %d", old, now)
	}
}

func TestVersionsAreChecked(t *testing.T) {
	one, two := pallets.Config(nil), next.Release()
	other := next.Release()
	other.Version.SpecName = "polkadot"
	bare := next.Release()
	bare.Inherents = nil
	for why, list := range map[string][]runtime.Config{
		"no versions":                  {},
		"listed after":                 {two, one},
		"version 137 is listed after":  {one, one},
		"of \"polkadot\"":              {one, other},
		"has 0 inherents, version 137": {one, bare},
	} {
		if _, err := runtime.NewVersions(0, nil, list...); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	if _, err := runtime.NewVersions(0, map[string]json.RawMessage{"Cacher.Nothing": nil}, one, two); err == nil || !strings.Contains(err.Error(), "Cacher.Nothing") {
		t.Errorf("an unknown constant: %v", err)
	}
	_, err := runtime.NewVersions(139, nil, one, two)
	if unknown, ok := errors.AsType[*runtime.UnknownVersionError](err); !ok || unknown.Needs != 139 {
		t.Errorf("a chain that begins with 139: %v", err)
	}
	if v, err := runtime.NewVersions(next.SpecVersion, nil, one, two); err != nil || v.First().Version().SpecVersion != next.SpecVersion {
		t.Errorf("a chain that begins with 138: %v", err)
	}
}
