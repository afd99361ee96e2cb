package segment

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// Rule: a hash is 64 lower-case hexadecimal digits and nothing else.
func TestParseHash(t *testing.T) {
	good := ZeroFragment.String()
	h, err := ParseHash(good)
	if err != nil || h != ZeroFragment {
		t.Errorf("%v %v", h, err)
	}
	ascii := h.ASCII()
	if string(ascii[:]) != good {
		t.Errorf("ASCII is %s", ascii)
	}
	if h, err := ParseHash(ascii[:]); err != nil || h != ZeroFragment {
		t.Errorf("%v %v", h, err)
	}
	for _, bad := range []string{"", good[1:], good + "0", strings.ToUpper(good), "g" + good[1:], "../" + good[3:], "0x" + good[2:], good[:63] + "\x00", good[:62] + "é"} {
		if _, err := ParseHash(bad); !errors.Is(err, ErrHash) {
			t.Errorf("%q: error %v, want ErrHash", bad, err)
		}
	}
}

// Rule: the JSON form has upstream's names and survives a round trip.
func TestManifestJSON(t *testing.T) {
	g := production()
	m, err := g.encode(t.Context(), strings.NewReader("hello"), Discard, EncodeOptions{Cipher: testCipher(t, "k")})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	seg := raw["segment"].([]any)[0].(map[string]any)
	if raw["fid"] != m.FID.String() || raw["file_size"] != 5.0 || raw["encrypted"] != true ||
		seg["SegmentHash"] != m.Segments[0].ID.String() || len(seg["FragmentHash"].([]any)) != Shards {
		t.Errorf("%s", b)
	}
	back, err := ParseManifest(b)
	if err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("round trip: %v %v", back, err)
	}

	text := string(b)
	frag := `"` + m.Segments[0].Fragments[3].String() + `"`
	for name, bad := range map[string]string{
		"empty":            "",
		"null":             "null",
		"trailing":         text + "{}",
		"eleven fragments": strings.Replace(text, ","+frag, "", 1),
		"13 fragments":     strings.Replace(text, frag, frag+","+frag, 1),
		"upper case":       strings.Replace(text, frag, strings.ToUpper(frag), 1),
		"path":             strings.Replace(text, frag, `"/dir/`+frag[1:], 1),
		"no segment id":    strings.Replace(text, "SegmentHash", "Other", 1),
		"null fragments":   strings.Replace(text, `"FragmentHash":[`, `"FragmentHash":null,"x":[`, 1),
		"other fid":        strings.Replace(text, m.FID.String(), ZeroSegment.String(), 1),
		"no fid":           strings.Replace(text, `"fid"`, `"FID_"`, 1),
		"size as text":     strings.Replace(text, `"file_size":5`, `"file_size":"5"`, 1),
		"huge size":        strings.Replace(text, `"file_size":5`, `"file_size":9223372036854775807`, 1),
	} {
		if _, err := ParseManifest([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// Rule: passwords have 1 to 32 bytes and never show.
func TestCipher(t *testing.T) {
	for _, bad := range []string{"", strings.Repeat("x", 33)} {
		if _, err := NewCipher(bad); !errors.Is(err, ErrCipherLength) {
			t.Errorf("%q: error %v, want ErrCipherLength", bad, err)
		}
	}
	c := testCipher(t, "secret")
	if c.IsZero() || !(Cipher{}).IsZero() {
		t.Error("IsZero")
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cipher", c, "options", EncodeOptions{Cipher: c}, "more", &RestoreOptions{Cipher: c})
	b, err := json.Marshal(c) //lint:ignore SA9005 that nothing is shown is the point
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(b)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		out += fmt.Sprintf(verb+verb+verb, c, &c, EncodeOptions{Cipher: c})
	}
	for _, leak := range []string{"secret", "115", "7365", "0x73"} {
		if strings.Contains(out, leak) {
			t.Errorf("the key shows as %s in %s", leak, out)
		}
	}
}
