package runtime_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/runtime"
	"pgregory.net/rapid"
)

// Keys of three parts are found again, and a damaged one is refused.
func TestTripleMapKeys(t *testing.T) {
	m := runtime.NewOptionalTripleMap[uint32, [32]byte, uint64, string](
		"Test", "Triple", runtime.Twox64Concat, runtime.Blake2_128Concat, runtime.Identity)
	rapid.Check(t, func(t *rapid.T) {
		k1 := rapid.Uint32().Draw(t, "k1")
		k2 := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "k2"))
		k3 := rapid.Uint64().Draw(t, "k3")
		key := m.Key(k1, k2, k3)
		if len(key) != 32+8+4+16+32+8 {
			t.Fatalf("the key has %d bytes", len(key))
		}
		if prefix := m.PrefixOf(k1); string(key[:len(prefix)]) != string(prefix) {
			t.Fatal("the key does not start with the prefix of its first part")
		}
		g1, g2, g3, err := m.DecodeKey(key)
		if err != nil || g1 != k1 || g2 != k2 || g3 != k3 {
			t.Fatalf("decoded (%v, %v, %v), %v", g1, g2, g3, err)
		}
		cut := rapid.IntRange(0, len(key)-1).Draw(t, "cut")
		if _, _, _, err := m.DecodeKey(key[:cut]); err == nil {
			t.Fatalf("a key of %d bytes decodes", cut)
		}
		if _, _, _, err := m.DecodeKey(append(key, 0)); err == nil {
			t.Fatal("a key with a byte too many decodes")
		}
	})
}
