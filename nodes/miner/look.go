package miner

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois"
)

// look is what the chain says about the miner after one block.
type look struct {
	chain  *sdk.Client
	at     sdk.At
	hash   substrate.H256
	height types.BlockNumber

	found     bool
	me        sminer.Miner
	challenge *audit.Challenge // nil when none is open
}

// look reads the miner's record and its challenge after the best block.
func (m *Miner) look(ctx context.Context) (*look, error) {
	c, err := m.link.get(ctx)
	if err != nil {
		return nil, err
	}
	head, err := c.Header(ctx, nil)
	if err != nil {
		return nil, err
	}
	hash, err := head.Hash()
	if err != nil {
		return nil, err
	}
	return m.lookAt(ctx, c, hash, head.Number)
}

func (m *Miner) lookAt(ctx context.Context, c *sdk.Client, hash substrate.H256, height types.BlockNumber) (*look, error) {
	l := &look{chain: c, at: c.At(hash), hash: hash, height: height}
	var err error
	if l.me, l.found, err = sdk.Find(ctx, l.at, sminer.Miners, m.account); err != nil {
		return nil, fmt.Errorf("read the miner's record: %w", err)
	}
	challenge, open, err := sdk.Find(ctx, l.at, audit.Challenges, m.account)
	if err != nil {
		return nil, fmt.Errorf("read the miner's challenge: %w", err)
	}
	if open {
		l.challenge = &challenge
	}
	return l, nil
}

func (l *look) state() string { return string(l.me.State) }

// idleFileSize is how many bytes of space the chain counts an idle file as,
// whatever it takes on disk. It is not 0.
func (l *look) idleFileSize(ctx context.Context) (uint64, error) {
	n, err := sdk.Constant(ctx, l.at, sminer.IdleFileSize)
	if err == nil && n == 0 {
		err = errors.New("the chain counts idle files as nothing")
	}
	if err != nil {
		return 0, fmt.Errorf("read the size of idle files: %w", err)
	}
	return n, nil
}

// inService is nil if the miner may take on work, else the reason why not.
func (l *look) inService() error {
	switch {
	case !l.found:
		return jobs.Waitf("the account is not registered as a miner")
	case l.state() != sminer.StatePositive:
		return jobs.Waitf("the miner's state is %q", l.state())
	}
	return nil
}

// status is the chain's record of the idle space.
func statusOf(info types.SpaceProofInfo) pois.Status {
	return pois.Status{Acc: info.Accumulator[:], Front: int64(info.Front), Rear: int64(info.Rear)}
}
