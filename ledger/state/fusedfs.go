package state

import (
	"io"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// fusedFS is a file system that refuses to change anything once its fuse has
// blown.
type fusedFS struct {
	vfs.FS
	fuse *fault

	mu   sync.Mutex // guards lock
	lock io.Closer  // of the directory, so that Close can release it in any case
}

func (fs *fusedFS) Unwrap() vfs.FS { return fs.FS }

func (fs *fusedFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.fuse.get(); err != nil {
		return nil, err
	}
	return fs.wrap(fs.FS.Create(name, category))
}

func (fs *fusedFS) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	if err := fs.fuse.get(); err != nil {
		return nil, err
	}
	return fs.wrap(fs.FS.OpenReadWrite(name, category, opts...))
}

func (fs *fusedFS) ReuseForWrite(oldName, newName string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.fuse.get(); err != nil {
		return nil, err
	}
	return fs.wrap(fs.FS.ReuseForWrite(oldName, newName, category))
}

func (fs *fusedFS) OpenDir(name string) (vfs.File, error) { return fs.wrap(fs.FS.OpenDir(name)) }

func (fs *fusedFS) Link(oldName, newName string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.Link(oldName, newName)
}

func (fs *fusedFS) Remove(name string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.Remove(name)
}

func (fs *fusedFS) RemoveAll(name string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.RemoveAll(name)
}

func (fs *fusedFS) Rename(oldName, newName string) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.Rename(oldName, newName)
}

func (fs *fusedFS) MkdirAll(dir string, perm os.FileMode) error {
	if err := fs.fuse.get(); err != nil {
		return err
	}
	return fs.FS.MkdirAll(dir, perm)
}

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

func (fs *fusedFS) wrap(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return &fusedFile{f, fs.fuse}, nil
}

type fusedFile struct {
	vfs.File
	fuse *fault
}

func (f *fusedFile) Write(p []byte) (int, error) {
	if err := f.fuse.get(); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f *fusedFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.fuse.get(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, offset)
}

func (f *fusedFile) Sync() error {
	if err := f.fuse.get(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *fusedFile) SyncData() error {
	if err := f.fuse.get(); err != nil {
		return err
	}
	return f.File.SyncData()
}

func (f *fusedFile) SyncTo(length int64) (bool, error) {
	if err := f.fuse.get(); err != nil {
		return false, err
	}
	return f.File.SyncTo(length)
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
