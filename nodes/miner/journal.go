package miner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gocess/gocess/internal/durable"
)

// journal keeps what jobs must not forget: one small JSON file per record,
// replaced as a whole and durably at every step.
type journal struct{ dir string }

const recordSuffix = ".json"

func openJournal(dir string) (*journal, error) {
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("clean journal: %w", err)
		}
	}
	return &journal{dir}, nil
}

func (j *journal) path(name string) string { return filepath.Join(j.dir, name+recordSuffix) }

// save replaces a record durably.
func (j *journal) save(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("journal %s: %w", name, err)
	}
	if err := durable.WriteFile(j.path(name), append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("journal %s: %w", name, err)
	}
	return nil
}

// load reads a record. A record that cannot be read counts as missing: all of
// them can be made again from the chain.
func (j *journal) load(name string, v any) (bool, error) {
	b, err := os.ReadFile(j.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("journal %s: %w", name, err)
	}
	if json.Unmarshal(b, v) != nil {
		return false, j.drop(name)
	}
	return true, nil
}

// drop forgets a record.
func (j *journal) drop(name string) error {
	if err := durable.Remove(j.path(name)); err != nil {
		return fmt.Errorf("journal %s: %w", name, err)
	}
	return nil
}

// names lists the records that start with prefix, in order.
func (j *journal) names(prefix string) ([]string, error) {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), recordSuffix); ok && strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}
