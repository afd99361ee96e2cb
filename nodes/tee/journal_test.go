package tee

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestJournalForgetsInTime(t *testing.T) {
	open := func(ttl time.Duration, dir string) *journal[commitment] {
		j, err := openJournal[commitment](dir, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	dir := t.TempDir()
	who, record := substrate.AccountID{1}, &commitment{Commits: []byte{1}, Challenge: []byte{2}}
	j := open(time.Hour, dir)
	if got, err := j.get(who); got != nil || err != nil {
		t.Error("an empty journal:", got, err)
	}
	if err := j.put(who, record); err != nil {
		t.Fatal(err)
	}
	got, err := open(time.Hour, dir).get(who)
	if err != nil || got == nil || !bytes.Equal(got.Challenge, record.Challenge) {
		t.Fatalf("after a restart: %+v, %v", got, err)
	}
	if got, _ := j.get(substrate.AccountID{2}); got != nil {
		t.Error("another miner's record:", got)
	}
	if err := j.sweep(); err != nil {
		t.Fatal(err)
	}
	if got, _ := j.get(who); got == nil {
		t.Error("a sweep removed a fresh record")
	}
	// A record that a crash of the disk damaged counts as none.
	if err := os.WriteFile(j.path(who), []byte{1, 2, 3}, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := j.get(who); got != nil || err != nil {
		t.Error("a damaged record:", got, err)
	}
	old := open(-time.Hour, dir)
	if err := old.put(who, record); err != nil {
		t.Fatal(err)
	}
	if got, _ := old.get(who); got != nil {
		t.Error("an expired record:", got)
	}
	if err := old.sweep(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 0 {
		t.Error("a sweep left", left, err)
	}
	if err := j.drop(who); err != nil {
		t.Error("dropping nothing:", err)
	}
}

func TestJournalLocksOneMiner(t *testing.T) {
	j, err := openJournal[commitment](t.TempDir(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	who := substrate.AccountID{1}
	unlock, ok := j.lock(who, nil)
	if !ok {
		t.Fatal("locked")
	}
	ended := make(chan struct{})
	close(ended)
	if _, ok := j.lock(who, ended); ok {
		t.Error("locked twice")
	}
	other, ok := j.lock(substrate.AccountID{2}, ended)
	if !ok {
		t.Fatal("miners block each other")
	}
	other()
	next := make(chan bool)
	go func() {
		unlock, ok := j.lock(who, nil)
		unlock()
		next <- ok
	}()
	unlock()
	if !<-next {
		t.Error("the next one does not get the record")
	}
}

func fuzzRecord[R any](t *testing.T, b []byte) {
	r, err := scale.Unmarshal[R](b)
	if err != nil {
		return
	}
	if again, err := scale.Marshal(r); err != nil || !bytes.Equal(again, b) {
		t.Fatalf("%x became %x, %v", b, again, err)
	}
}

// FuzzStoredRecords reads the input as each kind of file that a worker keeps.
func FuzzStoredRecords(f *testing.F) {
	for _, v := range []any{entry[commitment]{}, entry[history]{Record: history{Links: []link{{Sigma: "1"}}}}} {
		switch v := v.(type) {
		case entry[commitment]:
			f.Add(scale.MustMarshal(v))
		case entry[history]:
			f.Add(scale.MustMarshal(v))
		}
	}
	f.Add(scale.MustMarshal(sealedIdentity{}))
	f.Add(scale.MustMarshal(sealedMaster{DER: []byte{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzRecord[entry[commitment]](t, b)
		fuzzRecord[entry[history]](t, b)
		fuzzRecord[sealedIdentity](t, b)
		fuzzRecord[sealedMaster](t, b)
		fuzzRecord[sealedTagger](t, b)
	})
}
