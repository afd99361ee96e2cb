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

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/store"
)

// The ways to cheat, for tests of the network's defences. The environment
// variable CESS_MINER_CHEAT names one for all miners of the process, or one
// for each of several: address=way,address=way.
//
// A verdict is forged to hide missing data: both ways to do so start with a
// dropped fragment.
const (
	droppedFragment  = "dropped-fragment"  // one tagged fragment is deleted; its blocks are proven as zeros
	flippedByte      = "flipped-byte"      // one byte of one tagged fragment changes
	droppedIdle      = "dropped-idle"      // certified idle files are deleted
	replayedProof    = "replayed-proof"    // the first service proof is submitted for ever
	foreignProof     = "foreign-proof"     // another miner's proof is taken from the chain and submitted
	foreignSignature = "foreign-signature" // a dropped fragment, and a true verdict that somebody else signed
	lateProof        = "late-proof"        // proofs come after their deadline, once the miner has earned something
	silence          = "silence"           // no proofs come
	forgedFilter     = "forged-filter"     // a dropped fragment, and other counters of the bloom filter in the verdict
	refusedDeletion  = "refused-deletion"  // replaced idle files and fragments of deleted files stay and are proven
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
	mu      sync.Mutex
	proof   []byte            // guarded by mu; the one to submit again
	scanned types.BlockNumber // guarded by mu; where proofs of others were looked for
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

// drops says whether a fragment is deleted.
func (c cheats) drops() bool {
	return c.way == droppedFragment || c.way == foreignSignature || c.way == forgedFilter
}

// tagged deletes or damages the first fragment that it is told of, once in the
// life of the folder.
func (c cheats) tagged(s *Store, fid, fragment types.Hash) error {
	if !c.drops() && c.way != flippedByte || isZero(fragment) {
		return nil
	}
	mark := filepath.Join(s.root, "cheated")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	path := s.path(keptDir, fid, fragment)
	if c.drops() {
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

func (c cheats) forgets() bool { return c.way != refusedDeletion }

// content gives zeros for what was deleted.
func (c cheats) content(content Content, err error) (Content, error) {
	if err != nil && c.drops() {
		return zeroContent(), nil
	}
	return content, err
}

func (c cheats) mayProve(ctx context.Context, l *look, slip types.BlockNumber) bool {
	switch c.way {
	case silence:
		return false
	case lateProof:
		return l.height > slip || !c.earned(ctx, l)
	}
	return true
}

func (c cheats) late() bool { return c.way == lateProof }

// earned says whether the miner has something to lose but its collateral: the
// fines of newcomers are small.
func (c cheats) earned(ctx context.Context, l *look) bool {
	r, _, err := sdk.Find(ctx, l.at, sminer.Rewards, c.account)
	return err == nil && !r.TotalReward.IsZero()
}

// repairs is false where the damage is on purpose.
func (c cheats) repairs() bool {
	return !c.drops() && c.way != flippedByte && c.way != droppedIdle
}
