package metadata_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
)

// reference reads the metadata of CESS testnet2, runtime 137 (V15). It lies beside the
// repository, not in it.
func reference(t testing.TB) []byte {
	t.Helper()
	blob, err := os.ReadFile(filepath.FromSlash("../../../shared/reference/cess-testnet2-v137.metadata.scale"))
	if err != nil {
		t.Skip("no reference metadata beside the repository")
	}
	return blob
}

func decodeReference(t testing.TB) *metadata.Metadata {
	t.Helper()
	m, err := metadata.Decode(reference(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReferenceRoundTrip(t *testing.T) {
	blob := reference(t)
	m := decodeReference(t)
	if len(m.Types) != 804 || len(m.Pallets) != 57 {
		t.Errorf("%d types in %d pallets, want 804 in 57", len(m.Types), len(m.Pallets))
	}
	again, err := m.EncodeV15()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, blob) {
		t.Errorf("re-encoded reference differs: %d bytes, want %d", len(again), len(blob))
	}
}

func TestReferenceV14(t *testing.T) {
	m := decodeReference(t)
	blob, err := m.EncodeV14()
	if err != nil {
		t.Fatal(err)
	}
	if len(blob) != 362_714 { // spec/wire.md §6.5
		t.Errorf("V14 of the reference has %d bytes, want 362714", len(blob))
	}
	m14, err := metadata.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	if m14.Extrinsic.Type != 724 || m14.Extrinsic.Address != 202 || m14.Extrinsic.Signature != 711 || m14.Extrinsic.Extra != 712 {
		t.Errorf("extrinsic of V14 = %+v", m14.Extrinsic)
	}
	if m14.Outer != m.Outer {
		t.Errorf("outer enums of V14 = %+v, want %+v", m14.Outer, m.Outer)
	}
}
