package blocksync

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cometbft/cometbft/p2p"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
)

// hostile is a peer that does what a test wants it to.
type hostile struct {
	p2p.BaseReactor
	attack
	chain *ledger // the true one, as far as it is to be known
	t     testing.TB
	ctx   context.Context // ends with the test
	work  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	asked int        // requests for blocks
	met   bool
	left  bool // the node has ended the connection
	slow  chan int64
}

// attack is what a hostile peer does.
type attack struct {
	name string
	// base and height are what it says to have, if height is not 0.
	base, height int64
	// second: the honest peer is there before. Else the node would believe that the
	// chain has just begun, or that it is too far behind.
	second bool
	// hello is what it does besides when it is connected.
	hello func(h *hostile, to p2p.Peer)
	// answer is how it answers a request for a block; nil: not at all.
	answer func(h *hostile, to p2p.Peer, height int64)
	// times are the node's, if it finds out only as time goes by.
	times *times
	// stays: it does nothing that the node would have to leave it for.
	stays bool
	// harmless: what it sends is true.
	harmless bool
}

func newHostile(t testing.TB, chain *ledger, a attack) *hostile {
	h := &hostile{attack: a, chain: chain, t: t, ctx: t.Context(), slow: make(chan int64, 1000)}
	h.BaseReactor = *p2p.NewBaseReactor("Hostile", h)
	t.Cleanup(h.work.Wait)
	return h
}

func (h *hostile) GetChannels() []*p2p.ChannelDescriptor { return (&Reactor{}).GetChannels() }

func (h *hostile) AddPeer(to p2p.Peer) {
	h.mu.Lock()
	h.met = true
	h.mu.Unlock()
	if h.height != 0 {
		send(to, &bcproto.StatusResponse{Base: h.base, Height: h.height})
	}
	if h.hello != nil {
		h.work.Go(func() { h.hello(h, to) })
	}
}

func (h *hostile) RemovePeer(p2p.Peer, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = true
}

func (h *hostile) Receive(e p2p.Envelope) {
	switch m := e.Message.(type) {
	case *bcproto.StatusRequest:
		if h.height == 0 {
			return
		}
		e.Src.TrySend(p2p.Envelope{ChannelID: Channel, Message: &bcproto.StatusResponse{Base: h.base, Height: h.height}})
	case *bcproto.BlockRequest:
		h.mu.Lock()
		h.asked++
		h.mu.Unlock()
		if h.answer != nil {
			h.answer(h, e.Src, m.Height)
		}
	}
}

// requests is how many blocks it was asked for.
func (h *hostile) requests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// is reads a field under its lock.
func (h *hostile) is(field *bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *field
}

func send(to p2p.Peer, m proto.Message) bool {
	return to.Send(p2p.Envelope{ChannelID: Channel, Message: m})
}

// raw is a message of any bytes.
type raw struct{ bytes []byte }

func (m *raw) Reset()                   { *m = raw{} }
func (m *raw) String() string           { return "raw" }
func (m *raw) ProtoMessage()            {}
func (m *raw) Marshal() ([]byte, error) { return m.bytes, nil }

func marshal(t testing.TB, m p2p.Wrapper) []byte {
	b, err := proto.Marshal(m.Wrap())
	if err != nil {
		t.Error(err)
	}
	return b
}

// honestly sends a block as it is.
func honestly(h *hostile, to p2p.Peer, height int64) { h.sendBlock(to, height, nil) }

// sendBlock sends a block with its votes, changed before it is sent.
func (h *hostile) sendBlock(to p2p.Peer, height int64, change func(*bcproto.BlockResponse)) bool {
	votes := h.chain.blocks.LoadBlockExtendedCommit(height)
	if votes == nil {
		return false
	}
	m := &bcproto.BlockResponse{Block: h.chain.blocks.LoadBlockProto(height), ExtCommit: votes.ToProto()}
	if change != nil {
		change(m)
	}
	return send(to, m)
}

// forging answers with changed blocks.
func forging(change func(h *hostile, m *bcproto.BlockResponse)) func(*hostile, p2p.Peer, int64) {
	return func(h *hostile, to p2p.Peer, height int64) {
		h.sendBlock(to, height, func(m *bcproto.BlockResponse) { change(h, m) })
	}
}

// resign lets other keys vote for a block. It is as its header says.
func resign(h *hostile, m *bcproto.BlockResponse, keys []types.PrivValidator) {
	b, err := types.BlockFromProto(m.Block)
	if err != nil {
		h.t.Error(err)
		return
	}
	parts, err := b.MakePartSet(types.BlockPartSizeBytes)
	if err != nil {
		h.t.Error(err)
		return
	}
	m.ExtCommit = h.chain.sign(h.t, b.Height, types.BlockID{Hash: b.Hash(), PartSetHeader: parts.Header()}, keys).ToProto()
}

// node is the one that fetches blocks.
type node struct {
	*ledger
	*Reactor
	sw   *p2p.Switch
	done chan sm.State
	err  chan error
}

func newNode(t testing.TB, l *ledger, times times) *node {
	n := &node{ledger: l, done: make(chan sm.State, 1), err: make(chan error, 1)}
	n.Reactor = New(Config{
		ChainID: l.genesis.ChainID, Blocks: l.blocks, States: l.states, Executor: l.executor, MaxBytes: 1 << 20,
		Begin:  func(context.Context) (sm.State, error) { return l.state, nil },
		Done:   func(s sm.State, _ bool) { n.done <- s },
		Failed: func(err error) { n.err <- err },
	})
	n.times = times
	n.sw = newSwitch(t, n.Reactor)
	return n
}

func (n *node) dial(t testing.TB, to *p2p.Switch) {
	t.Helper()
	if err := n.sw.DialPeerWithAddress(to.NetAddress()); err != nil {
		t.Fatal(err)
	}
}

// keep dials a peer, and does so again when the connection ends.
func (n *node) keep(t testing.TB, to *p2p.Switch) {
	t.Helper()
	if err := n.sw.AddPersistentPeers([]string{to.NetAddress().String()}); err != nil {
		t.Fatal(err)
	}
	n.dial(t, to)
}

// knowsSomebody says that a peer has told which blocks it has, now or before.
func (n *node) knowsSomebody() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.window == nil || len(n.window.peers) > 0
}

// eventually waits for something that is bound to happen.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come about that %s", what)
		}
	}
}

// unhurried is for attacks that are found by what is sent: nothing depends on how
// fast the machine is.
var unhurried = times{interval: 20 * time.Millisecond, patience: time.Hour, hold: time.Hour, ban: time.Hour, rest: time.Hour}

// impatient finds the silent, brisk those who are slow. An honest peer that is
// found so by mistake is soon asked again.
var (
	impatient = times{
		interval: 20 * time.Millisecond, patience: time.Second, hold: time.Hour, ban: 100 * time.Millisecond, rest: 100 * time.Millisecond,
	}
	brisk = times{
		interval: 20 * time.Millisecond, patience: time.Hour, hold: 200 * time.Millisecond, ban: 2 * time.Second, rest: time.Second,
	}
)

var attacks = []attack{
	{name: "another block under the commit", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) {
		m.Block.Header.AppHash = []byte("another state")
	})},
	{name: "another block with its own commit", height: top, answer: forging(func(h *hostile, m *bcproto.BlockResponse) {
		m.Block.Header.AppHash = []byte("another state")
		resign(h, m, newLedger(h.t, len(h.chain.keys)).keys)
	})},
	{name: "signatures of others", height: top, answer: forging(func(h *hostile, m *bcproto.BlockResponse) {
		resign(h, m, newLedger(h.t, len(h.chain.keys)).keys)
	})},
	{name: "half of the votes", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) {
		absent := types.NewExtendedCommitSigAbsent()
		for i := range m.ExtCommit.ExtendedSignatures[:len(m.ExtCommit.ExtendedSignatures)/2] {
			m.ExtCommit.ExtendedSignatures[i] = *absent.ToProto()
		}
	})},
	{name: "forged vote extension", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) {
		m.ExtCommit.ExtendedSignatures[0].Extension = []byte("not what was signed")
	})},
	{name: "one validator votes for all", height: top, answer: forging(func(h *hostile, m *bcproto.BlockResponse) {
		resign(h, m, slices.Repeat(h.chain.keys[:1], len(h.chain.keys)))
	})},
	{name: "commit of another height", height: top, answer: forging(func(h *hostile, m *bcproto.BlockResponse) {
		m.ExtCommit = h.chain.blocks.LoadBlockExtendedCommit(m.Block.Header.Height%top + 1).ToProto()
	})},
	{name: "commit of another height that says it is of this one", height: top, answer: forging(func(h *hostile, m *bcproto.BlockResponse) {
		m.ExtCommit = h.chain.blocks.LoadBlockExtendedCommit(m.Block.Header.Height%top + 1).ToProto()
		m.ExtCommit.Height = m.Block.Header.Height
	})},
	{name: "no votes", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) { m.ExtCommit = nil })},
	{name: "too many votes", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) {
		m.ExtCommit.ExtendedSignatures = slices.Repeat(m.ExtCommit.ExtendedSignatures[:1], types.MaxVotesCount+1)
	})},
	{name: "no block", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) { m.Block = nil })},
	{name: "changed transaction", height: top, answer: forging(func(_ *hostile, m *bcproto.BlockResponse) {
		m.Block.Data.Txs[0] = []byte("a transaction that nobody voted for")
	})},
	{name: "always the first block", height: top, harmless: true, answer: func(h *hostile, to p2p.Peer, _ int64) { honestly(h, to, 1) }},
	{name: "each block twice", height: top, harmless: true, answer: func(h *hostile, to p2p.Peer, height int64) {
		honestly(h, to, height)
		honestly(h, to, height)
		if height == 1 { // the rest of what it owes, and one more
			for range maxAsked {
				honestly(h, to, height)
			}
		}
	}},
	{name: "block that nobody asked for", hello: func(h *hostile, to p2p.Peer) { honestly(h, to, 1) }},
	{name: "silence", height: top, times: &impatient},
	{name: "trickle", height: top, times: &brisk, stays: true,
		hello: func(h *hostile, to p2p.Peer) {
			for {
				select {
				case height := <-h.slow:
					honestly(h, to, height)
				case <-h.ctx.Done():
					return
				}
				select {
				case <-time.After(100 * time.Millisecond):
				case <-h.ctx.Done():
					return
				}
			}
		},
		answer: func(h *hostile, _ p2p.Peer, height int64) { h.slow <- height }},
	{name: "blocks that it lacks", height: top, stays: true, answer: func(_ *hostile, to p2p.Peer, height int64) {
		send(to, &bcproto.NoBlockResponse{Height: height})
	}},
	{name: "a height that there is not", height: math.MaxInt64, stays: true, answer: func(h *hostile, to p2p.Peer, height int64) {
		if height > top {
			send(to, &bcproto.NoBlockResponse{Height: height})
			return
		}
		honestly(h, to, height)
	}},
	{name: "a height that there is not, silent beyond", height: math.MaxInt64, times: &impatient, answer: honestly},
	{name: "a base above its height", base: 2, height: 1},
	{name: "a negative height", base: math.MinInt64, height: math.MinInt64},
	{name: "the oldest block of the far future", base: math.MaxInt64, height: math.MaxInt64, second: true, stays: true},
	{name: "questions that look like blocks", height: top, times: &impatient, answer: func(h *hostile, to p2p.Peer, _ int64) {
		// The latter of two fields is the message; the former one is what counts
		// before it is decoded.
		send(to, &raw{append(marshal(h.t, &bcproto.BlockResponse{}), marshal(h.t, &bcproto.StatusRequest{})...)})
	}},
	{name: "garbage", hello: func(_ *hostile, to p2p.Peer) { send(to, &raw{[]byte("\xff\xff\xff\xff\x0f garbage")}) }},
	{name: "an empty message", hello: func(_ *hostile, to p2p.Peer) { send(to, &raw{}) }},
	{name: "a huge message", hello: func(_ *hostile, to p2p.Peer) { send(to, &raw{make([]byte, 2<<20)}) }},
	{name: "a flood of questions and statements", height: top, answer: honestly, harmless: true, stays: true,
		hello: func(h *hostile, to p2p.Peer) {
			for i := range int64(5000) {
				ok := send(to, &bcproto.StatusRequest{}) && send(to, &bcproto.StatusResponse{Base: 1, Height: top - i%2}) &&
					send(to, &bcproto.NoBlockResponse{Height: top + i}) && send(to, &bcproto.BlockRequest{Height: i})
				if !ok || h.ctx.Err() != nil {
					return
				}
			}
		}},
}

// Whatever one peer does, a node with an honest one gets the chain, leaves who
// misbehaves and does not ask them without end.
func TestHostilePeer(t *testing.T) {
	chain := newLedger(t, 4).grow(t, top)
	want := chain.hashes()
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			n := newNode(t, chain.anew(t), *cmp.Or(a.times, &unhurried))
			bad := newHostile(t, chain, a)
			if a.second {
				n.keep(t, newSwitch(t, chain.server()))
				eventually(t, "the honest peer is known", n.knowsSomebody)
			}
			n.dial(t, newSwitch(t, bad))
			if !a.second {
				eventually(t, "the hostile peer has its chance", func() bool {
					return a.height == 0 || bad.requests() > 0 || bad.is(&bad.left)
				})
				n.keep(t, newSwitch(t, chain.server()))
			}
			select {
			case s := <-n.done:
				if s.LastBlockHeight != top || !slices.Equal(n.hashes(), want) {
					t.Errorf("the node ends at block %d, or not with the blocks of the chain", s.LastBlockHeight)
				}
			case err := <-n.err:
				t.Fatal(err)
			case <-time.After(time.Minute):
				t.Fatalf("the node is stuck at block %d", n.blocks.Height())
			}
			if !a.stays {
				eventually(t, "the hostile peer is left", func() bool { return bad.is(&bad.left) })
			}
			if asked := bad.requests(); a.times == nil && asked > top+maxAsked {
				t.Errorf("the hostile peer was asked for %d blocks", asked)
			}
		})
	}
}

// With hostile peers alone a node believes nothing and asks none of them for a
// block twice.
func TestHostilePeersOnly(t *testing.T) {
	chain := newLedger(t, 4).grow(t, top)
	n := newNode(t, chain.anew(t), unhurried)
	var peers []*hostile
	for _, a := range attacks {
		if a.height != top || a.times != nil || a.harmless {
			continue // whoever says that there are no blocks is believed: the chain may have just begun
		}
		h := newHostile(t, chain, a)
		peers = append(peers, h)
		n.dial(t, newSwitch(t, h))
		eventually(t, a.name+": the peer is met", func() bool { return h.is(&h.met) })
		if !a.stays {
			eventually(t, a.name+": the peer is left", func() bool { return h.is(&h.left) })
		}
	}
	select {
	case s := <-n.done:
		t.Errorf("the node thinks that it has caught up, at block %d", s.LastBlockHeight)
	case err := <-n.err:
		t.Error(err)
	default:
	}
	if h := n.blocks.Height(); h != 0 {
		t.Errorf("the node has taken block %d", h)
	}
	for _, h := range peers {
		if asked := h.requests(); asked > top {
			t.Errorf("%s: the peer was asked for %d blocks, some of them twice", h.name, asked)
		}
	}
}

// A node that has caught up takes no blocks: they would be kept for nobody.
func TestHostileAfterwards(t *testing.T) {
	chain := newLedger(t, 4).grow(t, 3)
	n := newNode(t, chain.anew(t), unhurried)
	n.dial(t, newSwitch(t, chain.server()))
	select {
	case <-n.done:
	case <-time.After(time.Minute):
		t.Fatal("the node does not catch up")
	}
	bad := newHostile(t, chain, attack{height: 3, hello: func(h *hostile, to p2p.Peer) { honestly(h, to, 3) }})
	n.dial(t, newSwitch(t, bad))
	eventually(t, "the peer is left", func() bool { return bad.is(&bad.left) })
	if len(n.arrived) > 0 {
		t.Errorf("%d blocks are kept", len(n.arrived))
	}
}
