package scale_test

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/primitives/scale"
)

func u128s() *rapid.Generator[scale.U128] {
	return rapid.Custom(func(t *rapid.T) scale.U128 {
		// few bits are as likely as many: edges of compact forms and of words matter
		b := rapid.IntRange(0, 128).Draw(t, "bits")
		hi, lo := rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")
		v := scale.U128FromParts(hi, lo).Rsh(uint(128 - b))
		if rapid.Bool().Draw(t, "edge") {
			one := scale.U128From64(1)
			v, _ = one.Lsh(uint(b)).SubUnderflow(one)
		}
		return v
	})
}

func mixeds() *rapid.Generator[mixed] {
	fragments := rapid.Custom(func(t *rapid.T) fragment {
		f := fragment{Avail: rapid.Bool().Draw(t, "avail")}
		copy(f.Hash[:], rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "hash"))
		copy(f.Miner[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "miner"))
		if rapid.Bool().Draw(t, "tagged") {
			f.Tag = scale.Some(rapid.Uint32().Draw(t, "tag"))
		}
		return f
	})
	return rapid.Custom(func(t *rapid.T) mixed {
		v := mixed{
			Name: rapid.String().Draw(t, "name"), Size: u128s().Draw(t, "size"), Tip: u128s().Draw(t, "tip"),
			Nonce: rapid.Uint32().Draw(t, "nonce"), State: rapid.SampledFrom([]state{0, 1, 4}).Draw(t, "state"),
			Kind: shapes().Draw(t, "kind"),
		}
		copy(v.Owner[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "owner"))
		for range rapid.IntRange(0, 5).Draw(t, "parts") {
			v.Parts = append(v.Parts, fragments.Draw(t, "part"))
		}
		v.Raw = append(v.Raw, rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "raw")...)
		v.Numbers = append(v.Numbers, rapid.SliceOfN(rapid.Uint32(), 0, 100).Draw(t, "numbers")...)
		if rapid.Bool().Draw(t, "has deadline") {
			v.Deadline = scale.Some(rapid.Uint32().Draw(t, "deadline"))
		}
		return v
	})
}

func shapes() *rapid.Generator[shape] {
	return rapid.Custom(func(t *rapid.T) shape {
		p := point{rapid.Uint32().Draw(t, "x"), rapid.Uint32().Draw(t, "y")}
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			return circle{rapid.Uint64().Draw(t, "radius")}
		case 1:
			return polygon{[]point{p, {}, p}}
		case 2:
			return boxed{&p}
		}
		return nothing{}
	})
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := mixeds().Draw(t, "value")
		b, err := scale.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := v.Kind.(circle); ok { // the hand-written encoder is an independent witness
			if h := handWritten(nil, &v); !bytes.Equal(h, b) {
				t.Fatalf("encoding %x, by hand %x", b, h)
			}
		}
		back, err := scale.Unmarshal[mixed](b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, v) {
			t.Fatalf("%+v became %+v", v, back)
		}
		rest := append(slices.Clone(b), 1, 2, 3)
		if _, n, err := scale.UnmarshalPrefix[mixed](rest); err != nil || n != len(b) {
			t.Fatalf("prefix of %d bytes: %d, %v", len(b), n, err)
		}
		for cut := range b {
			if _, err := scale.Unmarshal[mixed](b[:cut]); err == nil {
				t.Fatalf("cut at %d of %d still decodes", cut, len(b))
			}
		}
	})
}

func TestCompactRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := u128s().Draw(t, "v")
		b := scale.AppendCompactU128(nil, v)
		d := scale.NewDecoder(b)
		if back, err := d.CompactU128(); err != nil || back != v || d.Remaining() != 0 {
			t.Fatalf("%v → %x → %v, %v", v, b, back, err)
		}
		if n, ok := v.Uint64(); ok && !bytes.Equal(scale.AppendCompact(nil, n), b) {
			t.Fatalf("%d has two compact forms", n)
		}
	})
}

// Maps and sets behave like Go maps with sorted keys, whatever the operations.
func TestBTreeMapModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m scale.BTreeMap[int16, uint8]
		var s scale.BTreeSet[int16]
		model := make(map[int16]uint8)
		for range rapid.IntRange(0, 60).Draw(t, "operations") {
			k, v := rapid.Int16Range(-20, 20).Draw(t, "key"), rapid.Byte().Draw(t, "value")
			_, had := model[k]
			if rapid.Bool().Draw(t, "put") {
				m.Put(k, v)
				model[k] = v
				if s.Put(k) == had {
					t.Fatalf("set Put(%d) is wrong about news", k)
				}
			} else {
				delete(model, k)
				if m.Delete(k) != had || s.Delete(k) != had {
					t.Fatalf("Delete(%d) is wrong about presence", k)
				}
			}
			got, ok := m.Get(k)
			if want, has := model[k]; got != want || ok != has || m.Contains(k) != has || s.Contains(k) != has {
				t.Fatalf("Get(%d) = %d, %v; want %d, %v", k, got, ok, want, has)
			}
		}
		keys := slices.Sorted(maps.Keys(model))
		var seen []int16
		for k, v := range m.Range {
			if model[k] != v {
				t.Fatalf("Range gives %d for %d", v, k)
			}
			seen = append(seen, k)
		}
		if !slices.Equal(seen, keys) || !slices.Equal(s.Items(), keys) || m.Len() != len(keys) || s.Len() != len(keys) {
			t.Fatalf("keys %v, %v; want %v", seen, s.Items(), keys)
		}
		back, err := scale.Unmarshal[scale.BTreeMap[int16, uint8]](scale.MustMarshal(m))
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%v became %v, %v", m, back, err)
		}
	})
}

func TestCloneShareNothing(t *testing.T) {
	var m scale.BTreeMap[uint8, uint8]
	m.Put(1, 1)
	c := m.Clone()
	c.Put(1, 2)
	if v, _ := m.Get(1); v != 1 {
		t.Errorf("changing a clone changed the original to %d", v)
	}
	var b scale.BoundedBTreeMap[uint8, uint8, two]
	if !b.Put(1, 1) || !b.Put(2, 2) || b.Put(3, 3) || !b.Put(2, 9) || b.Len() != b.Max() {
		t.Errorf("a full bounded map holds %v", b.Entries())
	}
	var v scale.BoundedVec[uint8, two]
	if !v.TryPush(1) || !v.TryPush(2) || v.TryPush(3) || len(v) != v.Max() {
		t.Errorf("a full bounded vector holds %v", v)
	}
}

// The order of keys is Rust's: numbers by value, bytes and structs lexicographically.
func TestKeyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		numbers := rapid.SliceOfN(u128s(), n, n).Draw(t, "numbers")
		sorted(t, numbers, scale.U128.Cmp)
		texts := rapid.SliceOfN(rapid.String(), n, n).Draw(t, "texts")
		sorted(t, texts, cmp.Compare[string])
		chunks := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 3), n, n).Draw(t, "chunks")
		sorted(t, chunks, bytes.Compare)
		var points []point
		var wide []scale.U256
		for range n {
			points = append(points, point{rapid.Uint32Range(0, 3).Draw(t, "x"), rapid.Uint32().Draw(t, "y")})
			wide = append(wide, scale.U256{rapid.Uint64().Draw(t, "lo"), 0, 0, rapid.Uint64Range(0, 2).Draw(t, "hi")})
		}
		sorted(t, points, func(a, b point) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
		sorted(t, wide, func(a, b scale.U256) int { return a.Big().Cmp(b.Big()) })
	})
}

func sorted[T any](t *rapid.T, items []T, compare func(a, b T) int) {
	t.Helper()
	set := scale.SetOf(items...)
	want := slices.Clone(items)
	slices.SortFunc(want, compare)
	want = slices.CompactFunc(want, func(a, b T) bool { return compare(a, b) == 0 })
	if got := set.Items(); len(got) != len(want) || !slices.EqualFunc(got, want, func(a, b T) bool { return compare(a, b) == 0 }) {
		t.Fatalf("order %v, want %v", got, want)
	}
}

// Plans are built on first use by whoever comes first.
func TestConcurrentFirstUse(t *testing.T) {
	type fresh struct {
		A mixed
		B []mixed
		C scale.Option[scale.BTreeMap[point, nest]]
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v := fresh{A: mixedValue()}
			back, err := scale.Unmarshal[fresh](scale.MustMarshal(v))
			if err != nil || !reflect.DeepEqual(back, v) {
				t.Errorf("concurrent round trip: %v", err)
			}
		})
	}
	wg.Wait()
}
