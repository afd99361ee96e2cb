package rpc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/next"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
)

// upgradeAt is the first block of the next runtime in these tests.
const upgradeAt = 4

// withUpgrade lets the chain change runtimes, on a node that knows releases.
func withUpgrade(t *testing.T, releases ...runtime.Config) func(*setup) {
	t.Helper()
	versions, err := runtime.NewVersions(0, nil, releases...)
	if err != nil {
		t.Fatal(err)
	}
	plan := scale.MustMarshal(upgrade.Plan{SpecVersion: next.SpecVersion, Height: upgradeAt})
	return func(s *setup) {
		s.versions, s.extra = versions, []runtime.Change{{Key: upgrade.Scheduled.Key(), Value: plan}}
	}
}

func newerReleases() []runtime.Config { return append(slices.Clone(pallets.Releases), next.Release()) }

// Clients see the new runtime at the block before its first one, as with
// upstream's nodes; blocks before keep their own, though their state is pruned.
func TestRuntimeAtEachBlock(t *testing.T) {
	n := startNode(t, rpc.Config{}, withUpgrade(t, newerReleases()...), withStore(state.WithRetention(2)))
	c := n.dial()
	legacy := c.subscribe("state_subscribeRuntimeVersion", "[]")
	hashes := []string{quoted(n.genesis)}
	if e := c.event(); e.Params.Subscription != legacy || !strings.Contains(string(e.Params.Result), `"specVersion":137`) {
		t.Errorf("first version: %s", e.Params.Result)
	}
	id, begin, _ := c.follow(true)
	if !strings.Contains(begin.raw, `"specVersion":137`) {
		t.Errorf("first runtime: %s", begin.raw)
	}
	for number := 1; number <= upgradeAt+8; number++ {
		hashes = append(hashes, quoted(n.produce().Hash))
		for seen := 0; seen < 3 || number == upgradeAt-1 && seen < 4; seen++ {
			e := c.event()
			text := string(e.Params.Result)
			switch {
			case e.Params.Subscription == legacy:
				if number != upgradeAt-1 || !strings.Contains(text, `"specVersion":138`) {
					t.Errorf("block %d: version %s", number, text)
				}
			case e.Params.Subscription != id:
				t.Fatalf("block %d: %+v", number, e)
			case strings.Contains(text, `"newBlock"`):
				same := strings.Contains(text, `"newRuntime":null`)
				if same != (number != upgradeAt-1) || !same && !strings.Contains(text, `"specVersion":138`) {
					t.Errorf("block %d: %s", number, text)
				}
			}
		}
	}
	if err := n.store.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	for number, hash := range hashes {
		want, almanac := `"specVersion":137`, false
		if number >= upgradeAt-1 {
			want, almanac = `"specVersion":138`, true
		}
		if got := c.result("state_getRuntimeVersion", "["+hash+"]"); !strings.Contains(got, want) {
			t.Errorf("block %d: %s", number, got)
		}
		// hex of "Almanac"
		if got := c.result("state_getMetadata", "["+hash+"]"); strings.Contains(got, "416c6d616e6163") != almanac {
			t.Errorf("block %d: the new pallet is in the metadata: %v", number, !almanac)
		}
	}
	if got := c.result("state_call", `["Core_version","0x"]`); !strings.HasSuffix(got, `"`) || len(got) < 100 {
		t.Errorf("Core_version: %s", got)
	}
}

// A node that does not know the next runtime says so to those who ask for it, and
// goes on to answer for what it knows.
func TestRuntimeThatTheNodeLacks(t *testing.T) {
	n := startNode(t, rpc.Config{}, withUpgrade(t, pallets.Releases...))
	c := n.dial()
	id, _, _ := c.follow(true)
	for range upgradeAt - 1 {
		n.produce()
	}
	for {
		if e := c.followed(id); strings.Contains(e.raw, `"newRuntime":{`) {
			if !strings.Contains(e.raw, `"type":"invalid"`) || !strings.Contains(e.raw, "138") {
				t.Errorf("the new runtime: %s", e.raw)
			}
			break
		}
	}
	if got := c.call("state_getRuntimeVersion", ""); !strings.Contains(got, "knows only 137") {
		t.Errorf("at the best block: %s", got)
	}
	if got := c.result("state_getRuntimeVersion", "["+quoted(n.genesis)+"]"); !strings.Contains(got, `"specVersion":137`) {
		t.Errorf("at genesis: %s", got)
	}
}
