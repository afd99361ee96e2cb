//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// repairWithin bounds the time from a miner's end until others have restored
// and tagged its fragments, with days of half a minute.
const repairWithin = 20 * time.Minute

// Three of a file's twelve miners are lost at once and for good. The chain
// forces them out, others rebuild and tag the fragments, and each segment is
// back with twelve distinct miners; then one of those leaves in order and gets
// its collateral back. The file can be read at every moment.
func TestLostMinersAreReplaced(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some ten minutes")
	}
	rng := seeded(t)
	net := devkit.Start(t, devkit.Config{Miners: 16, Fast: true})
	chain := net.Client(t)
	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "kept", 2)
	alice.authorize(t, gatewayAccount(t, net))
	up := upload{content: content{seed: rng.Uint64() | 1, size: 40 * miB}, territory: "kept", name: "kept.bin"}
	fid := alice.mustPut(t, up)
	file := alice.waitActive(t, fid, activeWithin)
	eventually(t, 5*time.Minute, "all fragments have tags", func() string { return untagged(t, chain, fid) })

	began := time.Now()
	lost := make(map[substrate.AccountID]bool)
	for _, n := range killHolders(t, rng, net, file, 3) {
		lost[account(t, n)] = true
	}
	read := func() {
		if err := alice.get(within(t, 2*time.Minute), fid, "", up.content); err != nil {
			t.Errorf("read the file %v after its miners were lost: %v", time.Since(began).Round(time.Second), err)
		}
	}
	eventually(t, repairWithin, "the file is whole again", func() string {
		read()
		return incomplete(t, chain, fid, lost)
	})
	t.Logf("whole again %v after three of twelve miners were lost", time.Since(began).Round(time.Second))
	for who := range lost {
		if m := minerRecord(t, chain, who); string(m.State) != sminer.StateOffline {
			t.Errorf("lost miner %v is %s", types.Address(who), m.State)
		}
	}

	leaves(t, net, chain, fid, read)
	for _, m := range list(t, chain.Best(), sminer.Miners) {
		if s := string(m.Value.State); s == sminer.StateOffline && !lost[m.Key] {
			t.Errorf("miner %v was forced out although it runs", types.Address(m.Key))
		}
	}
}

// leaves makes a holder of the file exit in order.
func leaves(t *testing.T, net *devkit.Network, chain *sdk.Client, fid types.Hash, read func()) {
	t.Helper()
	file, _, err := sdk.Find(within(t, time.Minute), chain.Best(), filebank.Files, fid)
	if err != nil {
		t.Fatal(err)
	}
	leaver := file.SegmentList[0].FragmentList[0].Miner
	key := minerKey(t, net, leaver)
	began := time.Now()
	eventually(t, 5*time.Minute, "the miner may announce its exit", func() string {
		if _, err := chain.Submit(within(t, time.Minute), key, sminer.MinerExitPrep{Miner: leaver}); err != nil {
			return err.Error()
		}
		return ""
	})
	eventually(t, repairWithin, "the file is whole without the miner that left", func() string {
		read()
		return incomplete(t, chain, fid, map[substrate.AccountID]bool{leaver: true})
	})
	eventually(t, 5*time.Minute, "the collateral may be withdrawn", func() string {
		if _, err := chain.Submit(within(t, time.Minute), key, sminer.MinerWithdraw{}); err != nil {
			return err.Error()
		}
		return ""
	})
	m := minerRecord(t, chain, leaver)
	if string(m.State) != sminer.StateExit || !m.Collateral.IsZero() {
		t.Errorf("the miner that left is %s with a collateral of %v", m.State, m.Collateral)
	}
	a, _, err := sdk.Find(within(t, time.Minute), chain.Best(), system.Accounts, leaver)
	if err != nil || a.Data.Reserved != (scale.U128{}) {
		t.Errorf("the miner that left still has %v planck reserved, %v", a.Data.Reserved, err)
	}
	t.Logf("a loaded miner left within %v", time.Since(began).Round(time.Second))
}

// incomplete says what the file lacks: every segment should be with twelve
// distinct miners, none of the gone ones, and tagged.
func incomplete(t *testing.T, chain *sdk.Client, fid types.Hash, gone map[substrate.AccountID]bool) string {
	t.Helper()
	file, found, err := sdk.Find(within(t, time.Minute), chain.Best(), filebank.Files, fid)
	if err != nil || !found {
		return fmt.Sprintf("the file is not there: %v", err)
	}
	for i, s := range file.SegmentList {
		holders, bare := make(map[substrate.AccountID]bool), 0
		for _, f := range s.FragmentList {
			if f.Avail && !gone[f.Miner] {
				holders[f.Miner] = true
			}
			if !f.Tag.IsSome() {
				bare++
			}
		}
		if len(holders) < types.FragmentCount || bare > 0 {
			return fmt.Sprintf("segment %d is with %d miners, %d fragments have no tag", i+1, len(holders), bare)
		}
	}
	return ""
}

func minerRecord(t *testing.T, chain *sdk.Client, who substrate.AccountID) sminer.Miner {
	t.Helper()
	m, found, err := sdk.Find(within(t, time.Minute), chain.Best(), sminer.Miners, who)
	if err != nil || !found {
		t.Fatalf("miner %v: %t, %v", types.Address(who), found, err)
	}
	return m
}

func account(t *testing.T, n *devkit.Node) substrate.AccountID {
	t.Helper()
	id, err := types.ParseAddress(n.Account)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// minerKey is the key of a miner of the network.
func minerKey(t *testing.T, net *devkit.Network, who substrate.AccountID) crypto.Pair {
	t.Helper()
	for i := range net.Nodes("miner") {
		key, err := crypto.FromURI(crypto.Sr25519, devnet.MinerSURI(i+1))
		if err != nil {
			t.Fatal(err)
		}
		if key.AccountID() == who {
			return key
		}
	}
	t.Fatalf("no miner of the network has account %v", types.Address(who))
	return nil
}
