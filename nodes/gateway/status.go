package gateway

import (
	"errors"
	"net/http"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
)

// Status is the answer of GET /file/status: how far an upload is, and what it
// waits for.
type Status struct {
	FID      string         `json:"fid"`
	State    State          `json:"state"`
	Segments int            `json:"segments"`
	Columns  []ColumnStatus `json:"columns"`
	Why      string         `json:"why"`
}

// ColumnStatus is one of twelve; Miner is null as long as there is none.
type ColumnStatus struct {
	Index uint8          `json:"index"` // 1 to 12
	Miner *types.Address `json:"miner"`
	State ColumnState    `json:"state"`
	Tries int            `json:"tries"` // miners tried, by this gateway
	Error string         `json:"error"` // of the last miner that failed
}

// Status tells how far an upload is, from this gateway's journal or else from
// the chain.
func (g *Gateway) status(w http.ResponseWriter, r *http.Request) {
	fid, err := pathFID(r)
	if err != nil {
		g.answer(w, "status", err)
		return
	}
	if j := g.jobs.get(fid); j != nil {
		rec := j.snapshot()
		s := Status{FID: fid.String(), State: rec.State, Segments: rec.Segments, Why: rec.Why}
		for _, c := range rec.Columns {
			s.Columns = append(s.Columns, ColumnStatus{c.Index, c.Miner, c.State, c.Tries, c.Error})
		}
		httpx.OK(w, s)
		return
	}
	at := g.chain.Best()
	file, stored, err := sdk.Find(r.Context(), at, filebank.Files, fid)
	deal, open, err2 := sdk.Find(r.Context(), at, filebank.Deals, fid)
	switch {
	case err != nil || err2 != nil:
		err = errRPC
	case stored:
		httpx.OK(w, statusOfFile(fid, file))
		return
	case open:
		httpx.OK(w, statusOfDeal(fid, deal))
		return
	default:
		err = errNotFound
	}
	g.answer(w, "status", err)
}

func statusOfFile(fid types.Hash, f filebank.File) Status {
	s := Status{FID: fid.String(), State: StateActive, Segments: len(f.SegmentList)}
	if len(f.SegmentList) > 0 {
		for i, fragment := range f.SegmentList[0].FragmentList {
			miner := address(fragment.Miner)
			s.Columns = append(s.Columns, ColumnStatus{Index: uint8(i + 1), Miner: &miner, State: ColumnReported})
		}
	}
	return s
}

func statusOfDeal(fid types.Hash, d filebank.Deal) Status {
	s := Status{
		FID: fid.String(), State: StateDistributing, Segments: len(d.SegmentList),
		Why: "another gateway distributes the file",
	}
	for i := range types.FragmentCount {
		s.Columns = append(s.Columns, ColumnStatus{Index: uint8(i + 1), State: ColumnWaiting})
	}
	for _, c := range d.CompleteList {
		if c.Index >= 1 && c.Index <= types.FragmentCount {
			miner := address(c.Miner)
			s.Columns[c.Index-1].Miner, s.Columns[c.Index-1].State = &miner, ColumnReported
		}
	}
	return s
}

// Metadata is the answer of GET /file/metadata.
type Metadata struct {
	FID   string  `json:"fid"`
	Size  uint64  `json:"size"`
	Owner []Owner `json:"owner"`
}

// Owner is a user that has a file, and the user's name for it.
type Owner struct {
	User     types.Address `json:"user"`
	FileName string        `json:"file_name"`
}

func (g *Gateway) metadata(w http.ResponseWriter, r *http.Request) {
	fid, err := pathFID(r)
	if err == nil {
		var m Metadata
		if m, err = g.describe(r, fid); err == nil {
			httpx.OK(w, m)
			return
		}
	}
	g.answer(w, "metadata", err)
}

var errNotOnChain = &refusal{403, "The file has not been uploaded to the chain yet, please go to the gateway where the file was uploaded to query."}

func (g *Gateway) describe(r *http.Request, fid types.Hash) (Metadata, error) {
	at := g.chain.Best()
	m := Metadata{FID: fid.String()}
	of := func(size scale.U128, owners ...filebank.UserBrief) Metadata {
		m.Size = saturate(size)
		for _, o := range owners {
			m.Owner = append(m.Owner, Owner{types.Address(o.User), string(o.FileName)})
		}
		return m
	}
	file, stored, err := sdk.Find(r.Context(), at, filebank.Files, fid)
	if err != nil {
		return m, errRPC
	}
	if stored {
		return of(file.FileSize, file.Owner...), nil
	}
	deal, open, err := sdk.Find(r.Context(), at, filebank.Deals, fid)
	if err != nil {
		return m, errRPC
	}
	if open {
		return of(deal.FileSize, deal.User), nil
	}
	j := g.jobs.get(fid)
	if j == nil {
		return m, errNotOnChain
	}
	manifest, err := g.journal.Manifest(fid)
	if err != nil {
		return m, err
	}
	m.Size = uint64(manifest.Size)
	for _, c := range j.snapshot().Claims {
		m.Owner = append(m.Owner, Owner{c.Owner, string(c.Name)})
	}
	return m, nil
}

// deleteFile gives up the signer's copies of a file.
func (g *Gateway) deleteFile(w http.ResponseWriter, r *http.Request) {
	block, err := g.remove(r)
	if err != nil {
		g.answer(w, "delete file", err)
		return
	}
	httpx.OK(w, map[string]string{"block hash": block})
}

func (g *Gateway) remove(r *http.Request) (block string, err error) {
	who, ok := g.identify(r.Header)
	if !ok {
		return "", errPermission
	}
	fid, err := pathFID(r)
	if err != nil {
		return "", err
	}
	if err := g.checkSync(r.Context()); err != nil {
		return "", err
	}
	if err := g.checkOperator(r.Context(), g.chain.Best(), who); err != nil {
		return "", err
	}
	if j := g.jobs.get(fid); j != nil {
		if rec := j.snapshot(); !rec.finished() && rec.claim(who) != nil {
			return "", refuse(400, "the file is still being stored; it can be deleted when it is active")
		}
	}
	receipt, err := g.chain.Submit(r.Context(), g.cfg.Signer, filebank.DeleteFile{Owner: who, FileHash: fid})
	var failed *sdk.CallError
	if errors.As(err, &failed) {
		return "", refuse(400, "system error: %s", failed.Reason)
	}
	if err != nil {
		g.log.Error("delete file", "fid", fid, "err", err)
		return "", refuse(400, "system error")
	}
	g.jobs.wake(fid) // if it was the last owner's, the cache goes too
	return receipt.Block.String(), nil
}
