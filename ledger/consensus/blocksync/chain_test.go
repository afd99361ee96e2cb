package blocksync

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/proxy"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
)

// top is the newest block of the chain in these tests: more than fits into what
// one peer is asked for at once.
const top = 150

// ledger is what a node keeps of a chain, with an application that knows nothing.
type ledger struct {
	genesis  *types.GenesisDoc
	keys     []types.PrivValidator // of the validators, in their order
	state    sm.State
	states   sm.Store
	blocks   *store.BlockStore
	executor *sm.BlockExecutor
}

// newLedger makes a chain of validators with equal power, at block 0.
func newLedger(t testing.TB, validators int) *ledger {
	t.Helper()
	l := &ledger{genesis: &types.GenesisDoc{
		GenesisTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ChainID: "test", ConsensusParams: types.DefaultConsensusParams(),
	}}
	l.genesis.ConsensusParams.ABCI.VoteExtensionsEnableHeight = 1
	for range validators {
		v, key := types.RandValidator(false, 1)
		l.genesis.Validators = append(l.genesis.Validators, types.GenesisValidator{PubKey: v.PubKey, Power: 1})
		l.keys = append(l.keys, key)
	}
	slices.SortFunc(l.keys, func(a, b types.PrivValidator) int { return slices.Compare(address(t, a), address(t, b)) })
	l.open(t)
	return l
}

// anew is the same chain at block 0.
func (l *ledger) anew(t testing.TB) *ledger {
	t.Helper()
	other := &ledger{genesis: l.genesis, keys: l.keys}
	other.open(t)
	return other
}

func (l *ledger) open(t testing.TB) {
	t.Helper()
	app := proxy.NewAppConns(proxy.NewLocalClientCreator(abci.NewBaseApplication()), proxy.NopMetrics())
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Stop(); err != nil {
			t.Error(err)
		}
	})
	l.states = sm.NewStore(dbm.NewMemDB(), sm.StoreOptions{})
	l.blocks = store.NewBlockStore(dbm.NewMemDB())
	var err error
	if l.state, err = l.states.LoadFromDBOrGenesisDoc(l.genesis); err != nil {
		t.Fatal(err)
	}
	if err := l.states.Save(l.state); err != nil {
		t.Fatal(err)
	}
	l.executor = sm.NewBlockExecutor(l.states, log.NewNopLogger(), app.Consensus(), &mempool.NopMempool{}, sm.EmptyEvidencePool{}, l.blocks)
}

func address(t testing.TB, key types.PrivValidator) types.Address {
	t.Helper()
	public, err := key.GetPubKey()
	if err != nil {
		t.Fatal(err)
	}
	return public.Address()
}

// grow adds blocks with a transaction each, up to the given one.
func (l *ledger) grow(t testing.TB, to int64) *ledger {
	t.Helper()
	last := &types.ExtendedCommit{}
	for h := l.state.LastBlockHeight + 1; h <= to; h++ {
		b, err := l.state.MakeBlock(h, types.Txs{fmt.Appendf(nil, "transaction of block %d", h)}, last.ToCommit(), nil, l.state.Validators.Proposer.Address)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := b.MakePartSet(types.BlockPartSizeBytes)
		if err != nil {
			t.Fatal(err)
		}
		id := types.BlockID{Hash: b.Hash(), PartSetHeader: parts.Header()}
		last = l.sign(t, h, id, l.keys)
		l.blocks.SaveBlockWithExtendedCommit(b, parts, last)
		if l.state, err = l.executor.ApplyBlock(l.state, id, b); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// sign is what validators with the given keys, in the place of the chain's own,
// say to a block.
func (l *ledger) sign(t testing.TB, height int64, id types.BlockID, keys []types.PrivValidator) *types.ExtendedCommit {
	t.Helper()
	out := &types.ExtendedCommit{Height: height, BlockID: id}
	for i, key := range keys {
		at := l.genesis.GenesisTime.Add(time.Duration(height) * time.Second)
		v, err := types.MakeVote(key, l.genesis.ChainID, int32(i), height, 0, cmtproto.PrecommitType, id, at)
		if err != nil {
			t.Fatal(err)
		}
		v.ValidatorAddress = address(t, l.keys[i])
		out.ExtendedSignatures = append(out.ExtendedSignatures, v.ExtendedCommitSig())
	}
	return out
}

// hashes lists those of the blocks, by height from 1 up.
func (l *ledger) hashes() []string {
	var out []string
	for h := int64(1); h <= l.blocks.Height(); h++ {
		out = append(out, l.blocks.LoadBlockMeta(h).BlockID.String())
	}
	return out
}

// server is a peer that serves its blocks as it should.
func (l *ledger) server() *Reactor {
	return New(Config{ChainID: l.genesis.ChainID, Blocks: l.blocks, States: l.states, Executor: l.executor})
}

// newSwitch runs a reactor on a port of the loopback interface until the test
// ends.
func newSwitch(t testing.TB, r p2p.Reactor) *p2p.Switch {
	t.Helper()
	conf := cmtconfig.DefaultP2PConfig()
	conf.AllowDuplicateIP, conf.PexReactor = true, false
	conf.SendRate, conf.RecvRate = 0, 0 // as nodes have it
	conf.FlushThrottleTimeout = 5 * time.Millisecond
	key := p2p.NodeKey{PrivKey: types.NewMockPV().PrivKey}
	r.SetLogger(log.NewNopLogger())
	for range 100 {
		// Below the ports that the system takes for outgoing connections.
		at, err := p2p.NewNetAddressString(p2p.IDAddressString(key.ID(), fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000))))
		if err != nil {
			t.Fatal(err)
		}
		info := p2p.DefaultNodeInfo{
			ProtocolVersion: p2p.NewProtocolVersion(version.P2PProtocol, version.BlockProtocol, 0),
			DefaultNodeID:   key.ID(), ListenAddr: at.DialString(), Network: "test", Version: "1", Channels: []byte{Channel}, Moniker: "test",
			Other: p2p.DefaultNodeInfoOther{TxIndex: "off"},
		}
		mconn := conn.DefaultMConnConfig()
		mconn.SendRate, mconn.RecvRate, mconn.FlushThrottle = conf.SendRate, conf.RecvRate, conf.FlushThrottleTimeout
		transport := p2p.NewMultiplexTransport(info, key, mconn)
		if transport.Listen(*at) != nil {
			continue // somebody else's
		}
		sw := p2p.NewSwitch(conf, transport)
		sw.SetLogger(log.NewNopLogger())
		sw.SetNodeKey(&key)
		sw.SetNodeInfo(info)
		sw.AddReactor("BLOCKSYNC", r)
		if err := sw.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := sw.Stop(); err != nil {
				t.Error(err)
			}
		})
		return sw
	}
	t.Fatal("no free port")
	return nil
}
