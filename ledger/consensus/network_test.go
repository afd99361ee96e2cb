package consensus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// network is a chain for tests: its genesis, its validators' keys and accounts
// with money.
type network struct {
	rt         *runtime.Runtime // that transactions are signed for
	versions   *runtime.Versions
	genesis    Genesis
	validators []validator
	users      []crypto.Pair
	pallets    Pallets
}

type validator struct {
	stash, grandpa, babe crypto.Pair
}

const (
	testBlockTime = 100 * time.Millisecond
	testEpoch     = 5
)

// genesisTime is the same in all runs, so that blocks of one process can be
// checked in another.
var genesisTime = time.UnixMilli(1_750_000_000_000)

var unit = scale.U128From64(1_000_000_000_000_000_000)

// with gives the chain other constants; an epoch has testEpoch blocks unless they
// say otherwise.
func (nw *network) with(t testing.TB, constants map[string]int) *network {
	t.Helper()
	raw := map[string]json.RawMessage{"Babe.EpochDuration": json.RawMessage(fmt.Sprint(testEpoch))}
	for name, v := range constants {
		raw[name] = json.RawMessage(fmt.Sprint(v))
	}
	rt, err := pallets.New(raw)
	if err != nil {
		t.Fatal(err)
	}
	nw.rt, nw.versions = rt, runtime.Only(rt)
	return nw
}

// newNetwork makes the genesis of a chain with n validators and n users.
func newNetwork(t testing.TB, validators, users int) *network {
	t.Helper()
	nw := (&network{pallets: Frame{}}).with(t, nil)
	money := balances.Genesis{Balances: map[types.Address]types.Balance{}}
	rich := unit.SaturatingMul(scale.U128From64(1_000_000_000))
	var keys session.Genesis
	for i := range validators {
		v := validator{
			pair(t, crypto.Sr25519, "//Stash%d", i), pair(t, crypto.Ed25519, "//Val%d", i), pair(t, crypto.Sr25519, "//Val%d", i),
		}
		nw.validators = append(nw.validators, v)
		money.Balances[types.Address(v.stash.AccountID())] = rich
		beefy := pair(t, crypto.Ecdsa, "//Val%d", i)
		keys.Validators = append(keys.Validators, session.GenesisValidator{
			Stash: types.Address(v.stash.AccountID()),
			Keys: types.SessionKeys{
				Grandpa: types.GrandpaKey(v.grandpa.Public()), Babe: types.BabeKey(v.babe.Public()),
				ImOnline:           types.ImOnlineKey(pair(t, crypto.Sr25519, "//Val%d//im", i).Public()),
				AuthorityDiscovery: types.AuthorityDiscoveryKey(pair(t, crypto.Sr25519, "//Val%d//audi", i).Public()),
				Beefy:              types.BeefyKey(beefy.Public()),
			},
		})
	}
	for i := range users {
		u := pair(t, crypto.Sr25519, "//User%d", i)
		nw.users = append(nw.users, u)
		money.Balances[types.Address(u.AccountID())] = rich
	}
	nw.genesis = Genesis{
		ChainID:   "test",
		Time:      genesisTime,
		BlockTime: testBlockTime,
		Pallets: map[string]json.RawMessage{
			"Balances": encode(t, money),
			"Session":  encode(t, keys),
			"Babe":     encode(t, babe.Genesis{GenesisSlot: uint64(genesisTime.UnixMilli() / 6000)}),
		},
	}
	return nw
}

func encode(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pair(t testing.TB, scheme crypto.Scheme, format string, args ...any) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, fmt.Sprintf(format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// config is that of validator i, or of a node without keys if i is negative.
func (nw *network) config(t testing.TB, home string, i int) Config {
	cfg := Config{
		Home: home, Genesis: nw.genesis, Runtime: nw.versions, Pallets: nw.pallets,
		Timeouts: Timeouts{Propose: time.Second, Prevote: 300 * time.Millisecond, Precommit: 300 * time.Millisecond},
	}
	if i >= 0 {
		cfg.Keys = KeyRing{nw.validators[i].grandpa, nw.validators[i].babe}
	}
	if os.Getenv("CONSENSUS_LOG") != "" {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})).With("node", i)
	}
	return cfg
}

// start runs a node until the test ends or its Close is called.
func start(t testing.TB, cfg Config) *Node {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close node: %v", err)
		}
	})
	if err := n.Start(testContext(t)); err != nil {
		t.Fatal(err)
	}
	return n
}

// testContext ends a little before the test would be killed.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// waitFor reads blocks until the one with the given number.
func waitFor(t testing.TB, n *Node, number uint32) *chain.Block {
	t.Helper()
	feed := n.Chain().SubscribeFrom(number)
	b, err := feed.Next(testContext(t))
	if err != nil {
		t.Fatalf("block %d does not come: %v; node: %v, %+v, peers %+v", number, err, n.Err(), n.Sync(), n.Peers())
	}
	return b
}

// transfer signs a transfer of one unit.
func (nw *network) transfer(t testing.TB, n *Node, from crypto.Pair, nonce uint32, to substrate.AccountID) []byte {
	t.Helper()
	return nw.transferTo(t, n.Chain().Genesis(), from, nonce, to)
}

func (nw *network) transferTo(t testing.TB, genesis substrate.H256, from crypto.Pair, nonce uint32, to substrate.AccountID) []byte {
	t.Helper()
	call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{Dest: substrate.AddressOf(to), Value: unit}}
	return nw.sign(t, genesis, from, call, runtime.Extra{Era: substrate.Immortal, Nonce: nonce})
}

func (nw *network) sign(t testing.TB, genesis substrate.H256, from crypto.Pair, call runtime.RuntimeCall, extra runtime.Extra) []byte {
	t.Helper()
	v := nw.rt.Version()
	spec := runtime.SpecVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion}
	payload, err := runtime.SigningPayload(call, extra, spec, genesis, genesis)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := from.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	multi, err := substrate.NewSignature(substrate.SignatureScheme(from.Scheme()), signature)
	if err != nil {
		t.Fatal(err)
	}
	x := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{
			Address: substrate.AddressOf(from.AccountID()), Signature: multi, Extra: extra,
		},
		Call: call,
	}
	raw, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// free is an account's balance after the best block.
func free(t testing.TB, n *Node, who substrate.AccountID) types.Balance {
	t.Helper()
	view, err := n.Chain().BestView()
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	b, err := view.Get(system.Accounts.Key(who))
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		return types.Balance{}
	}
	a, err := system.Accounts.DecodeValue(b)
	if err != nil {
		t.Fatal(err)
	}
	return a.Data.Free
}

// freePort finds a port of the loopback interface that nobody uses. It is below
// the range from which the system takes ports for outgoing connections, so that
// none of those takes it before the node listens.
func freePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return addr
	}
	t.Fatal("no free port")
	return ""
}
