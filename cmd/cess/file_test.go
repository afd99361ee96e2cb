package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/gateway"
)

// Names of files come from strangers.
func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"holiday.jpg":      "holiday.jpg",
		"a b (1).txt":      "a b (1).txt",
		"../../etc/passwd": "passwd",
		"/etc/passwd":      "passwd",
		"..":               "fid",
		".":                "fid",
		"":                 "fid",
		".bashrc":          "fid",
		"a/.ssh":           "fid",
		"a\x00b":           "fid",
		"a\nb":             "fid",
		`a\b`:              "fid",
		"\xff":             "fid",
	} {
		if got := safeName(name, "fid"); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	f.Add("../x")
	f.Add("ok.txt")
	f.Fuzz(func(t *testing.T, name string) {
		got := safeName(name, "fid")
		if !fs.ValidPath(got) || strings.ContainsAny(got, "/\\\x00\n") || got[0] == '.' {
			t.Fatalf("%q becomes %q", name, got)
		}
	})
}

func TestOwnNameDoesNotOverwrite(t *testing.T) {
	t.Chdir(t.TempDir())
	m := gateway.Metadata{FID: "fid", Owner: []gateway.Owner{{FileName: "a.txt"}}}
	if name, err := ownName(m); err != nil || name != "a.txt" {
		t.Fatal(name, err)
	}
	if err := os.WriteFile("a.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if name, err := ownName(m); err == nil {
		t.Fatalf("%s would be overwritten", name)
	}
}

func TestHostOf(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:9946":      "127.0.0.1:9946",
		"127.0.0.1:9946":             "127.0.0.1:9946",
		"https://files.example.com/": "files.example.com:443",
		"files.example.com":          "files.example.com:80",
		"http://[::1]:80/x":          "[::1]:80",
	} {
		if got := hostOf(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

func TestExplainGateway(t *testing.T) {
	for msg, hint := range map[string]string{
		"space is not authorized":         "cess gateway authorize",
		"please purchase territory first": "cess territory mint",
		"insufficient territory space":    "96 MiB",
	} {
		err := explainGateway(&gateway.Error{Code: 400, Msg: msg})
		var refused *gateway.Error
		if !strings.Contains(err.Error(), hint) || !errors.As(err, &refused) {
			t.Errorf("%s: %v", msg, err)
		}
	}
}

func testAccount(b byte) (id substrate.AccountID) { id[0] = b; return id }

func TestDescribeFile(t *testing.T) {
	hash := types.HashOf([32]byte{1})
	f := filebank.File{
		FileSize: scale.U128From64(1000), Completion: 7,
		Owner: []filebank.UserBrief{{User: testAccount(1), FileName: []byte("a.txt"), TerritoryName: []byte{0xff}}},
	}
	for s := range 2 {
		segment := filebank.Segment{Hash: hash}
		for i := range types.FragmentCount {
			fragment := filebank.Fragment{Hash: hash, Avail: true, Miner: testAccount(byte(10 + i))}
			if s == 1 && i == 2 {
				fragment.Miner, fragment.Avail = testAccount(99), false
			}
			if s == 0 {
				fragment.Tag = scale.Some(uint32(5))
			}
			segment.FragmentList = append(segment.FragmentList, fragment)
		}
		f.SegmentList = append(f.SegmentList, segment)
	}
	info := describeFile(hash, &f)
	if len(info.Columns) != 12 || info.State != "Active" || info.Segments != 2 {
		t.Fatalf("%+v", info)
	}
	if c := info.Columns[2]; len(c.Miners) != 2 || c.Tagged != 1 || c.Lost != 1 {
		t.Errorf("column 3 is %+v", c)
	}
	if c := info.Columns[0]; len(c.Miners) != 1 || c.Lost != 0 {
		t.Errorf("column 1 is %+v", c)
	}
	if o := info.Owners[0]; o.Name != "a.txt" || o.Territory != "0xff" {
		t.Errorf("owner is %+v", o)
	}
	d := filebank.Deal{CompleteList: []filebank.CompleteInfo{{Index: 12, Miner: testAccount(3)}, {Index: 0}, {Index: 13}}}
	pending := describeDeal(hash, &d)
	if pending.State != "Pending" || len(pending.Columns[11].Miners) != 1 || len(pending.Columns[0].Miners) != 0 {
		t.Errorf("%+v", pending)
	}
}

func TestProgressShowsWhatIsDone(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, "upload", 2*miB)
	p.set(miB)
	p.set(2 * miB)
	p.done()
	if text := b.String(); !strings.Contains(text, "upload") || !strings.Contains(text, "2.0 MiB / 2.0 MiB") {
		t.Errorf("%q", text)
	}
	// Nothing happens where there is no terminal.
	none := &progress{}
	none.set(1)
	none.done()
}

func TestUploadOpens(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	u := upload{}
	if err := u.open(path); err != nil || u.size != 3 || u.name != "a.txt" {
		t.Fatalf("%+v, %v", u, err)
	}
	u.in.Close()
	for _, bad := range []string{dir, filepath.Join(dir, "none"), "-"} {
		u := upload{}
		if err := u.open(bad); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}
