package miner

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

func fragment(t *testing.T) (types.Hash, []byte) {
	t.Helper()
	b := make([]byte, segment.FragmentSize)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return types.HashOf(sha256.Sum256(b)), b
}

func openStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReceiveKeepDrop(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	fid := types.HashOf(sha256.Sum256([]byte("file")))
	id, content := fragment(t)
	if s.Has(fid, id) {
		t.Fatal("an empty store has a fragment")
	}
	if err := s.Receive(fid, id, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir) // what was received survives a restart
	if !s.Has(fid, id) {
		t.Fatal("the received fragment is gone")
	}
	if err := s.Keep(fid, id); err != nil {
		t.Fatal(err)
	}
	if err := s.DropReceived(fid); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(fid, id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, content) {
		t.Fatalf("the kept fragment differs: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(fid); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(fid, id); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the dropped fragment opens: %v", err)
	}
}

func TestReceiveRefusesWhatIsNotTheFragment(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	fid := types.HashOf(sha256.Sum256([]byte("file")))
	id, content := fragment(t)
	flipped := bytes.Clone(content)
	flipped[4711] ^= 1
	for name, tt := range map[string]struct {
		body io.Reader
		want error
	}{
		"short":       {bytes.NewReader(content[1:]), ErrSize},
		"long":        {io.MultiReader(bytes.NewReader(content), strings.NewReader("x")), ErrSize},
		"endless":     {endless{}, ErrSize},
		"flipped bit": {bytes.NewReader(flipped), ErrHash},
	} {
		if err := s.Receive(fid, id, tt.body); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if s.Has(fid, id) {
			t.Errorf("%s: the refused fragment is stored", name)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "report", fid.String(), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("refused uploads left %v: %v", left, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestOpenRemovesHalfWrittenFiles(t *testing.T) {
	dir := t.TempDir()
	openStore(t, dir)
	half := filepath.Join(dir, "report", strings.Repeat("a", 64), ".half.123.tmp")
	if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	openStore(t, dir)
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the half-written file is still there: %v", err)
	}
}

// The fragment of zeros says only that it was sent; its content is known.
func TestZeroFragmentTakesNoSpace(t *testing.T) {
	s := openStore(t, t.TempDir())
	fid, zero := types.HashOf(sha256.Sum256([]byte("file"))), types.HashOf(segment.ZeroFragment)
	if s.Has(fid, zero) {
		t.Fatal("a zero fragment that nobody sent counts as stored")
	}
	if err := s.Receive(fid, zero, strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	if !s.Has(fid, zero) {
		t.Fatal("the zero fragment is not stored")
	}
	if n, size, err := s.Usage(); n != 1 || size != 0 || err != nil {
		t.Fatalf("%d fragments of %d bytes: %v", n, size, err)
	}
}

// A file that is deleted while a check goes through it is no damage; a fragment
// that vanished is.
func TestCheckBesideDeletion(t *testing.T) {
	for name, want := range map[string]int{"deleted": 0, "vanished": 1} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openStore(t, dir)
			fid := types.HashOf(sha256.Sum256([]byte("file")))
			id, content := fragment(t)
			if err := s.Put(fid, id, content); err != nil {
				t.Fatal(err)
			}
			r := new(CheckReport)
			_, err := checkFragments(t.Context(), s, openTagKeys(dir), CheckOptions{Progress: func(string, ...any) {
				var err error
				if name == "deleted" {
					err = s.Drop(fid)
				} else {
					err = os.Remove(s.path(keptDir, fid, id))
				}
				if err != nil {
					t.Error(err)
				}
			}}, r)
			if err != nil || len(r.Problems) != want || r.Fragments != want {
				t.Errorf("checked %d fragments, problems %q, %v", r.Fragments, r.Problems, err)
			}
		})
	}
}
