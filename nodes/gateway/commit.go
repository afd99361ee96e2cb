package gateway

import (
	"context"
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// commit makes a received file known to journal and chain. Uploads that are
// known already cost nothing.
func (g *Gateway) commit(ctx context.Context, fid types.Hash, m *segment.Manifest, arrival string, c Claim) error {
	defer g.intake.lock(fid)()
	who := substrate.AccountID(c.Owner)
	at, err := g.now(ctx)
	if err != nil {
		return errRPC
	}
	file, stored, err := sdk.Find(ctx, at, filebank.Files, fid)
	if err != nil {
		return errRPC
	}
	if stored {
		switch {
		case !sameFragments(m, fragmentsOfFile(file)):
			return refuse(400, "a file with other fragments is stored under %v", fid)
		case owns(file, who):
			return nil
		}
		return g.declareNow(ctx, m, c)
	}
	if j := g.jobs.get(fid); j != nil {
		return g.join(ctx, j, m, arrival, c)
	}
	deal, open, err := sdk.Find(ctx, at, filebank.Deals, fid)
	if err != nil {
		return errRPC
	}
	if open && !sameFragments(m, fragmentsOfDeal(deal)) {
		return refuse(400, "a file with other fragments is being stored under %v", fid)
	}
	r := newRecord(m, c)
	if err := g.depot.keep(arrival, fid); err != nil {
		return err
	}
	r.Bytes = g.depot.size(fid)
	if err := g.journal.Add(&r, m); err != nil {
		return errors.Join(err, g.depot.drop(fid))
	}
	if !open {
		if err := g.declareNow(ctx, m, c); err != nil {
			if ctx.Err() != nil {
				// Nobody knows whether it was included: the job finds out.
				g.jobs.add(r)
				return err
			}
			return errors.Join(err, g.journal.Delete(fid), g.depot.drop(fid))
		}
		r.setState(StateDistributing, "")
	}
	if err := g.journal.Save(&r); err != nil {
		return err
	}
	g.jobs.add(r)
	g.log.Info("took a file", "fid", fid, "segments", len(m.Segments), "owner", c.Owner, "declared", !open)
	return nil
}

// join adds a user to a job that is there, or gives one that failed new
// fragments and another try.
func (g *Gateway) join(ctx context.Context, j *job, m *segment.Manifest, arrival string, c Claim) error {
	if j.snapshot().State == StateFailed {
		// It sleeps, so the lock is free soon.
		j.step.Lock()
		defer j.step.Unlock()
		if err := g.declareNow(ctx, m, c); err != nil {
			return err
		}
		if !g.depot.complete(j.fid, m) {
			if err := g.depot.keep(arrival, j.fid); err != nil {
				return err
			}
		}
	}
	err := j.change(func(r *Record) {
		if known := r.claim(substrate.AccountID(c.Owner)); known == nil {
			r.Claims = append(r.Claims, c)
		} else if r.State == StateFailed {
			*known = c
		}
		if r.State == StateFailed {
			r.setState(StateDistributing, "")
		}
	})
	g.jobs.wake(j.fid)
	return err
}

// declareNow submits a declaration and returns a refusal if the chain refuses.
func (g *Gateway) declareNow(ctx context.Context, m *segment.Manifest, c Claim) error {
	at := g.chain.Best()
	if err := g.permitted(ctx, at, &c, len(m.Segments)); err != nil {
		return err
	}
	err := g.declare(ctx, m, c)
	var failed *sdk.CallError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, filebank.ErrExisted):
		// Another user's deal, or the owner is listed since a moment: the job
		// sees to it.
		return nil
	case errors.As(err, &failed):
		return refuse(500, "system error: %s", failed.Reason)
	}
	g.log.Error("declare upload", "fid", m.FID, "err", err)
	return err
}

// declare submits FileBank.upload_declaration and waits until a block includes
// it.
func (g *Gateway) declare(ctx context.Context, m *segment.Manifest, c Claim) error {
	call := filebank.UploadDeclaration{
		FileHash: types.HashOf(m.FID),
		FileSize: scale.U128From64(uint64(m.Size)),
		UserBrief: filebank.UserBrief{
			User: substrate.AccountID(c.Owner), FileName: filebank.FileName(c.Name), TerritoryName: types.TerritoryName(c.Territory),
		},
	}
	for _, s := range m.Segments {
		list := filebank.SegmentList{Hash: types.HashOf(s.ID)}
		for _, f := range s.Fragments {
			list.FragmentList = append(list.FragmentList, types.HashOf(f))
		}
		call.DealInfo = append(call.DealInfo, list)
	}
	return g.submit(ctx, call)
}

// sameFragments says whether a manifest and the chain mean the same fragments:
// the fid binds only the segments.
func sameFragments(m *segment.Manifest, chain [][]types.Hash) bool {
	return slices.EqualFunc(m.Segments, chain, func(s segment.Segment, list []types.Hash) bool {
		return slices.EqualFunc(s.Fragments[:], list, func(a segment.Hash, b types.Hash) bool { return types.HashOf(a) == b })
	})
}

func fragmentsOfDeal(d filebank.Deal) [][]types.Hash {
	out := make([][]types.Hash, len(d.SegmentList))
	for i, s := range d.SegmentList {
		out[i] = s.FragmentList
	}
	return out
}

func fragmentsOfFile(f filebank.File) [][]types.Hash {
	out := make([][]types.Hash, len(f.SegmentList))
	for i, s := range f.SegmentList {
		for _, fragment := range s.FragmentList {
			out[i] = append(out[i], fragment.Hash)
		}
	}
	return out
}

func owns(f filebank.File, who substrate.AccountID) bool {
	return slices.ContainsFunc(f.Owner, func(o filebank.UserBrief) bool { return o.User == who })
}
