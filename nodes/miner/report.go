package miner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// reports goes through all that was received: what the chain has completed is
// kept or dropped, what is complete here is reported. The folders and the
// chain say all there is to know, so that a crash at any point is harmless.
func (m *Miner) reports(ctx context.Context) error {
	fids, err := m.store.Received()
	if err != nil {
		return err
	}
	var errs []error
	for _, fid := range fids {
		if err := m.report(ctx, fid); err != nil {
			errs = append(errs, fmt.Errorf("file %v: %w", fid, err))
		}
	}
	return errors.Join(errs...)
}

func (m *Miner) report(ctx context.Context, fid types.Hash) error {
	at := m.chain.Best()
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
		_, err := m.chain.Submit(ctx, m.cfg.Signer, filebank.TransferReport{Index: index, DealHash: fid})
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
			return fmt.Errorf("keep fragment %v: %w", fragment, err)
		}
	}
	return m.store.DropReceived(fid)
}

// abandon drops what was received for a deal that is neither open nor
// completed. A moment passes first: the node may have answered from a block
// just before the deal.
func (m *Miner) abandon(fid types.Hash) error {
	since, ok := m.orphans[fid]
	if !ok {
		m.orphans[fid] = time.Now()
		return nil
	}
	if time.Since(since) < m.cfg.DropAfter {
		return nil
	}
	delete(m.orphans, fid)
	m.log.Info("dropped fragments without deal", "fid", fid)
	return m.store.DropReceived(fid)
}

// collect drops the fragments of files that the chain has forgotten.
func (m *Miner) collect(ctx context.Context) error {
	fids, err := m.store.Kept()
	if err != nil {
		return err
	}
	files, err := sdk.FindMany(ctx, m.chain.Best(), filebank.Files, fids)
	if err != nil {
		return err
	}
	for _, fid := range fids {
		file, found := files[fid]
		if found && len(fragmentsOf(file, m.account)) > 0 {
			delete(m.gone, fid)
			continue
		}
		since, known := m.gone[fid]
		switch {
		case !known:
			m.gone[fid] = time.Now()
		case time.Since(since) >= m.cfg.DropAfter:
			if err := m.store.Drop(fid); err != nil {
				return fmt.Errorf("drop file %v: %w", fid, err)
			}
			delete(m.gone, fid)
			m.log.Info("dropped a deleted file", "fid", fid)
		}
	}
	return nil
}

// fragmentsOf lists the fragments of a file that a miner holds.
func fragmentsOf(file filebank.File, who substrate.AccountID) []types.Hash {
	var out []types.Hash
	for _, s := range file.SegmentList {
		for _, f := range s.FragmentList {
			if f.Miner == who {
				out = append(out, f.Hash)
			}
		}
	}
	return out
}
