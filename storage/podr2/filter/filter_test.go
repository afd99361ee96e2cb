package filter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func nameOf(label string) string { h := sha256.Sum256([]byte(label)); return hex.EncodeToString(h[:]) }

func TestLayout(t *testing.T) {
	var f Filter
	if err := f.Insert("8" + strings.Repeat("0", 62) + "1"); err != nil {
		t.Fatal(err)
	}
	if err := f.Insert("9" + strings.Repeat("0", 63)); err != nil {
		t.Fatal(err)
	}
	want := Filter{0: 2, 3: 1, 255: 1}
	if f != want {
		t.Errorf("got %v", f)
	}
	b := f.Bytes()
	if len(b) != 2048 || b[0] != 2 || b[24] != 1 || b[255*8] != 1 {
		t.Error("SCALE encoding must be 256 little-endian u64")
	}
}

// The counters of one name are the bits of the digest. The test vector of a whole verdict is checked in package v1.
func TestOneNameIsItsBits(t *testing.T) {
	name := "89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678"
	digest, err := hex.DecodeString(name)
	if err != nil {
		t.Fatal(err)
	}
	var f Filter
	if err := f.Insert(name); err != nil {
		t.Fatal(err)
	}
	for i, counter := range f {
		if want := uint64(digest[i/8] >> (7 - i%8) & 1); counter != want {
			t.Errorf("counter %d is %d, want %d", i, counter, want)
		}
	}
}

func TestErrorsLeaveTheFilterAlone(t *testing.T) {
	full := Filter{7: math.MaxUint64}
	for i := range full {
		full[i] |= 5
	}
	a := nameOf("a")
	for what, c := range map[string]struct {
		f    Filter
		do   func(f *Filter) error
		want error
	}{
		"empty name":       {full, func(f *Filter) error { return f.Insert("") }, ErrName},
		"short name":       {full, func(f *Filter) error { return f.Insert(a[1:]) }, ErrName},
		"long name":        {full, func(f *Filter) error { return f.Insert(a + "0") }, ErrName},
		"upper case":       {full, func(f *Filter) error { return f.Insert(strings.ToUpper(a)) }, ErrName},
		"not hexadecimal":  {full, func(f *Filter) error { return f.Insert("g" + a[1:]) }, ErrName},
		"last is no digit": {full, func(f *Filter) error { return f.Insert(a[:63] + "\xff") }, ErrName},
		"remove bad name":  {full, func(f *Filter) error { return f.Remove("x") }, ErrName},
		"never inserted":   {Filter{}, func(f *Filter) error { return f.Remove(a) }, ErrRange},
		"overflow":         {full, func(f *Filter) error { return f.Insert(strings.Repeat("f", 64)) }, ErrRange},
		"sum overflows":    {full, func(f *Filter) error { return f.Add(&Filter{7: 1}) }, ErrRange},
		"difference":       {full, func(f *Filter) error { return f.Sub(&Filter{255: 6}) }, ErrRange},
	} {
		f := c.f
		if err := c.do(&f); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		if f != c.f {
			t.Errorf("%s: the filter changed", what)
		}
	}
}

// Any order of insertions and removals that leaves the same names leaves the same filter.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.SliceOfN(rapid.StringMatching(`[0-9a-f]{64}`), 0, 6).Draw(t, "keep")
		drop := rapid.SliceOfN(rapid.StringMatching(`[0-9a-f]{64}`), 0, 6).Draw(t, "drop")
		var want, got Filter
		for _, name := range keep {
			if err := want.Insert(name); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range rapid.Permutation(append(append([]string(nil), keep...), drop...)).Draw(t, "order") {
			if err := got.Insert(name); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range rapid.Permutation(drop).Draw(t, "removals") {
			if err := got.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		if got != want {
			t.Fatal("filters differ")
		}
		again, err := Parse(got.Bytes())
		if err != nil || again != got || FromList(got.List()) != got {
			t.Fatalf("encoding: %v", err)
		}
		var sum Filter
		if err := sum.Add(&want); err != nil || sum != want {
			t.Fatalf("sum: %v", err)
		}
		if err := sum.Sub(&got); err != nil || sum != (Filter{}) {
			t.Fatalf("difference: %v", err)
		}
	})
}

func TestListOfOtherLength(t *testing.T) {
	for _, n := range []int{0, 1, 255, 257} {
		list := make([]uint64, n)
		for i := range list {
			list[i] = 9
		}
		if FromList(list) != (Filter{}) {
			t.Errorf("a list of %d counters must stand for the empty filter", n)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(make([]byte, Size))
	f.Fuzz(func(t *testing.T, b []byte) {
		filter, err := Parse(b)
		if (err == nil) != (len(b) == Size) || err == nil && !bytes.Equal(filter.Bytes(), b) {
			t.Fatalf("parse %d bytes: %v", len(b), err)
		}
	})
}

func FuzzInsert(f *testing.F) {
	f.Add(nameOf("a"))
	f.Fuzz(func(t *testing.T, name string) {
		var filter Filter
		if err := filter.Insert(name); err != nil {
			if !errors.Is(err, ErrName) || filter != (Filter{}) {
				t.Fatalf("insert %q: %v", name, err)
			}
			return
		}
		if err := filter.Remove(name); err != nil || filter != (Filter{}) {
			t.Fatalf("remove %q: %v", name, err)
		}
	})
}
