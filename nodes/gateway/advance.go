package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

const (
	lookAgain  = 5 * time.Minute // at a job that waits for others; events come sooner
	retryAfter = time.Hour       // a failed job, if no event tells that it may work
)

// advance does what a job needs next, as the chain shows it. It returns how
// long to wait if nothing happens; 0 for ever. Doing it twice is harmless.
func (g *Gateway) advance(ctx context.Context, j *job) (time.Duration, error) {
	at, err := g.now(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the chain: %w", err)
	}
	file, stored, err := sdk.Find(ctx, at, filebank.Files, j.fid)
	if err != nil {
		return 0, fmt.Errorf("read file: %w", err)
	}
	rec := j.snapshot()
	if rec.finished() && !stored {
		g.log.Info("dropped a deleted file", "fid", j.fid)
		return 0, g.jobs.forget(j)
	}
	if rec.finished() {
		return 0, nil
	}
	m, err := g.journal.Manifest(j.fid)
	if err != nil {
		return 0, err
	}
	if stored {
		return g.settle(ctx, j, m, file)
	}
	deal, open, err := sdk.Find(ctx, at, filebank.Deals, j.fid)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read deal: %w", err)
	case open && !sameFragments(m, fragmentsOfDeal(deal)):
		return g.fail(j, "a file with other fragments is being stored under this fid")
	case open && rec.claim(deal.User.User) == nil:
		return lookAgain, j.change(func(r *Record) { r.setState(StateDeclaring, "another user's deal of the same file is open") })
	case open:
		if rec.State != StateDistributing {
			if err := j.change(func(r *Record) { r.setState(StateDistributing, "") }); err != nil {
				return 0, err
			}
		}
		return g.distribute(ctx, j, m, deal)
	}
	return g.redeclare(ctx, at, j, m)
}

// fail stops a job until its cause changes; after a while it is forgotten.
func (g *Gateway) fail(j *job, why string) (time.Duration, error) {
	r := j.snapshot()
	if r.State == StateFailed && time.Since(r.Changed) > g.cfg.KeepFailed {
		g.log.Warn("forgot an upload that could not be finished", "fid", j.fid, "why", why)
		return 0, g.jobs.forget(j)
	}
	if r.State != StateFailed {
		g.log.Warn("an upload cannot go on", "fid", j.fid, "why", why)
	}
	return retryAfter, j.change(func(r *Record) { r.setState(StateFailed, why) })
}

// redeclare opens a deal for the first user whom the chain would let: none was
// opened yet, or it timed out.
func (g *Gateway) redeclare(ctx context.Context, at sdk.At, j *job, m *segment.Manifest) (time.Duration, error) {
	if !g.depot.complete(j.fid, m) {
		return g.fail(j, "fragments are missing on this gateway's disk")
	}
	why := ""
	for _, c := range j.snapshot().Claims {
		err := g.permitted(ctx, at, &c, len(m.Segments))
		if transient(err) {
			return 0, err
		}
		if err == nil {
			err = g.declare(ctx, m, c)
		}
		var no *refusal
		var failed *sdk.CallError
		switch {
		case err == nil:
			g.log.Info("declared again", "fid", j.fid, "owner", c.Owner)
			return time.Nanosecond, j.change(func(r *Record) {
				r.setState(StateDistributing, "")
				r.claim(substrate.AccountID(c.Owner)).Why = ""
				r.releaseColumns(g.roster)
			})
		case errors.Is(err, filebank.ErrExisted):
			return time.Nanosecond, nil // somebody was faster: look again
		case errors.As(err, &no):
			why = no.msg
		case errors.As(err, &failed):
			why = failed.Reason
		default:
			return 0, fmt.Errorf("declare: %w", err)
		}
		if err := j.change(func(r *Record) { r.claim(substrate.AccountID(c.Owner)).Why = why }); err != nil {
			return 0, err
		}
	}
	return g.fail(j, why)
}

// settle ends a job whose file is on chain: users that share it become owners,
// and the fragments become cache.
func (g *Gateway) settle(ctx context.Context, j *job, m *segment.Manifest, file filebank.File) (time.Duration, error) {
	if !sameFragments(m, fragmentsOfFile(file)) {
		return g.fail(j, "a file with other fragments is stored under this fid")
	}
	at := g.chain.Best()
	refused := ""
	for _, c := range j.snapshot().Claims {
		if c.Done {
			continue
		}
		var err error
		if !owns(file, substrate.AccountID(c.Owner)) {
			if err = g.permitted(ctx, at, &c, len(m.Segments)); err == nil {
				err = g.declare(ctx, m, c)
			}
		}
		var no *refusal
		var failed *sdk.CallError
		why := ""
		switch {
		case err == nil || errors.Is(err, filebank.ErrExisted):
		case transient(err):
			return 0, err
		case errors.As(err, &no):
			why = no.msg
		case errors.As(err, &failed):
			why = failed.Reason
		default:
			return 0, fmt.Errorf("share: %w", err)
		}
		if why != "" {
			refused = why
		}
		err = j.change(func(r *Record) {
			known := r.claim(substrate.AccountID(c.Owner))
			known.Done, known.Why = why == "", why
		})
		if err != nil {
			return 0, err
		}
	}
	if refused != "" {
		return g.fail(j, refused)
	}
	bytes, err := g.depot.thin(j.fid, m)
	if err != nil {
		return 0, err
	}
	err = j.change(func(r *Record) {
		if r.finished() {
			return
		}
		r.finish(file, g.roster)
		r.Bytes = bytes
	})
	g.log.Info("stored a file", "fid", j.fid, "segments", len(m.Segments))
	g.jobs.evict(0)
	return 0, err
}

// finish notes who stores the columns.
func (r *Record) finish(file filebank.File, roster *roster) {
	r.releaseColumns(roster)
	for i := range r.Columns {
		miner := address(file.SegmentList[0].FragmentList[i].Miner)
		r.Columns[i].Miner, r.Columns[i].Error = &miner, ""
		r.Columns[i].set(ColumnReported)
	}
	r.setState(StateActive, "")
}

// releaseColumns takes the columns that are not on chain from their miners.
func (r *Record) releaseColumns(roster *roster) {
	for i := range r.Columns {
		c := &r.Columns[i]
		if c.Miner != nil && c.State != ColumnReported {
			roster.unreserve(*c.Miner, columnBytes(r.Segments))
		}
		c.Miner = nil
		c.set(ColumnWaiting)
	}
}
