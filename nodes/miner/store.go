package miner

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// Store keeps fragments as files. A fragment is first received, while its
// deal is open, and then kept, once the file exists on chain:
//
//	<root>/report/<fid>/<fragment>
//	<root>/file/<fid>/<fragment>
//
// A file that is there is whole and durable. The fragment of zeros is an empty
// file: it says that a gateway sent it, and everybody knows its content.
type Store struct{ root string }

// Folders of a Store.
const (
	receivedDir = "report"
	keptDir     = "file"
)

// Errors of Store.Receive.
var (
	ErrSize = errors.New("the fragment size is wrong")
	ErrHash = errors.New("the fragment hash is wrong")
)

// OpenStore opens the store under root and removes what a crash left half
// written.
func OpenStore(root string) (*Store, error) {
	s := &Store{root}
	for _, dir := range []string{receivedDir, keptDir} {
		if err := durable.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			return nil, fmt.Errorf("open fragment store: %w", err)
		}
	}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ".tmp") {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("clean fragment store: %w", err)
	}
	return s, nil
}

func (s *Store) path(dir string, fid, fragment types.Hash) string {
	return filepath.Join(s.root, dir, fid.String(), fragment.String())
}

// Has says whether the fragment is received or kept.
func (s *Store) Has(fid, fragment types.Hash) bool {
	size := int64(segment.FragmentSize)
	if isZero(fragment) {
		size = 0
	}
	for _, dir := range []string{keptDir, receivedDir} {
		if info, err := os.Stat(s.path(dir, fid, fragment)); err == nil && info.Size() == size {
			return true
		}
	}
	return false
}

// Receive stores a fragment durably after checking its size and hash.
func (s *Store) Receive(fid, fragment types.Hash, r io.Reader) error {
	want, err := fragment.Digest()
	if err != nil {
		return err
	}
	path := s.path(receivedDir, fid, fragment)
	if err := durable.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if isZero(fragment) {
		return durable.WriteFile(path, nil, 0o600)
	}
	f, err := durable.Create(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Discard()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, segment.FragmentSize+1))
	switch {
	case err != nil:
		return fmt.Errorf("receive fragment: %w", err)
	case n != segment.FragmentSize:
		return ErrSize
	case [32]byte(h.Sum(nil)) != want:
		return ErrHash
	}
	return f.Commit()
}

// Open returns a received or kept fragment; fs.ErrNotExist if there is none.
func (s *Store) Open(fid, fragment types.Hash) (*os.File, error) {
	f, err := os.Open(s.path(keptDir, fid, fragment))
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.Open(s.path(receivedDir, fid, fragment))
	}
	return f, err
}

// Received lists the files that have fragments waiting for their deal.
func (s *Store) Received() ([]types.Hash, error) { return s.fids(receivedDir) }

// Kept lists the files that have fragments here.
func (s *Store) Kept() ([]types.Hash, error) { return s.fids(keptDir) }

func (s *Store) fids(dir string) ([]types.Hash, error) {
	entries, err := os.ReadDir(filepath.Join(s.root, dir))
	if err != nil {
		return nil, err
	}
	var out []types.Hash
	for _, e := range entries {
		if fid, err := types.ParseHash(e.Name()); err == nil && e.IsDir() {
			out = append(out, fid)
		}
	}
	return out, nil
}

// Keep moves a received fragment to the kept ones.
func (s *Store) Keep(fid, fragment types.Hash) error {
	from, to := s.path(receivedDir, fid, fragment), s.path(keptDir, fid, fragment)
	if err := durable.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(to))
}

// DropReceived removes what was received of a file.
func (s *Store) DropReceived(fid types.Hash) error { return s.drop(receivedDir, fid) }

// Drop removes what is kept of a file.
func (s *Store) Drop(fid types.Hash) error { return s.drop(keptDir, fid) }

func (s *Store) drop(dir string, fid types.Hash) error {
	if err := os.RemoveAll(filepath.Join(s.root, dir, fid.String())); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Join(s.root, dir))
}

// Usage counts the fragments on disk.
func (s *Store) Usage() (fragments int, bytes int64, err error) {
	err = filepath.WalkDir(s.root, func(_ string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || e.IsDir() {
			return err
		}
		if _, err := types.ParseHash(e.Name()); err == nil {
			info, err := e.Info()
			if err != nil {
				return nil // removed meanwhile
			}
			fragments++
			bytes += info.Size()
		}
		return nil
	})
	return fragments, bytes, err
}

func isZero(fragment types.Hash) bool { return fragment == types.HashOf(segment.ZeroFragment) }
