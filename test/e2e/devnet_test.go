//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

// A network tells where it is, stops with Ctrl-C and goes on where it was, with
// its blocks and its files.
func TestDevnetKeepsItsData(t *testing.T) {
	rng := seeded(t)
	dir := t.TempDir()
	file := content{seed: rng.Uint64() | 1, size: 3*miB + 17}

	net := devkit.Start(t, devkit.Config{Dir: dir, Miners: 12})
	checkReadyFile(t, net)
	chain := net.Client(t)
	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "kept", 1)
	alice.authorize(t, gatewayAccount(t, net))
	fid := alice.mustPut(t, upload{content: file, territory: "kept", name: "kept.bin"})
	alice.waitActive(t, fid, 2*time.Minute)
	height, hash := best(t, chain)
	interrupt(t, net)

	net = devkit.Start(t, devkit.Config{Dir: dir, Miners: 12})
	chain = net.Client(t)
	if again, err := chain.HashAt(within(t, time.Minute), height); err != nil || again != hash {
		t.Errorf("block %d after the restart: %v, %v, want %v", height, again, err, hash)
	}
	eventually(t, time.Minute, "the chain grows after the restart", func() string {
		if now, _ := best(t, chain); now <= height {
			return fmt.Sprintf("height %d", now)
		}
		return ""
	})
	alice = newUser(t, net, chain, "//Alice")
	if err := alice.get(within(t, 2*time.Minute), fid, "", file); err != nil {
		t.Errorf("read the file after the restart: %v", err)
	}
	killParent(t, net)
}

// interrupt stops a network as Ctrl-C does: all processes end, all ports are
// free.
func interrupt(t *testing.T, net *devkit.Network) {
	t.Helper()
	if err := net.Check(); err != nil {
		t.Error(err)
	}
	if err := net.Stop(); err != nil {
		t.Errorf("after SIGINT: %v", err)
	}
	if code := net.ExitCode(); code != 0 {
		t.Errorf("cess devnet ended with code %d after SIGINT, want 0", code)
	}
	if _, err := os.Stat(net.ReadyFile); !os.IsNotExist(err) {
		t.Errorf("the ready file of a stopped network: %v, want none", err)
	}
	freed(t, net)
}

func freed(t *testing.T, network *devkit.Network) {
	t.Helper()
	for _, n := range network.Nodes("") {
		u, err := url.Parse(n.Endpoint)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", u.Host)
		if err != nil {
			t.Errorf("the port of %s is not free: %v", n.Name, err)
			continue
		}
		_ = l.Close() // it was only tried
	}
}

// killParent kills the process that started the network; its children must not
// stay behind.
func killParent(t *testing.T, net *devkit.Network) {
	t.Helper()
	if err := net.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "the nodes end with the process that started them", func() string {
		if left := net.Processes(); len(left) > 0 {
			return fmt.Sprint(left)
		}
		return ""
	})
}

// checkReadyFile compares the ready file with its documented shape.
func checkReadyFile(t *testing.T, net *devkit.Network) {
	t.Helper()
	raw, err := os.ReadFile(net.ReadyFile)
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		t.Fatalf("ready file: %v", err)
	}
	sameKeys(t, "ready file", top, "rpc_http", "rpc_ws", "gateway", "accounts", "nodes")
	for list, keys := range map[string][]string{
		"accounts": {"name", "address", "suri"},
		"nodes":    {"role", "name", "account", "endpoint", "pid"},
	} {
		var items []map[string]json.RawMessage
		if err := json.Unmarshal(top[list], &items); err != nil {
			t.Fatalf("ready file: %s: %v", list, err)
		}
		for _, item := range items {
			sameKeys(t, "ready file: "+list, item, keys...)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var ready devkit.Ready
	if err := dec.Decode(&ready); err != nil {
		t.Fatalf("ready file: %v", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("ready file: something follows: %v", err)
	}
	checkAccounts(t, ready.Accounts)
	checkNodes(t, ready)
}

func sameKeys(t *testing.T, what string, got map[string]json.RawMessage, want ...string) {
	t.Helper()
	for _, k := range want {
		if _, ok := got[k]; !ok {
			t.Errorf("%s: %q is missing", what, k)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d keys, want %d: %v", what, len(got), len(want), want)
	}
}

func checkAccounts(t *testing.T, accounts []devkit.Account) {
	t.Helper()
	if !slices.ContainsFunc(accounts, func(a devkit.Account) bool { return a.SURI == "//Alice" }) {
		t.Errorf("ready file: no //Alice in %v", accounts)
	}
	for _, a := range accounts {
		key, err := crypto.FromURI(crypto.Sr25519, a.SURI)
		if err != nil {
			t.Errorf("ready file: account %s: %v", a.Name, err)
			continue
		}
		if want := types.Address(key.AccountID()).String(); a.Address != want {
			t.Errorf("ready file: account %s has address %s, want %s", a.Name, a.Address, want)
		}
	}
}

func checkNodes(t *testing.T, ready devkit.Ready) {
	t.Helper()
	count := map[string]int{}
	pids := map[int]string{}
	for _, n := range ready.Nodes {
		count[n.Role]++
		if other := pids[n.PID]; n.PID <= 0 || other != "" {
			t.Errorf("ready file: %s has pid %d, as has %q", n.Name, n.PID, other)
		}
		pids[n.PID] = n.Name
		if _, err := types.ParseAddress(n.Account); err != nil {
			t.Errorf("ready file: account of %s: %v", n.Name, err)
		}
	}
	if count["validator"] != 1 || count["miner"] != 12 || count["gateway"] != 1 || count["tee"] != 1 || len(count) != 4 {
		t.Errorf("ready file: nodes by role: %v, want 1 validator, 1 TEE worker, 12 miners, 1 gateway", count)
	}
	if !strings.HasPrefix(ready.RPCHTTP, "http://") || !strings.HasPrefix(ready.RPCWS, "ws://") || !strings.HasPrefix(ready.Gateway, "http://") {
		t.Errorf("ready file: addresses %s, %s, %s", ready.RPCHTTP, ready.RPCWS, ready.Gateway)
	}
}
