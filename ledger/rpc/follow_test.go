package rpc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// followEvent is an event of chainHead_v1_follow.
type followEvent struct {
	Event                string
	FinalizedBlockHashes []substrate.H256
	PrunedBlockHashes    []substrate.H256
	BlockHash            substrate.H256
	ParentBlockHash      substrate.H256
	BestBlockHash        substrate.H256
	OperationID          string `json:"operationId"`
	Value                []string
	Output               string
	Error                string
	Items                []map[string]string
	raw                  string
}

// followed reads the next event of a follow subscription.
func (c *client) followed(id string) followEvent {
	c.t.Helper()
	e := c.event()
	if e.Method != "chainHead_v1_followEvent" || e.Params.Subscription != id {
		c.t.Fatalf("got %+v, want an event of %s", e, id)
	}
	out := followEvent{raw: string(e.Params.Result)}
	if err := json.Unmarshal(e.Params.Result, &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// follow subscribes and reads past the first two events, which it returns.
func (c *client) follow(withRuntime bool) (id string, begin, best followEvent) {
	c.t.Helper()
	id = c.subscribe("chainHead_v1_follow", fmt.Sprintf("[%v]", withRuntime))
	return id, c.followed(id), c.followed(id)
}

// start begins an operation and returns its id.
func (c *client) start(method, params string) string {
	c.t.Helper()
	var answer struct {
		Result      string
		OperationID string `json:"operationId"`
	}
	text := c.result(method, params)
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Result != "started" {
		c.t.Fatalf("%s %s: %s", method, params, text)
	}
	return answer.OperationID
}

func TestFollowReportsEveryBlockInOrder(t *testing.T) {
	n := startNode(t, rpc.Config{})
	var hashes []substrate.H256
	hashes = append(hashes, n.genesis)
	for range 20 {
		hashes = append(hashes, n.produce().Hash)
	}
	c := n.dial()
	id, begin, best := c.follow(true)
	if got, want := fmt.Sprint(begin.FinalizedBlockHashes), fmt.Sprint(hashes[5:]); begin.Event != "initialized" || got != want {
		t.Errorf("first event %s, want the last 16 blocks %s", begin.raw, want)
	}
	if best.Event != "bestBlockChanged" || best.BestBlockHash != hashes[20] {
		t.Errorf("second event %s", best.raw)
	}
	for range 30 {
		ref := n.produce()
		parent := hashes[len(hashes)-1]
		hashes = append(hashes, ref.Hash)
		want := []string{
			`{"event":"newBlock","blockHash":` + quoted(ref.Hash) + `,"parentBlockHash":` + quoted(parent) + `,"newRuntime":null}`,
			`{"event":"bestBlockChanged","bestBlockHash":` + quoted(ref.Hash) + `}`,
			`{"event":"finalized","finalizedBlockHashes":[` + quoted(ref.Hash) + `],"prunedBlockHashes":[]}`,
		}
		for _, w := range want {
			if got := c.followed(id).raw; got != w {
				t.Fatalf("block %d: got %s, want %s", ref.Number, got, w)
			}
		}
	}
}

func TestFollowWithAndWithoutRuntime(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	id, begin, _ := c.follow(false)
	if strings.Contains(begin.raw, "Runtime") {
		t.Errorf("without runtime: %s", begin.raw)
	}
	if got := c.call("chainHead_v1_call", `["`+id+`",`+quoted(n.genesis)+`,"Core_version","0x"]`); !strings.Contains(got, "-32802") {
		t.Errorf("call without runtime: %s", got)
	}
	n.produce()
	if e := c.followed(id); strings.Contains(e.raw, "newRuntime") {
		t.Errorf("without runtime: %s", e.raw)
	}
	_, begin, _ = n.dial().follow(true)
	var with struct {
		FinalizedBlockRuntime struct {
			Type string
			Spec struct {
				SpecName                        string
				SpecVersion, TransactionVersion uint32
				APIs                            map[string]uint32
			}
		}
	}
	if err := json.Unmarshal([]byte(begin.raw), &with); err != nil {
		t.Fatal(err)
	}
	v := n.rt.Version()
	spec := with.FinalizedBlockRuntime.Spec
	if with.FinalizedBlockRuntime.Type != "valid" || spec.SpecName != string(v.SpecName) || spec.SpecVersion != v.SpecVersion ||
		spec.TransactionVersion != v.TransactionVersion || len(spec.APIs) != len(v.APIs) || spec.APIs["0xdf6acb689907609b"] != 5 {
		t.Errorf("runtime %s", begin.raw)
	}
}

func TestFollowLimit(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	var ids []string
	for range 4 {
		ids = append(ids, c.subscribe("chainHead_v1_follow", "[false]"))
	}
	if got := c.call("chainHead_v1_follow", "[false]"); !strings.Contains(got, `"code":-32800`) {
		t.Fatalf("fifth subscription: %s", got)
	}
	for _, id := range ids {
		if got := c.result("chainHead_v1_unfollow", `["`+id+`"]`); got != "null" {
			t.Fatal(got)
		}
	}
	for range 1000 { // ended streams give their places back on their own time
		if got := c.call("chainHead_v1_follow", "[false]"); strings.Contains(got, `"result"`) {
			return
		}
	}
	t.Error("ended subscriptions still count")
}

func TestPinnedBlocks(t *testing.T) {
	n := startNode(t, rpc.Config{})
	c := n.dial()
	id, _, _ := c.follow(false)
	ref := n.produce()
	for range 3 {
		c.followed(id)
	}
	header, err := n.chain.Header(ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	at := `["` + id + `",` + quoted(ref.Hash)
	if got := c.result("chainHead_v1_header", at+"]"); got != hexes(scale.MustMarshal(header)) {
		t.Errorf("header %s", got)
	}
	if got := c.call("chainHead_v1_header", `["`+id+`",`+quoted(substrate.H256{7})+`]`); !strings.Contains(got, "-32801") {
		t.Errorf("unreported block: %s", got)
	}
	// Another subscription has pins of its own.
	other, _, _ := c.follow(false)
	both := `["` + id + `",[` + quoted(n.genesis) + `,` + quoted(ref.Hash)
	for params, code := range map[string]string{
		both + `,` + quoted(ref.Hash) + `]]`:          "-32804",
		both + `,` + quoted(substrate.H256{7}) + `]]`: "-32801",
	} {
		if got := c.call("chainHead_v1_unpin", params); !strings.Contains(got, code) {
			t.Errorf("unpin %s: %s", params, got)
		}
		if got := c.result("chainHead_v1_header", at+"]"); got == "null" {
			t.Error("a refused unpin unpinned a block")
		}
	}
	if got := c.result("chainHead_v1_unpin", both+`]]`); got != "null" {
		t.Errorf("unpin: %s", got)
	}
	for _, call := range []struct{ method, rest string }{
		{"chainHead_v1_header", "]"}, {"chainHead_v1_body", "]"}, {"chainHead_v1_unpin", "]"},
		{"chainHead_v1_call", `,"Core_version","0x"]`}, {"chainHead_v1_storage", `,[],null]`},
	} {
		if got := c.call(call.method, at+call.rest); !strings.Contains(got, "-32801") {
			t.Errorf("%s of an unpinned block: %s", call.method, got)
		}
	}
	if got := c.result("chainHead_v1_header", `["`+other+`",`+quoted(ref.Hash)+`]`); got == "null" {
		t.Error("the other subscription lost its pin")
	}
	// After unfollowing, everything is stale.
	c.result("chainHead_v1_unfollow", `["`+other+`"]`)
	if got := c.result("chainHead_v1_header", `["`+other+`",`+quoted(ref.Hash)+`]`); got != "null" {
		t.Errorf("after unfollow: %s", got)
	}
}

// Who keeps a block pinned for hundreds of blocks is told to begin anew.
func TestFollowStops(t *testing.T) {
	n := startNode(t, rpc.Config{})
	idle, tidy := n.dial(), n.dial()
	idleID, _, _ := idle.follow(false)
	tidyID, begin, _ := tidy.follow(false)
	last := begin.FinalizedBlockHashes[0]
	stopped := false
	for range 514 {
		ref := n.produce()
		for range 3 {
			tidy.followed(tidyID)
		}
		if got := tidy.result("chainHead_v1_unpin", `["`+tidyID+`",`+quoted(last)+`]`); got != "null" {
			t.Fatal(got)
		}
		last = ref.Hash
		for range 3 {
			if stopped {
				break
			}
			if e := idle.followed(idleID); e.Event == "stop" {
				if ref.Number != 513 {
					t.Errorf("stopped at block %d", ref.Number)
				}
				stopped = true
			}
		}
	}
	if !stopped {
		t.Fatal("512 pinned blocks are not too many")
	}
	if got := idle.result("chainHead_v1_header", `["`+idleID+`",`+quoted(n.genesis)+`]`); got != "null" || len(idle.events) != 0 {
		t.Errorf("after stop: %s, %v", got, idle.events)
	}
	if got := idle.result("chainHead_v1_unfollow", `["`+idleID+`"]`); got != "null" {
		t.Error(got)
	}
	if _, begin, _ := idle.follow(false); begin.Event != "initialized" {
		t.Errorf("begun anew: %s", begin.raw)
	}
}

// A pinned block's state can be read although the node no longer keeps states
// of its age; when it is unpinned, or the connection ends, they are discarded.
func TestPinnedStateIsKept(t *testing.T) {
	const retention = 4
	n := startNode(t, rpc.Config{}, withStore(state.WithRetention(retention), state.WithBackgroundPruning(false)))
	c, other := n.dial(), n.dial()
	id, begin, _ := c.follow(false)
	other.follow(false)
	first := begin.FinalizedBlockHashes[0]
	if first != n.genesis {
		t.Fatalf("begins with %s", first)
	}
	for range 3 * retention {
		ref := n.produce()
		for range 3 {
			c.followed(id)
		}
		if got := c.result("chainHead_v1_unpin", `["`+id+`",`+quoted(ref.Hash)+`]`); got != "null" {
			t.Fatal(got)
		}
	}
	prune := func() (gone bool) {
		t.Helper()
		if err := n.store.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		view, err := n.chain.View(first)
		if err == nil {
			view.Close()
		}
		return errors.Is(err, state.ErrPruned)
	}
	read := `["` + id + `",` + quoted(first) + `,[{"key":` + hexes(system.Accounts.Key(n.alice.AccountID())) + `,"type":"value"}],null]`
	if prune() {
		t.Fatal("the state of a pinned block was discarded")
	}
	op := c.start("chainHead_v1_storage", read)
	if e := c.followed(id); e.Event != "operationStorageItems" || e.OperationID != op || len(e.Items) != 1 {
		t.Errorf("the pinned block: %s", e.raw)
	}
	if e := c.followed(id); e.Event != "operationStorageDone" {
		t.Errorf("end: %s", e.raw)
	}
	if got := c.result("chainHead_v1_unpin", `["`+id+`",`+quoted(first)+`]`); got != "null" {
		t.Fatal(got)
	}
	if prune() {
		t.Fatal("another connection has the block pinned")
	}
	if err := other.ws.CloseNow(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for !prune() {
		if time.Now().After(deadline) {
			t.Fatal("the state stays after the connection that pinned the block ended")
		}
		time.Sleep(5 * time.Millisecond)
	}
	// Who begins now begins with what is kept.
	old := id
	id, begin, _ = c.follow(false)
	oldest := begin.FinalizedBlockHashes[0]
	if len(begin.FinalizedBlockHashes) > retention+1 {
		t.Errorf("%d blocks are reported", len(begin.FinalizedBlockHashes))
	}
	c.start("chainHead_v1_storage", strings.ReplaceAll(strings.Replace(read, quoted(first), quoted(oldest), 1), old, id))
	if e := c.followed(id); e.Event != "operationStorageItems" {
		t.Errorf("the oldest block: %s", e.raw)
	}
}

func TestOperations(t *testing.T) {
	n := startNode(t, rpc.Config{})
	vars := variables(n)
	c := n.dial()
	id, _, _ := c.follow(true)
	at := func(hash, rest string) string { return vars.Replace(`["` + id + `",` + hash + rest + `]`) }

	op := c.start("chainHead_v1_body", at("$hash2", ""))
	if e := c.followed(id); e.Event != "operationBodyDone" || e.OperationID != op || len(e.Value) != 2 || `"`+e.Value[1]+`"` != vars.Replace("$transfer") {
		t.Errorf("body: %s", e.raw)
	}
	op = c.start("chainHead_v1_call", at("$best", `,"AccountNonceApi_account_nonce",$aliceID`))
	if e := c.followed(id); e.Event != "operationCallDone" || e.OperationID != op || e.Output != "0x01000000" {
		t.Errorf("call: %s", e.raw)
	}
	op = c.start("chainHead_v1_call", at("$best", `,"No_such","0x"`))
	if e := c.followed(id); e.Event != "operationError" || e.OperationID != op || !strings.Contains(e.Error, "No_such is not found") {
		t.Errorf("failed call: %s", e.raw)
	}

	query := `,[{"key":$bobKey,"type":"value"},{"key":$nobodyKey,"type":"value"},{"key":$bobKey,"type":"hash"},` +
		`{"key":$bobKey,"type":"closestDescendantMerkleValue"},{"key":$accounts,"type":"descendantsHashes"}]`
	started := c.result("chainHead_v1_storage", at("$hash2", query+",null"))
	if !strings.HasPrefix(started, `{"result":"started","operationId":"`) || !strings.HasSuffix(started, `","discardedItems":0}`) {
		t.Fatal(started)
	}
	e := c.followed(id)
	value := c.result("state_getStorage", vars.Replace("[$bobKey,$hash2]"))
	hash := c.result("state_getStorageHash", vars.Replace("[$bobKey,$hash2]"))
	accounts := n.count(c, vars.Replace("$accounts"), vars.Replace("$hash2"))
	if e.Event != "operationStorageItems" || len(e.Items) != 3+accounts || `"`+e.Items[0]["value"]+`"` != value ||
		`"`+e.Items[1]["hash"]+`"` != hash || len(e.Items[2]["closestDescendantMerkleValue"]) != 66 {
		t.Errorf("items: %s", e.raw)
	}
	for _, item := range e.Items[3:] {
		if !strings.HasPrefix(`"`+item["key"], strings.TrimSuffix(vars.Replace("$accounts"), `"`)) || item["hash"] == "" {
			t.Errorf("descendant %v", item)
		}
	}
	if e := c.followed(id); e.Event != "operationStorageDone" {
		t.Errorf("end: %s", e.raw)
	}
	// There are no child tries, and nothing found is no error.
	for _, rest := range []string{query + `,"0x01"`, `,[{"key":$nobodyKey,"type":"value"}],null`, `,[],null`} {
		op := c.start("chainHead_v1_storage", at("$hash2", rest))
		if e := c.followed(id); e.Event != "operationStorageDone" || e.OperationID != op {
			t.Errorf("%s: %s", rest, e.raw)
		}
	}
}

// A long list comes in pages, each asked for, and can be broken off.
func TestStorageWaitsForTheClient(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.fund(3000)
	c := n.dial()
	id, _, best := c.follow(true)
	query := `["` + id + `",` + quoted(best.BestBlockHash) + `,[{"key":` + hexes(system.Accounts.Prefix()) + `,"type":"descendantsValues"}],null]`
	op := c.start("chainHead_v1_storage", query)
	resume := `["` + id + `","` + op + `"]`
	keys := make(map[string]bool)
	for pages := 0; ; {
		e := c.followed(id)
		switch e.Event {
		case "operationStorageItems":
			pages++
			for _, item := range e.Items {
				if keys[item["key"]] {
					t.Fatalf("%s twice", item["key"])
				}
				keys[item["key"]] = true
			}
			continue
		case "operationWaitingForContinue":
			if got := c.result("chainHead_v1_continue", resume); got != "null" {
				t.Fatal(got)
			}
			continue
		case "operationStorageDone":
		default:
			t.Fatal(e.raw)
		}
		if want := n.count(c, hexes(system.Accounts.Prefix()), quoted(best.BestBlockHash)); len(keys) != want || pages < 2 {
			t.Errorf("%d keys on %d pages, the state has %d", len(keys), pages, want)
		}
		break
	}
	if got := c.result("chainHead_v1_continue", resume); got != "null" {
		t.Errorf("after the end: %s", got)
	}

	op = c.start("chainHead_v1_storage", query)
	for c.followed(id).Event != "operationWaitingForContinue" {
	}
	if got := c.result("chainHead_v1_stopOperation", `["`+id+`","`+op+`"]`); got != "null" {
		t.Error(got)
	}
	if got := c.result("chainHead_v1_continue", `["`+id+`","`+op+`"]`); got != "null" || len(c.events) != 0 {
		t.Errorf("stopped operation: %s %v", got, c.events)
	}
}

// Operations that wait use up the subscription's room for more.
func TestOperationLimit(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.fund(3000)
	c := n.dial()
	id, _, best := c.follow(true)
	at := `["` + id + `",` + quoted(best.BestBlockHash)
	item := `{"key":` + hexes(system.Accounts.Prefix()) + `,"type":"descendantsValues"},`
	query := at + `,[` + strings.TrimSuffix(strings.Repeat(item, 70), ",") + `],null]`
	answer := c.result("chainHead_v1_storage", query)
	if !strings.HasSuffix(answer, `"discardedItems":6}`) {
		t.Fatalf("70 items: %s", answer)
	}
	for _, call := range []struct{ method, rest string }{
		{"chainHead_v1_body", "]"}, {"chainHead_v1_call", `,"Core_version","0x"]`}, {"chainHead_v1_storage", `,[` + strings.TrimSuffix(item, ",") + `],null]`},
	} {
		if got := c.result(call.method, at+call.rest); got != `{"result":"limitReached"}` {
			t.Errorf("%s past the limit: %s", call.method, got)
		}
	}
	op := strings.Split(answer, `"`)[7]
	if got := c.call("chainHead_v1_continue", `["`+id+`","`+op+`"]`); !strings.Contains(got, "null") && !strings.Contains(got, "-32803") {
		t.Error(got)
	}
	c.result("chainHead_v1_stopOperation", `["`+id+`","`+op+`"]`)
	if got := c.result("chainHead_v1_body", at+"]"); !strings.HasPrefix(got, `{"result":"started"`) {
		t.Errorf("after the end: %s", got)
	}
}
