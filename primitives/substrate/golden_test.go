package substrate_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fill(b byte) (h substrate.H256) {
	for i := range h {
		h[i] = b
	}
	return h
}

func TestHeaderVector(t *testing.T) {
	item, err := scale.Unmarshal[substrate.DigestItem](unhex(t, "0642414245340200000000d204000000000000"))
	if err != nil {
		t.Fatal(err)
	}
	h := substrate.Header{ParentHash: fill(0xcd), Number: 1234, StateRoot: fill(0xab), ExtrinsicsRoot: fill(0xef),
		Digest: substrate.Digest{Logs: []substrate.DigestItem{item}}}
	want := strings.Repeat("cd", 32) + "4913" + strings.Repeat("ab", 32) + strings.Repeat("ef", 32) +
		"040642414245340200000000d204000000000000"
	if got := hex.EncodeToString(scale.MustMarshal(h)); got != want {
		t.Errorf("header = %s\nwant     %s", got, want)
	}
	hash, err := h.Hash()
	if err != nil || hash.String() != "0x243ae04198aaf4e18dbb3b24ea2b0689f20dfba9e6f0258581e912577425a5c6" {
		t.Errorf("hash = %v, %v", hash, err)
	}
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(`"number":"0x4d2"`)) || !bytes.Contains(text, []byte(`{"logs":["0x0642414245340200000000d204000000000000"]}`)) {
		t.Errorf("JSON = %s", text)
	}
	var back substrate.Header
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := back.Hash(); err != nil || again != hash {
		t.Errorf("header read back from JSON hashes to %v, %v", again, err)
	}
}

func TestEraVectors(t *testing.T) {
	for _, v := range []struct {
		current, period uint64
		hex             string
		birth, death    uint64
	}{
		{42, 64, "a502", 42, 106},
		{20000, 64, "0502", 20000, 20064},
		{1000000, 2048, "0a24", 1000000, 1002048},
		{12345, 4, "1100", 12345, 12349},
		{196615, 65536, "0f00", 196608, 262144},
	} {
		e := substrate.MortalEra(v.period, v.current)
		if got := hex.EncodeToString(scale.MustMarshal(e)); got != v.hex {
			t.Errorf("era %d/%d = %s, want %s", v.current, v.period, got, v.hex)
		}
		back, err := scale.Unmarshal[substrate.Era](unhex(t, v.hex))
		if err != nil || back != e {
			t.Errorf("decode %s = %v, %v; want %v", v.hex, back, err, e)
		}
		if b, d := e.Birth(v.current), e.Death(v.current); b != v.birth || d != v.death {
			t.Errorf("era %d/%d lives %d…%d, want %d…%d", v.current, v.period, b, d, v.birth, v.death)
		}
	}
	if b := scale.MustMarshal(substrate.Immortal); !bytes.Equal(b, []byte{0}) {
		t.Errorf("immortal = %x", b)
	}
	for _, bad := range []string{"1000", "2000", "f1ff", "4100", "01", ""} {
		if e, err := scale.Unmarshal[substrate.Era](unhex(t, bad)); err == nil {
			t.Errorf("era %s decodes to %v", bad, e)
		}
	}
}
