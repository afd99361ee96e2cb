package gateway_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	client "github.com/gocess/gocess/sdk/gateway"
)

// network is a real chain with miners and a gateway, in this process.
type network struct {
	*testnet.Network
	miners  []*miner.Miner
	gateway *gateway.Gateway
	user    *client.Client
	home    string // of the gateway
}

const (
	gatewayKey    = "//Gateway"
	testTerritory = "files"
)

// startNetwork runs a chain on which //Alice has a territory of so many GiB
// that the gateway may use.
func startNetwork(t *testing.T, miners int, gib uint32) *network {
	t.Helper()
	dev := genesis.DevOptions{MinerIdleSpace: 1 << 40, Endowed: []string{gatewayKey}}
	for i := range miners {
		dev.Miners = append(dev.Miners, genesis.DevMiner{SURI: minerKey(i)})
	}
	n := &network{Network: testnet.Start(t, testnet.Options{Dev: dev})}
	n.startMiners(miners)
	n.home = filepath.Join(n.Dir, "gateway")
	n.startGateway(gateway.Config{})
	n.lease(n.Alice, gib)
	return n
}

func minerKey(i int) string { return fmt.Sprintf("//Miner%d", i) }

func (n *network) startMiners(count int) {
	n.T.Helper()
	type result struct {
		m   *miner.Miner
		err error
	}
	results := make(chan result)
	for i := range count {
		key := testnet.Pair(n.T, crypto.Sr25519, minerKey(i))
		go func() {
			m, err := miner.Start(n.Ctx, miner.Config{
				Home: filepath.Join(n.Dir, "miner", fmt.Sprint(i)), Chain: n.RPC, Signer: key,
				Listen: "127.0.0.1:0", Every: 300 * time.Millisecond, ReserveBytes: 1 << 20,
			})
			results <- result{m, err}
		}()
	}
	for range count {
		r := <-results
		if r.err != nil {
			n.T.Error(r.err)
			continue
		}
		n.miners = append(n.miners, r.m)
	}
	n.T.Cleanup(func() { n.stopMiners(len(n.miners)) })
	if n.T.Failed() {
		n.T.FailNow()
	}
}

// stopMiners closes so many of the miners that run.
func (n *network) stopMiners(count int) {
	n.T.Helper()
	for _, m := range n.miners[:count] {
		testnet.Closed(n.T, "miner", m.Close)
	}
	n.miners = n.miners[count:]
}

// startGateway starts the gateway on the same folder as before.
func (n *network) startGateway(cfg gateway.Config) {
	n.T.Helper()
	cfg.Home, cfg.Chain, cfg.Signer = n.home, n.RPC, testnet.Pair(n.T, crypto.Sr25519, gatewayKey)
	cfg.Listen, cfg.ReserveBytes = "127.0.0.1:0", 1<<20
	g, err := gateway.Start(n.Ctx, cfg)
	if err != nil {
		n.T.Fatal(err)
	}
	n.gateway = g
	n.T.Cleanup(func() {
		if n.gateway == g {
			testnet.Closed(n.T, "gateway", g.Close)
		}
	})
	if n.user, err = client.New(g.Address(), n.Alice); err != nil {
		n.T.Fatal(err)
	}
	n.T.Cleanup(n.user.Close)
}

func (n *network) stopGateway() {
	n.T.Helper()
	testnet.Closed(n.T, "gateway", n.gateway.Close)
	n.gateway = nil
}

func (n *network) lease(who crypto.Pair, gib uint32) {
	n.T.Helper()
	n.Submit(who, storagehandler.MintTerritory{GiBCount: gib, TerritoryName: types.TerritoryName(testTerritory), Days: 30})
	n.Submit(who, oss.Authorize{Operator: n.gateway.Account()})
}

// territory is the record of Alice's.
func (n *network) territory() storagehandler.Territory {
	n.T.Helper()
	t, found, err := sdk.FindPair(n.Ctx, n.Client.Best(), storagehandler.Territories, n.Alice.AccountID(), types.TerritoryName(testTerritory))
	if err != nil || !found {
		n.T.Fatalf("territory: found %t, %v", found, err)
	}
	return t
}

// active waits until a file is stored.
func (n *network) active(fid types.Hash) (s client.Status) {
	n.T.Helper()
	n.Until("the file is active", func() (bool, error) {
		var err error
		s, err = n.user.Status(n.Ctx, fid)
		var refused *client.Error
		if err != nil && !errors.As(err, &refused) {
			n.T.Fatal(err)
		}
		return s.State == client.Active, fmt.Errorf("%+v", s)
	})
	return s
}

// same compares large contents without printing them.
func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes that are not the %d expected ones", what, len(got), len(want))
	}
}
