//go:build !unix

package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder keeps nobody out: this system has no such locks.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}
