package state

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// fusedFS is the file system that a store's database works on. Its first failed
// write blows the fuse, and nothing is written after that.
//
// Pebble answers a failed write of its log with a panic, at a point where the
// panic cannot be recovered from. Once the store is open, a write that fails
// therefore does not return: its goroutine is parked for good, and those who
// wait for it are told by the fuse.
type fusedFS struct {
	vfs.FS
	fuse   *fault
	opened atomic.Bool

	mu   sync.Mutex // guards lock
	lock io.Closer  // of the directory, so that Close can release it in any case
}

// write does one change of the file system.
func (fs *fusedFS) write(op func() error) error {
	err := fs.fuse.get()
	if err == nil {
		if err = op(); err == nil {
			return nil
		}
	}
	if fs.opened.Load() {
		fs.fuse.set(err)
		park()
	}
	return err
}

// park ends the work of a goroutine that must not unwind.
func park() { select {} }

func (fs *fusedFS) open(op func() (vfs.File, error)) (vfs.File, error) {
	var file vfs.File
	err := fs.write(func() (err error) {
		file, err = op()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fusedFile{file, fs}, nil
}

// Unwrap implements vfs.FS.
func (fs *fusedFS) Unwrap() vfs.FS { return fs.FS }

// Create implements vfs.FS. A marker file makes others current by its name
// alone; they must be in the directory before it may appear.
func (fs *fusedFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) {
		if strings.HasPrefix(fs.PathBase(name), "marker.") {
			if err := syncDir(fs.FS, fs.PathDir(name)); err != nil {
				return nil, err
			}
		}
		return fs.FS.Create(name, category)
	})
}

func syncDir(fs vfs.FS, name string) error {
	dir, err := fs.OpenDir(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// OpenReadWrite implements vfs.FS.
func (fs *fusedFS) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) { return fs.FS.OpenReadWrite(name, category, opts...) })
}

// ReuseForWrite implements vfs.FS.
func (fs *fusedFS) ReuseForWrite(oldName, newName string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) { return fs.FS.ReuseForWrite(oldName, newName, category) })
}

// OpenDir implements vfs.FS.
func (fs *fusedFS) OpenDir(name string) (vfs.File, error) {
	return fs.open(func() (vfs.File, error) { return fs.FS.OpenDir(name) })
}

// Link implements vfs.FS.
func (fs *fusedFS) Link(oldName, newName string) error {
	return fs.write(func() error { return fs.FS.Link(oldName, newName) })
}

// Rename implements vfs.FS.
func (fs *fusedFS) Rename(oldName, newName string) error {
	return fs.write(func() error { return fs.FS.Rename(oldName, newName) })
}

// MkdirAll implements vfs.FS.
func (fs *fusedFS) MkdirAll(dir string, perm os.FileMode) error {
	return fs.write(func() error { return fs.FS.MkdirAll(dir, perm) })
}

// Remove implements vfs.FS. A file that stays does no harm.
func (fs *fusedFS) Remove(name string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.Remove(name)
}

// RemoveAll implements vfs.FS.
func (fs *fusedFS) RemoveAll(name string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.RemoveAll(name)
}

// Lock implements vfs.FS.
func (fs *fusedFS) Lock(name string) (io.Closer, error) {
	lock, err := fs.FS.Lock(name)
	if err != nil {
		return nil, err
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.lock = &onceCloser{Closer: lock}
	return fs.lock, nil
}

// unlock releases the directory if the database has not done so.
func (fs *fusedFS) unlock() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.lock != nil {
		fs.lock.Close()
	}
}

type fusedFile struct {
	vfs.File
	fs *fusedFS
}

func (f *fusedFile) Write(p []byte) (n int, err error) {
	err = f.fs.write(func() (err error) {
		n, err = f.File.Write(p)
		return err
	})
	return n, err
}

func (f *fusedFile) WriteAt(p []byte, offset int64) (n int, err error) {
	err = f.fs.write(func() (err error) {
		n, err = f.File.WriteAt(p, offset)
		return err
	})
	return n, err
}

func (f *fusedFile) Sync() error { return f.fs.write(f.File.Sync) }

func (f *fusedFile) SyncData() error { return f.fs.write(f.File.SyncData) }

func (f *fusedFile) SyncTo(length int64) (full bool, err error) {
	err = f.fs.write(func() (err error) {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

type onceCloser struct {
	io.Closer
	once sync.Once
	err  error
}

func (c *onceCloser) Close() error {
	c.once.Do(func() { c.err = c.Closer.Close() })
	return c.err
}
