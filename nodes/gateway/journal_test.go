package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

func testManifest(t testing.TB, text string) *segment.Manifest {
	t.Helper()
	m, err := segment.Encode(context.Background(), bytes.NewReader([]byte(text)), segment.Discard, segment.EncodeOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func testRecord(t testing.TB) Record {
	m := testManifest(t, "hello")
	r := newRecord(m, Claim{Owner: types.Address{1}, Territory: []byte("t\xff1"), Name: []byte("näme.txt")})
	miner := types.Address{2}
	r.Columns[3] = Column{Index: 4, Miner: &miner, State: ColumnSent, Tries: 2, Error: "refused", Since: time.Now().UTC()}
	return r
}

// What the journal was told is there after the next start.
func TestJournalSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	j, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, r := testManifest(t, "hello"), testRecord(t)
	if err := j.Add(&r, m); err != nil {
		t.Fatal(err)
	}
	r.setState(StateDistributing, "waiting")
	if err := j.Save(&r); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = OpenJournal(dir); err != nil {
		t.Fatal(err)
	}
	records, err := j.Records(func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 || !reflect.DeepEqual(records[0], r) {
		t.Errorf("journal has %+v, want %+v", records, r)
	}
	if got, err := j.Manifest(r.FID); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("manifest: %+v, %v", got, err)
	}
	if err := j.Delete(r.FID); err != nil {
		t.Fatal(err)
	}
	if records, _ := j.Records(func(err error) { t.Error(err) }); len(records) != 0 {
		t.Errorf("%d records are left", len(records))
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDecodeRecordRejects(t *testing.T) {
	good := testRecord(t)
	for name, spoil := range map[string]func(*Record){
		"state":               func(r *Record) { r.State = "lost" },
		"no segments":         func(r *Record) { r.Segments = 0 },
		"many segments":       func(r *Record) { r.Segments = segment.MaxSegments + 1 },
		"no claim":            func(r *Record) { r.Claims = nil },
		"column order":        func(r *Record) { r.Columns[0].Index = 2 },
		"column state":        func(r *Record) { r.Columns[0].State = "lost" },
		"sent without miner":  func(r *Record) { r.Columns[0].State = ColumnSent },
		"negative cache size": func(r *Record) { r.Bytes = -1 },
	} {
		r := good.clone()
		spoil(&r)
		b, err := json.Marshal(&r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeRecord(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	r := testRecord(f)
	b, err := r.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeRecord(again); err != nil || !reflect.DeepEqual(r, back) {
			t.Fatalf("%+v comes back as %+v, %v", r, back, err)
		}
	})
}
