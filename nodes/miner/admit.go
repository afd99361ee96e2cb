package miner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

var (
	errForeign      = errors.New("the fragment belongs to no open deal")
	errNoSpace      = errors.New("insufficient space")
	errNotInService = errors.New("the miner is not in service")
)

// admit says whether a fragment may be stored: an open deal lists it, the
// miner is in service and there is room, on chain and on disk.
func (m *Miner) admit(ctx context.Context, fid, fragment types.Hash) error {
	c, err := m.link.get(ctx)
	if err != nil {
		return err
	}
	order, err := m.orders.get(ctx, c, fid)
	if err != nil {
		return err
	}
	if !order.fragments[fragment] {
		return errForeign
	}
	me, found, err := sdk.Find(ctx, c.Best(), sminer.Miners, m.account)
	if err != nil {
		return err
	}
	if state := string(me.State); !found || state != sminer.StatePositive {
		return fmt.Errorf("%w: state %q", errNotInService, state)
	}
	need := uint64(order.segments) * segment.FragmentSize
	if !order.mine && me.IdleSpace.Less(scale.U128From64(need)) {
		return errNoSpace
	}
	free, err := freeDisk(m.cfg.Home)
	if err != nil {
		return err
	}
	if free < m.cfg.ReserveBytes+segment.FragmentSize {
		return errNoSpace
	}
	return nil
}

func freeDisk(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, fmt.Errorf("free disk space: %w", err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// order is what a miner needs to know of a deal or file to admit fragments.
type order struct {
	fragments map[types.Hash]bool
	segments  int
	mine      bool // this miner already reported a column
}

// orders remembers deals for a moment: a gateway sends many fragments of one.
type orders struct {
	m *Miner

	mu    sync.Mutex
	known map[types.Hash]cached // guarded by mu
}

type cached struct {
	order order
	until time.Time
}

const (
	orderLifetime = 5 * time.Second
	maxOrders     = 1024
)

func (o *orders) get(ctx context.Context, chain *sdk.Client, fid types.Hash) (order, error) {
	o.mu.Lock()
	c, ok := o.known[fid]
	o.mu.Unlock()
	if ok && time.Now().Before(c.until) {
		return c.order, nil
	}
	deal, found, err := sdk.Find(ctx, chain.Best(), filebank.Deals, fid)
	if err != nil {
		return order{}, err
	}
	if !found {
		return order{}, errForeign
	}
	fresh := order{fragments: make(map[types.Hash]bool), segments: len(deal.SegmentList)}
	for _, s := range deal.SegmentList {
		for _, f := range s.FragmentList {
			fresh.fragments[f] = true
		}
	}
	fresh.mine = slices.ContainsFunc(deal.CompleteList, func(c filebank.CompleteInfo) bool { return c.Miner == o.m.account })
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil || len(o.known) >= maxOrders {
		o.known = make(map[types.Hash]cached)
	}
	o.known[fid] = cached{fresh, time.Now().Add(orderLifetime)}
	return fresh, nil
}
