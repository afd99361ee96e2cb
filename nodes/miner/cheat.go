//go:build cheat

package miner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/store"
)

// The ways to cheat, for tests of the network's defences. The environment
// variable CESS_MINER_CHEAT names one for all miners of the process, or one
// for each of several: address=way,address=way.
const (
	droppedFragment  = "dropped-fragment"  // one tagged fragment is deleted; its blocks are proven as zeros
	flippedByte      = "flipped-byte"      // one byte of one tagged fragment changes
	droppedIdle      = "dropped-idle"      // certified idle files are deleted
	replayedProof    = "replayed-proof"    // the first service proof is submitted for ever
	foreignProof     = "foreign-proof"     // another miner's proof is submitted
	foreignSignature = "foreign-signature" // verdicts are signed by somebody else
	lateProof        = "late-proof"        // proofs come after their deadline
	silence          = "silence"           // no proofs come
	forgedFilter     = "forged-filter"     // the counters of the bloom filter are changed
	refusedDeletion  = "refused-deletion"  // idle files stay when data takes their place
)

var ways = []string{
	droppedFragment, flippedByte, droppedIdle, replayedProof, foreignProof,
	foreignSignature, lateProof, silence, forgedFilter, refusedDeletion,
}

// cheats is what a miner does against the rules.
type cheats struct {
	way     string
	account substrate.AccountID
	*memory
}

type memory struct {
	mu    sync.Mutex
	proof []byte // guarded by mu; the first one
}

// newCheats reads the environment.
func newCheats(account substrate.AccountID) (cheats, error) {
	c := cheats{account: account, memory: new(memory)}
	for item := range strings.SplitSeq(os.Getenv("CESS_MINER_CHEAT"), ",") {
		address, way, named := strings.Cut(strings.TrimSpace(item), "=")
		if !named {
			address, way = "", address
		}
		if way == "" || named && address != types.Address(account).String() {
			continue
		}
		if !slices.Contains(ways, way) {
			return c, fmt.Errorf("CESS_MINER_CHEAT: %q is none of %s", way, strings.Join(ways, ", "))
		}
		c.way = way
	}
	return c, nil
}

func (c cheats) name() string { return c.way }

// tagged deletes or damages the first fragment that it is told of, once in the
// life of the folder.
func (c cheats) tagged(s *Store, fid, fragment types.Hash) error {
	if c.way != droppedFragment && c.way != flippedByte || isZero(fragment) {
		return nil
	}
	mark := filepath.Join(s.root, "cheated")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	path := s.path(keptDir, fid, fragment)
	if c.way == droppedFragment {
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.WriteFile(mark, []byte(fragment.String()), 0o600)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, 1)
	_, err = f.ReadAt(b, 4711)
	b[0] ^= 1
	if err == nil {
		_, err = f.WriteAt(b, 4711)
	}
	return errors.Join(err, f.Close(), os.WriteFile(mark, []byte(fragment.String()), 0o600))
}

// certified deletes the idle files of the last set.
func (c cheats) certified(st *store.Store) error {
	if c.way != droppedIdle {
		return nil
	}
	rear := st.Status().Rear
	set, err := st.Set(pois.SetOf(rear))
	if err != nil {
		return err
	}
	for file := rear - pois.SetFiles + 1; file <= rear; file++ {
		if err := set.RemoveFile(disk.OS, file); err != nil {
			return err
		}
	}
	return nil
}

func (c cheats) replaces() bool { return c.way != refusedDeletion }

// content gives zeros for what was deleted.
func (c cheats) content(content Content, err error) (Content, error) {
	if err != nil && c.way == droppedFragment {
		return zeroContent(), nil
	}
	return content, err
}

func (c cheats) mayProve(height, slip types.BlockNumber) bool {
	switch c.way {
	case silence:
		return false
	case lateProof:
		return height > slip
	}
	return true
}

func (c cheats) late() bool { return c.way == lateProof }

// serviceProof replaces the proof by an old one or by another miner's.
func (c cheats) serviceProof(ctx context.Context, l *look, proof []byte) []byte {
	switch c.way {
	case replayedProof:
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.proof) == 0 {
			c.proof = proof
		}
		return c.proof
	case foreignProof:
		open, err := sdk.List(ctx, l.at, audit.Challenges)
		if err != nil {
			return proof
		}
		for _, e := range open {
			if p, ok := e.Value.Proofs.Service.Get(); ok && e.Key != c.account && len(p.Proof) > 0 {
				return p.Proof
			}
		}
	}
	return proof
}

// verdict forges what the chain is told.
func (c cheats) verdict(v serviceVerdict) serviceVerdict {
	switch c.way {
	case foreignSignature:
		key, err := crypto.FromURI(crypto.Sr25519, "//Impostor")
		if err != nil {
			return v
		}
		if sig, err := key.Sign(v.Signature[:]); err == nil {
			v.Signature = types.TEESignature(sig)
		}
	case forgedFilter:
		v.Filter[0]++
	}
	return v
}

// repairs is false where the damage is on purpose.
func (c cheats) repairs() bool {
	return c.way != droppedFragment && c.way != flippedByte && c.way != droppedIdle
}
