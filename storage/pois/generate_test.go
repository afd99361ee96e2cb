package pois

import (
	"context"
	"errors"
	"os"
	"testing"
)

// TestStopAndGoOn cancels a generation in the middle and finishes it in a second run, at half speed and with helpers.
func TestStopAndGoOn(t *testing.T) {
	p := Params{8, 256, 1}
	s, err := OpenSet(p, goldenID(), 1, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = Generate(ctx, s, GenerateOptions{Workers: 2, Progress: func(pr Progress) {
		if pr.Done == 300 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal("not cancelled:", err)
	}
	if _, err := s.Roots(); !errors.Is(err, ErrMissing) {
		t.Error("an unfinished set has roots:", err)
	}
	// a layer in the middle was torn
	if err := os.WriteFile(s.file("sub", 9, 8), make([]byte, p.FileSize()), 0o600); err != nil {
		t.Fatal(err)
	}
	var last Progress
	if err := Generate(context.Background(), s, GenerateOptions{Workers: 3, Share: 0.9, Progress: func(pr Progress) { last = pr }}); err != nil {
		t.Fatal(err)
	}
	if last.Done != last.Total || last.Total != stages || last.Bytes >= stages*p.FileSize() {
		t.Errorf("progress %+v", last)
	}
	equalHex(t, "file-roots", fileSum(t, s.rootsFile()), goldenSets[0].sum)
	for layer := range Layers {
		if _, err := s.checkLayer(31, layer, true); err != nil {
			t.Error(err)
		}
	}
	if err := Generate(context.Background(), s, GenerateOptions{Share: 2}); !errors.Is(err, ErrParams) {
		t.Error("two cores for one worker:", err)
	}
}

// TestDamagedFilesAreNoticed checks that a prover never sends what its files do not support.
func TestDamagedFilesAreNoticed(t *testing.T) {
	w := getWorld(t)
	s, err := OpenSet(w.p, w.id, 2, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(s.Dir(), os.DirFS(w.sets[1].Dir())); err != nil {
		t.Fatal(err)
	}
	prove := func() error {
		_, err := s.ProveSpace(context.Background(), w.chals, 257, 513, w.space.WitChains)
		return err
	}
	path := s.file("sub", 40, 10)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prove(); !errors.Is(err, ErrDamaged) {
		t.Error("zeroed file:", err)
	}
	if err := os.Truncate(path, 64); err != nil {
		t.Fatal(err)
	}
	if err := prove(); !errors.Is(err, ErrMissing) {
		t.Error("short file:", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := prove(); !errors.Is(err, ErrMissing) {
		t.Error("missing file:", err)
	}
}
