package rpc_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/primitives/substrate"
)

func (c *client) subscribe(method, params string) string {
	c.t.Helper()
	var id string
	if err := json.Unmarshal([]byte(c.result(method, params)), &id); err != nil {
		c.t.Fatal(err)
	}
	return id
}

// head reads a head notification.
func (c *client) head() (method string, header substrate.Header) {
	c.t.Helper()
	e := c.event()
	if err := json.Unmarshal(e.Params.Result, &header); err != nil {
		c.t.Fatalf("%s: %v: %s", e.Method, err, e.Params.Error)
	}
	return e.Method, header
}

func TestHeadsStartWithTheBestAndHaveNoGaps(t *testing.T) {
	for _, method := range []string{
		"chain_subscribeNewHeads", "chain_subscribeNewHead", "subscribe_newHead", "chain_subscribeAllHeads",
		"chain_subscribeFinalizedHeads", "chain_subscribeFinalisedHeads",
	} {
		t.Run(method, func(t *testing.T) {
			n := startNode(t, rpc.Config{})
			n.produce()
			c := n.dial()
			c.subscribe(method, "")
			var producing sync.WaitGroup
			producing.Go(func() {
				for range 30 {
					n.produce()
				}
			})
			defer producing.Wait() // a head is seen before produce is done with its state
			for want := range uint32(31) {
				_, header := c.head()
				if header.Number != want+1 {
					t.Fatalf("got head %d, want %d", header.Number, want+1)
				}
				hash, err := header.Hash()
				if known, kerr := n.chain.HashAt(header.Number); err != nil || kerr != nil || hash != known {
					t.Fatalf("head %d hashes to %s (%v), the chain has %s (%v)", header.Number, hash, err, known, kerr)
				}
			}
		})
	}
}

// For each block, newHead and allHead go before finalizedHead, in whatever
// order they were subscribed to.
func TestFinalizedHeadFollowsNewHead(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	c.subscribe("chain_subscribeFinalizedHeads", "")
	c.subscribe("chain_subscribeNewHeads", "")
	c.subscribe("chain_subscribeAllHeads", "")
	for range 3 {
		c.head() // genesis, in any order: the subscriptions began one by one
	}
	for range 50 {
		best := n.produce()
		var methods []string
		for range 3 {
			method, header := c.head()
			if header.Number != best.Number {
				t.Fatalf("%s of block %d, want %d", method, header.Number, best.Number)
			}
			methods = append(methods, method)
		}
		if methods[2] != "chain_finalizedHead" || methods[0] == methods[1] {
			t.Fatalf("block %d: %v", best.Number, methods)
		}
	}
}

func TestFinalizedHeadsGoOnAloneAfterNewHeadsEnd(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	best := c.subscribe("chain_subscribeNewHeads", "")
	c.subscribe("chain_subscribeFinalizedHeads", "")
	if got := c.result("chain_unsubscribeNewHead", `["`+best+`"]`); got != "true" {
		t.Fatal(got)
	}
	n.produce()
	for {
		if method, header := c.head(); method == "chain_finalizedHead" && header.Number == 1 {
			return
		}
	}
}

func TestRuntimeVersionSubscription(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	id := c.subscribe("state_subscribeRuntimeVersion", "")
	e := c.event()
	if e.Method != "state_runtimeVersion" || e.Params.Subscription != id ||
		string(e.Params.Result) != c.result("state_getRuntimeVersion", "") {
		t.Errorf("got %+v", e)
	}
	if got := c.result("chain_unsubscribeRuntimeVersion", `["`+id+`"]`); got != "true" {
		t.Error(got)
	}
}

// changes reads a storage notification as "key=value" pairs.
func (c *client) changes() (block string, pairs []string) {
	c.t.Helper()
	e := c.event()
	var set struct {
		Block   string
		Changes [][]*string
	}
	if err := json.Unmarshal(e.Params.Result, &set); err != nil || e.Method != "state_storage" {
		c.t.Fatalf("%+v: %v", e, err)
	}
	for _, pair := range set.Changes {
		value := "null"
		if pair[1] != nil {
			value = *pair[1]
		}
		pairs = append(pairs, *pair[0]+"="+value)
	}
	return set.Block, pairs
}

// storedAt is what changes shows for a key after a block.
func (c *client) storedAt(key string, block substrate.H256) string {
	return strings.Trim(key, `"`) + "=" + strings.Trim(c.result("state_getStorage", "["+key+","+quoted(block)+"]"), `"`)
}

func TestStorageSubscription(t *testing.T) {
	for name, opts := range map[string]func(*setup){
		"written keys known":     withChain(),
		"written keys forgotten": withChain(chain.WithRecent(1, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, rpc.Config{}, opts)
			keys := variables(n) // block 3, with a transfer pending
			bob, nobody, events := keys.Replace("$bobKey"), keys.Replace("$nobodyKey"), keys.Replace("$events")
			c := n.dial()
			c.subscribe("state_subscribeStorage", "[["+bob+","+nobody+"]]")
			c.subscribe("state_subscribeStorage", "[["+events+"]]")
			first := n.chain.Best().Hash
			want := []string{
				fmt.Sprint(c.storedAt(bob, first), " ", c.storedAt(nobody, first)),
				c.storedAt(events, first),
			}
			for range 2 {
				block, pairs := c.changes()
				if got := strings.Join(pairs, " "); !slices.Contains(want, got) || block != first.String() {
					t.Errorf("first item of %s: %s", block, got)
				}
			}
			// Block 4 takes the transfer and block 5 nothing, yet writes events.
			for _, keys := range [][]string{{bob, events}, {events}} {
				ref := n.produce()
				var got, want []string
				for _, key := range keys {
					block, pairs := c.changes()
					if block != ref.Hash.String() {
						t.Errorf("item of %s, want block %d", block, ref.Number)
					}
					got = append(got, pairs...)
					want = append(want, c.storedAt(key, ref.Hash))
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("block %d:\n got %v\nwant %v", ref.Number, got, want)
				}
			}
		})
	}
}

func TestSubscriptionToAllStorage(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	c.subscribe("state_subscribeStorage", "")
	ref := n.produce()
	block, pairs := c.changes()
	written, err := n.chain.Block(ref.Number)
	if err != nil {
		t.Fatal(err)
	}
	if block != ref.Hash.String() || len(pairs) != len(written.Written) || len(pairs) == 0 {
		t.Errorf("%s: %d changes, the block wrote %d", block, len(pairs), len(written.Written))
	}
}

func TestTooManyWatchedKeys(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	many := "[[" + strings.TrimSuffix(strings.Repeat(`"0x01",`, 10_000), ",") + "]]"
	var ids []string
	for range 10 {
		ids = append(ids, c.subscribe("state_subscribeStorage", many))
	}
	if got := c.call("state_subscribeStorage", `[["0x02"]]`); !strings.Contains(got, "-32006") {
		t.Errorf("past the limit: %.200s", got)
	}
	if got := c.call("state_subscribeStorage", `[`+many[1:len(many)-2]+`,"0x02"]]`); !strings.Contains(got, "-32602") {
		t.Errorf("one with too many keys: %.200s", got)
	}
	c.result("state_unsubscribeStorage", `["`+ids[0]+`"]`)
	for range 1000 { // the ended stream gives its keys back on its own time
		if got := c.call("state_subscribeStorage", `[["0x02"]]`); strings.Contains(got, `"result"`) {
			return
		}
	}
	t.Error("keys of an ended subscription still count")
}
