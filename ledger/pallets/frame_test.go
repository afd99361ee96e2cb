package pallets_test

import (
	"encoding/json"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/primitives/metadata"
)

func TestMetadataBuilds(t *testing.T) {
	rt, err := pallets.New(map[string]json.RawMessage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, build := range []func() ([]byte, error){rt.MetadataV14, rt.MetadataV15} {
		blob, err := build()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := metadata.Decode(blob); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes", len(blob))
	}
}
