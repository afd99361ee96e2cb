package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gocess/gocess/sdk"
)

// SyncResult is how a new node fetched and executed a chain.
type SyncResult struct {
	Blocks     uint32
	Extrinsics int // in them, inherents included
	Elapsed    time.Duration
	Node       Usage // of the new node: CPU in all, peak
}

// Rate is blocks per second.
func (r *SyncResult) Rate() float64 { return float64(r.Blocks) / r.Elapsed.Seconds() }

// PerBlock is the mean number of extrinsics in a block.
func (r *SyncResult) PerBlock() float64 { return float64(r.Extrinsics) / float64(r.Blocks) }

// Sync starts a new pruned node beside the validator, in a process of its own,
// and measures how it fetches and executes the validator's blocks. dir is the
// folder that StartValidator was given. The measured time begins with the
// first block and ends shortly before the newest, so that neither the wait for
// peers nor that for new blocks counts.
func (v *Validator) Sync(ctx context.Context, binary, dir, home string) (_ *SyncResult, err error) {
	source, err := sdk.Dial(ctx, v.URL)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	newest, err := source.Height(ctx)
	if err != nil {
		return nil, err
	}
	const margin = 20
	if newest < 2*margin {
		return nil, fmt.Errorf("bench: the chain has only %d blocks", newest)
	}
	var peers []string
	if err := source.RPC().Call(ctx, &peers, "system_localListenAddresses"); err != nil {
		return nil, err
	}
	if len(peers) == 0 {
		return nil, errors.New("bench: the validator tells no address")
	}
	port, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	address := func(p int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p)) }
	child, err := StartChild(binary, "node", "--spec", filepath.Join(dir, "chain.json"), "--home", home,
		"--rpc", address(port), "--p2p", address(port+1), "--peers", peers[0], "--retention", "1000",
		"--snapshot-interval", "0", "--log-level", "warn")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, child.Stop()) }()
	if err := child.WaitPort(ctx, address(port)); err != nil {
		return nil, err
	}
	follower, err := sdk.Dial(ctx, "ws://"+address(port))
	if err != nil {
		return nil, err
	}
	defer follower.Close()
	first, began, err := reached(ctx, follower, 1)
	if err != nil {
		return nil, err
	}
	last, ended, err := reached(ctx, follower, newest-margin)
	if err != nil {
		return nil, err
	}
	r := &SyncResult{Blocks: last - first, Elapsed: ended.Sub(began), Node: UsageOf(child.PID())}
	r.Extrinsics, err = extrinsics(ctx, source, first+1, last)
	return r, err
}

// reached waits until the node has a block.
func reached(ctx context.Context, c *sdk.Client, number uint32) (uint32, time.Time, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		height, err := c.Height(ctx)
		if err != nil {
			return 0, time.Time{}, err
		}
		if height >= number {
			return height, time.Now(), nil
		}
		select {
		case <-ctx.Done():
			return 0, time.Time{}, ctx.Err()
		case <-tick.C:
		}
	}
}

// extrinsics counts those of the blocks from first to last, from a sample of at
// most a hundred.
func extrinsics(ctx context.Context, c *sdk.Client, first, last uint32) (int, error) {
	step := max(1, (last-first)/100)
	counted, sampled := 0, 0
	for n := first; n <= last; n += step {
		hash, err := c.HashAt(ctx, n)
		if err != nil {
			return 0, err
		}
		body, err := c.Body(ctx, hash)
		if err != nil {
			return 0, err
		}
		counted, sampled = counted+len(body), sampled+1
	}
	return counted * int(last-first+1) / max(1, sampled), nil
}

// WaitHeight waits until the chain has so many blocks.
func (v *Validator) WaitHeight(ctx context.Context, number uint32) error {
	c, err := sdk.Dial(ctx, v.URL)
	if err != nil {
		return err
	}
	defer c.Close()
	_, _, err = reached(ctx, c, number)
	return err
}
