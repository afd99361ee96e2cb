package gateway

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// depot is where fragments lie until miners have them, and afterwards as
// cache:
//
//	<home>/arriving/<random>/<fragment>   of uploads being received
//	<home>/fragments/<fid>/<fragment>     of uploads with a record
//
// A fragment that is there is whole and durable. The fragment of zeros is
// never stored.
type depot struct{ home string }

const (
	arrivingDir  = "arriving"
	fragmentsDir = "fragments"
)

// openDepot opens the depot and drops uploads that a crash cut off.
func openDepot(home string) (*depot, error) {
	d := &depot{home}
	if err := os.RemoveAll(filepath.Join(home, arrivingDir)); err != nil {
		return nil, fmt.Errorf("open depot: %w", err)
	}
	for _, dir := range []string{arrivingDir, fragmentsDir} {
		if err := durable.MkdirAll(filepath.Join(home, dir), 0o700); err != nil {
			return nil, fmt.Errorf("open depot: %w", err)
		}
	}
	return d, nil
}

// arrival is a new folder for the fragments of an upload.
func (d *depot) arrival() (string, error) {
	return os.MkdirTemp(filepath.Join(d.home, arrivingDir), "")
}

func (d *depot) dir(fid types.Hash) string { return filepath.Join(d.home, fragmentsDir, fid.String()) }

func (d *depot) path(fid types.Hash, fragment segment.Hash) string {
	return filepath.Join(d.dir(fid), fragment.String())
}

// keep moves the fragments of an upload to their place.
func (d *depot) keep(arrival string, fid types.Hash) error {
	if err := os.RemoveAll(d.dir(fid)); err != nil {
		return fmt.Errorf("keep fragments: %w", err)
	}
	if err := os.Rename(arrival, d.dir(fid)); err != nil {
		return fmt.Errorf("keep fragments: %w", err)
	}
	return durable.SyncDir(filepath.Join(d.home, fragmentsDir))
}

// drop removes the fragments of a file.
func (d *depot) drop(fid types.Hash) error {
	if err := os.RemoveAll(d.dir(fid)); err != nil {
		return fmt.Errorf("drop fragments: %w", err)
	}
	return nil
}

// thin leaves only the fragments that reading needs, a third of all.
func (d *depot) thin(fid types.Hash, m *segment.Manifest) (bytes int64, err error) {
	data := make(map[string]bool)
	for _, s := range m.Segments {
		for _, f := range s.Fragments[:segment.DataShards] {
			data[f.String()] = true
		}
	}
	entries, err := os.ReadDir(d.dir(fid))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("thin fragments: %w", err)
	}
	for _, e := range entries {
		if data[e.Name()] {
			bytes += segment.FragmentSize
			continue
		}
		if err := os.Remove(filepath.Join(d.dir(fid), e.Name())); err != nil {
			return 0, fmt.Errorf("thin fragments: %w", err)
		}
	}
	return bytes, nil
}

// size is what the fragments of a file take on disk.
func (d *depot) size(fid types.Hash) int64 {
	entries, _ := os.ReadDir(d.dir(fid)) // a missing folder is empty
	return int64(len(entries)) * segment.FragmentSize
}

// complete says whether all fragments of a file are there.
func (d *depot) complete(fid types.Hash, m *segment.Manifest) bool {
	for _, s := range m.Segments {
		for _, f := range s.Fragments {
			if f == segment.ZeroFragment {
				continue
			}
			if info, err := os.Stat(d.path(fid, f)); err != nil || info.Size() != segment.FragmentSize {
				return false
			}
		}
	}
	return true
}

// sweep drops fragments of files that keep does not know.
func (d *depot) sweep(keep func(types.Hash) bool) error {
	entries, err := os.ReadDir(filepath.Join(d.home, fragmentsDir))
	if err != nil {
		return fmt.Errorf("sweep depot: %w", err)
	}
	for _, e := range entries {
		if fid, err := types.ParseHash(e.Name()); err == nil && keep(fid) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(d.home, fragmentsDir, e.Name())); err != nil {
			return fmt.Errorf("sweep depot: %w", err)
		}
	}
	return nil
}

// free is the room on the disk, in bytes.
func (d *depot) free() (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(d.home, &s); err != nil {
		return 0, fmt.Errorf("free disk space: %w", err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}
