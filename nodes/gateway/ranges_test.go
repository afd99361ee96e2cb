package gateway

import (
	"errors"
	"testing"
)

func TestParseRange(t *testing.T) {
	for _, c := range []struct {
		header string
		want   span
		ok     bool
		err    error
	}{
		{"bytes=0-99", span{0, 100}, true, nil},
		{"bytes=0-", span{0, 1000}, true, nil},
		{"bytes=999-", span{999, 1000}, true, nil},
		{"bytes=-1", span{999, 1000}, true, nil},
		{"bytes=-5000", span{0, 1000}, true, nil},
		{"bytes=10-5000", span{10, 1000}, true, nil},
		{"bytes=10-99999999999999999999999", span{10, 1000}, true, nil},
		{"bytes=1000-", span{}, false, errRangeStart},
		{"bytes=99999999999999999999999-", span{}, false, errRangeStart},
		{"bytes=-0", span{}, false, errRangeStart},
		{"bytes=5-4", span{}, false, nil},
		{"bytes=0-1,5-6", span{}, false, nil},
		{"bytes=+1-5", span{}, false, nil},
		{"bytes=a-b", span{}, false, nil},
		{"bytes=-", span{}, false, nil},
		{"lines=0-1", span{}, false, nil},
		{"", span{}, false, nil},
	} {
		got, ok, err := parseRange(c.header, 1000)
		if got != c.want || ok != c.ok || !errors.Is(err, c.err) {
			t.Errorf("%q: %v, %t, %v; want %v, %t, %v", c.header, got, ok, err, c.want, c.ok, c.err)
		}
	}
}

func TestParseUpstreamRange(t *testing.T) {
	for _, c := range []struct {
		header string
		want   span
		err    error
	}{
		{"bytes=0-99", span{0, 100}, nil},
		{"bytes=5-", span{5, 1000}, nil},
		{"bytes=5-5000", span{5, 1000}, nil},
		{"bytes 0-99", span{}, errRangeValue},
		{"bytes=5", span{}, errRangeValue},
		{"bytes=-5", span{}, errRangeStart},
		{"bytes=1000-", span{}, errRangeStart},
		{"bytes=5-4", span{}, errRangeEnd},
		{"bytes=5-x", span{}, errRangeEnd},
	} {
		got, err := parseUpstreamRange(c.header, 1000)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: %v, %v; want %v, %v", c.header, got, err, c.want, c.err)
		}
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("bytes=0-99", int64(1000))
	f.Add("bytes=-1", int64(0))
	f.Add("bytes=5-", int64(1))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		inside := func(s span) bool { return s.start >= 0 && s.start < s.end && s.end <= size }
		if s, ok, err := parseRange(header, size); ok && (err != nil || !inside(s)) {
			t.Fatalf("Range %q of %d bytes: %v, %v", header, size, s, err)
		}
		if s, err := parseUpstreamRange(header, size); err == nil && !inside(s) {
			t.Fatalf("Content-Range %q of %d bytes: %v", header, size, s)
		}
	})
}

func TestSplitFormat(t *testing.T) {
	fid := "4c1f9d7c4f2c5c5b6f0c4c1f9d7c4f2c5c5b6f0c4c1f9d7c4f2c5c5b6f0cabcd"
	for in, want := range map[string][2]string{
		fid:             {fid, ""},
		fid + ".png":    {fid, "png"},
		fid + "png":     {fid, "png"},
		fid + ".tar.gz": {fid, "tar.gz"},
		"short":         {"short", ""},
	} {
		if got, format := splitFormat(in); got != want[0] || format != want[1] {
			t.Errorf("%q: %q, %q", in, got, format)
		}
	}
}
