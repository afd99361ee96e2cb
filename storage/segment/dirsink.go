package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// DirSink keeps fragments as files of a directory, named by their ids. A file
// under such a name is always complete and on stable storage, whenever the
// process or the machine stops: it is written under a temporary name, synced
// and then renamed. Commit syncs the directory, so that the names last as well.
//
// Each byte is written once; a fragment that is there already is compared and
// kept. The fragment of zeros is never stored. Several sinks, also of several
// processes, may share a directory.
type DirSink struct {
	fs  fileSystem
	dir string
}

// NewDirSink returns a sink for dir, which is created if it does not exist.
func NewDirSink(dir string) (*DirSink, error) { return newDirSink(osFS{}, dir) }

func newDirSink(fsys fileSystem, dir string) (*DirSink, error) {
	if err := mkdirDurable(fsys, dir); err != nil {
		return nil, fmt.Errorf("create fragment directory: %w", err)
	}
	return &DirSink{fs: fsys, dir: dir}, nil
}

// mkdirDurable creates dir and its missing parents and syncs every directory
// that got a new entry.
func mkdirDurable(fsys fileSystem, dir string) error {
	var grown []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		ok, err := fsys.exists(d)
		if err != nil {
			return err
		}
		if ok || d == filepath.Dir(d) {
			break
		}
		grown = append(grown, filepath.Dir(d))
	}
	if err := fsys.mkdirAll(dir); err != nil {
		return err
	}
	for _, d := range grown {
		if err := fsys.syncDir(d); err != nil {
			return err
		}
	}
	return nil
}

// Put stores one fragment.
func (s *DirSink) Put(ctx context.Context, f Fragment) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.ID == ZeroFragment {
		return nil
	}
	name := f.ID.String()
	path := filepath.Join(s.dir, name)
	if same, err := s.holds(path, f.Data); same || err != nil {
		return err
	}
	temp := filepath.Join(s.dir, fmt.Sprintf("%s%s.%016x%s", tempPrefix, name, rand.Uint64(), tempSuffix))
	err := s.write(temp, f.Data)
	if err == nil {
		err = s.fs.rename(temp, path)
	}
	if err != nil {
		// The first error is the one to report; what is left is for Sweep.
		_ = s.fs.remove(temp)
		return fmt.Errorf("store fragment: %w", err)
	}
	return nil
}

// holds reports whether the file exists with this content.
func (s *DirSink) holds(path string, data []byte) (bool, error) {
	r, err := s.fs.open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("compare stored fragment: %w", err)
	}
	defer r.Close()
	buf := make([]byte, min(len(data), 128<<10))
	for len(data) > 0 {
		n, err := io.ReadFull(r, buf[:min(len(buf), len(data))])
		if err != nil || !bytes.Equal(buf[:n], data[:n]) {
			return false, nil // short, damaged or unreadable: it is replaced
		}
		data = data[n:]
	}
	n, err := io.ReadFull(r, buf[:1])
	return n == 0 && err == io.EOF, nil
}

func (s *DirSink) write(path string, data []byte) error {
	w, err := s.fs.create(path)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	if err == nil {
		err = w.Sync()
	}
	return errors.Join(err, w.Close())
}

// Commit makes the names of the fragments durable.
func (s *DirSink) Commit(context.Context) error { return s.fs.syncDir(s.dir) }

const (
	tempPrefix = "."
	tempSuffix = ".tmp"
)

// Sweep removes the temporary files that a crash has left. No other sink may
// be using the directory.
func (s *DirSink) Sweep() error {
	names, err := s.fs.list(s.dir)
	if err != nil {
		return fmt.Errorf("sweep fragment directory: %w", err)
	}
	for _, name := range names {
		rest, ok1 := strings.CutPrefix(name, tempPrefix)
		rest, ok2 := strings.CutSuffix(rest, tempSuffix)
		id, _, ok3 := strings.Cut(rest, ".")
		if _, err := ParseHash(id); !ok1 || !ok2 || !ok3 || err != nil {
			continue
		}
		if err := s.fs.remove(filepath.Join(s.dir, name)); err != nil {
			return fmt.Errorf("sweep fragment directory: %w", err)
		}
	}
	return nil
}
