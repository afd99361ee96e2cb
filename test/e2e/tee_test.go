//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/tee"
)

// The TEE worker is killed while it tags and while it certifies; a second
// worker gets the keys from the first, which then leaves for good: files are
// tagged and challenges judged all the while.
func TestTEEWorkersComeAndGo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some minutes")
	}
	rng := seeded(t)
	network := devkit.Start(t, devkit.Config{Miners: 12})
	chain := network.Client(t)
	alice := newUser(t, network, chain, "//Alice")
	alice.mint(t, "kept", 2)
	alice.authorize(t, gatewayAccount(t, network))
	first := network.Node("tee-1")

	// Certification: of a miner that joins now.
	base := devkit.FreePorts(t, 2)
	joins(t, network, base)
	bob := key(t, "//Bob")
	eventually(t, 3*time.Minute, "the new miner is in service", func() string {
		m, _, err := sdk.Find(within(t, time.Minute), chain.Best(), sminer.Miners, bob.AccountID())
		if err != nil || string(m.State) != sminer.StatePositive {
			return fmt.Sprintf("%s, %v", m.State, err)
		}
		return ""
	})
	for range 3 {
		time.Sleep(time.Duration(rng.IntN(2000)) * time.Millisecond)
		first.Kill(t)
		first.Restart(t)
	}
	eventually(t, 5*time.Minute, "the new miner has certified idle space", func() string {
		if minerRecord(t, chain, bob.AccountID()).IdleSpace.IsZero() {
			return "it has none"
		}
		return ""
	})

	// Tagging.
	fid := alice.mustPut(t, upload{content: content{seed: rng.Uint64() | 1, size: 70 * miB}, territory: "kept", name: "one"})
	alice.waitActive(t, fid, activeWithin)
	for range 3 {
		time.Sleep(time.Duration(rng.IntN(2000)) * time.Millisecond)
		first.Kill(t)
		first.Restart(t)
	}
	eventually(t, 5*time.Minute, "all fragments have tags", func() string { return untagged(t, chain, fid) })

	second := handOver(t, network, chain, base+1)
	fid = alice.mustPut(t, upload{content: content{seed: rng.Uint64() | 1, size: 20 * miB}, territory: "kept", name: "two"})
	alice.waitActive(t, fid, activeWithin)
	eventually(t, 5*time.Minute, "the second worker tags", func() string { return untagged(t, chain, fid) })
	height, _ := best(t, chain)
	eventually(t, 5*time.Minute, "the second worker judges", func() string { return unjudged(t, chain, &height, second) })
	for _, m := range list(t, chain.Best(), sminer.Miners) {
		if limit := sminer.CollateralLimit(m.Value.DeclarationSpace); m.Value.Collateral != limit {
			t.Errorf("miner %v was punished: its collateral is %v of %v", types.Address(m.Key), m.Value.Collateral, limit)
		}
	}
}

// joins starts a miner on //Bob's account.
func joins(t *testing.T, n *devkit.Network, port int) {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	n.Add(t, devkit.NodeInfo{Role: "miner", Name: "miner-bob", Endpoint: "http://" + address},
		"miner", "run", "--home", filepath.Join(n.Dir, "miner-bob"), "--node", n.RPCWS, "--key", "//Bob", "--listen", address,
		"--reserve-mib", "1024", "--idle-goal-gib", "1", "--allow-private", "--every", "1s", "--space-every", "2s", "--max-retry", "5s")
}

// handOver starts a second worker, waits until it has the keys, and removes the
// first.
func handOver(t *testing.T, n *devkit.Network, chain *sdk.Client, port int) types.WorkerPublicKey {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	endpoint := "http://" + address
	n.Add(t, devkit.NodeInfo{Role: "tee", Name: "tee-2", Endpoint: endpoint},
		"tee", "run", "--home", filepath.Join(n.Dir, "tee-2"), "--node", n.RPCWS, "--key", "//Charlie", "--identity", "//Charlie",
		"--stash-key", "//Alice//stash", "--listen", address, "--every", "1s", "--require-all-paths").WaitUp(t)
	client, err := tee.Dial(within(t, time.Minute), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unsaved
	eventually(t, 3*time.Minute, "the second worker has the keys", func() string {
		if _, _, err := client.TaggerKey(within(t, 10*time.Second)); err != nil {
			return err.Error()
		}
		return ""
	})
	first := types.WorkerPublicKey(key(t, devnet.TEESURI).AccountID())
	second := types.WorkerPublicKey(key(t, "//Charlie").AccountID())
	for _, call := range []runtime.Call{
		teeworker.ChangeMasterKeyHolder{NewHolder: second},
		teeworker.ForceClearTEE{Worker: first},
	} {
		receipt, err := chain.Submit(within(t, time.Minute), key(t, "//Alice"), sudo.Sudo{Call: runtime.RuntimeCall{Call: call}})
		if err != nil {
			t.Fatal(err)
		}
		if done, ok := sdk.EventOf[sudo.SudidEvent](receipt); !ok || !done.SudoResult.IsOk() {
			t.Fatalf("%T: %+v", call, done)
		}
	}
	n.Node("tee-1").Kill(t)
	return second
}

// unjudged looks in new blocks for a verdict of the worker.
func unjudged(t *testing.T, chain *sdk.Client, height *uint32, worker types.WorkerPublicKey) string {
	t.Helper()
	now, _ := best(t, chain)
	for ; *height < now; *height++ {
		for _, event := range events(within(t, time.Minute), t, chain, *height+1) {
			if v, ok := event.(audit.SubmitServiceVerifyResultEvent); ok && v.TEE == worker {
				if !v.Result {
					t.Errorf("a proof of miner %v was found wrong", types.Address(v.Miner))
				}
				return ""
			}
		}
	}
	return "no verdict yet"
}

func events(ctx context.Context, t *testing.T, chain *sdk.Client, number uint32) (out []any) {
	t.Helper()
	at, err := chain.AtHeight(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	records, err := sdk.Get(ctx, at, system.Events)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		out = append(out, r.Event.Event)
	}
	return out
}

func key(t *testing.T, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(crypto.Sr25519, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
