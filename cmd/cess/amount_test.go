package main

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/primitives/scale"
)

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]string{
		"0":                         "0",
		"1500":                      "1500",
		"1_500":                     "1500",
		"1TCESS":                    "1000000000000000000",
		"1.5TCESS":                  "1500000000000000000",
		"1.5 TCESS":                 "1500000000000000000",
		".5TCESS":                   "500000000000000000",
		"0.000000000000000001TCESS": "1",
	} {
		if v, err := parseAmount(text); err != nil || v.String() != want {
			t.Errorf("%s: %v, %v; want %s", text, v, err, want)
		}
	}
	for _, text := range []string{"", "TCESS", "-1", "1.5", "1,5TCESS", "1e3", "1TCESS ", "0.0000000000000000001TCESS", "999999999999999999999999TCESS", "0x10"} {
		if v, err := parseAmount(text); err == nil {
			t.Errorf("%q: accepted as %v", text, v)
		}
	}
}

func TestTokensAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := scale.U128From64(rapid.Uint64().Draw(t, "high")).SaturatingMul(scale.U128From64(rapid.Uint64().Draw(t, "factor")))
		if back, err := parseAmount(tokens(v)); err != nil || back != v {
			t.Fatalf("%v shows as %s, which reads as %v, %v", v, tokens(v), back, err)
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	f.Add("1.5TCESS")
	f.Add("1_000")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := parseAmount(text); err == nil {
			if back, err := parseAmount(tokens(v)); err != nil || back != v {
				t.Fatalf("%q: %v shows as %s", text, v, tokens(v))
			}
		}
	})
}

func TestSizeFlag(t *testing.T) {
	for text, want := range map[string]int64{"1000": 1000, "64MiB": 64 << 20, "1 GiB": 1 << 30, "3KiB": 3072, "5B": 5} {
		var s sizeFlag
		if err := s.Set(text); err != nil || int64(s) != want {
			t.Errorf("%s: %d, %v; want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "1.5GiB", "MiB", "1TB", "99999999999GiB", "1 2"} {
		var s sizeFlag
		if err := s.Set(text); err == nil {
			t.Errorf("%q: accepted as %d", text, s)
		}
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 24 << 20: "24 MiB", 10 << 30: "10 GiB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
