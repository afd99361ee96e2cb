package miner

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestJournalKeepsRecords(t *testing.T) {
	dir := t.TempDir()
	j, err := openJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := serviceRecord{Start: 7, Proof: []byte{1, 2, 3}, Done: true}
	if err := errors.Join(j.save("b", want), j.save("a", want), j.save("other", 1)); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, ".b.json.123.tmp")
	if err := os.WriteFile(half, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err = openJournal(dir); err != nil { // a restart
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("a half-written record is still there")
	}
	var got serviceRecord
	if ok, err := j.load("b", &got); !ok || err != nil || got.Start != 7 || string(got.Proof) != "\x01\x02\x03" {
		t.Errorf("%t, %v: %+v", ok, err, got)
	}
	if names, err := j.names(""); err != nil || !slices.Equal(names, []string{"a", "b", "other"}) {
		t.Errorf("%v: %v", names, err)
	}
	if err := j.drop("b"); err != nil {
		t.Fatal(err)
	}
	if ok, err := j.load("b", &got); ok || err != nil {
		t.Errorf("a dropped record: %t, %v", ok, err)
	}
}

func TestDamagedRecordCountsAsMissing(t *testing.T) {
	j, err := openJournal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.path("x"), []byte("not json"), 0o600); err != nil {
		t.Fatal(err)
	}
	var v serviceRecord
	if ok, err := j.load("x", &v); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if names, err := j.names(""); err != nil || len(names) != 0 {
		t.Errorf("it stays: %v, %v", names, err)
	}
}

func TestFolderHasOneUser(t *testing.T) {
	dir := t.TempDir()
	l, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second user: %v", err)
	}
	if err := l.unlock(); err != nil {
		t.Fatal(err)
	}
	l, err = lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.unlock(); err != nil {
		t.Fatal(err)
	}
}
