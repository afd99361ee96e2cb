//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/test/auditor"
)

// history is the state after each block, on the disk of a stopped validator.
type history struct {
	chain *chain.Chain
	rt    *runtime.Versions
	last  uint32
}

func openState(t *testing.T, network *devkit.Network) *history {
	t.Helper()
	spec, err := genesis.Load(filepath.Join(network.Dir, "chain.json"))
	if err != nil {
		t.Fatal(err)
	}
	rt, err := spec.Runtime()
	if err != nil {
		t.Fatal(err)
	}
	store, err := state.Open(filepath.Join(network.Node("validator-1").Home(), "state"), state.WithBackgroundPruning(false))
	if err != nil {
		t.Fatal(err)
	}
	c, err := chain.Open(store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		_ = store.Close() // nothing was written
	})
	return &history{chain: c, rt: rt, last: c.Best().Number}
}

// read runs fn over the state after a block.
func (s *history) read(t *testing.T, number uint32, fn func(ctx *runtime.Context)) {
	t.Helper()
	hash, err := s.chain.HashAt(number)
	if err != nil {
		t.Fatal(err)
	}
	view, err := s.chain.View(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	if err := s.rt.Read(view.Parent(), fn); err != nil {
		t.Fatal(err)
	}
}

// balance holds all books of the last block against each other. In a network
// that nobody gave anything to, the treasury's pots hold what its books say, to
// the planck.
func (s *history) balance(t *testing.T) {
	t.Helper()
	s.read(t, s.last, func(ctx *runtime.Context) {
		for _, fault := range auditor.Check(ctx) {
			t.Errorf("block %d: %v", s.last, fault)
		}
		deposit := types.Tokens(1) // that every pot starts with
		for pot, want := range map[substrate.PalletID]types.Balance{
			types.RewardPot:  cesstreasury.CurrencyReward.Get(ctx).SaturatingAdd(sminer.Owed(ctx)),
			types.ReservePot: cesstreasury.ReserveReward.Get(ctx),
		} {
			if got := potOf(ctx, pot); got != want.SaturatingAdd(deposit) {
				t.Errorf("the pot %s has %v planck, its books say %v and %v", string(pot[:]), got, want, deposit)
			}
		}
		files, fragments := 0, 0
		for _, f := range filebank.Files.Iter(ctx) {
			files++
			fragments += types.FragmentCount * len(f.SegmentList)
		}
		t.Logf("block %d: all books hold for %d files with %d fragments, %v planck issued", s.last, files, fragments, auditor.Issued(ctx))
	})
}

func potOf(ctx *runtime.Context, pot substrate.PalletID) scale.U128 {
	info := system.Accounts.Get(ctx, substrate.AccountOfPallet(pot))
	return info.Data.Free.SaturatingAdd(info.Data.Reserved)
}

// misplaced compares the miners' disks with the chain: every fragment is with
// the miner that the chain names, with tags beside it, and nothing else is.
func misplaced(t *testing.T, chain *sdk.Client, c *chaos) string {
	t.Helper()
	want := make(map[substrate.AccountID]map[string]bool)
	for _, f := range list(t, chain.Best(), filebank.Files) {
		for _, s := range f.Value.SegmentList {
			for _, frag := range s.FragmentList {
				if want[frag.Miner] == nil {
					want[frag.Miner] = make(map[string]bool)
				}
				want[frag.Miner][f.Key.String()+"/"+frag.Hash.String()] = true
			}
		}
	}
	for _, m := range c.living("miner") {
		has, err := onDisk(m)
		if err != nil {
			t.Fatal(err)
		}
		for place := range want[account(t, m)] {
			if !has[place] || !has[place+".tag"] {
				return fmt.Sprintf("%s has fragment %s: %t, its tags: %t", m.Name, place, has[place], has[place+".tag"])
			}
			delete(has, place)
			delete(has, place+".tag")
		}
		for place := range has {
			return fmt.Sprintf("%s still has %s and %d more", m.Name, place, len(has)-1)
		}
	}
	return ""
}

// onDisk lists the fragments and tags that a miner has, also those that it
// received and that are in no file yet, as fid/fragment.
func onDisk(m *devkit.Node) (map[string]bool, error) {
	has := make(map[string]bool)
	err := filepath.WalkDir(m.Home(), func(path string, e os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // removed meanwhile
		}
		if err != nil || e.IsDir() {
			return err
		}
		folder := filepath.Dir(path)
		if _, err := types.ParseHash(filepath.Base(folder)); err == nil && !strings.HasSuffix(path, ".tmp") {
			has[filepath.Base(folder)+"/"+filepath.Base(path)] = true
		}
		return nil
	})
	if os.IsNotExist(err) {
		err = nil
	}
	return has, err
}

// checkFolders reads all that each miner keeps, compares tags with the content
// that they are of, and idle files with what was certified.
func checkFolders(t *testing.T, c *chaos) {
	t.Helper()
	fragments := 0
	for _, m := range c.living("miner") {
		report, err := miner.CheckFolder(within(t, 10*time.Minute), m.Home(), account(t, m), miner.CheckOptions{Tags: true})
		if err != nil {
			t.Errorf("check the folder of %s: %v", m.Name, err)
			continue
		}
		for _, problem := range report.Problems {
			t.Errorf("%s: %s", m.Name, problem)
		}
		if report.Tagged != report.Fragments {
			t.Errorf("%s has tags for %d of %d fragments", m.Name, report.Tagged, report.Fragments)
		}
		fragments += report.Fragments
	}
	t.Logf("%d fragments with their tags are in order on the disks", fragments)
}
