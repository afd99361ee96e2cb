package rpc_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// watched is the next event of a watched transaction.
func (c *client) watched(id string) string {
	c.t.Helper()
	e := c.event()
	if e.Method != "transactionWatch_v1_watchEvent" || e.Params.Subscription != id {
		c.t.Fatalf("got %+v, want an event of %s", e, id)
	}
	return string(e.Params.Result)
}

func TestWatchedTransaction(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	// The one with the later nonce waits, which is not told apart from ready.
	second := c.subscribe("transactionWatch_v1_submitAndWatch", "["+hexes(n.transfer(1, 0))+"]")
	if got := c.watched(second); got != `{"event":"validated"}` {
		t.Fatal(got)
	}
	if _, err := n.pool.Submit(t.Context(), n.transfer(0, 0)); err != nil {
		t.Fatal(err)
	}
	block := n.produce()
	if got, want := c.watched(second), fmt.Sprintf(`{"event":"bestChainBlockIncluded","block":{"hash":"%s","index":2}}`, block.Hash); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	n.produce()
	if got, want := c.watched(second), fmt.Sprintf(`{"event":"finalized","block":{"hash":"%s","index":2}}`, block.Hash); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if got := c.result("transactionWatch_v1_unwatch", `["`+second+`"]`); got != "null" {
		t.Error(got)
	}
}

func TestRefusedTransactionIsAnEvent(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	forged := n.transfer(0, 0)
	forged[len(forged)-1] ^= 1
	known := n.transfer(0, 0)
	if _, err := n.pool.Submit(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		raw   []byte
		event string
	}{
		{forged, `{"event":"invalid","error":"Invalid Transaction: Transaction has a bad signature"}`},
		{forged, `{"event":"invalid","error":"Transaction is temporarily banned"}`},
		{[]byte{1, 2, 3}, `{"event":"invalid","error":"Extrinsic has invalid format`},
		{known, `{"event":"dropped","error":"Transaction Already Imported`},
		{n.transfer(0, 0), `{"event":"invalid","error":"Priority is too low`},
	} {
		id := c.subscribe("transactionWatch_v1_submitAndWatch", "["+hexes(try.raw)+"]")
		if got := c.watched(id); !strings.HasPrefix(got, try.event) {
			t.Errorf("got %s, want %s", got, try.event)
		}
	}
	if got := c.call("transactionWatch_v1_submitAndWatch", `["zz"]`); !strings.Contains(got, "-32602") {
		t.Errorf("no hex: %s", got)
	}
}

func TestLostTransactions(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	raw, better := n.transfer(0, 0), n.transfer(0, 9)
	id := c.subscribe("transactionWatch_v1_submitAndWatch", "["+hexes(raw)+"]")
	c.watched(id)
	if _, err := n.pool.Submit(t.Context(), better); err != nil {
		t.Fatal(err)
	}
	if got := c.watched(id); !strings.HasPrefix(got, `{"event":"invalid","error":"Another transaction, `+runtime.ExtrinsicHash(better).String()) {
		t.Errorf("usurped: %s", got)
	}
	id = c.subscribe("transactionWatch_v1_submitAndWatch", "["+hexes(n.transfer(1, 0))+"]")
	c.watched(id)
	n.pool.Remove(runtime.ExtrinsicHash(better))
	last := n.transfer(1, 50)
	if _, err := n.pool.Submit(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if got := c.watched(id); !strings.HasPrefix(got, `{"event":"invalid"`) {
		t.Errorf("usurped behind a gap: %s", got)
	}
	raw = n.transfer(2, 0)
	id = c.subscribe("transactionWatch_v1_submitAndWatch", "["+hexes(raw)+"]")
	c.watched(id)
	n.pool.Remove(runtime.ExtrinsicHash(raw))
	if got := c.watched(id); got != `{"event":"dropped","error":"The transaction lost its place in the pool"}` {
		t.Errorf("removed: %s", got)
	}
}

// A broadcast transaction enters blocks without the client asking again, also
// when it was refused at first, and then gives its place up.
func TestBroadcast(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	junk := "[" + hexes([]byte{1, 2, 3}) + "]"
	for range 15 {
		c.subscribe("transaction_v1_broadcast", junk)
	}
	// Bob has no money yet: his transaction is refused until Alice pays him.
	raw := n.sign(n.bob, runtime.RuntimeCall{Call: system.Remark{Remark: []byte("at last")}}, runtime.Extra{})
	c.subscribe("transaction_v1_broadcast", "["+hexes(raw)+"]")
	n.produce()
	if len(n.pool.Pending()) != 0 {
		t.Fatal("a transaction that nobody can pay for is pending")
	}
	gift := balances.TransferKeepAlive{Dest: substrate.AddressOf(n.bob.AccountID()), Value: unit.SaturatingMul(scale.U128From64(5))}
	if _, err := n.pool.Submit(t.Context(), n.sign(n.alice, runtime.RuntimeCall{Call: gift}, runtime.Extra{})); err != nil {
		t.Fatal(err)
	}
	n.await("inclusion", func() bool {
		n.produce()
		return strings.Contains(c.result("chain_getBlock", ""), hexes(raw))
	})
	n.produce()
	n.await("room for another", func() bool { return c.result("transaction_v1_broadcast", junk) != "null" })
}

// await waits until done is true.
func (n *node) await(what string, done func() bool) {
	n.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

func TestBroadcastLimitAndStop(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	raw := hexes([]byte{1, 2, 3}) // undecodable ones count too, and are not told of
	var ids []string
	for range 16 {
		ids = append(ids, c.subscribe("transaction_v1_broadcast", "["+raw+"]"))
	}
	if got := c.result("transaction_v1_broadcast", "["+raw+"]"); got != "null" {
		t.Errorf("past the limit: %s", got)
	}
	if got := c.result("transaction_v1_stop", `["`+ids[0]+`"]`); got != "null" {
		t.Error(got)
	}
	if got := c.call("transaction_v1_stop", `["`+ids[0]+`"]`); !strings.Contains(got, "-32602") {
		t.Errorf("stopped twice: %s", got)
	}
	if got := c.result("transaction_v1_broadcast", "["+raw+"]"); got == "null" {
		t.Error("a stopped one still counts")
	}
	if got := n.dial().call("transaction_v1_stop", `["`+ids[1]+`"]`); !strings.Contains(got, "-32602") {
		t.Errorf("on another connection: %s", got)
	}
}
