package rpc_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
)

func TestAnswersStopAtTheLimit(t *testing.T) {
	n := startNode(t, rpc.Config{Server: jsonrpc.Config{MaxResponseBytes: 4096}})
	n.fund(1000)
	c := n.dial()
	accounts := hexes(system.Accounts.Prefix())
	for method, params := range map[string]string{
		"state_getKeys":        "[" + accounts + "]",
		"state_getPairs":       "[" + accounts + "]",
		"state_getKeysPaged":   "[" + accounts + ",1000]",
		"state_queryStorageAt": `[[` + strings.TrimSuffix(strings.Repeat(accounts+",", 100), ",") + `]]`,
		"chain_getBlockHash":   `[[` + strings.TrimSuffix(strings.Repeat("0,", 1000), ",") + `]]`,
		"state_getMetadata":    "[]",
	} {
		if answer := c.call(method, params); !strings.Contains(answer, `"code":-32008`) {
			t.Errorf("%s: %.200s", method, answer)
		}
	}
	if got := c.result("state_getStorageSize", "["+accounts+"]"); got == "null" {
		t.Error("the connection is of no use afterwards")
	}
}

func TestPrunedState(t *testing.T) {
	n := startNode(t, rpc.Config{}, withStore(state.WithRetention(2)))
	for range 8 {
		n.produce()
	}
	if err := n.store.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	hash, err := n.chain.HashAt(1)
	if err != nil {
		t.Fatal(err)
	}
	c := n.dial()
	if got := c.call("state_getStorage", `["0x00",`+quoted(hash)+`]`); !strings.Contains(got, `"code":4003,"message":"Client error: UnknownBlock: State already discarded for `+hash.String()) {
		t.Errorf("pruned state: %s", got)
	}
	// Headers, bodies and the version stay.
	for _, method := range []string{"chain_getHeader", "chain_getBlock", "state_getRuntimeVersion"} {
		if got := c.result(method, "["+quoted(hash)+"]"); got == "null" {
			t.Errorf("%s of a block without state: %s", method, got)
		}
	}
}

func TestPublicEndpoint(t *testing.T) {
	n := startNode(t, rpc.Config{Server: jsonrpc.Config{Unsafe: jsonrpc.UnsafeNever}})
	c := n.dial()
	for _, method := range []string{"state_getPairs", "state_queryStorage", "author_removeExtrinsic", "system_peers", "state_subscribeStorage"} {
		if got := c.call(method, "[]"); !strings.Contains(got, `"code":-32601,"message":"RPC call is unsafe to be called externally"`) {
			t.Errorf("%s: %s", method, got)
		}
	}
}

func TestHealthOverHTTP(t *testing.T) {
	n := startNode(t, rpc.Config{})
	r, err := http.Get("http://" + n.addr + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || string(body) != `{"peers":0,"isSyncing":false,"shouldHavePeers":false}` {
		t.Errorf("%s %v", body, err)
	}
}

// A node with a network shows it.
func TestNetwork(t *testing.T) {
	n := startNode(t, rpc.Config{ChainType: "fork"}, withNode(smallNetwork{}))
	n.produce()
	c := n.dial()
	for method, want := range map[string]string{
		"system_health":               `{"peers":2,"isSyncing":true,"shouldHavePeers":true}`,
		"system_syncState":            `{"startingBlock":0,"currentBlock":1,"highestBlock":900}`,
		"system_chainType":            `{"Custom":"fork"}`,
		"system_nodeRoles":            `["Full"]`,
		"system_localPeerId":          `"me"`,
		"system_localListenAddresses": `["/ip4/127.0.0.1/tcp/30333/p2p/me"]`,
		"net_peerCount":               `"0x2"`,
		"system_reservedPeers":        `["a","b"]`,
		"babe_epochAuthorship":        `{"cXezyGVnKBTh5mLY2BRSTUCnfrMbESKYyKG2kbixHbvHdMUJ9":{"primary":[],"secondary":[],"secondary_vrf":[7,9]}}`,
		"system_peers": `[{"peerId":"a","roles":"FULL","bestHash":` + quoted(n.chain.Best().Hash) + `,"bestNumber":1},` +
			`{"peerId":"b","roles":"FULL","bestHash":"0x0000000000000000000000000000000000000000000000000000000000000000","bestNumber":900}]`,
	} {
		if got := c.result(method, ""); got != want {
			t.Errorf("%s: %s, want %s", method, got, want)
		}
	}
}

type smallNetwork struct{}

func (smallNetwork) Reserve(address string) error {
	if address != "b@127.0.0.1:30333" && address != "c@[::1]:1" {
		return fmt.Errorf("no peer is at %q", address)
	}
	return nil
}
func (smallNetwork) Unreserve(string)   {}
func (smallNetwork) Reserved() []string { return []string{"a", "b"} }
func (smallNetwork) Turns() ([]rpc.Turn, error) {
	return []rpc.Turn{{Slot: 7, Babe: [32]byte{1}}, {Slot: 9, Babe: [32]byte{1}}}, nil
}

func (smallNetwork) PeerID() string            { return "me" }
func (smallNetwork) ListenAddresses() []string { return []string{"/ip4/127.0.0.1/tcp/30333/p2p/me"} }
func (smallNetwork) IsAuthority() bool         { return false }
func (smallNetwork) Peers() []rpc.Peer         { return []rpc.Peer{{ID: "a", Best: 1}, {ID: "b", Best: 900}} }
func (smallNetwork) Sync() rpc.SyncState {
	return rpc.SyncState{Highest: 900, Syncing: true, ExpectsPeers: true}
}

func TestReservedPeers(t *testing.T) {
	c := startNode(t, rpc.Config{}, withNode(smallNetwork{})).dial()
	for _, peer := range []string{"/ip4/127.0.0.1/tcp/30333/p2p/b", "b@127.0.0.1:30333", "/ip6/::1/tcp/1/p2p/c"} {
		if got := c.result("system_addReservedPeer", `["`+peer+`"]`); got != "null" {
			t.Errorf("%s: %s", peer, got)
		}
	}
	for _, peer := range []string{"", "b", "/ip4/127.0.0.1/udp/30333/p2p/b", "/unix/x/tcp/1/p2p/b", "/ip4/127.0.0.1/tcp/30333", "b@127.0.0.1:1"} {
		if got := c.call("system_addReservedPeer", `["`+peer+`"]`); !strings.Contains(got, `"code":2002`) {
			t.Errorf("%s: %s", peer, got)
		}
	}
	if got := c.result("system_removeReservedPeer", `["b"]`); got != "null" {
		t.Error(got)
	}
}

func TestExtend(t *testing.T) {
	n := startNode(t, rpc.Config{Extend: func(table *jsonrpc.Table) {
		table.Add(jsonrpc.Method{Name: "eth_chainId", Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			return append(dst, `"0x2c42"`...), nil
		}})
	}})
	c := n.dial()
	if got := c.result("eth_chainId", ""); got != `"0x2c42"` || !strings.Contains(c.result("rpc_methods", ""), `"eth_chainId"`) {
		t.Error(got)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := rpc.New(rpc.Config{}, rpc.Backend{}); err == nil {
		t.Error("a backend without parts is accepted")
	}
}
