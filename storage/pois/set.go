package pois

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gocess/gocess/storage/pois/disk"
)

// ErrMissing reports a file of a set that is absent or has the wrong length.
var ErrMissing = errors.New("pois: file missing")

// Set is one set of idle files on disk, in the layout of upstream miners (spec/pois.md §5):
//
//	file-cluster-<c>/sub-file-<r>   N labels of 64 bytes; layers r < K go away after certification
//	file-cluster-<c>/aux-file-<r>   64 tree nodes
//	file-cluster-<c>/tree-file-<r>  our own: the level of nodes over 256 labels each, if finer than aux; may be absent
//	file-roots                      513 roots, until certification
//
// Its methods only read and may run concurrently.
type Set struct {
	g      *graph
	id     ID
	number int64
	dir    string
}

// OpenSet names the set `number` (from 1) in its directory. Nothing is read yet.
func OpenSet(p Params, id ID, number int64, dir string) (*Set, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if number < 1 || number > 1<<40 {
		return nil, fmt.Errorf("%w: set number %d", ErrParams, number)
	}
	return &Set{g: newGraph(p), id: id, number: number, dir: dir}, nil
}

// Number is the number of the set, from 1.
func (s *Set) Number() int64 { return s.number }

// Dir is the directory of the set.
func (s *Set) Dir() string { return s.dir }

func (s *Set) clusterDir(cluster int64) string {
	return filepath.Join(s.dir, fmt.Sprintf("file-cluster-%d", cluster))
}
func (s *Set) file(kind string, cluster int64, layer int) string {
	return filepath.Join(s.clusterDir(cluster), fmt.Sprintf("%s-file-%d", kind, layer))
}
func (s *Set) rootsFile() string { return filepath.Join(s.dir, "file-roots") }

// readLabels reads a whole layer file into buf, which has its length.
func (s *Set) readLabels(cluster int64, layer int, buf []byte) error {
	return readExactly(s.file("sub", cluster, layer), buf)
}

// readExactly fills buf with a file of exactly that length.
func readExactly(path string, buf []byte) error {
	f, err := openExactly(path, int64(len(buf)))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadFull(f, buf)
	return err
}

// openExactly opens a file of a given length; anything else is ErrMissing.
func openExactly(path string, size int64) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", ErrMissing, err)
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("%w: %s has %d bytes, want %d", ErrMissing, path, info.Size(), size)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// readLevel reads a stored tree level of n nodes.
func readLevel(path string, n int) ([]Hash, error) {
	buf := make([]byte, n*HashSize)
	if err := readExactly(path, buf); err != nil {
		return nil, err
	}
	level := make([]Hash, n)
	for i := range level {
		level[i] = Hash(buf[i*HashSize:])
	}
	return level, nil
}

func levelBytes(level []Hash) []byte {
	b := make([]byte, 0, len(level)*HashSize)
	for i := range level {
		b = append(b, level[i][:]...)
	}
	return b
}

// Roots reads the commitment of an uncertified set: 513 roots. It checks the last one against the others.
func (s *Set) Roots() ([][]byte, error) {
	buf := make([]byte, SetRoots*HashSize)
	if err := readExactly(s.rootsFile(), buf); err != nil {
		return nil, err
	}
	if sha256.Sum256(buf[:(SetRoots-1)*HashSize]) != Hash(buf[(SetRoots-1)*HashSize:]) {
		return nil, fmt.Errorf("%w: %s does not match its own hash", ErrDamaged, s.rootsFile())
	}
	roots := make([][]byte, SetRoots)
	for i := range roots {
		roots[i] = buf[i*HashSize : (i+1)*HashSize : (i+1)*HashSize]
	}
	return roots, nil
}

// FileRoot is the root of a kept file, by its global number, from its stored tree level.
func (s *Set) FileRoot(file int64) (Hash, error) {
	if SetOf(file) != s.number {
		return Hash{}, fmt.Errorf("pois: file %d is not in set %d", file, s.number)
	}
	level, err := readLevel(s.file("aux", ClusterOf(file), layerOf(file)), AuxNodes)
	if err != nil {
		return Hash{}, err
	}
	return newUpper(level).root(), nil
}

// CheckFile reads a kept file completely and gives its root if it matches its stored trees.
func (s *Set) CheckFile(file int64) (Hash, error) {
	if SetOf(file) != s.number {
		return Hash{}, fmt.Errorf("pois: file %d is not in set %d", file, s.number)
	}
	return s.checkLayer(ClusterOf(file), layerOf(file), false)
}

// Trim removes what only the commit proof needs: the roots and the layers below K. It does nothing to a trimmed set.
func (s *Set) Trim(fs disk.FS) error {
	if _, err := os.Stat(s.rootsFile()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for i := range int64(SetClusters) {
		cluster := firstCluster(s.number) + i
		for layer := range ClusterFiles {
			for _, kind := range []string{"sub", "aux", "tree"} {
				if err := fs.Remove(s.file(kind, cluster, layer)); err != nil {
					return err
				}
			}
		}
	}
	return fs.Remove(s.rootsFile()) // last, so that a stopped Trim is taken up again
}

// RemoveFile removes a kept file.
func (s *Set) RemoveFile(fs disk.FS, file int64) error {
	for _, kind := range []string{"sub", "aux", "tree"} {
		if err := fs.Remove(s.file(kind, ClusterOf(file), layerOf(file))); err != nil {
			return err
		}
	}
	return nil
}

// CopyFile copies a kept file with its trees to another directory of the same set, durably.
func (s *Set) CopyFile(fs disk.FS, to *Set, file int64) error {
	cluster, layer := ClusterOf(file), layerOf(file)
	if err := fs.MkdirAll(to.clusterDir(cluster)); err != nil {
		return err
	}
	for _, kind := range s.kinds() {
		b, err := os.ReadFile(s.file(kind, cluster, layer))
		if err != nil {
			return err
		}
		if err := fs.Write(to.file(kind, cluster, layer), true, b); err != nil {
			return err
		}
	}
	return nil
}
