// Package disk is the file system as far as PoIS changes it: whole files that appear in one step, and removals. The
// generator and the store write only through it, so that tests can stop them after any single step.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// FS changes files. Every method either has happened or has not when the machine stops, except that a file written
// without sync may be lost or torn until Sync. Missing files are no error for Remove and RemoveAll.
type FS interface {
	// Write makes a file appear at path with the parts as content; with sync it is durable when Write returns.
	Write(path string, sync bool, parts ...[]byte) error
	// Sync makes a file that was written without sync durable.
	Sync(path string) error
	// SyncDir makes appearances and removals in a folder durable.
	SyncDir(dir string) error
	// Rename moves a file or folder.
	Rename(from, to string) error
	// Remove deletes a file.
	Remove(path string) error
	// RemoveAll deletes a folder.
	RemoveAll(dir string) error
	// MkdirAll makes a folder and its parents.
	MkdirAll(dir string) error
}

// OS is the real file system. Files have mode 0600, folders 0700.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Write(path string, sync bool, parts ...[]byte) (err error) {
	temp := path + ".tmp"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(temp))
		}
	}()
	for _, part := range parts {
		if _, err := f.Write(part); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if sync {
		if err := f.Sync(); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if sync {
		return syncFile(filepath.Dir(path))
	}
	return nil
}

func (osFS) Sync(path string) error       { return syncFile(path) }
func (osFS) SyncDir(dir string) error     { return syncFile(dir) }
func (osFS) Rename(from, to string) error { return os.Rename(from, to) }
func (osFS) RemoveAll(dir string) error   { return os.RemoveAll(dir) }
func (osFS) MkdirAll(dir string) error    { return os.MkdirAll(dir, 0o700) }

func (osFS) Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
