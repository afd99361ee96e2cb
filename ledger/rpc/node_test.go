package rpc_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Of Pebble: it lives as long as the process.
		goleak.IgnoreTopFunction("github.com/cockroachdb/pebble/v2/vfs.(*diskHealthCheckingFS).startTickerLocked.func1"),
	)
}

// node is a real ledger without consensus: the test makes its blocks.
type node struct {
	t        testing.TB
	rt       *runtime.Runtime
	versions *runtime.Versions
	store    *state.Store
	chain    *chain.Chain
	pool     *pool.Pool
	addr     string
	genesis  substrate.H256
	alice    crypto.Pair
	bob      crypto.Pair

	mu sync.Mutex // serialises produce
}

// genesisMs is the time of block 0; blocks follow every 6 s.
const genesisMs = 1_700_000_000_000

var unit = scale.U128From64(1_000_000_000_000_000_000)

// setup is what a test changes about its node.
type setup struct {
	store []state.Option
	chain []chain.Option
	node  rpc.Node
	aside rpc.Offchain
	// versions and extra are the runtimes, and what genesis holds besides.
	versions *runtime.Versions
	extra    []runtime.Change
	keys     rpc.Keys
}

func withStore(opts ...state.Option) func(*setup) { return func(s *setup) { s.store = opts } }
func withChain(opts ...chain.Option) func(*setup) { return func(s *setup) { s.chain = opts } }
func withOffchain(o rpc.Offchain) func(*setup)    { return func(s *setup) { s.aside = o } }
func withKeys(keys rpc.Keys) func(*setup)         { return func(s *setup) { s.keys = keys } }
func withNode(node rpc.Node) func(*setup)         { return func(s *setup) { s.node = node } }

// startNode starts a ledger at block 0 and serves it until the test ends.
func startNode(t testing.TB, cfg rpc.Config, opts ...func(*setup)) *node {
	t.Helper()
	var with setup
	for _, o := range opts {
		o(&with)
	}
	n := &node{t: t, alice: pair(t, "//Alice"), bob: pair(t, "//Bob")}
	var err error
	if n.rt, err = pallets.New(nil); err != nil {
		t.Fatal(err)
	}
	n.versions = with.versions
	if n.versions == nil {
		n.versions = runtime.Only(n.rt)
	}
	if n.store, err = state.Open(t.TempDir(), with.store...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, n.store.Close()) })
	if n.chain, err = chain.Open(n.store, with.chain...); err != nil {
		t.Fatal(err)
	}
	n.appendGenesis(with.extra)
	view, err := n.chain.BestView()
	if err != nil {
		t.Fatal(err)
	}
	n.pool = pool.New(n.versions, view)
	t.Cleanup(n.pool.Close)
	t.Cleanup(n.chain.Close)

	if cfg.Server.Logger == nil {
		cfg.Server.Logger = slog.New(slog.DiscardHandler)
	}
	server, err := rpc.New(cfg, rpc.Backend{
		Chain: n.chain, Pool: n.pool, Runtime: n.versions, Node: with.node, Offchain: with.aside, Keys: with.keys,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() { check(t, server.Close()); check(t, <-done) })
	n.addr = l.Addr().String()
	return n
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func pair(t testing.TB, uri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(crypto.Sr25519, uri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (n *node) appendGenesis(extra []runtime.Change) {
	n.t.Helper()
	stash := pair(n.t, "//Alice//stash")
	rich := unit.SaturatingMul(scale.U128From64(1_000_000))
	beefy, err := crypto.FromURI(crypto.Ecdsa, "//Alice")
	if err != nil {
		n.t.Fatal(err)
	}
	changes, err := n.rt.Genesis(map[string]json.RawMessage{
		"Balances": n.encode(balances.Genesis{Balances: map[types.Address]types.Balance{
			types.Address(n.alice.AccountID()): rich, types.Address(stash.AccountID()): rich,
		}}),
		"Session": n.encode(session.Genesis{Validators: []session.GenesisValidator{{
			Stash: types.Address(stash.AccountID()),
			Keys: types.SessionKeys{
				Grandpa: types.GrandpaKey{1}, Babe: types.BabeKey{2}, ImOnline: types.ImOnlineKey{3},
				AuthorityDiscovery: types.AuthorityDiscoveryKey{4}, Beefy: types.BeefyKey(beefy.Public()),
			},
		}}}),
	})
	if err != nil {
		n.t.Fatal(err)
	}
	changes = append(changes, extra...)
	slices.SortFunc(changes, func(a, b runtime.Change) int { return bytes.Compare(a.Key, b.Key) })
	n.genesis = n.append(&chain.Block{}, changes).Hash
}

func (n *node) encode(v any) json.RawMessage {
	n.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		n.t.Fatal(err)
	}
	return b
}

// append commits a block whose header still lacks the state root.
func (n *node) append(b *chain.Block, changes []runtime.Change) chain.Ref {
	n.t.Helper()
	kvs := make([]state.KV, len(changes))
	b.Written = make([][]byte, len(changes))
	for i, c := range changes {
		kvs[i] = state.KV{Key: c.Key, Value: c.Value}
		b.Written[i] = c.Key
	}
	staged, err := n.store.Stage(uint64(b.Number), kvs)
	if err != nil {
		n.t.Fatal(err)
	}
	b.Header.StateRoot = staged.Root()
	if b.Hash, err = b.Header.Hash(); err != nil {
		n.t.Fatal(err)
	}
	if err := n.chain.Append(staged, b, nil); err != nil {
		n.t.Fatal(err)
	}
	return b.Ref
}

// produce makes a block of what the pool holds.
func (n *node) produce() chain.Ref {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	parent, err := n.chain.BestView()
	if err != nil {
		n.t.Fatal(err)
	}
	defer parent.Close()
	number := parent.Ref().Number + 1
	if n.rt, err = n.versions.Next(parent.Parent()); err != nil {
		n.t.Fatal(err)
	}
	x, err := n.rt.NewBlock(parent.Parent(), runtime.BlockInfo{TimeMs: genesisMs + 6_000*uint64(number)})
	if err != nil {
		n.t.Fatal(err)
	}
	var included []*runtime.Checked
	for _, c := range n.pool.Reap(1<<20, 1000) {
		if err := x.Apply(c); err != nil {
			n.pool.Reject(c.Hash, err)
			continue
		}
		included = append(included, c)
	}
	out, err := x.Finish()
	if err != nil {
		n.t.Fatal(err)
	}
	b := &chain.Block{Body: out.Body}
	b.Number = number
	b.Header = substrate.Header{ParentHash: parent.Ref().Hash, Number: number, Digest: n.digest(out.Changes)}
	ref := n.append(b, out.Changes)
	view, err := n.chain.BestView()
	if err != nil {
		n.t.Fatal(err)
	}
	n.pool.Advance(pool.Block{View: view, Included: included})
	return ref
}

// digest tells of a new runtime, and nothing else: the scripts want short headers.
func (n *node) digest(changes []runtime.Change) substrate.Digest {
	n.t.Helper()
	for _, c := range changes {
		if bytes.Equal(c.Key, system.Digest.Key()) && c.Value != nil {
			d, err := system.Digest.DecodeValue(c.Value)
			if err != nil {
				n.t.Fatal(err)
			}
			d.Logs = slices.DeleteFunc(d.Logs, func(item substrate.DigestItem) bool {
				return item.Kind != substrate.DigestRuntimeEnvironmentUpdated
			})
			return d
		}
	}
	return substrate.Digest{}
}

// transfer is a signed transfer of 1 unit from Alice to Bob.
func (n *node) transfer(nonce uint32, tip uint64) []byte {
	n.t.Helper()
	call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{
		Dest: substrate.AddressOf(n.bob.AccountID()), Value: unit,
	}}
	return n.sign(n.alice, call, runtime.Extra{Nonce: nonce, Tip: scale.U128From64(tip)})
}

func (n *node) sign(who crypto.Pair, call runtime.RuntimeCall, extra runtime.Extra) []byte {
	n.t.Helper()
	v := n.rt.Version()
	spec := runtime.SpecVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion}
	payload, err := runtime.SigningPayload(call, extra, spec, n.genesis, n.genesis)
	if err != nil {
		n.t.Fatal(err)
	}
	sig, err := who.Sign(payload)
	if err != nil {
		n.t.Fatal(err)
	}
	signature, err := substrate.NewSignature(substrate.Sr25519, sig)
	if err != nil {
		n.t.Fatal(err)
	}
	x := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{
			Address: substrate.AddressOf(who.AccountID()), Signature: signature, Extra: extra,
		},
		Call: call,
	}
	raw, err := x.Encode()
	if err != nil {
		n.t.Fatal(err)
	}
	return raw
}
