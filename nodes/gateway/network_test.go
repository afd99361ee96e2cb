package gateway_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	client "github.com/gocess/gocess/sdk/gateway"
)

// network is a real chain with miners and a gateway, in this process.
type network struct {
	t       *testing.T
	ctx     context.Context
	dir     string
	rpc     string
	chain   *sdk.Client
	alice   crypto.Pair
	miners  []*miner.Miner
	gateway *gateway.Gateway
	user    *client.Client
	home    string // of the gateway
}

const (
	gatewayKey    = "//Gateway"
	testTerritory = "files"
)

func pairOf(t *testing.T, scheme crypto.Scheme, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
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

// startNetwork runs a chain on which //Alice has a territory of so many GiB
// that the gateway may use.
func startNetwork(t *testing.T, miners int, gib uint32) *network {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a chain, miners and a gateway")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	n := &network{t: t, ctx: ctx, dir: t.TempDir(), alice: pairOf(t, crypto.Sr25519, "//Alice")}
	options := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 500, MinerIdleSpace: 1 << 40,
		Endowed: []string{gatewayKey},
	}
	for i := range miners {
		options.Miners = append(options.Miners, genesis.DevMiner{SURI: minerKey(i)})
	}
	spec, err := genesis.Dev(options)
	if err != nil {
		t.Fatal(err)
	}
	n.rpc = freeAddress(t)
	v, err := validator.Start(ctx, validator.Config{
		Home: filepath.Join(n.dir, "validator"), Spec: spec, RPC: n.rpc, P2P: freeAddress(t),
		Keys: []crypto.Pair{pairOf(t, crypto.Ed25519, "//Alice"), n.alice},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, "validator", v.Close) })
	if n.chain, err = sdk.Dial(ctx, "ws://"+n.rpc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, "client", n.chain.Close) })
	n.startMiners(miners)
	n.home = filepath.Join(n.dir, "gateway")
	n.startGateway(gateway.Config{})
	n.lease(n.alice, gib)
	return n
}

func minerKey(i int) string { return fmt.Sprintf("//Miner%d", i) }

func (n *network) startMiners(count int) {
	n.t.Helper()
	type result struct {
		m   *miner.Miner
		err error
	}
	results := make(chan result)
	for i := range count {
		key := pairOf(n.t, crypto.Sr25519, minerKey(i))
		go func() {
			m, err := miner.Start(n.ctx, miner.Config{
				Home: filepath.Join(n.dir, "miner", fmt.Sprint(i)), Chain: "ws://" + n.rpc, Signer: key,
				Listen: "127.0.0.1:0", Every: 500 * time.Millisecond, ReserveBytes: 1 << 20,
			})
			results <- result{m, err}
		}()
	}
	for range count {
		r := <-results
		if r.err != nil {
			n.t.Error(r.err)
			continue
		}
		n.miners = append(n.miners, r.m)
	}
	n.t.Cleanup(func() { n.stopMiners(len(n.miners)) })
	if n.t.Failed() {
		n.t.FailNow()
	}
}

// stopMiners closes so many of the miners that run.
func (n *network) stopMiners(count int) {
	n.t.Helper()
	for _, m := range n.miners[:count] {
		closed(n.t, "miner", m.Close)
	}
	n.miners = n.miners[count:]
}

// startGateway starts the gateway on the same folder as before.
func (n *network) startGateway(cfg gateway.Config) {
	n.t.Helper()
	cfg.Home, cfg.Chain, cfg.Signer = n.home, "ws://"+n.rpc, pairOf(n.t, crypto.Sr25519, gatewayKey)
	cfg.Listen, cfg.ReserveBytes = "127.0.0.1:0", 1<<20
	g, err := gateway.Start(n.ctx, cfg)
	if err != nil {
		n.t.Fatal(err)
	}
	n.gateway = g
	n.t.Cleanup(func() {
		if n.gateway == g {
			closed(n.t, "gateway", g.Close)
		}
	})
	if n.user, err = client.New(g.Address(), n.alice); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(n.user.Close)
}

func (n *network) stopGateway() {
	n.t.Helper()
	closed(n.t, "gateway", n.gateway.Close)
	n.gateway = nil
}

func closed(t *testing.T, what string, fn func() error) {
	t.Helper()
	if err := fn(); err != nil {
		t.Errorf("close %s: %v", what, err)
	}
}

func (n *network) lease(who crypto.Pair, gib uint32) {
	n.t.Helper()
	if _, err := n.chain.Submit(n.ctx, who, storagehandler.MintTerritory{
		GiBCount: gib, TerritoryName: types.TerritoryName(testTerritory), Days: 30,
	}); err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.chain.Submit(n.ctx, who, oss.Authorize{Operator: n.gateway.Account()}); err != nil {
		n.t.Fatal(err)
	}
}

// territory is the record of Alice's.
func (n *network) territory() storagehandler.Territory {
	n.t.Helper()
	t, found, err := sdk.FindPair(n.ctx, n.chain.Best(), storagehandler.Territories, n.alice.AccountID(), types.TerritoryName(testTerritory))
	if err != nil || !found {
		n.t.Fatalf("territory: found %t, %v", found, err)
	}
	return t
}

// active waits until a file is stored.
func (n *network) active(fid types.Hash) client.Status {
	n.t.Helper()
	for {
		s, err := n.user.Status(n.ctx, fid)
		var refused *client.Error
		if err != nil && !errors.As(err, &refused) {
			n.t.Fatal(err)
		}
		if s.State == client.Active {
			return s
		}
		select {
		case <-n.ctx.Done():
			n.t.Fatalf("file %v is not active in time: %+v", fid, s)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// content is reproducible noise.
func content(seed byte, size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{seed})
	_, _ = r.Read(b) // never fails
	return b
}

// same compares large contents without printing them.
func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes that are not the %d expected ones", what, len(got), len(want))
	}
}
