package rpc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/metadata"
)

// status is the next status of a watched extrinsic, as its JSON.
func (c *client) status(id string) string {
	c.t.Helper()
	e := c.event()
	if e.Method != "author_extrinsicUpdate" || e.Params.Subscription != id {
		c.t.Fatalf("got %+v, want a status of %s", e, id)
	}
	return string(e.Params.Result)
}

func TestWatchedExtrinsic(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	raw := n.transfer(0, 0)
	id := c.subscribe("author_submitAndWatchExtrinsic", "["+hexes(raw)+"]")
	if got := c.status(id); got != `"ready"` {
		t.Fatalf("first status %s", got)
	}
	block := n.produce()
	if got, want := c.status(id), fmt.Sprintf(`{"inBlock":"%s"}`, block.Hash); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	// What inBlock announces can be read.
	if got := c.result("chain_getBlock", "["+quoted(block.Hash)+"]"); !strings.Contains(got, hexes(raw)) {
		t.Errorf("block: %s", got)
	}
	// finalized comes with the next block, not with this one.
	n.produce()
	if got, want := c.status(id), fmt.Sprintf(`{"finalized":"%s"}`, block.Hash); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if got := c.result("author_unwatchExtrinsic", `["`+id+`"]`); got != "true" {
		t.Errorf("unwatch after the end: %s", got)
	}
}

func TestWatchedExtrinsicThatWaitsAndIsReplaced(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	id := c.subscribe("author_submitAndWatchExtrinsic", "["+hexes(n.transfer(1, 0))+"]")
	if got := c.status(id); got != `"future"` {
		t.Fatalf("behind a gap: %s", got)
	}
	c.result("author_submitExtrinsic", "["+hexes(n.transfer(0, 0))+"]")
	if got := c.status(id); got != `"ready"` {
		t.Fatalf("gap closed: %s", got)
	}
	again := "[" + hexes(n.transfer(1, 0)) + "]" // signed anew, so other bytes
	if got := c.call("author_submitExtrinsic", again); !strings.Contains(got, `"code":1014,"message":"Priority is too low: (`) {
		t.Fatalf("same nonce, same tip: %s", got)
	}
	raw := n.transfer(1, 9)
	by := runtime.ExtrinsicHash(raw)
	if got := c.result("author_submitExtrinsic", "["+hexes(raw)+"]"); got != quoted(by) {
		t.Fatalf("higher tip: %s", got)
	}
	if got, want := c.status(id), fmt.Sprintf(`{"usurped":"%s"}`, by); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestUnwatch(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	id := c.subscribe("author_submitAndWatchExtrinsic", "["+hexes(n.transfer(0, 0))+"]")
	c.status(id)
	if got := c.result("author_unwatchExtrinsic", `["`+id+`"]`); got != "true" {
		t.Fatal(got)
	}
	n.produce()
	if got := c.result("chain_getBlockHash", "[2]"); got == "null" || len(c.events) != 0 {
		t.Errorf("after unwatching: %s, %v", got, c.events)
	}
}

// rpc_methods names what can be called, unsafe methods only to who may call
// them.
func TestMethodsListIsTrue(t *testing.T) {
	for _, unsafe := range []bool{true, false} {
		cfg := rpc.Config{}
		if !unsafe {
			cfg.Server.Unsafe = 1 // never
		}
		c := startNode(t, cfg).dial()
		var list struct{ Methods []string }
		if err := json.Unmarshal([]byte(c.result("rpc_methods", "")), &list); err != nil {
			t.Fatal(err)
		}
		listed := make(map[string]bool)
		for _, name := range list.Methods {
			listed[name] = true
			if answer := c.call(name, `["not a parameter of anything"]`); strings.Contains(answer, "-32601") {
				t.Errorf("%s is listed but answers %s", name, answer)
			}
		}
		for _, name := range neededMethods {
			if !listed[name] {
				t.Errorf("%s is needed by clients but not listed", name)
			}
		}
		if listed["state_getPairs"] != unsafe {
			t.Errorf("state_getPairs listed: %v", listed["state_getPairs"])
		}
	}
}

// neededMethods are those that spec/wire.md §5.4 marks as a must for any
// client, with the aliases that clients call, and the whole groups of §5.7: a
// client that finds one method of a group takes it for the group.
var neededMethods = strings.Fields(`
rpc_methods system_name system_version system_chain system_chainType system_properties system_health system_syncState
system_accountNextIndex account_nextIndex chain_getBlockHash chain_getHead chain_getFinalizedHead chain_getFinalisedHead
chain_getHeader chain_getBlock chain_subscribeNewHeads chain_subscribeNewHead chain_unsubscribeNewHeads
chain_unsubscribeNewHead chain_subscribeFinalizedHeads chain_unsubscribeFinalizedHeads chain_subscribeAllHeads
chain_unsubscribeAllHeads state_getMetadata state_getRuntimeVersion chain_getRuntimeVersion
state_subscribeRuntimeVersion state_unsubscribeRuntimeVersion state_call state_callAt state_getStorage
state_getStorageAt state_getStorageHash state_getStorageSize state_getKeysPaged state_getKeysPagedAt state_getKeys
state_queryStorageAt state_subscribeStorage state_unsubscribeStorage author_submitExtrinsic
author_submitAndWatchExtrinsic author_unwatchExtrinsic author_pendingExtrinsics payment_queryInfo
payment_queryFeeDetails net_listening net_version net_peerCount
chainSpec_v1_chainName chainSpec_v1_genesisHash chainSpec_v1_properties
chainHead_v1_follow chainHead_v1_unfollow chainHead_v1_header chainHead_v1_body chainHead_v1_call chainHead_v1_storage
chainHead_v1_continue chainHead_v1_stopOperation chainHead_v1_unpin
transaction_v1_broadcast transaction_v1_stop transactionWatch_v1_submitAndWatch transactionWatch_v1_unwatch
archive_v1_body archive_v1_call archive_v1_finalizedHeight archive_v1_genesisHash archive_v1_hashByHeight
archive_v1_header archive_v1_storage archive_v1_stopStorage archive_v1_storageDiff archive_v1_stopStorageDiff`)

// Every function that the metadata announces can be called, and the version
// lists no API without functions.
func TestAnnouncedRuntimeAPIsExist(t *testing.T) {
	n := startNode(t, rpc.Config{})
	blob, err := n.rt.MetadataV15()
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	c := n.dial()
	functions := 0
	for _, api := range m.APIs {
		for _, method := range api.Methods {
			functions++
			name := api.Name + "_" + method.Name
			if answer := c.call("state_call", `["`+name+`","0x"]`); strings.Contains(answer, "is not found") {
				t.Errorf("%s: %s", name, answer)
			}
		}
	}
	if functions == 0 || len(m.APIs) != len(n.rt.Version().APIs) {
		t.Errorf("%d functions in %d APIs; the version lists %d", functions, len(m.APIs), len(n.rt.Version().APIs))
	}
}
