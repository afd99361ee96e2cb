package metadata_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
)

func seeds(f *testing.F) [][]byte {
	v14, err := metadata.EncodeV14(description())
	if err != nil {
		f.Fatal(err)
	}
	v15, err := metadata.EncodeV15(description())
	if err != nil {
		f.Fatal(err)
	}
	return [][]byte{v14, v15}
}

// Whatever decodes must be safe to use and encode to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Add([]byte("meta\x0f"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		m, err := metadata.Decode(blob)
		if err != nil {
			return
		}
		for i := range m.Types {
			m.TypeName(metadata.TypeID(i))
		}
		for i := range m.Pallets {
			p := &m.Pallets[i]
			m.Calls(p)
			s, _ := p.Storage.Get()
			for j := range s.Entries {
				e := &s.Entries[j]
				_, _, _ = m.Keys(e)
				_, _ = m.DecodeValue(e.Value(), e.Fallback, metadata.Format{})
			}
		}
		metadata.Diff(m, m, nil) // may differ from itself where names occur twice
		if m.Version == metadata.V15 {
			again, err := m.EncodeV15()
			if err != nil || !bytes.Equal(again, blob) {
				t.Errorf("encodes to other bytes: %v", err)
			}
		}
	})
}

// Values of untrusted types from untrusted bytes decode within their budget, and what
// decodes encodes again.
func FuzzDynamic(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint32(1), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8})
	}
	f.Fuzz(func(t *testing.T, blob []byte, id uint32, raw []byte) {
		m, err := metadata.Decode(blob)
		if err != nil || int(id) >= len(m.Types) {
			return
		}
		v, err := m.DecodeValue(metadata.TypeID(id), raw, metadata.Format{})
		if err != nil {
			return
		}
		b, err := m.EncodeValue(metadata.TypeID(id), v, metadata.Format{})
		if errors.Is(err, metadata.ErrValue) {
			return // names that occur twice in a struct
		}
		if err != nil {
			t.Fatalf("%v does not encode: %v", v, err)
		}
		again, err := m.DecodeValue(metadata.TypeID(id), b, metadata.Format{})
		if err == nil && !reflect.DeepEqual(again, v) {
			t.Fatalf("%v encodes to %x, which is %v", v, b, again)
		}
	})
}

func BenchmarkDecodeReference(b *testing.B) {
	blob := reference(b)
	b.SetBytes(int64(len(blob)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := metadata.Decode(blob); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiffReference(b *testing.B) {
	m := decodeReference(b)
	for b.Loop() {
		metadata.Diff(m, m, nil)
	}
}

func BenchmarkEncodeReference(b *testing.B) {
	m := decodeReference(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.EncodeV15(); err != nil {
			b.Fatal(err)
		}
	}
}
