package miner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/types"
)

// Records of the challenges that are being answered.
const (
	idleRecordName    = "idle-challenge"
	serviceRecordName = "service-challenge"
)

// proofFiles keeps the proofs of blocks of an idle challenge, so that asking
// another TEE worker repeats no work.
type proofFiles struct{ dir string }

func (f proofFiles) path(start types.BlockNumber, block int) string {
	return filepath.Join(f.dir, fmt.Sprintf("idle-%d-%d.proof", start, block))
}

func (f proofFiles) write(start types.BlockNumber, block int, content []byte) error {
	return durable.WriteFile(f.path(start, block), content, 0o600)
}

func (f proofFiles) read(start types.BlockNumber, block int) ([]byte, error) {
	return os.ReadFile(f.path(start, block))
}

// keepOnly removes the proofs of other challenges; all of them for start 0.
func (f proofFiles) keepOnly(start types.BlockNumber) error {
	files, err := filepath.Glob(filepath.Join(f.dir, "idle-*.proof"))
	if err != nil {
		return err
	}
	keep := fmt.Sprintf("idle-%d-", start)
	var errs []error
	for _, path := range files {
		if start == 0 || !strings.HasPrefix(filepath.Base(path), keep) {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}

// answered forgets a challenge that is over.
func (m *Miner) answered(_ context.Context, record string) error {
	err := m.journal.drop(record)
	if record == idleRecordName {
		err = errors.Join(err, m.proofs.keepOnly(0))
	}
	return err
}
