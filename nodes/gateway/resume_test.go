package gateway

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/types"
)

func FuzzContentRange(f *testing.F) {
	f.Add("bytes 0-99/100")
	f.Add("bytes 5-4/10")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := parseChunk(header)
		if err == nil && (c.start < 0 || c.start >= c.end || c.end > c.total) {
			t.Fatalf("%q gives %+v", header, c)
		}
	})
}

func FuzzPartialState(f *testing.F) {
	f.Add([]byte(`{"have":[[0,5],[7,9]]}`), int64(9))
	f.Fuzz(func(t *testing.T, b []byte, total int64) {
		s, err := decodePartial(b, total)
		if err != nil {
			return
		}
		p := &partial{total: total, state: s}
		if n := p.prefix(); n < 0 || n > total {
			t.Fatalf("%d of %d bytes", n, total)
		}
	})
}

// Whatever chunks come in whatever order, with bodies that break off, what is
// noted is what was sent, and the whole is complete when nothing is missing.
func TestPartialKeepsWhatArrives(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		content := rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "content")
		password := rapid.SampledFrom([]string{"", "word"}).Draw(t, "password")
		total := int64(len(content))
		p, err := newPartial(dir, total, password)
		if err != nil {
			t.Fatal(err)
		}
		have := make([]bool, total)
		for range rapid.IntRange(1, 8).Draw(t, "chunks") {
			start := rapid.Int64Range(0, total-1).Draw(t, "start")
			end := rapid.Int64Range(start+1, total).Draw(t, "end")
			stop := rapid.Int64Range(start, end).Draw(t, "stop")
			body := io.Reader(bytes.NewReader(content[start:end]))
			if stop < end {
				body = io.MultiReader(bytes.NewReader(content[start:stop]), iotest.ErrReader(errors.New("cut")))
			}
			if err := p.write(chunk{start, end, total}, body); (err == nil) != (stop == end) {
				t.Fatalf("%d to %d, cut at %d: %v", start, end, stop, err)
			}
			for i := start; i < stop; i++ {
				have[i] = true
			}
			if stop > start || len(p.state.Have) > 0 { // a restart
				if p, err = openPartial(dir, total, password); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := int64(0)
		for want < total && have[want] {
			want++
		}
		if p.prefix() != want {
			t.Fatalf("%d bytes from the beginning on, want %d", p.prefix(), want)
		}
		if err := p.write(chunk{0, total, total}, bytes.NewReader(content)); err != nil || !p.complete() {
			t.Fatalf("all of it: %v", err)
		}
		r, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("other bytes come back: %v", err)
		}
	})
}

// Unfinished uploads go when nobody has sent anything for long.
func TestOldPartialsGo(t *testing.T) {
	g := &Gateway{cfg: Config{Home: t.TempDir()}}
	dir := func(n byte) string {
		return filepath.Join(g.cfg.Home, partialDir, "someone", types.HashOf([32]byte{n}).String())
	}
	for n := range byte(2) {
		p, err := newPartial(dir(n), 10, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.write(chunk{0, 5, 10}, bytes.NewReader([]byte("12345"))); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * partialLife)
	if err := os.Chtimes(dir(0), old, old); err != nil {
		t.Fatal(err)
	}
	if err := g.dropPartials(time.Now().Add(-partialLife)); err != nil {
		t.Fatal(err)
	}
	for n, kept := range []bool{false, true} {
		if _, err := os.Stat(dir(byte(n))); (err == nil) != kept {
			t.Errorf("partial %d: %v", n, err)
		}
	}
}
