package validator_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
)

// A node that started from a snapshot answers JSON-RPC as its source does, and
// says so when it is asked for a block that it does not have.
func TestStateSyncedNodeAnswersAsItsSource(t *testing.T) {
	if testing.Short() {
		t.Skip("looking for snapshots takes at least five seconds")
	}
	spec, err := genesis.Dev(genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 100,
		Miners: []genesis.DevMiner{{SURI: "//Miner1"}}, MinerIdleSpace: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	const interval = 300 // blocks; more than the headers that a snapshot brings
	p2p, light := freeAddress(t), freeAddress(t)
	a, source := startWith(t, validator.Config{
		Home: t.TempDir(), Spec: spec, RPC: "127.0.0.1:0", P2P: p2p, Light: light, SnapshotInterval: interval,
		Keys: []crypto.Pair{pair(t, crypto.Ed25519, "//Alice"), pair(t, crypto.Sr25519, "//Alice")},
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	waitHeight(t, ctx, source, interval+3)
	height, hash, err := consensus.LatestTrust(ctx, light)
	if err != nil {
		t.Fatal(err)
	}
	_, joined := startWith(t, validator.Config{
		Home: t.TempDir(), Spec: spec, RPC: "127.0.0.1:0", Peers: a.Peering(), Retention: 5000,
		StateSync: consensus.StateSync{Servers: []string{light}, TrustHeight: height, TrustHash: hash},
	})
	waitHeight(t, ctx, joined, interval+5)
	at, err := source.HashAt(ctx, interval+4)
	if err != nil {
		t.Fatal(err)
	}
	for method, params := range map[string][]any{
		"chain_getBlock":          {at},
		"chain_getBlockHash":      {interval - 200},
		"chain_getHeader":         {at},
		"state_getMetadata":       {at},
		"state_getRuntimeVersion": {at},
		"state_getKeysPaged":      {"0x", 1000, nil, at},
		"state_getReadProof":      {[]string{numberKey}, at},
		"state_getPairs":          {systemPrefix, at},
		"state_queryStorageAt":    {[]string{numberKey}, at},
		"system_properties":       {},
		"system_accountNextIndex": {types.Address(pair(t, crypto.Sr25519, "//Alice").AccountID())},
		"state_getStorageSize":    {numberKey, at},
	} {
		want, err := ask(ctx, source, method, params)
		if err != nil {
			t.Errorf("%s of the source: %v", method, err)
			continue
		}
		if got, err := ask(ctx, joined, method, params); err != nil || got != want {
			t.Errorf("%s%v: %.200s, %v; the source says %.200s", method, params, got, err, want)
		}
	}
	if got, err := ask(ctx, joined, "chain_getBlockHash", []any{1}); err == nil || !strings.Contains(err.Error(), "not kept") {
		t.Errorf("hash of block 1: %s, %v", got, err)
	}
	old, err := source.HashAt(ctx, interval-1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ask(ctx, joined, "chain_getBlock", []any{old}); err == nil || !strings.Contains(err.Error(), "not kept") {
		t.Errorf("body of the block before the snapshot's: %.100s, %v", got, err)
	}
	if got, err := ask(ctx, joined, "state_getStorage", []any{numberKey, old}); err == nil || !strings.Contains(err.Error(), "discarded") {
		t.Errorf("state of the block before the snapshot's: %.100s, %v", got, err)
	}
}

const (
	systemPrefix = "0x26aa394eea5630e07c48ae0c9558cef7"                                 // twox128("System")
	numberKey    = "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac" // ‖ twox128("Number")
)

func ask(ctx context.Context, c *sdk.Client, method string, params []any) (string, error) {
	var out json.RawMessage
	err := c.RPC().Call(ctx, &out, method, params...)
	return string(out), err
}

func startWith(t *testing.T, cfg validator.Config) (*validator.Node, *sdk.Client) {
	t.Helper()
	node, err := validator.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	client, err := sdk.Dial(t.Context(), "ws://"+node.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	return node, client
}

func waitHeight(t *testing.T, ctx context.Context, c *sdk.Client, number uint32) {
	t.Helper()
	for {
		height, err := c.Height(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if height >= number {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
