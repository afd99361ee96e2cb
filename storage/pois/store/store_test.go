package store

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/disk"
)

// tiny has files of 16 KiB, so a set is computed in less than half a second.
var tiny = pois.Params{K: 8, N: 256, D: 1}

var testKey = sync.OnceValue(func() accumulator.Key {
	n := new(big.Int).Lsh(big.NewInt(1), 2048)
	k, err := accumulator.ParseKey(n.Sub(n, big.NewInt(1942289)).Bytes(), []byte{3})
	if err != nil {
		panic(err)
	}
	return k
})

func config(fs disk.FS) Config {
	return Config{Params: tiny, ID: pois.ID{1, 2, 3}, Key: testKey(), FS: fs}
}

// open opens a folder until the test ends, or reopen.
func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, config(nil))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() }) // closed already by reopen
	return s
}

// reopen does what a restart does.
func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	must(t, s.Close())
	return open(t, s.dir)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// certify takes the next set through generation, insertion and confirmation. The proofs themselves are tested in the
// packages below.
func certify(t *testing.T, s *Store) {
	t.Helper()
	ctx, before := context.Background(), s.Status()
	_, err := s.Generate(ctx, before.Rear/pois.SetFiles+1, pois.GenerateOptions{})
	must(t, err)
	proof, err := s.Insertion(ctx)
	must(t, err)
	must(t, s.Reconcile(pois.Status{Acc: proof.AccPath[2], Front: before.Front, Rear: before.Rear + pois.SetFiles}))
}

func remove(t *testing.T, s *Store, num int) {
	t.Helper()
	before := s.Status()
	v, err := pois.NewVerifier(tiny)
	must(t, err)
	roots, change, err := s.Deletion(context.Background(), num)
	must(t, err)
	if num < 16 { // the verification of many is slow and no different
		after, err := v.VerifyDeletion(pois.ID{1, 2, 3}, testKey(), before, roots, change)
		must(t, err)
		must(t, s.Reconcile(after))
	} else {
		must(t, s.Confirm())
	}
}

// prove answers for one file of every live set in a state.
func prove(t *testing.T, s *Store, status pois.Status) {
	t.Helper()
	acc, err := s.At(context.Background(), status)
	must(t, err)
	chals := []int64{256, 257, 300, 301, 302, 511, 400, 401}
	for file := status.Front + 1; file <= status.Rear; file = pois.SetOf(file)*pois.SetFiles + 1 {
		chains, err := acc.Witnesses(file, file+1)
		must(t, err)
		set, err := s.Set(pois.SetOf(file))
		must(t, err)
		proof, err := set.ProveSpace(context.Background(), chals, file, file+1, chains)
		must(t, err)
		element := pois.Element(pois.ID{1, 2, 3}, file, pois.Hash(proof.Roots[0]))
		must(t, accumulator.VerifyWitnesses(testKey(), status.Acc, [][]byte{element[:]}, proof.WitChains))
	}
}

func TestLife(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	certify(t, s)
	certify(t, s)
	ctx := context.Background()
	if _, err := Open(dir, config(nil)); !errors.Is(err, ErrInUse) {
		t.Error("opened twice:", err)
	}
	must(t, s.Close())
	if _, err := Open(dir, Config{Params: pois.Dev, ID: pois.ID{1, 2, 3}, Key: testKey()}); !errors.Is(err, ErrOther) {
		t.Error("opened with other parameters:", err)
	}
	s = open(t, dir)
	must(t, s.Clean(ctx))
	if _, err := os.Stat(filepath.Join(dir, "space/idle-files-1/file-cluster-1/sub-file-7")); err == nil {
		t.Error("lower layer survives certification")
	}
	two := s.Status()
	prove(t, s, two)

	// an open challenge keeps deleted files
	must(t, s.Pin(0))
	remove(t, s, 8)
	must(t, s.Clean(ctx))
	prove(t, s, two)
	prove(t, s, s.Status())
	if _, _, err := s.Deletion(ctx, 249); err == nil {
		t.Error("deletion across sets")
	}
	remove(t, s, 248)
	s = reopen(t, s)
	must(t, s.Clean(ctx))
	prove(t, s, two)
	must(t, s.Pin(-1))
	must(t, s.Clean(ctx))
	if _, err := os.Stat(filepath.Join(dir, "space/idle-files-1")); err == nil {
		t.Error("deleted set survives")
	}
	prove(t, s, s.Status())

	// changes that the chain does not take
	before := s.Status()
	if _, _, err := s.Deletion(ctx, 3); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Deletion(ctx, 4); !errors.Is(err, ErrPending) {
		t.Error("two changes at once:", err)
	}
	s = reopen(t, s)
	if _, ok := s.Pending(); !ok {
		t.Error("pending change is lost")
	}
	if err := s.Reconcile(two); !errors.Is(err, ErrDiverged) {
		t.Error("unknown state reconciled:", err)
	}
	must(t, s.Reconcile(before))
	if err := s.Confirm(); !errors.Is(err, ErrNoPending) {
		t.Error("confirmed nothing:", err)
	}

	// the state file is lost: everything comes back from the files
	must(t, os.Remove(s.statePath()))
	must(t, os.RemoveAll(s.elementsDir()))
	s = reopen(t, s)
	if err := s.Rebuild(ctx, pois.Status{Acc: []byte{9}, Front: 256, Rear: 512}); !errors.Is(err, ErrDiverged) {
		t.Error("rebuilt another state:", err)
	}
	must(t, s.Rebuild(ctx, before))
	prove(t, s, before)
}

func TestDamageIsFoundAndRepaired(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	certify(t, s)
	ctx := context.Background()
	must(t, s.Clean(ctx))
	file := func(name string) string { return filepath.Join(dir, "space/idle-files-1", name) }
	must(t, os.Remove(file("file-cluster-1/sub-file-9"))) // file 2
	flip(t, file("file-cluster-2/sub-file-8"))            // file 9
	flip(t, file("file-cluster-3/aux-file-8"))            // file 17
	must(t, os.Truncate(file("file-cluster-4/sub-file-8"), 100))
	must(t, os.Remove(s.elementsPath(1)))
	s = reopen(t, s)
	damages, err := s.Check(ctx, nil)
	must(t, err)
	var files []int64
	for _, d := range damages {
		files = append(files, d.File)
	}
	if len(files) != 4 || files[0] != 2 || files[1] != 9 || files[2] != 17 || files[3] != 25 {
		t.Fatal("found", files)
	}
	must(t, s.Repair(ctx, damages, pois.GenerateOptions{}))
	damages, err = s.Check(ctx, nil)
	if err != nil || len(damages) != 0 {
		t.Fatal(damages, err)
	}
	prove(t, s, s.Status())
	must(t, s.Close())
	flip(t, s.statePath())
	if _, err := Open(dir, config(nil)); !errors.Is(err, ErrState) {
		t.Error("opened a damaged state:", err)
	}
}

func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	b[len(b)/2] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
}

func FuzzState(f *testing.F) {
	a := accumulator.New(testKey(), nil)
	b, err := newState(config(nil), a).marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := parseState(b)
		if err != nil {
			st = state{} // what follows must take any content, also one with a right checksum
			body, _, _ := bytes.Cut(b, []byte("\n"))
			if st, err = parseState(withSum(body)); err != nil {
				return
			}
		}
		_, _ = accumulator.Restore(testKey(), nil, st.Current)
		if st.Pending != nil {
			_, _ = accumulator.Restore(testKey(), nil, st.Pending.Next)
		}
	})
}

func FuzzElements(f *testing.F) {
	f.Add([]byte(elementsMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := parseElements(b)
		if err == nil && !bytes.Equal(marshalElements(e), b) {
			t.Error("encoding is not stable")
		}
	})
}
