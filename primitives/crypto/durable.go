package crypto

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// writeDurably makes path hold data, with mode 0600, or leaves it as it was: the data reaches the disk under a
// temporary name first, then takes its own name in one step, then the directory is synced. Without replace an existing
// file is ErrKeyExists. Temporary files that a crash leaves behind start with a dot and are never read.
func writeDurably(path string, data []byte, replace bool) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if replace {
		err = os.Rename(temp.Name(), path)
	} else {
		err = linkNew(temp.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// linkNew gives a file a new name unless that is taken.
func linkNew(from, to string) error {
	// A link, unlike a rename, never replaces a file that another process has just made.
	err := os.Link(from, to)
	if err == nil {
		return nil
	}
	if _, statErr := os.Lstat(to); errors.Is(err, fs.ErrExist) || !errors.Is(statErr, fs.ErrNotExist) {
		return ErrKeyExists
	}
	return os.Rename(from, to) // some file systems have no links
}

// syncDir makes a changed directory durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there; renames are journalled
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
