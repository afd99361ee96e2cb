package types

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The sizes are those of spec/pallets-storage.md §1 and spec/pallets-mining.md
// §0.3.
func TestEncodedSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		got  []byte
	}{
		{"Hash", 64, scale.MustMarshal(Hash{})},
		{"PoISKey", 512, scale.MustMarshal(PoISKey{})},
		{"SpaceProofInfo", 816, scale.MustMarshal(SpaceProofInfo{})},
		{"BloomFilter", 2048, scale.MustMarshal(BloomFilter{})},
		{"SessionKeys", 161, scale.MustMarshal(SessionKeys{})},
	} {
		if len(c.got) != c.size {
			t.Errorf("%s encodes to %d bytes, want %d", c.name, len(c.got), c.size)
		}
	}
}

func TestOriginCallerWire(t *testing.T) {
	alice := substrate.AccountID{1, 2, 3}
	for _, c := range []struct {
		origin OriginCaller
		want   []byte
	}{
		{OriginSystem{RawRoot{}}, []byte{0, 0}},
		{OriginSystem{RawSigned{alice}}, append([]byte{0, 1}, alice[:]...)},
		{OriginSystem{RawNone{}}, []byte{0, 2}},
		{OriginCouncil{CollectiveMembers{3, 5}}, []byte{13, 0, 3, 0, 0, 0, 5, 0, 0, 0}},
		{OriginTechnicalCommittee{CollectiveMember{alice}}, append([]byte{14, 1}, alice[:]...)},
		{OriginEthereum{EthereumTransaction{substrate.H160{9}}}, append([]byte{81, 0, 9}, make([]byte, 19)...)},
	} {
		got, err := scale.Marshal(c.origin)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%#v encodes to %x, %v; want %x", c.origin, got, err, c.want)
			continue
		}
		back, err := scale.Unmarshal[OriginCaller](got)
		if err != nil || back != c.origin {
			t.Errorf("%x decodes to %#v, %v", got, back, err)
		}
	}
}

func TestTerritoryNameBound(t *testing.T) {
	if _, err := scale.Unmarshal[TerritoryName](scale.MustMarshal(make([]byte, 64))); err == nil {
		t.Error("a name of 64 bytes decodes")
	}
	if _, err := scale.Unmarshal[TerritoryName](scale.MustMarshal(make([]byte, 63))); err != nil {
		t.Errorf("a name of 63 bytes: %v", err)
	}
}

func TestFootprint(t *testing.T) {
	if got := Footprint(3).String(); got != "301989888" {
		t.Errorf("footprint of 3 segments is %s bytes, want 3 × 12 × 8 MiB", got)
	}
}
