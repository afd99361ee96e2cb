package miner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// sightings remembers since when something has been so.
type sightings map[types.Hash]time.Time

// since notes that it is so and says for how long.
func (s *sightings) since(fid types.Hash) time.Duration {
	if *s == nil {
		*s = make(sightings)
	}
	if at, ok := (*s)[fid]; ok {
		return time.Since(at)
	}
	(*s)[fid] = time.Now()
	return 0
}

// reports goes through all that was received: what the chain has completed is
// kept or dropped, what is complete here is reported. The folders and the
// chain say all there is to know, so that a crash at any point is harmless.
func (m *Miner) reports(ctx context.Context, p *jobs.Progress) error {
	fids, err := m.store.Received()
	if err != nil {
		return err
	}
	m.countFragments()
	if len(fids) == 0 {
		return jobs.Waitf("no fragments came")
	}
	c, err := m.link.get(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, fid := range fids {
		if err := m.report(ctx, p, c, fid); err != nil {
			errs = append(errs, fmt.Errorf("file %v: %w", fid, err))
		}
	}
	return errors.Join(errs...)
}

func (m *Miner) countFragments() {
	if fragments, bytes, err := m.store.Usage(); err == nil {
		m.metrics.fragments.Set(float64(fragments))
		m.metrics.bytes.Set(float64(bytes))
	}
}

func (m *Miner) report(ctx context.Context, p *jobs.Progress, c *sdk.Client, fid types.Hash) error {
	at := c.Best()
	file, found, err := sdk.Find(ctx, at, filebank.Files, fid)
	if err != nil {
		return err
	}
	if found {
		return m.adopt(fid, fragmentsOf(file, m.account))
	}
	deal, found, err := sdk.Find(ctx, at, filebank.Deals, fid)
	if err != nil {
		return err
	}
	if !found {
		return m.abandon(fid)
	}
	delete(m.orphans, fid)
	if slices.ContainsFunc(deal.CompleteList, func(c filebank.CompleteInfo) bool { return c.Miner == m.account }) {
		return nil // reported; others are missing
	}
	for index := uint8(1); index <= types.FragmentCount; index++ {
		if slices.ContainsFunc(deal.CompleteList, func(c filebank.CompleteInfo) bool { return c.Index == index }) {
			continue
		}
		if !m.holds(fid, deal, index) {
			continue
		}
		p.Doing("reporting column %d of file %.8s…", index, fid)
		_, err := c.Submit(ctx, m.cfg.Signer, filebank.TransferReport{Index: index, DealHash: fid})
		switch {
		case err == nil:
			m.metrics.reported.Inc()
			m.log.Info("reported a column", "fid", fid, "index", index, "segments", len(deal.SegmentList))
			return nil
		case errors.Is(err, filebank.ErrExisted):
			continue // somebody was faster
		default:
			return err
		}
	}
	return nil
}

// holds says whether a whole column is here: fragment index−1 of every
// segment.
func (m *Miner) holds(fid types.Hash, deal filebank.Deal, index uint8) bool {
	for _, s := range deal.SegmentList {
		if int(index) > len(s.FragmentList) || !m.store.Has(fid, s.FragmentList[index-1]) {
			return false
		}
	}
	return true
}

// adopt moves this miner's fragments of a completed file to their place and
// drops others.
func (m *Miner) adopt(fid types.Hash, mine []types.Hash) error {
	for _, fragment := range mine {
		if err := m.store.Keep(fid, fragment); err != nil && !m.store.Has(fid, fragment) {
			// It is not here at all: restoral is about that.
			m.log.Warn("a completed file lacks a fragment", "fid", fid, "fragment", fragment, "err", err)
			m.jobs.Wake(jobRestore)
		}
	}
	m.jobs.Wake(jobTags)
	return m.store.DropReceived(fid)
}

// abandon drops what was received for a deal that is neither open nor
// completed. A moment passes first: the node may have answered from a block
// just before the deal.
func (m *Miner) abandon(fid types.Hash) error {
	if m.orphans.since(fid) < m.cfg.DropAfter {
		return nil
	}
	delete(m.orphans, fid)
	m.log.Info("dropped fragments without deal", "fid", fid)
	return m.store.DropReceived(fid)
}

// collect drops the fragments that the chain no longer counts as this miner's.
// While a challenge is open nothing is dropped: it may ask for what was deleted
// after it started. A challenge that starts later asks for nothing that is gone
// from the chain now.
func (m *Miner) collect(ctx context.Context, p *jobs.Progress) error {
	if !m.cheat.forgets() {
		return jobs.Waitf("this miner deletes nothing")
	}
	fids, err := m.store.Kept()
	if err != nil {
		return err
	}
	if len(fids) == 0 {
		return jobs.Waitf("there are no fragments")
	}
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if c := l.challenge; c != nil && !settledService(c) {
		return jobs.Waitf("the challenge of block %d may need what was deleted", c.Element.Start)
	}
	claims, _, err := m.claimed(ctx, l)
	if err != nil {
		return err
	}
	files, err := sdk.FindMany(ctx, l.at, filebank.Files, fids)
	if err != nil {
		return err
	}
	for _, fid := range fids {
		mine := fragmentsOf(files[fid], m.account)
		for _, o := range claims {
			if o.FileHash == fid {
				mine = append(mine, o.FragmentHash)
			}
		}
		if err := m.prune(fid, mine); err != nil {
			return fmt.Errorf("drop fragments of file %v: %w", fid, err)
		}
	}
	return nil
}

// prune drops the kept fragments of a file that are not in mine, once that has
// been so for a while.
func (m *Miner) prune(fid types.Hash, mine []types.Hash) error {
	kept, err := m.store.Fragments(fid)
	if err != nil {
		return err
	}
	surplus := slices.DeleteFunc(kept, func(f types.Hash) bool { return slices.Contains(mine, f) })
	if len(surplus) == 0 && len(mine) > 0 {
		delete(m.gone, fid)
		return nil
	}
	if m.gone.since(fid) < m.cfg.DropAfter {
		return nil
	}
	delete(m.gone, fid)
	if len(mine) == 0 {
		m.log.Info("dropped a deleted file", "fid", fid)
		return errors.Join(m.store.Drop(fid), m.journal.drop(tagRecordName(fid)))
	}
	for _, f := range surplus {
		m.log.Info("dropped a fragment that another miner has", "fid", fid, "fragment", f)
		if err := m.store.DropFragment(fid, f); err != nil {
			return err
		}
	}
	return nil
}

// fragmentsOf lists the fragments of a file that a miner holds.
func fragmentsOf(file filebank.File, who substrate.AccountID) []types.Hash {
	var out []types.Hash
	for _, s := range file.SegmentList {
		for _, f := range s.FragmentList {
			if f.Miner == who && !slices.Contains(out, f.Hash) {
				out = append(out, f.Hash)
			}
		}
	}
	return out
}
