package runtime_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/runtime"
)

// pairs is a state in memory.
type pairs map[string]string

func (p pairs) Get(key []byte) ([]byte, error) {
	v, ok := p[string(key)]
	if !ok {
		return nil, nil
	}
	return []byte(v), nil
}

func (p pairs) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	for _, k := range slices.Sorted(maps.Keys(p)) {
		if strings.HasPrefix(k, string(prefix)) && k > string(startAfter) && !fn([]byte(k), []byte(p[k])) {
			return nil
		}
	}
	return nil
}

// A layer reads as the state with the changes applied.
func TestLayerReadsAsCommitted(t *testing.T) {
	letters := rapid.SampledFrom([]rune("ab"))
	key, part := rapid.StringOfN(letters, 1, 4, -1), rapid.StringOfN(letters, 0, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		base := pairs(rapid.MapOfN(key, rapid.StringN(1, 3, -1), 0, 12).Draw(t, "base"))
		top := rapid.MapOfN(key, rapid.StringN(0, 2, -1), 0, 12).Draw(t, "top")
		want := maps.Clone(base)
		l := &runtime.Layer{Base: base}
		for _, k := range slices.Sorted(maps.Keys(top)) {
			c := runtime.Change{Key: []byte(k)}
			if v := top[k]; v != "" { // empty stands for a deletion
				c.Value, want[k] = []byte(v), v
			} else {
				delete(want, k)
			}
			l.Top = append(l.Top, c)
		}
		k := key.Draw(t, "key")
		got, err := l.Get([]byte(k))
		if exp, _ := want.Get([]byte(k)); err != nil || !bytes.Equal(got, exp) {
			t.Fatalf("Get(%q) = %q, %v; want %q", k, got, err, exp)
		}
		prefix := part.Draw(t, "prefix")
		var after []byte
		if rapid.Bool().Draw(t, "from the middle") {
			after = []byte(prefix + part.Draw(t, "after"))
		}
		limit := rapid.IntRange(1, 10).Draw(t, "limit")
		if a, b := scan(l, prefix, after, limit), scan(want, prefix, after, limit); !slices.Equal(a, b) {
			t.Fatalf("Scan(%q, %q) = %q, want %q", prefix, after, a, b)
		}
	})
}

func scan(r runtime.Reader, prefix string, after []byte, limit int) []string {
	var out []string
	_ = r.Scan([]byte(prefix), after, func(k, v []byte) bool {
		out = append(out, string(k)+"="+string(v))
		return len(out) < limit
	})
	return out
}
