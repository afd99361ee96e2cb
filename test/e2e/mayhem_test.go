//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/tee"
)

// mayhemMiners is one more than a file's segments need after one is lost, and a
// few to choose from.
const mayhemMiners = 16

// sessions of the user at a time.
const sessions = 3

// calmWithin bounds the time until all that was begun under fire is done: two
// lives of a deal, forced exits and restoral included.
const calmWithin = 30 * time.Minute

// Miners, TEE workers and the validator are killed at random moments, 200 times
// in all, while a user stores, reads and deletes files, challenges go on and
// the fragments of a miner that is lost for good are rebuilt. Afterwards all
// books agree, every acknowledged file is with twelve miners, tagged and read
// back, deleted ones are gone, and no miner was punished for a round that it
// was alive for.
func TestNothingIsLostInMayhem(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half an hour")
	}
	rng := seeded(t)
	const kills = 200
	network := devkit.Start(t, devkit.Config{Miners: mayhemMiners, Fast: true})
	chain := network.Client(t)
	secondTEE(t, network)
	alice := newUser(t, network, chain, "//Alice")
	leaseForLong(t, alice, "mayhem", 16)
	alice.authorize(t, gatewayAccount(t, network))
	first := upload{content: content{seed: rng.Uint64() | 1, size: 40 * miB}, territory: "mayhem", name: "first.bin"}
	fid := alice.mustPut(t, first)
	file := alice.waitActive(t, fid, activeWithin)
	eventually(t, 5*time.Minute, "all fragments have tags", func() string { return untagged(t, chain, fid) })

	c := newChaos(rng, network)
	c.killForGood(t, killHolders(t, rng, network, file, 1)[0])
	began := time.Now()
	h := newHoard(alice)
	h.giveBack(stored{upload: first, fid: fid, at: began, keep: true})
	stop := h.run(t, rng, sessions)
	for c.kills < kills && !t.Failed() {
		c.strike(t, kills-c.kills)
		grow(t, chain, 1)
		if err := network.Check(); err != nil {
			t.Error(err)
		}
	}
	stop()
	t.Logf("%d kills within %v: %s", c.kills, time.Since(began).Round(time.Second), c.tally())
	t.Log(h.report())
	if t.Failed() {
		return
	}

	calm := time.Now()
	h.finish(t)
	eventually(t, calmWithin, "all that was begun is done", func() string {
		time.Sleep(time.Second)
		return unfinished(t, chain, alice)
	})
	eventually(t, 5*time.Minute, "the disks have what the chain says", func() string {
		time.Sleep(time.Second)
		return misplaced(t, chain, c)
	})
	t.Logf("calm %v after the last kill", time.Since(calm).Round(time.Second))
	emptyDepot(t, network, "arriving")
	gateway := network.Node("gateway-1")
	gateway.Kill(t)
	gateway.Wipe(t)
	gateway.Restart(t)
	h.check(t)
	replays(t, network)
	if err := network.Stop(); err != nil {
		t.Error(err)
	}
	verifies(t, network)
	s := openState(t, network)
	s.balance(t)
	s.rounds(t, c)
	checkFolders(t, c)
}

// leaseForLong leases a territory for a year: days of a fast network are half a
// minute long.
func leaseForLong(t *testing.T, u *user, territory string, gib uint32) {
	t.Helper()
	call := storagehandler.MintTerritory{GiBCount: gib, TerritoryName: types.TerritoryName(territory), Days: 365}
	if _, err := u.chain.Submit(within(t, txTimeout), u.key, call); err != nil {
		t.Fatalf("mint territory %q: %v", territory, err)
	}
}

// secondTEE adds a worker that tags and certifies, so that miners may choose,
// and waits until it has the keys.
func secondTEE(t *testing.T, n *devkit.Network) {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(devkit.FreePorts(t, 1)))
	endpoint := "http://" + address
	n.Add(t, devkit.NodeInfo{Role: "tee", Name: "tee-2", Endpoint: endpoint},
		"tee", "run", "--home", filepath.Join(n.Dir, "tee-2"), "--node", n.RPCWS, "--key", "//Charlie", "--identity", "//Charlie",
		"--role", "marker", "--listen", address, "--every", "1s", "--require-all-paths").WaitUp(t)
	client, err := tee.Dial(within(t, time.Minute), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	eventually(t, 3*time.Minute, "the second TEE worker has the keys", func() string {
		if _, _, err := client.TaggerKey(within(t, 10*time.Second)); err != nil {
			return err.Error()
		}
		return ""
	})
}

// unfinished says what is still under way: deals, restoral orders, missing tags
// and fragments with miners that left.
func unfinished(t *testing.T, chain *sdk.Client, u *user) string {
	t.Helper()
	b := readBooks(t, chain, u)
	if n := len(b.Deals); n > 0 || b.Locks > 0 {
		return fmt.Sprintf("%d deals with %d index entries", n, b.Locks)
	}
	if n := len(list(t, chain.Best(), filebank.RestoralOrders)); n > 0 {
		return fmt.Sprintf("%d restoral orders", n)
	}
	serves := inService(t, chain)
	bare, astray := 0, 0
	for _, f := range b.Files {
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if frag.Tag.IsNone() {
					bare++
				}
				if !frag.Avail || !serves[frag.Miner] {
					astray++
				}
			}
		}
	}
	if bare > 0 || astray > 0 {
		return fmt.Sprintf("%d fragments without tags, %d with miners that are out of service", bare, astray)
	}
	return ""
}

// inService are the miners that the chain counts on. One that is frozen goes on
// proving what it has.
func inService(t *testing.T, chain *sdk.Client) map[substrate.AccountID]bool {
	t.Helper()
	serves := make(map[substrate.AccountID]bool)
	for _, m := range list(t, chain.Best(), sminer.Miners) {
		serves[m.Key] = slices.Contains([]string{sminer.StatePositive, sminer.StateFrozen}, string(m.Value.State))
	}
	return serves
}
