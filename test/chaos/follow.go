package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// follower reads every block from one node and tells the Chain. Whatever
// happens to the node, it goes on where it was.
type follower struct {
	net   *Network
	node  *Node
	chain *Chain
	// onBlock is told of the extrinsics of blocks that nobody showed before.
	onBlock func(height uint32, extrinsics []substrate.H256)

	seen   atomic.Uint32 // every block up to this one was read
	client *sdk.Client   // nil while the node does not answer
}

const followEvery = 100 * time.Millisecond

func (f *follower) run(ctx context.Context) {
	defer f.hangUp()
	for ctx.Err() == nil {
		if err := f.step(ctx); err != nil {
			f.hangUp()
		}
		select {
		case <-ctx.Done():
		case <-time.After(followEvery):
		}
	}
}

func (f *follower) hangUp() {
	if f.client != nil {
		_ = f.client.Close() // only questions were asked
		f.client = nil
	}
}

// step reads the blocks that are new. An error says that the node did not
// answer.
func (f *follower) step(ctx context.Context) (err error) {
	if f.client == nil {
		dial, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		if f.client, err = f.net.Dial(dial, f.node); err != nil {
			return err
		}
	}
	ask, cancel := context.WithTimeout(ctx, askTimeout)
	height, err := f.client.Height(ask)
	cancel()
	if err != nil {
		return err
	}
	if seen := f.seen.Load(); height < seen {
		f.chain.fail(fmt.Errorf("%s lost final blocks: its head is %d, before it was at least %d", f.node.Name, height, seen))
		return nil
	}
	for next := f.seen.Load() + 1; next <= height && ctx.Err() == nil; next++ {
		if err := f.read(ctx, next); err != nil {
			return err
		}
		f.seen.Store(next)
	}
	return nil
}

// read passes one block on.
func (f *follower) read(ctx context.Context, height uint32) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	hash, err := f.client.HashAt(ctx, height)
	if errors.Is(err, sdk.ErrNoBlock) {
		f.chain.fail(fmt.Errorf("%s does not have block %d although its head is above", f.node.Name, height))
		return err
	} else if err != nil {
		return err
	}
	header, err := f.client.Header(ctx, &hash)
	if err != nil {
		return err
	}
	body, err := f.client.Body(ctx, hash)
	if err != nil {
		return err
	}
	fresh := f.chain.note(f.node.Name, header, hash, body)
	if fresh != nil && f.onBlock != nil {
		f.onBlock(height, fresh)
	}
	return nil
}

// reread reads all blocks of a node again: a disk may have lost old ones.
func (f *follower) reread(ctx context.Context) error {
	again := &follower{net: f.net, node: f.node, chain: f.chain}
	defer again.hangUp()
	for want := f.chain.Top(); again.seen.Load() < want; {
		if err := again.step(ctx); err != nil {
			again.hangUp()
			if ctx.Err() != nil {
				return fmt.Errorf("read all blocks of %s: only %d of %d: %w", f.node.Name, again.seen.Load(), want, err)
			}
			time.Sleep(followEvery)
		}
		if err := f.chain.Err(); err != nil {
			return err
		}
	}
	return nil
}
