//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/next"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

// upgradeBlockTime is the interval of blocks here, and so what the moments of a
// kill within a block are spread over.
const upgradeBlockTime = 200 * time.Millisecond

// The validator and a node that follows are killed around the block with which
// the runtime changes: a block before, while the block is made, right after. The
// chain goes on with the headers, and so the state roots, of a node that was not
// killed, and the migration ran once.
func TestRuntimeUpgradeKilled(t *testing.T) {
	rng := seeded(t)
	if testing.Short() {
		t.Skip("a chain for each moment; ledger/consensus upgrades one in a second")
	}
	newer := nextBinary(t)
	for _, after := range []int{-2, -1, -1, 0, 0, 1} { // the newest block when they are killed, from the switch
		pause := time.Duration(rng.Int64N(int64(upgradeBlockTime)))
		t.Run(fmt.Sprintf("block %+d and %v", after, pause.Round(time.Millisecond)), func(t *testing.T) {
			killAtSwitch(t, newer, after, pause)
		})
	}
}

func killAtSwitch(t *testing.T, newer string, after int, pause time.Duration) {
	t.Helper()
	spec := upgradeSpec(t, newer)
	validator := newNodeProcess(t, spec, "--keys", "//Alice")
	validator.run(t, newer)
	c := validator.client(t)
	follow := following(t, c)
	witness, follower := newNodeProcess(t, spec, follow...), newNodeProcess(t, spec, follow...)
	for _, n := range []*nodeProcess{witness, follower} {
		n.run(t, newer)
		reaches(t, n.client(t), 1)
	}
	at := planUpgrade(t, c, 12)
	awaitHead(t, c, uint32(int(at)+after))
	time.Sleep(pause)
	validator.stop()
	follower.stop()
	validator.run(t, newer)
	follower.run(t, newer)

	chain := witness.client(t)
	end := at + 10
	reaches(t, chain, end)
	for name, n := range map[string]*nodeProcess{"validator": validator, "follower": follower} {
		other := n.client(t)
		reaches(t, other, end)
		for number := uint32(1); number <= end; number++ {
			if want, got := header(t, chain, number), header(t, other, number); got != want {
				t.Errorf("the %s, killed: block %d is %s, the witness has %s", name, number, got, want)
			}
		}
		upgradedOnce(t, other, at)
	}
}

// upgradeSpec writes the spec of a chain with short blocks.
func upgradeSpec(t *testing.T, binary string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), binary, "chain", "dev",
		"--block-time", fmt.Sprint(upgradeBlockTime.Milliseconds())).Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "chain.json")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// planUpgrade leaves the migration something to do and plans the switch some
// blocks ahead. It returns the first block of the new runtime.
func planUpgrade(t *testing.T, c *sdk.Client, ahead uint32) uint32 {
	t.Helper()
	ctx := within(t, time.Minute)
	root := func(call runtime.Call) {
		t.Helper()
		if _, err := c.Submit(ctx, pairOf(t, "//Alice"), sudo.Sudo{Call: runtime.RuntimeCall{Call: call}}); err != nil {
			t.Fatal(err)
		}
	}
	root(system.SetStorage{Items: []system.KeyValue{{Key: next.OldNote, Value: []byte("kept")}}})
	now, _ := best(t, c)
	root(upgrade.Schedule{SpecVersion: next.SpecVersion, Height: types.BlockNumber(now + ahead)})
	return now + ahead
}

// upgradedOnce checks what the migration and the plan left.
func upgradedOnce(t *testing.T, c *sdk.Client, at uint32) {
	t.Helper()
	ctx := within(t, time.Minute)
	if note, err := c.Best().Raw(ctx, next.Note.Key()); err != nil || string(note) != "\x10kept" {
		t.Errorf("the migrated note is %q, %v", note, err)
	}
	if old, err := c.Best().Raw(ctx, next.OldNote); err != nil || old != nil {
		t.Errorf("the note's old place holds %q, %v", old, err)
	}
	history := must(sdk.Get(ctx, c.Best(), upgrade.History))(t)
	want := upgrade.Plan{SpecVersion: next.SpecVersion, Height: types.BlockNumber(at)}
	if n := len(history); n == 0 || history[n-1] != want || slices.Index(history, want) != n-1 {
		t.Errorf("the history of runtimes is %v, want %v once, as the last", history, want)
	}
}

// awaitHead returns as soon as the node announces a block, or a later one.
func awaitHead(t *testing.T, c *sdk.Client, number uint32) {
	t.Helper()
	ctx := within(t, time.Minute)
	heads, err := c.RPC().Subscribe(ctx, "chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
	if err != nil {
		t.Fatal(err)
	}
	defer heads.Close()
	for {
		select {
		case raw := <-heads.C:
			var head struct{ Number string }
			if err := json.Unmarshal(raw, &head); err != nil {
				t.Fatalf("%v in %s", err, raw)
			}
			now, err := strconv.ParseUint(head.Number, 0, 32)
			if err != nil {
				t.Fatalf("%v in %s", err, raw)
			}
			if uint32(now) >= number {
				return
			}
		case <-ctx.Done():
			t.Fatalf("block %d is not announced", number)
		}
	}
}

func reaches(t *testing.T, c *sdk.Client, height uint32) {
	t.Helper()
	ctx := within(t, 3*time.Minute)
	eventually(t, 2*time.Minute, fmt.Sprintf("block %d", height), func() string {
		now, err := c.Height(ctx)
		if err != nil || now < height {
			return fmt.Sprintf("block %d, %v", now, err)
		}
		return ""
	})
}
