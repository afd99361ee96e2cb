package miner

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// Store keeps fragments as files. A fragment is first received, while its
// deal is open, and then kept, once the file exists on chain; its tags lie
// beside it:
//
//	<root>/report/<fid>/<fragment>
//	<root>/file/<fid>/<fragment>
//	<root>/file/<fid>/<fragment>.tag
//
// A file that is there is whole and durable. The fragment of zeros is an empty
// file: it says that a gateway sent it, and everybody knows its content.
type Store struct {
	root string

	mu    sync.Mutex
	where map[types.Hash][]types.Hash // guarded by mu; the fids of each kept fragment
}

// Folders of a Store.
const (
	receivedDir = "report"
	keptDir     = "file"
	tagSuffix   = ".tag"
)

// Errors of Store.Receive.
var (
	ErrSize = errors.New("the fragment size is wrong")
	ErrHash = errors.New("the fragment hash is wrong")
)

// OpenStore opens the store under root and removes what a crash left half
// written.
func OpenStore(root string) (*Store, error) {
	s := &Store{root: root, where: make(map[types.Hash][]types.Hash)}
	for _, dir := range []string{receivedDir, keptDir} {
		if err := durable.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			return nil, fmt.Errorf("open fragment store: %w", err)
		}
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && strings.HasSuffix(path, ".tmp") {
				err = os.Remove(path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("clean fragment store: %w", err)
		}
	}
	fids, err := s.Kept()
	if err != nil {
		return nil, fmt.Errorf("open fragment store: %w", err)
	}
	for _, fid := range fids {
		fragments, err := s.Fragments(fid)
		if err != nil {
			return nil, fmt.Errorf("open fragment store: %w", err)
		}
		for _, f := range fragments {
			s.note(fid, f)
		}
	}
	return s, nil
}

func (s *Store) path(dir string, fid, fragment types.Hash) string {
	return filepath.Join(s.root, dir, fid.String(), fragment.String())
}

func (s *Store) note(fid, fragment types.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.where[fragment], fid) {
		s.where[fragment] = append(s.where[fragment], fid)
	}
}

func (s *Store) forget(fid types.Hash, fragments ...types.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range fragments {
		rest := slices.DeleteFunc(slices.Clone(s.where[f]), func(h types.Hash) bool { return h == fid })
		if len(rest) == 0 {
			delete(s.where, f)
			continue
		}
		s.where[f] = rest
	}
}

// Where lists the files for which a fragment is kept.
func (s *Store) Where(fragment types.Hash) []types.Hash {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.where[fragment])
}

// sizeOf is the size of the file that keeps a fragment.
func sizeOf(fragment types.Hash) int64 {
	if isZero(fragment) {
		return 0
	}
	return segment.FragmentSize
}

// Has says whether the fragment is received or kept.
func (s *Store) Has(fid, fragment types.Hash) bool {
	return s.HasKept(fid, fragment) || s.has(receivedDir, fid, fragment)
}

// HasKept says whether the fragment is kept.
func (s *Store) HasKept(fid, fragment types.Hash) bool { return s.has(keptDir, fid, fragment) }

func (s *Store) has(dir string, fid, fragment types.Hash) bool {
	info, err := os.Stat(s.path(dir, fid, fragment))
	return err == nil && info.Size() == sizeOf(fragment)
}

// Receive stores a fragment durably after checking its size and hash.
func (s *Store) Receive(fid, fragment types.Hash, r io.Reader) error {
	return s.write(receivedDir, fid, fragment, r)
}

// Put stores a kept fragment durably after checking its size and hash.
func (s *Store) Put(fid, fragment types.Hash, content []byte) error {
	if err := s.write(keptDir, fid, fragment, bytes.NewReader(content)); err != nil {
		return err
	}
	s.note(fid, fragment)
	return nil
}

func (s *Store) write(dir string, fid, fragment types.Hash, r io.Reader) error {
	want, err := fragment.Digest()
	if err != nil {
		return err
	}
	path := s.path(dir, fid, fragment)
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

// Content is an open fragment.
type Content interface {
	io.ReadSeeker
	io.ReaderAt
	io.Closer
}

// zeros is the content of the fragment of zeros.
type zeros struct{ *io.SectionReader }

func (zeros) Close() error { return nil }

type zeroReader struct{}

func (zeroReader) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

func zeroContent() Content {
	return zeros{io.NewSectionReader(zeroReader{}, 0, segment.FragmentSize)}
}

// Open returns a received or kept fragment; fs.ErrNotExist if there is none.
func (s *Store) Open(fid, fragment types.Hash) (Content, error) {
	f, err := s.OpenKept(fid, fragment)
	if errors.Is(err, fs.ErrNotExist) {
		return s.open(receivedDir, fid, fragment)
	}
	return f, err
}

// OpenKept returns a kept fragment; fs.ErrNotExist if there is none of the
// right size.
func (s *Store) OpenKept(fid, fragment types.Hash) (Content, error) {
	return s.open(keptDir, fid, fragment)
}

func (s *Store) open(dir string, fid, fragment types.Hash) (Content, error) {
	f, err := os.Open(s.path(dir, fid, fragment))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != sizeOf(fragment) {
		err = fmt.Errorf("fragment %v has %d bytes: %w", fragment, info.Size(), fs.ErrNotExist)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if isZero(fragment) {
		return zeroContent(), f.Close()
	}
	return f, nil
}

// Read returns a whole kept fragment after checking its hash: fs.ErrNotExist
// if there is none, ErrHash if it is damaged.
func (s *Store) Read(fid, fragment types.Hash) ([]byte, error) {
	f, err := s.OpenKept(fid, fragment)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, segment.FragmentSize)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read fragment %v: %w", fragment, err)
	}
	if types.HashOf(sha256.Sum256(b)) != fragment {
		return nil, fmt.Errorf("fragment %v: %w", fragment, ErrHash)
	}
	return b, nil
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

// Fragments lists the kept fragments of a file.
func (s *Store) Fragments(fid types.Hash) ([]types.Hash, error) {
	entries, err := os.ReadDir(filepath.Join(s.root, keptDir, fid.String()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []types.Hash
	for _, e := range entries {
		if f, err := types.ParseHash(e.Name()); err == nil {
			out = append(out, f)
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
	s.note(fid, fragment)
	return durable.SyncDir(filepath.Dir(to))
}

// DropReceived removes what was received of a file.
func (s *Store) DropReceived(fid types.Hash) error { return s.drop(receivedDir, fid) }

// Drop removes what is kept of a file.
func (s *Store) Drop(fid types.Hash) error {
	fragments, err := s.Fragments(fid)
	if err != nil {
		return err
	}
	s.forget(fid, fragments...)
	return s.drop(keptDir, fid)
}

// DropFragment removes one kept fragment with its tags.
func (s *Store) DropFragment(fid, fragment types.Hash) error {
	s.forget(fid, fragment)
	path := s.path(keptDir, fid, fragment)
	return errors.Join(durable.Remove(path+tagSuffix), durable.Remove(path))
}

func (s *Store) drop(dir string, fid types.Hash) error {
	if err := os.RemoveAll(filepath.Join(s.root, dir, fid.String())); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Join(s.root, dir))
}

// Usage counts the fragments on disk and the bytes that they and their tags
// take.
func (s *Store) Usage() (fragments int, bytes int64, err error) {
	for _, dir := range []string{receivedDir, keptDir} {
		err = filepath.WalkDir(filepath.Join(s.root, dir), func(_ string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed meanwhile
			}
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return nil // removed meanwhile
			}
			if _, err := types.ParseHash(e.Name()); err == nil {
				fragments++
			}
			bytes += info.Size()
			return nil
		})
		if err != nil {
			return fragments, bytes, err
		}
	}
	return fragments, bytes, nil
}

func isZero(fragment types.Hash) bool { return fragment == types.HashOf(segment.ZeroFragment) }
