package miner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// restore keeps the network's data whole: it brings back what is lost here,
// finishes the restoral orders that it claimed, and claims others.
func (m *Miner) restore(ctx context.Context, p *jobs.Progress) error {
	if !m.cheat.repairs() {
		return jobs.Waitf("this miner repairs nothing")
	}
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if !l.found {
		return jobs.Waitf("the account is not registered as a miner")
	}
	var errs []error
	var waits error
	for _, step := range []func(context.Context, *jobs.Progress, *look) error{
		m.restoreOwn, m.finishClaims, m.claimOrders, m.claimLeavers,
	} {
		if err := step(ctx, p, l); err != nil {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case jobs.IsWaiting(err):
				waits = err
			default:
				errs = append(errs, err)
			}
		}
	}
	if len(errs) == 0 {
		return waits
	}
	return errors.Join(errs...)
}

// restoreOwn looks for fragments that the chain counts as this miner's and
// that are not here.
func (m *Miner) restoreOwn(ctx context.Context, p *jobs.Progress, l *look) error {
	files, err := m.ownFiles(ctx, p.Doing, l)
	if err != nil {
		return fmt.Errorf("look for lost fragments: %w", err)
	}
	var errs []error
	for fid, file := range files {
		for _, fragment := range uniqueFragments(file, m) {
			if m.store.Has(fid, fragment) {
				continue
			}
			p.Doing("restoring fragment %.8s… of file %.8s…", fragment, fid)
			b, err := m.recoverFragment(ctx, l, fid, fragment, file)
			if err == nil {
				err = m.store.Put(fid, fragment, b)
			} else if errors.Is(err, errUnrecoverable) {
				err = errors.Join(err, m.declareLost(ctx, l, fid, fragment))
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("fragment %v of file %v: %w", fragment, fid, err))
				continue
			}
			m.metrics.repaired.Inc()
			m.log.Info("restored a fragment", "fid", fid, "fragment", fragment)
			m.jobs.Wake(jobTags)
		}
	}
	return errors.Join(errs...)
}

// uniqueFragments lists a miner's fragments of a file that are not declared
// lost, each once.
func uniqueFragments(file filebank.File, m *Miner) []types.Hash {
	var out []types.Hash
	for _, s := range file.SegmentList {
		for _, f := range s.FragmentList {
			if f.Miner == m.account && f.Avail && !slices.Contains(out, f.Hash) {
				out = append(out, f.Hash)
			}
		}
	}
	return out
}

// ownFiles are the files in which this miner holds fragments: those with a
// folder here, and all others if the chain counts a fragment that is nowhere
// here, because a folder was lost.
func (m *Miner) ownFiles(ctx context.Context, doing func(string, ...any), l *look) (map[types.Hash]filebank.File, error) {
	fids, err := m.store.Kept()
	if err != nil {
		return nil, err
	}
	files, err := sdk.FindMany(ctx, l.at, filebank.Files, fids)
	if err != nil {
		return nil, err
	}
	listed, err := sdk.ListPrefix(ctx, l.at, podr2.Fragments, m.account)
	if err != nil {
		return nil, err
	}
	missing := 0
	for _, e := range listed {
		if len(m.store.Where(types.HashOf(e.Value))) == 0 {
			missing++
		}
	}
	if missing == 0 {
		return files, nil
	}
	doing("looking for the files of %d lost fragments", missing)
	all, err := sdk.List(ctx, l.at, filebank.Files)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if len(fragmentsOf(e.Value, m.account)) > 0 {
			files[e.Key] = e.Value
		}
	}
	return files, nil
}

// declareLost orders the restoral of a fragment by others, once.
func (m *Miner) declareLost(ctx context.Context, l *look, fid, fragment types.Hash) error {
	if _, open, err := sdk.Find(ctx, l.at, filebank.RestoralOrders, fragment); err != nil || open {
		return err
	}
	if err := m.cfg.step("lost:declare"); err != nil {
		return err
	}
	_, err := l.chain.Submit(ctx, m.cfg.Signer, filebank.GenerateRestoralOrder{FileHash: fid, RestoralFragment: fragment})
	if err != nil && !errors.Is(err, filebank.ErrExisted) {
		return fmt.Errorf("declare the fragment lost: %w", err)
	}
	m.metrics.lost.Inc()
	m.log.Error("declared a fragment lost", "fid", fid, "fragment", fragment)
	return nil
}

// claimed lists the orders that this miner has promised to complete. The chain
// is the journal: a claim whose answer was lost is found here.
func (m *Miner) claimed(ctx context.Context, l *look) (mine, all []filebank.RestoralOrder, err error) {
	entries, err := sdk.List(ctx, l.at, filebank.RestoralOrders)
	if err != nil {
		return nil, nil, fmt.Errorf("read restoral orders: %w", err)
	}
	for _, e := range entries {
		all = append(all, e.Value)
		if o := e.Value; o.Miner == m.account && o.OriginMiner != m.account && l.height < o.Deadline {
			mine = append(mine, o)
		}
	}
	return mine, all, nil
}

// finishClaims restores what was claimed.
func (m *Miner) finishClaims(ctx context.Context, p *jobs.Progress, l *look) error {
	mine, _, err := m.claimed(ctx, l)
	if err != nil {
		return err
	}
	var errs []error
	for _, o := range mine {
		if err := m.finishClaim(ctx, p, l, o); err != nil {
			errs = append(errs, fmt.Errorf("restoral order %v: %w", o.FragmentHash, err))
		}
	}
	return errors.Join(errs...)
}

// finishClaim restores a fragment and completes its order. It never completes
// one without the verified fragment on disk.
func (m *Miner) finishClaim(ctx context.Context, p *jobs.Progress, l *look, o filebank.RestoralOrder) error {
	file, ok, err := sdk.Find(ctx, l.at, filebank.Files, o.FileHash)
	if err != nil || !ok {
		return err // a deleted file's order goes with it
	}
	if _, err := m.store.Read(o.FileHash, o.FragmentHash); err != nil {
		p.Doing("restoring fragment %.8s… for the network", o.FragmentHash)
		b, err := m.recoverFragment(ctx, l, o.FileHash, o.FragmentHash, file)
		if err != nil {
			return err
		}
		if err := m.store.Put(o.FileHash, o.FragmentHash, b); err != nil {
			return err
		}
	}
	if err := m.cfg.step("restore:stored"); err != nil {
		return err
	}
	p.Doing("completing the order for fragment %.8s…", o.FragmentHash)
	_, err = l.chain.Submit(ctx, m.cfg.Signer, filebank.RestoralOrderComplete{FragmentHash: o.FragmentHash})
	var refused *sdk.CallError
	switch {
	case err == nil:
		m.metrics.restored.Inc()
		m.log.Info("restored a fragment for the network", "fid", o.FileHash, "fragment", o.FragmentHash)
	case errors.As(err, &refused): // too late, or the file is gone
		m.log.Warn("could not complete a restoral order", "fragment", o.FragmentHash, "err", err)
	default:
		return fmt.Errorf("complete: %w", err)
	}
	m.jobs.Wake(jobTags, jobSpace)
	return m.cfg.step("restore:completed")
}

// mayClaim is nil if the miner can take on another order besides those that it
// has.
func (m *Miner) mayClaim(l *look, has int) error {
	switch {
	case has >= m.cfg.MaxClaims:
		return jobs.Waitf("%d claimed orders are being worked on", has)
	case l.me.IdleSpace.Less(scale.U128From64(segment.FragmentSize)):
		return jobs.Waitf("there is no idle space for a restored fragment")
	}
	free, err := freeDisk(m.cfg.Home)
	if err != nil {
		return err
	}
	if free < m.cfg.ReserveBytes+2*segment.FragmentSize {
		return jobs.Waitf("the disk has no room for a restored fragment")
	}
	return nil
}

// claimOrders claims open orders, in random order so that miners do not run
// into each other.
func (m *Miner) claimOrders(ctx context.Context, p *jobs.Progress, l *look) error {
	if err := l.inService(); err != nil {
		return err
	}
	mine, orders, err := m.claimed(ctx, l)
	if err != nil {
		return err
	}
	rand.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	for _, o := range orders {
		if o.OriginMiner == m.account || l.height <= o.Deadline {
			continue
		}
		file, ok, err := sdk.Find(ctx, l.at, filebank.Files, o.FileHash)
		if err != nil {
			return err
		}
		if !ok || !m.mayHold(file, o.FragmentHash) {
			continue
		}
		if err := m.claimOne(ctx, p, len(mine), o.FragmentHash, filebank.ClaimRestoralOrder{RestoralFragment: o.FragmentHash}); err != nil {
			return err
		}
	}
	return nil
}

// mayHold says whether no segment with the fragment has a fragment here
// already: twelve fragments belong to twelve miners.
func (m *Miner) mayHold(file filebank.File, fragment types.Hash) bool {
	for _, s := range file.SegmentList {
		if slices.ContainsFunc(s.FragmentList, func(f filebank.Fragment) bool { return f.Hash == fragment }) &&
			slices.Contains(holders(s), m.account) {
			return false
		}
	}
	return true
}

// claimOne claims an order and restores the fragment. unfinished is the number
// of other claims.
func (m *Miner) claimOne(ctx context.Context, p *jobs.Progress, unfinished int, fragment types.Hash, call runtime.Call) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if err := m.mayClaim(l, unfinished); err != nil {
		return err
	}
	p.Doing("claiming the order for fragment %.8s…", fragment)
	if err := m.cfg.step("restore:claim"); err != nil {
		return err
	}
	receipt, err := l.chain.Submit(ctx, m.cfg.Signer, call)
	var refused *sdk.CallError
	if errors.As(err, &refused) { // somebody was faster, or it must not be this miner
		m.log.Debug("could not claim a restoral order", "fragment", fragment, "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim restoral order %v: %w", fragment, err)
	}
	m.metrics.claims.Inc()
	if err := m.cfg.step("restore:claimed"); err != nil {
		return err
	}
	if l, err = m.lookAt(ctx, l.chain, receipt.Block, receipt.Number); err != nil {
		return err
	}
	o, open, err := sdk.Find(ctx, l.at, filebank.RestoralOrders, fragment)
	if err != nil || !open {
		return err
	}
	if err := m.finishClaim(ctx, p, l, o); err != nil {
		return fmt.Errorf("restoral order %v: %w", fragment, err)
	}
	return nil
}

// claimLeavers claims the fragments of miners that left and for which there
// are no orders.
func (m *Miner) claimLeavers(ctx context.Context, p *jobs.Progress, l *look) error {
	if err := l.inService(); err != nil {
		return err
	}
	targets, err := sdk.List(ctx, l.at, sminer.RestoralTargets)
	if err != nil {
		return fmt.Errorf("read miners that left: %w", err)
	}
	leaving := make(map[[32]byte]bool)
	for _, t := range targets {
		if t.Key != m.account && t.Value.RestoredSpace.Less(t.Value.ServiceSpace) {
			leaving[t.Key] = true
		}
	}
	if len(leaving) == 0 {
		return nil
	}
	mine, _, err := m.claimed(ctx, l)
	if err != nil {
		return err
	}
	files, err := sdk.List(ctx, l.at, filebank.Files)
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	rand.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	for _, e := range files {
		for _, s := range e.Value.SegmentList {
			for _, f := range s.FragmentList {
				if !leaving[f.Miner] || !f.Avail || !m.mayHold(e.Value, f.Hash) {
					continue
				}
				if err := m.claimOne(ctx, p, len(mine), f.Hash,
					filebank.ClaimRestoralNoexistOrder{Miner: f.Miner, FileHash: e.Key, RestoralFragment: f.Hash}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
