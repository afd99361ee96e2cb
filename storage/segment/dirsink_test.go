package segment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"
)

// simFS is a simulated disk: it loses what is not synced when it is cloned
// after a crash, and fails its nth operation.
type simFS struct {
	*vfs.MemFS
	failAt int64 // 0: never
	ops    atomic.Int64
	onOp   func()
}

func (s *simFS) op() error {
	if s.onOp != nil {
		s.onOp()
	}
	if n := s.ops.Add(1); s.failAt != 0 && n == s.failAt {
		return errBoom
	}
	return nil
}

func (s *simFS) mkdirAll(dir string) error {
	return errors.Join(s.op(), s.MemFS.MkdirAll(dir, 0o700))
}

func (s *simFS) exists(name string) (bool, error) {
	_, err := s.MemFS.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
		return false, errors.Join(s.op(), err)
	}
	return true, errors.Join(s.op(), err)
}

func (s *simFS) create(name string) (file, error) {
	if err := s.op(); err != nil {
		return nil, err
	}
	f, err := s.MemFS.Create(name, vfs.WriteCategoryUnspecified)
	return simFile{f, s}, err
}

func (s *simFS) open(name string) (io.ReadCloser, error) {
	if err := s.op(); err != nil {
		return nil, err
	}
	f, err := s.MemFS.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (s *simFS) rename(from, to string) error {
	if err := s.op(); err != nil {
		return err
	}
	return s.MemFS.Rename(from, to)
}

func (s *simFS) remove(name string) error {
	if err := s.op(); err != nil {
		return err
	}
	return s.MemFS.Remove(name)
}

func (s *simFS) list(dir string) ([]string, error) {
	if err := s.op(); err != nil {
		return nil, err
	}
	return s.MemFS.List(dir)
}

func (s *simFS) syncDir(dir string) error {
	if err := s.op(); err != nil {
		return err
	}
	d, err := s.MemFS.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type simFile struct {
	vfs.File
	fs *simFS
}

func (f simFile) Write(p []byte) (int, error) {
	if err := f.fs.op(); err != nil {
		n, _ := f.File.Write(bytes.Clone(p[:len(p)/2]))
		return n, err
	}
	return f.File.Write(bytes.Clone(p)) // the simulation may change its argument
}

func (f simFile) Sync() error {
	if err := f.fs.op(); err != nil {
		return err
	}
	return f.File.Sync()
}

// checkDir verifies that every file with a fragment's name is that fragment,
// and returns how many there are.
func checkDir(t interface{ Fatalf(string, ...any) }, disk vfs.FS, dir string) (n int) {
	names, err := disk.List(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	for _, name := range names {
		id, err := ParseHash(name)
		if err != nil {
			if !strings.HasSuffix(name, tempSuffix) {
				t.Fatalf("file %q is neither a fragment nor temporary", name)
			}
			continue
		}
		f, err := disk.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		b, err := io.ReadAll(f)
		f.Close()
		if err != nil || sum(b) != id {
			t.Fatalf("file %s holds %d bytes that are something else (%v)", name, len(b), err)
		}
		n++
	}
	return n
}

// Rule: after a crash at any operation no file has a fragment's name without
// its content, and after Commit all fragments are there; Sweep removes the rest.
func TestDirSinkCrash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		crashAt := rapid.Int64Range(1, 120).Draw(t, "crash at operation")
		percent := rapid.IntRange(0, 100).Draw(t, "unsynced data kept, percent")
		disk := &simFS{MemFS: vfs.NewCrashableMem()}
		clone := func() *vfs.MemFS {
			return disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(seed, 0))})
		}
		var crashed *vfs.MemFS
		disk.onOp = func() {
			if disk.ops.Load() == crashAt && crashed == nil {
				crashed = clone()
			}
		}
		const dir = "a/b/fragments"
		sink, err := newDirSink(disk, dir)
		if err != nil {
			t.Fatal(err)
		}
		// One goroutine, so that a seed gives the same run again.
		data := patternBytes(600)
		m, err := small.encode(context.Background(), bytes.NewReader(data), Discard, EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s := newStore(small)
		if _, err := small.encode(context.Background(), bytes.NewReader(data), s, EncodeOptions{}); err != nil {
			t.Fatal(err)
		}
		distinct := map[Hash]bool{}
		for i, seg := range m.Segments {
			for k, id := range seg.Fragments {
				b := s.fragments[id]
				if b == nil {
					b = small.zero
				}
				distinct[id] = true
				if err := sink.Put(context.Background(), Fragment{i, k, id, b}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := sink.Commit(context.Background()); err != nil {
			t.Fatal(err)
		}
		if crashed != nil {
			checkDir(t, crashed, dir)
			if _, err := crashed.Stat(dir); err == nil {
				after, err := newDirSink(&simFS{MemFS: crashed}, dir)
				if err != nil {
					t.Fatal(err)
				}
				n := checkDir(t, crashed, dir)
				if err := after.Sweep(); err != nil {
					t.Fatal(err)
				}
				names, err := crashed.List(dir)
				if err != nil || len(names) != n {
					t.Fatalf("%d files after Sweep, want the %d fragments (%v)", len(names), n, err)
				}
			}
		}
		if n := checkDir(t, clone(), dir); n != len(distinct) {
			t.Fatalf("%d fragments survived a crash after Commit, want %d", n, len(distinct))
		}
	})
}

// Rule: whichever operation of the disk fails, the encoding fails, unless the
// operation was only a clean-up, and no fragment is wrong.
func TestDirSinkDiskErrors(t *testing.T) {
	data := patternBytes(300)
	for failAt := int64(1); ; failAt++ {
		disk := &simFS{MemFS: vfs.NewMem(), failAt: failAt}
		sink, err := newDirSink(disk, "d")
		if err == nil {
			_, err = small.encode(t.Context(), bytes.NewReader(data), sink, EncodeOptions{Workers: 1})
		}
		checkDir(t, disk.MemFS, "d")
		if disk.ops.Load() < failAt {
			break // no operation has failed
		}
		if !errors.Is(err, errBoom) {
			t.Errorf("operation %d failed, but the result is %v", failAt, err)
		}
	}
}

// Rule: what is there and right is kept, what is there and wrong is replaced.
func TestDirSinkExisting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x", "y")
	sink, err := NewDirSink(dir)
	if err != nil {
		t.Fatal(err)
	}
	data := patternBytes(300000)
	f := Fragment{0, 0, sum(data), data}
	path := filepath.Join(dir, f.ID.String())
	put := func() os.FileInfo {
		t.Helper()
		if err := sink.Put(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, data) {
			t.Fatalf("stored fragment differs (%v)", err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	first := put()
	if !os.SameFile(first, put()) {
		t.Error("an identical fragment was written again")
	}
	if first.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", first.Mode())
	}
	for name, wrong := range map[string][]byte{"short": data[:10], "empty": {}, "long": append(bytes.Clone(data), 0), "changed": append([]byte{1}, data[1:]...)} {
		if err := os.WriteFile(path, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		if info := put(); info.Size() != int64(len(data)) {
			t.Errorf("%s fragment was kept", name)
		}
	}
	if err := sink.Put(t.Context(), Fragment{0, 1, ZeroFragment, production().zero}); err != nil {
		t.Fatal(err)
	}
	if err := sink.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Errorf("%d files, want one (%v)", len(names), err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sink.Put(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("put after cancel: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := sink.Put(t.Context(), f); err == nil {
		t.Error("put over a directory succeeded")
	}
	if _, err := NewDirSink(filepath.Join(dir, "z", "\x00")); err == nil {
		t.Error("impossible directory was created")
	}
}

// Rule: Sweep takes only its own files.
func TestDirSinkSweep(t *testing.T) {
	dir := t.TempDir()
	id := ZeroSegment.String()
	keep := []string{id, ".keep.tmp", "." + id + ".tmp", id + ".1.tmp", "notes"}
	for _, name := range append(keep, "."+id+".00ff.tmp") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sink, err := NewDirSink(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Sweep(); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != len(keep) {
		t.Errorf("%v are left (%v)", names, err)
	}
}
