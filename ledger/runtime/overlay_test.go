package runtime

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mapState is committed state for tests.
type mapState map[string]string

func (m mapState) Get(key []byte) ([]byte, error) {
	if v, ok := m[string(key)]; ok {
		return []byte(v), nil
	}
	return nil, nil
}

func (m mapState) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(k, string(prefix)) && k > string(startAfter) && !fn([]byte(k), []byte(m[k])) {
			return nil
		}
	}
	return nil
}

// An overlay reads, lists and rolls back as a plain map with copies would.
func TestOverlayAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"a", "aa", "ab", "ac", "b", "ba", "c"})
		base := make(mapState)
		for range rapid.IntRange(0, 6).Draw(t, "base") {
			base[key.Draw(t, "key")] = "base"
		}
		o := newOverlay(base)
		model := maps.Clone(base)
		var saved []mapState
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			k := key.Draw(t, "key")
			switch rapid.IntRange(0, 5).Draw(t, "op") {
			case 0, 1:
				v := fmt.Sprint(i)
				o.put([]byte(k), []byte(v))
				model[k] = v
			case 2:
				o.put([]byte(k), nil)
				delete(model, k)
			case 3:
				o.begin()
				saved = append(saved, maps.Clone(model))
			case 4:
				if len(saved) > 0 {
					o.rollback()
					model = saved[len(saved)-1]
					saved = saved[:len(saved)-1]
				}
			case 5:
				if len(saved) > 0 {
					o.commit()
					saved = saved[:len(saved)-1]
				}
			}
			compare(t, o, model)
		}
	})
}

func compare(t *rapid.T, o *overlay, model mapState) {
	for _, prefix := range []string{"", "a", "b", "z"} {
		for _, after := range []string{"", "a", "ab", "b"} {
			var got, want []string
			collect := func(to *[]string) func(k, v []byte) bool {
				return func(k, v []byte) bool {
					*to = append(*to, string(k)+"="+string(v))
					return len(*to) < 3
				}
			}
			if err := o.scan([]byte(prefix), []byte(after), collect(&got)); err != nil {
				t.Fatal(err)
			}
			if err := model.Scan([]byte(prefix), []byte(after), collect(&want)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("scan of %q after %q: %v, want %v", prefix, after, got, want)
			}
		}
	}
	for _, k := range []string{"a", "aa", "ab", "ac", "b", "ba", "c"} {
		got, err := o.get([]byte(k))
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := model[k]; string(got) != want || (got != nil) != ok {
			t.Fatalf("get %q: %q, want %q", k, got, want)
		}
	}
}

func TestChangesAreSorted(t *testing.T) {
	o := newOverlay(mapState{})
	for _, k := range []string{"c", "a", "b", "aa"} {
		o.put([]byte(k), []byte("x"))
	}
	o.put([]byte("b"), nil)
	changes := o.changes()
	if !slices.IsSortedFunc(changes, func(a, b Change) int { return bytes.Compare(a.Key, b.Key) }) || len(changes) != 4 {
		t.Fatalf("changes %v", changes)
	}
	if changes[2].Value != nil {
		t.Fatal("a deletion carries a value")
	}
}
