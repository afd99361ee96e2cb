package rpc

import (
	"context"
	"errors"
	"sync"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// The chainHead group follows the head of the chain and reads the blocks that a
// subscription reported (JSON-RPC interface specification, chainHead). Every
// block here is final when it appears: newBlock, bestBlockChanged and finalized
// come together, and nothing is ever pruned from the chain.

func (a *api) followFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{{
		Subscribe:    "chainHead_v1_follow",
		Unsubscribe:  "chainHead_v1_unfollow",
		Notification: "chainHead_v1_followEvent",
		Acknowledge:  "null",
		Source:       a.follow,
	}}
}

const (
	// maxFollows bounds the follow subscriptions of a connection; clients may
	// count on two.
	maxFollows = 4
	// reportedBlocks is how many final blocks a subscription begins with, for
	// clients that come back after a disconnection.
	reportedBlocks = 16
	// maxPinAge is how many blocks a pinned block may be behind the best one. It
	// bounds the pinned blocks too. A subscription that keeps one for longer, or
	// that is that far behind, is stopped.
	maxPinAge = 512
)

// follow is one chainHead subscription.
type follow struct {
	api         *api
	sub         *jsonrpc.Subscription
	ctx         context.Context // ends with the subscription
	withRuntime bool

	sendMu  sync.Mutex // guards stopped; held while a notification is queued
	stopped bool

	mu         sync.Mutex // guards the fields below
	pins       map[substrate.H256]*chain.View
	operations map[string]*operation
	lastID     uint64
	running    int // sum of the operations' sizes
}

// follows are the chainHead subscriptions of a connection.
type follows struct {
	mu    sync.Mutex // guards the fields below
	count int        // accepted and not yet ended
	live  map[string]*follow
}

type followsKey struct{}

func followsOf(c *jsonrpc.Conn) *follows {
	return c.Value(followsKey{}, func() any { return &follows{live: make(map[string]*follow)} }).(*follows)
}

// reserve counts a subscription in, if there is room for it.
func (s *follows) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count >= maxFollows {
		return false
	}
	s.count++
	return true
}

func (s *follows) enter(id string, f *follow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[id] = f
}

func (s *follows) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, id)
	s.count--
}

// find returns the live subscription with the id, nil when there is none.
func (s *follows) find(id string) *follow {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.live[id]; f != nil && f.ctx.Err() == nil {
		return f
	}
	return nil
}

func (a *api) follow(_ context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	withRuntime, err := call.Params.Bool(0)
	if err != nil {
		return nil, err
	}
	all := followsOf(call.Conn())
	if !all.reserve() {
		return nil, &jsonrpc.Error{Code: codeFollowLimit, Message: "Maximum number of chainHead_follow has been reached"}
	}
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		defer all.leave(sub.ID())
		ctx, cancel := context.WithCancel(ctx)
		f := &follow{
			api: a, sub: sub, ctx: ctx, withRuntime: withRuntime,
			pins:       make(map[substrate.H256]*chain.View),
			operations: make(map[string]*operation),
		}
		defer func() {
			cancel() // nobody finds it any more
			f.release()
		}()
		all.enter(sub.ID(), f)
		return f.run()
	}, nil
}

// run reports blocks until the subscription ends or has to be stopped.
func (f *follow) run() error {
	best := f.api.chain.Finalized()
	if err := f.begin(best); err != nil {
		return err
	}
	feed := f.api.chain.SubscribeFrom(best.Number + 1)
	last := best
	var text []byte
	for {
		block, err := feed.Next(f.ctx)
		if err != nil {
			return endOfFeed(err)
		}
		if block.Header.ParentHash != last.Hash {
			return f.stop() // the node joined the chain at a later block
		}
		if ok, err := f.pin(block.Ref); err != nil {
			return err
		} else if !ok {
			return f.stop() // the client lags
		}
		last = block.Ref
		text = append(text[:0], `{"event":"newBlock","blockHash":`...)
		text = appendHash(text, block.Hash)
		text = append(text, `,"parentBlockHash":`...)
		text = appendHash(text, block.Header.ParentHash)
		if f.withRuntime {
			if text, err = f.appendNewRuntime(text, block); err != nil {
				return err
			}
		}
		if err := f.send(append(text, '}')); err != nil {
			return err
		}
		if err := f.sendBest(block.Hash); err != nil {
			return err
		}
		text = append(text[:0], `{"event":"finalized","finalizedBlockHashes":[`...)
		text = appendHash(text, block.Hash)
		if err := f.send(append(text, `],"prunedBlockHashes":[]}`...)); err != nil {
			return err
		}
	}
}

// appendNewRuntime tells of the runtime at a block if it is another one than at
// the block before.
func (f *follow) appendNewRuntime(text []byte, block *chain.Block) ([]byte, error) {
	text = append(text, `,"newRuntime":`...)
	if !changesRuntime(&block.Header) {
		return append(text, `null`...), nil
	}
	spec, err := f.api.specAt(block.Number)
	return append(text, spec...), err
}

// begin pins and reports the newest blocks up to best, as far back as their
// state is kept.
func (f *follow) begin(best chain.Ref) error {
	if ok, err := f.pin(best); err != nil {
		return err
	} else if !ok {
		return f.stop() // so slow that many blocks came since
	}
	hashes := []substrate.H256{best.Hash}
	for n := best.Number; n > 0 && len(hashes) < reportedBlocks; n-- {
		hash, err := f.api.chain.HashAt(n - 1)
		if errors.Is(err, chain.ErrNotKept) {
			break // the node joined the chain later
		}
		if err != nil {
			return err
		}
		if ok, err := f.pin(chain.Ref{Number: n - 1, Hash: hash}); err != nil {
			return err
		} else if !ok {
			break
		}
		hashes = append(hashes, hash)
	}
	text := []byte(`{"event":"initialized","finalizedBlockHashes":[`)
	for i := range hashes {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendHash(text, hashes[len(hashes)-1-i])
	}
	text = append(text, ']')
	if f.withRuntime {
		spec, err := f.api.specAt(best.Number)
		if err != nil {
			return err
		}
		text = append(append(text, `,"finalizedBlockRuntime":`...), spec...)
	}
	if err := f.send(append(text, '}')); err != nil {
		return err
	}
	return f.sendBest(best.Hash)
}

func (f *follow) sendBest(hash substrate.H256) error {
	text := appendHash([]byte(`{"event":"bestBlockChanged","bestBlockHash":`), hash)
	return f.send(append(text, '}'))
}

// send queues an event, unless the subscription was stopped.
func (f *follow) send(text []byte) error {
	f.sendMu.Lock()
	defer f.sendMu.Unlock()
	if f.stopped {
		return jsonrpc.ErrClosed
	}
	return f.sub.Notify(text)
}

// stop sends the last event of a subscription that the server gives up.
func (f *follow) stop() error {
	f.sendMu.Lock()
	defer f.sendMu.Unlock()
	f.stopped = true
	return f.sub.Notify([]byte(`{"event":"stop"}`))
}

// pin keeps a block and its state for the client: an open view holds pruning
// off, from this block up. It returns false when the state is gone already, or
// when this block or one that the client has not unpinned is too far behind the
// best one.
func (f *follow) pin(block chain.Ref) (bool, error) {
	view, err := f.api.chain.View(block.Hash)
	if errors.Is(err, state.ErrPruned) || errors.Is(err, chain.ErrNotKept) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	best := f.api.chain.Best().Number
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pins[block.Hash] = view
	for _, pinned := range f.pins {
		if number := pinned.Ref().Number; best > number && best-number > maxPinAge {
			return false, nil
		}
	}
	return true, nil
}

// release gives all blocks up at the subscription's end.
func (f *follow) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for hash, view := range f.pins {
		_ = view.Close() // nothing was read through it
		delete(f.pins, hash)
	}
}

// isPinned returns an error for the client unless the block was reported and is
// still pinned.
func (f *follow) isPinned(hash substrate.H256) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.pins[hash]; !ok {
		return errNotPinned
	}
	return nil
}

// unpin gives all of the blocks up, or none and an error.
func (f *follow) unpin(hashes []substrate.H256) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := make(map[substrate.H256]struct{}, len(hashes))
	for _, hash := range hashes {
		if _, again := seen[hash]; again {
			return errDuplicateHashes
		}
		seen[hash] = struct{}{}
	}
	for _, hash := range hashes {
		if _, ok := f.pins[hash]; !ok {
			return errNotPinned
		}
	}
	for _, hash := range hashes {
		_ = f.pins[hash].Close() // nothing was read through it
		delete(f.pins, hash)
	}
	return nil
}
