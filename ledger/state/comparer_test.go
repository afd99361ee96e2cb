package state

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// genStoredKey draws any key of the store: with and without version.
func genStoredKey() *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		kind := rapid.SampledFrom([]byte{kindAux, kindNode, kindValue}).Draw(t, "kind")
		name := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 9, 0xfe, 0xff}), 0, 12).Draw(t, "name")
		key := appendName(nil, kind, name)
		if kind != kindAux && rapid.Bool().Draw(t, "versioned") {
			key = appendVersion(key, rapid.SampledFrom([]uint64{0, 1, 2, 255, 1 << 40}).Draw(t, "height"))
		}
		return key
	})
}

// TestComparer checks what Pebble demands of a comparer.
func TestComparer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genStoredKey().Draw(t, "a"), genStoredKey().Draw(t, "b")
		an, bn := splitKey(a), splitKey(b)
		c := compareKeys(a, b)
		if compareKeys(b, a) != -c || comparer.Equal(a, b) != (c == 0) {
			t.Fatal("order is not antisymmetric")
		}
		if splitKey(a[:an]) != an {
			t.Fatal("a name is split again")
		}
		if an < len(a) && compareKeys(a[:an], a) >= 0 {
			t.Fatal("a name does not sort before its versions")
		}
		names := bytes.Compare(a[:an], b[:bn])
		if names != 0 && names != c || names == 0 && compareKeys(a[an:], b[bn:]) != c {
			t.Fatal("names do not order before versions")
		}
		if x, y := comparer.AbbreviatedKey(a), comparer.AbbreviatedKey(b); x < y && c >= 0 || x > y && c <= 0 {
			t.Fatal("abbreviated keys order differently")
		}
		if c < 0 {
			k := comparer.Separator([]byte("dst"), a, b)[3:]
			if compareKeys(a, k) > 0 || compareKeys(k, b) >= 0 {
				t.Fatalf("separator %x of %x and %x", k, a, b)
			}
		}
		if k := comparer.Successor([]byte("dst"), a)[3:]; compareKeys(a, k) > 0 {
			t.Fatalf("successor %x of %x", k, a)
		}
		if k := comparer.ImmediateSuccessor(nil, a[:an]); splitKey(k) != len(k) || compareKeys(a[:an], k) >= 0 {
			t.Fatalf("immediate successor %x of %x", k, a[:an])
		}
	})
}

// TestKeyOrder: keys sort by name in byte order and by height downwards.
func TestKeyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 9, 0xff}), 0, 4)
		n1, n2 := name.Draw(t, "name 1"), name.Draw(t, "name 2")
		h1, h2 := rapid.Uint64().Draw(t, "height 1"), rapid.Uint64().Draw(t, "height 2")
		k1 := appendVersion(appendName(nil, kindValue, n1), h1)
		k2 := appendVersion(appendName(nil, kindValue, n2), h2)
		want := bytes.Compare(n1, n2)
		if want == 0 && h1 != h2 {
			want = 1
			if h1 > h2 {
				want = -1
			}
		}
		if got := comparer.Compare(k1, k2); got != want {
			t.Fatalf("%x@%d against %x@%d: %d, want %d", n1, h1, n2, h2, got, want)
		}
		if versionOf(k1) != h1 || !bytes.Equal(nameOf(k1), n1) {
			t.Fatal("key does not come back")
		}
		inRange := func(prefix, after []byte) bool {
			lower, upper := rangeOf(kindValue, prefix, after)
			return compareKeys(lower, k1) <= 0 && compareKeys(k1, upper) < 0
		}
		if got, want := inRange(n2, nil), bytes.HasPrefix(n1, n2); got != want {
			t.Fatalf("%x in the range of %x: %v", n1, n2, got)
		}
		if got, want := inRange(nil, n2), bytes.Compare(n1, n2) > 0; got != want {
			t.Fatalf("%x after %x: %v", n1, n2, got)
		}
	})
}

// TestStoredPath: no two paths share a stored form, and a child's is that of its
// parent with a nibble more.
func TestStoredPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SliceOfN(rapid.ByteRange(0, 15), 0, 9)
		a, b := path.Draw(t, "a"), path.Draw(t, "b")
		if bytes.Equal(appendPath(nil, a), appendPath(nil, b)) != bytes.Equal(a, b) {
			t.Fatalf("paths %x and %x are stored alike", a, b)
		}
		var u updater
		i := rapid.IntRange(0, 15).Draw(t, "child")
		if got, want := u.storedPath(a, i), appendPath(nil, append(bytes.Clone(a), byte(i))); !bytes.Equal(got, want) {
			t.Fatalf("child %d of %x at %x, want %x", i, a, got, want)
		}
	})
}
