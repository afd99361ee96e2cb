// Package blocksync fetches a chain's old blocks from peers and applies them,
// and serves such blocks. It speaks CometBFT's block sync protocol and takes the
// place of its reactor, which asks for at most one block every 2 ms, verifies
// and executes in turn, and checks each commit twice.
//
// Blocks are asked of all peers at once, as many as fit into a bounded memory.
// What depends on a block alone is checked by as many goroutines as there are
// processors, while others are executed: its format, its hash, the votes that
// decided it. It is applied, in order, when more than two thirds of its
// validators have signed it, that is, when it is final. Its own last commit is
// then what those validators have checked, and is not verified once more.
//
//	r := blocksync.New(blocksync.Config{…})
//	sw.AddReactor("BLOCKSYNC", r)
package blocksync

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/p2p"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"

	cmtblocksync "github.com/cometbft/cometbft/blocksync"
)

// Channel is that of CometBFT's block sync.
const Channel = cmtblocksync.BlocksyncChannel

// Config is what the reactor works with.
type Config struct {
	ChainID string
	// Blocks and States are CometBFT's stores.
	Blocks *store.BlockStore
	States sm.Store
	// MaxBytes bounds a block together with the votes that decided it, as sent. A
	// peer that sends more is left. Default CometBFT's 100 MiB.
	MaxBytes int
	// Executor validates and applies blocks.
	Executor *sm.BlockExecutor
	// Address is this node's as a validator: if the chain cannot go on without
	// it, it does not wait to catch up.
	Address crypto.Address
	// Begin waits until blocks can be fetched and returns the state to start
	// from; an error when ctx ends. nil: the node takes part from the start, and
	// the reactor only serves.
	Begin func(ctx context.Context) (sm.State, error)
	// Ahead is told of a block a little before it is applied, from several
	// goroutines, so that work can be done ahead. It may be nil.
	Ahead func(*types.Block)
	// Done is called once, when there are no more blocks to fetch, and told whether
	// any has been.
	Done func(state sm.State, fetched bool)
	// Failed is called when a final block cannot be applied: the fault is this
	// node's, which cannot go on.
	Failed func(error)
}

// Reactor implements p2p.Reactor.
type Reactor struct {
	p2p.BaseReactor
	conf  Config
	times times

	cancel  context.CancelFunc
	workers sync.WaitGroup
	arrived chan message  // blocks as they come
	soon    chan *fetched // blocks to verify before their turn
	wake    chan struct{} // something has changed, capacity 1

	// set is what blocks are verified with ahead of their time.
	set atomic.Pointer[validators]

	over chan struct{} // closed when no more blocks are fetched

	mu     sync.Mutex // guards everything below
	window *window    // nil while no blocks are fetched
	debts  debts      // blocks that were asked for before the end and may still come
	// lacking is the next block and oldest the oldest one of any peer when the search
	// ended because no peer had the next one.
	lacking, oldest int64
}

// queue is how many blocks wait to be decoded. A peer that sends faster waits.
const queue = 32

// message is a block as a peer sent it.
type message struct {
	from  p2p.Peer
	block *bcproto.BlockResponse
}

// validators are those of the newest block.
type validators struct {
	set  *types.ValidatorSet
	hash []byte
}

// New makes a reactor; the switch starts it.
func New(conf Config) *Reactor {
	r := &Reactor{
		conf: conf, times: usualTimes, arrived: make(chan message, queue), soon: make(chan *fetched, lead),
		wake: make(chan struct{}, 1), over: make(chan struct{}),
	}
	r.BaseReactor = *p2p.NewBaseReactor("Blocksync", r)
	return r
}

// OnStart implements service.Service.
func (r *Reactor) OnStart() error {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	if r.conf.Begin == nil {
		close(r.over)
		return nil
	}
	r.workers.Go(func() {
		defer close(r.over)
		r.run(ctx)
	})
	return nil
}

// OnStop implements service.Service.
func (r *Reactor) OnStop() {
	r.cancel()
	r.workers.Wait()
}

// GetChannels implements p2p.Reactor.
func (r *Reactor) GetChannels() []*p2p.ChannelDescriptor {
	return []*p2p.ChannelDescriptor{{
		ID:                  Channel,
		Priority:            5,
		SendQueueCapacity:   2 * maxAsked, // blocks in memory for a peer that does not read
		RecvBufferCapacity:  256 << 10,
		RecvMessageCapacity: cmp.Or(r.conf.MaxBytes, cmtblocksync.MaxMsgSize),
		MessageType:         &bcproto.Message{},
	}}
}

// AddPeer tells a new peer which blocks this node has.
func (r *Reactor) AddPeer(peer p2p.Peer) { peer.Send(r.status()) }

func (r *Reactor) status() p2p.Envelope {
	return p2p.Envelope{ChannelID: Channel, Message: &bcproto.StatusResponse{
		Base: r.conf.Blocks.Base(), Height: r.conf.Blocks.Height(),
	}}
}

// RemovePeer implements p2p.Reactor.
func (r *Reactor) RemovePeer(peer p2p.Peer, _ any) {
	r.use(func(w *window) { w.remove(peer.ID()) })
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.debts, peer.ID())
}

// use changes the window, if blocks are being fetched, and sends the requests
// that the change allows.
func (r *Reactor) use(fn func(*window)) {
	r.useIf(func(w *window) bool {
		fn(w)
		return true
	})
}

// useIf is use for what may change nothing, as fn tells.
func (r *Reactor) useIf(fn func(*window) bool) {
	r.mu.Lock()
	if r.window == nil || !fn(r.window) {
		r.mu.Unlock()
		return
	}
	requests := r.window.plan(time.Now())
	r.mu.Unlock()
	for _, q := range requests {
		r.ask(q)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// ask sends a request. What cannot be sent counts as not answered, and the peer
// as gone.
func (r *Reactor) ask(q request) {
	peer := r.Switch.Peers().Get(q.peer)
	if peer != nil && peer.TrySend(p2p.Envelope{ChannelID: Channel, Message: &bcproto.BlockRequest{Height: q.height}}) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.window != nil {
		now := time.Now()
		if r.window.debts.settle(q.peer, q.height) {
			r.window.debts.admit(q.peer)
		}
		r.window.pause(q.peer, r.window.rest, now)
	}
}

// errUnasked is why a peer is left that sends blocks of its own accord.
var errUnasked = errors.New("a block that was not asked for")

// FilterMsgBytes implements p2p.MsgBytesFilter: blocks that nobody asked for are
// not even decoded.
func (r *Reactor) FilterMsgBytes(channel byte, from p2p.Peer, raw []byte) error {
	if channel != Channel {
		return nil
	}
	isBlock, err := countVotes(raw)
	if err != nil || !isBlock {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	owed := r.debts
	if r.window != nil {
		owed = r.window.debts
	}
	if !owed.admit(from.ID()) {
		return errUnasked
	}
	return nil
}

// Receive implements p2p.Reactor.
func (r *Reactor) Receive(e p2p.Envelope) {
	if err := cmtblocksync.ValidateMsg(e.Message); err != nil {
		r.Switch.StopPeerForError(e.Src, err)
		return
	}
	switch m := e.Message.(type) {
	case *bcproto.BlockRequest:
		r.serve(m.Height, e.Src)
	case *bcproto.StatusRequest:
		e.Src.TrySend(r.status())
	case *bcproto.StatusResponse:
		r.useIf(func(w *window) bool { return w.status(e.Src.ID(), m.Base, m.Height, time.Now()) })
	case *bcproto.NoBlockResponse:
		r.use(func(w *window) { w.lacks(e.Src.ID(), m.Height, time.Now()) })
	case *bcproto.BlockResponse:
		select {
		case <-r.over: // nobody would take it
			return
		default:
		}
		select {
		case r.arrived <- message{e.Src, m}:
		case <-r.over:
		}
	}
}

// serve sends a block with the votes that decided it.
func (r *Reactor) serve(height int64, to p2p.Peer) {
	if block := r.conf.Blocks.LoadBlockProto(height); block != nil {
		if votes := r.conf.Blocks.LoadBlockExtendedCommit(height); votes != nil {
			to.Send(p2p.Envelope{ChannelID: Channel, Message: &bcproto.BlockResponse{Block: block, ExtCommit: votes.ToProto()}})
			return
		}
	}
	to.TrySend(p2p.Envelope{ChannelID: Channel, Message: &bcproto.NoBlockResponse{Height: height}})
}

// prepare works on blocks before their turn, until ctx ends.
func (r *Reactor) prepare(ctx context.Context) {
	for {
		select {
		case b := <-r.soon:
			r.check(b)
			continue
		default:
		}
		select {
		case b := <-r.soon:
			r.check(b)
		case m := <-r.arrived:
			r.decode(m)
		case <-ctx.Done():
			return
		}
	}
}

// decode takes what has come.
func (r *Reactor) decode(m message) {
	from := m.from.ID()
	b, err := decode(from, m.block)
	r.use(func(w *window) {
		if err == nil && w.debts[from] == nil {
			return // the peer has gone meanwhile
		}
		if err == nil && !w.debts.settle(from, b.block.Height) {
			err = fmt.Errorf("%w: %d", errUnasked, b.block.Height)
		}
		if err != nil {
			w.pause(from, w.ban, time.Now())
			return
		}
		w.heard(from, time.Now())
		w.arrived(b)
	})
	if err != nil {
		r.Logger.Error("Bad block", "peer", from, "err", err)
		r.Switch.StopPeerForError(m.from, err)
	}
}

// check verifies a block with the newest validators if they are the block's. A
// failure is judged when it is the block's turn.
func (r *Reactor) check(b *fetched) {
	defer close(b.checked)
	v := r.set.Load()
	if !bytes.Equal(v.hash, b.block.ValidatorsHash) || b.verify(r.conf.ChainID, v.set, v.hash) != nil {
		return
	}
	if r.conf.Ahead != nil {
		r.conf.Ahead(b.block)
	}
}

// preparers is how many goroutines prepare blocks.
func preparers() int { return max(1, runtime.GOMAXPROCS(0)) }

// failed ends the reactor's work.
func (r *Reactor) failed(height int64, err error) {
	err = fmt.Errorf("apply block %d: %w", height, err)
	r.Logger.Error("block sync stopped", "err", err)
	if r.conf.Failed != nil {
		r.conf.Failed(err)
	}
}
