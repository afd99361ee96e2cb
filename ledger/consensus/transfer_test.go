package consensus

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// exported is the state of a chain of a few blocks, as a file, and the chain.
func exported(t *testing.T) (*source, []byte) {
	t.Helper()
	s := newSource(t)
	if err := s.nodes[1].Close(); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	sum, err := Export(t.Context(), s.nodes[1].cfg.Home, s.nw.genesis.ChainID, &file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Block != s.apps[0].chain.Best() || sum.Bytes != int64(file.Len()) || sum.Pairs == 0 {
		t.Fatalf("exported %+v into %d bytes", sum, file.Len())
	}
	return s, file.Bytes()
}

// What was exported can be imported into a new folder, and the node goes on from
// there with the same blocks.
func TestExportImport(t *testing.T) {
	s, file := exported(t)
	cfg := s.nw.config(t, t.TempDir(), -1)
	sum, err := Import(t.Context(), cfg, bytes.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Block != s.apps[0].chain.Best() {
		t.Fatalf("imported %+v", sum)
	}
	if _, err := Import(t.Context(), cfg, bytes.NewReader(file), nil); err == nil {
		t.Error("imported over what is there")
	}
	store, err := OpenState(cfg.Home)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Verify(t.Context(), uint64(sum.Block.Number)), store.Close()); err != nil {
		t.Fatal(err)
	}
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	sameChains(t, s.apps[0], n.app, sum.Block.Number)
	if err := n.Start(t.Context()); err == nil {
		t.Error("a node whose state nobody verified has started")
	}
}

// A file that was damaged, cut, or is of another chain changes nothing.
func TestImportRefuses(t *testing.T) {
	s, file := exported(t)
	home := t.TempDir()
	flip := func(at int) []byte {
		b := bytes.Clone(file)
		b[at] ^= 0x40
		return b
	}
	other := *s.nw
	other.genesis.ChainID = "other"
	for name, c := range map[string]struct {
		file []byte
		cfg  Config
		want error
	}{
		"empty":         {nil, s.nw.config(t, home, -1), ErrBadFile},
		"magic":         {flip(0), s.nw.config(t, home, -1), ErrBadFile},
		"version":       {flip(8), s.nw.config(t, home, -1), ErrBadFile},
		"cut":           {file[:len(file)/2], s.nw.config(t, home, -1), ErrBadFile},
		"cut at end":    {file[:len(file)-1], s.nw.config(t, home, -1), ErrBadFile},
		"longer":        {append(bytes.Clone(file), 0), s.nw.config(t, home, -1), ErrBadFile},
		"hash":          {flip(len(file) - 1), s.nw.config(t, home, -1), ErrBadFile},
		"a value":       {flip(len(file) - 60), s.nw.config(t, home, -1), nil},
		"another chain": {file, other.config(t, t.TempDir(), -1), nil},
	} {
		_, err := Import(t.Context(), c.cfg, bytes.NewReader(c.file), nil)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Import(t.Context(), s.nw.config(t, home, -1), bytes.NewReader(file), nil); err != nil {
		t.Errorf("the file itself, after all that: %v", err)
	}
	if _, err := Export(t.Context(), t.TempDir(), "test", io.Discard, nil); err == nil {
		t.Error("exported from an empty folder")
	}
}

// FuzzStateFile: only whole files are read to their end.
func FuzzStateFile(f *testing.F) {
	var file bytes.Buffer
	if err := writeFrames(&file, "test", bytes.NewReader([]byte("content"))); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		var content []byte
		err := readFrames(bytes.NewReader(b), "test", func(p []byte) error {
			content = append(content, p...)
			return nil
		})
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeFrames(&again, "test", bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if len(content) <= chunkBytes && len(content) > 0 && again.Len() > len(b) {
			t.Fatalf("%d bytes are read as %d bytes of content", len(b), len(content))
		}
	})
}
