package segment

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// fileSystem is what DirSink needs of a disk. Tests put a disk below it that
// fails and crashes.
type fileSystem interface {
	mkdirAll(dir string) error
	exists(name string) (bool, error)
	create(name string) (file, error) // the file must not exist
	open(name string) (io.ReadCloser, error)
	rename(from, to string) error // replaces
	remove(name string) error
	list(dir string) ([]string, error)
	syncDir(dir string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// osFS is the operating system's.
type osFS struct{}

func (osFS) mkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (osFS) exists(name string) (bool, error) {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (osFS) create(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err // not a nil *os.File in an interface
	}
	return f, nil
}

func (osFS) open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) rename(from, to string) error { return os.Rename(from, to) }

func (osFS) remove(name string) error { return os.Remove(name) }

func (osFS) list(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// syncDir flushes the entries of a directory. Windows has no such call and
// keeps them in its journal.
func (osFS) syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
