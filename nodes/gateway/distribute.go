package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/segment"
)

// columnBytes is what one miner stores of a file.
func columnBytes(segments int) uint64 { return uint64(segments) * segment.FragmentSize }

func address(who substrate.AccountID) types.Address { return types.Address(who) }

// distribute brings the columns that the deal lacks to miners, all at once,
// each to another one. It returns when to look for reports.
func (g *Gateway) distribute(ctx context.Context, j *job, m *segment.Manifest, deal filebank.Deal) (time.Duration, error) {
	if !g.depot.complete(j.fid, m) {
		return g.fail(j, "fragments are missing on this gateway's disk")
	}
	var todo []int
	err := j.change(func(r *Record) { todo = r.reconcile(deal, g.cfg.ReportTimeout, g.roster) })
	if err != nil {
		return 0, err
	}
	var (
		group  sync.WaitGroup
		errs   = make([]error, len(todo))
		choose sync.Mutex // one column chooses at a time, so that no miner gets two
	)
	for i, index := range todo {
		group.Go(func() { errs[i] = g.place(ctx, j, m, index, &choose) })
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := summary(errs); err != nil {
		return 0, err
	}
	j.note(func(r *Record) { r.Why = "waiting for the reports of miners" })
	return min(j.nextTimeout(g.cfg.ReportTimeout), lookAgain), nil
}

// reconcile brings the columns in line with the deal and returns the places of
// those that need a miner.
func (r *Record) reconcile(deal filebank.Deal, timeout time.Duration, roster *roster) (todo []int) {
	reported := make(map[uint8]substrate.AccountID)
	for _, c := range deal.CompleteList {
		reported[c.Index] = c.Miner
	}
	for i := range r.Columns {
		c := &r.Columns[i]
		who, done := reported[c.Index]
		if c.Miner != nil && c.State != ColumnReported && (done || r.busy(i, deal)) {
			// It is done, or its miner reported another column and can have no
			// second one.
			roster.unreserve(*c.Miner, columnBytes(r.Segments))
			c.Miner = nil
			c.set(ColumnWaiting)
		}
		switch {
		case done:
			if c.State != ColumnReported || *c.Miner != address(who) {
				miner := address(who)
				c.Miner, c.Error = &miner, ""
				c.set(ColumnReported)
				roster.kept(miner)
			}
			continue
		case c.State == ColumnReported:
			// The chain took the report back: its miner is out of service.
			c.Miner, c.Error = nil, "the miner is out of service"
			c.set(ColumnWaiting)
		case c.State == ColumnSent && time.Since(c.Since) >= timeout:
			roster.failed(*c.Miner, time.Now())
			roster.unreserve(*c.Miner, columnBytes(r.Segments))
			c.Miner, c.Error = nil, fmt.Sprintf("%v did not report in %v", *c.Miner, timeout)
			c.set(ColumnWaiting)
		}
		if c.State != ColumnSent {
			todo = append(todo, i)
		}
	}
	return todo
}

// busy says whether the miner of a column reported another one.
func (r *Record) busy(i int, deal filebank.Deal) bool {
	c := &r.Columns[i]
	return slices.ContainsFunc(deal.CompleteList, func(d filebank.CompleteInfo) bool {
		return address(d.Miner) == *c.Miner && d.Index != c.Index
	})
}

// taken are the miners that have a column of the file.
func (r *Record) taken() map[types.Address]bool {
	out := make(map[types.Address]bool)
	for _, c := range r.Columns {
		if c.Miner != nil {
			out[*c.Miner] = true
		}
	}
	return out
}

// nextTimeout is when the first miner that has not reported loses its column.
func (j *job) nextTimeout(timeout time.Duration) time.Duration {
	wait := timeout
	for _, c := range j.snapshot().Columns {
		if c.State == ColumnSent {
			wait = min(wait, timeout-time.Since(c.Since))
		}
	}
	return max(wait, minBackoff)
}

// maxMinersPerStep bounds the miners that one column is tried with in a row.
const maxMinersPerStep = 8

// place brings one column to a miner; if one fails, to the next.
func (g *Gateway) place(ctx context.Context, j *job, m *segment.Manifest, i int, choose *sync.Mutex) error {
	var last error
	for try := 0; try < maxMinersPerStep && ctx.Err() == nil; try++ {
		choose.Lock()
		peer, err := g.assign(ctx, j, i)
		choose.Unlock()
		if err != nil {
			return errors.Join(last, err)
		}
		begun := time.Now()
		last = g.sendColumn(ctx, j.fid, m, i, peer)
		if last == nil {
			g.roster.worked(peer.account, time.Since(begun)/time.Duration(len(m.Segments)))
			j.note(func(r *Record) { r.Columns[i].set(ColumnSent); r.Columns[i].Error = "" })
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err() // the journal says where to go on
		}
		if !errors.Is(last, errForeign) {
			g.roster.failed(peer.account, time.Now())
			g.metrics.minerFailures.Inc()
		}
		g.log.Warn("a miner did not take a column", "fid", j.fid, "column", i+1, "miner", peer.account, "err", last)
		last = fmt.Errorf("%v: %w", peer.account, last)
		j.note(func(r *Record) {
			c := &r.Columns[i]
			g.roster.unreserve(peer.account, columnBytes(r.Segments))
			c.Miner, c.Error = nil, last.Error()
			c.set(ColumnWaiting)
		})
		if errors.Is(last, errForeign) {
			return last // its node is behind ours; other miners may be too
		}
	}
	return last
}

// assign picks a miner for a column, or the one it was being sent to when the
// gateway stopped.
func (g *Gateway) assign(ctx context.Context, j *job, i int) (peer, error) {
	rec := j.snapshot()
	need := columnBytes(rec.Segments)
	if c := rec.Columns[i]; c.Miner != nil {
		if p, ok := g.roster.find(ctx, *c.Miner); ok {
			return p, nil
		}
		g.roster.unreserve(*c.Miner, need)
		j.note(func(r *Record) { r.Columns[i].Miner = nil; r.Columns[i].set(ColumnWaiting) })
		rec = j.snapshot()
	}
	p, err := g.roster.pick(ctx, need, rec.taken())
	if err != nil {
		return peer{}, err
	}
	g.roster.reserve(p.account, need)
	j.note(func(r *Record) {
		r.Columns[i].Miner = &p.account
		r.Columns[i].Tries++
		r.Columns[i].set(ColumnSending)
	})
	return p, nil
}

// sendColumn sends fragment i of every segment, each once.
func (g *Gateway) sendColumn(ctx context.Context, fid types.Hash, m *segment.Manifest, i int, p peer) error {
	sent := make(map[segment.Hash]bool)
	for _, s := range m.Segments {
		id := s.Fragments[i]
		if sent[id] {
			continue
		}
		sent[id] = true
		path := ""
		if id != segment.ZeroFragment {
			path = g.depot.path(fid, id)
		}
		if err := g.carrier.put(ctx, p.endpoint, fid, types.HashOf(id), path); err != nil {
			return fmt.Errorf("fragment %v: %w", id, err)
		}
		if path != "" {
			g.metrics.distributed.Add(segment.FragmentSize)
		}
	}
	return nil
}

// summary is one error for the columns that found no miner, each cause once.
func summary(errs []error) (all error) {
	var texts []string
	for _, err := range errs {
		switch {
		case err == nil || slices.Contains(texts, err.Error()):
			continue
		case all == nil:
			all = err
		default:
			all = fmt.Errorf("%w; %w", all, err)
		}
		texts = append(texts, err.Error())
	}
	return all
}
