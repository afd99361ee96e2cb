package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Bounds of uploads in chunks.
const (
	partialDir  = "partial"
	maxPartials = 16             // of one account
	partialLife = 24 * time.Hour // without a new chunk
	sweepEvery  = time.Hour
)

// chunk is the part of a file that one request brings: bytes start to before
// end, of total.
type chunk struct{ start, end, total int64 }

var (
	errNoContentRange  = &refusal{400, "Content-Range is missing from the request header"}
	errBadContentRange = &refusal{400, "Illegal Content-Range content"}
	contentRange       = regexp.MustCompile(`^bytes (\d{1,18})-(\d{1,18})/(\d{1,18})$`)
)

// parseChunk reads `bytes <start>-<end>/<total>`, end included.
func parseChunk(header string) (c chunk, err error) {
	if header == "" {
		return c, errNoContentRange
	}
	m := contentRange.FindStringSubmatch(header)
	if m == nil {
		return c, errBadContentRange
	}
	for i, to := range []*int64{&c.start, &c.end, &c.total} {
		if *to, err = strconv.ParseInt(m[i+1], 10, 64); err != nil {
			return c, errBadContentRange
		}
	}
	c.end++
	if c.start >= c.end || c.end > c.total {
		return c, errBadContentRange
	}
	return c, nil
}

// resumeFile takes a chunk of a file. Chunks may come in any order, more than
// once, and from several connections, one of which is served at a time. The
// answer is 308 with what is there from the beginning on until all is there
// (spec/gateway.md §2.7).
func (g *Gateway) resumeFile(w http.ResponseWriter, r *http.Request) {
	u, err := g.newUpload(r)
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	c, err := parseChunk(r.Header.Get("Content-Range"))
	if err == nil {
		err = g.checkChunk(r, c)
	}
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	u.size, u.name = c.total, unescape(r.PathValue("name"))
	u.crowded = func(int64) error { return refuse(400, "insufficient territory space") }
	u.body = http.MaxBytesReader(w, r.Body, c.end-c.start+1)
	p, fid, err := g.takeChunk(r.Context(), u, c, r.Header.Get("Cipher"))
	switch {
	case err != nil:
		g.refuseUpload(w, r, err)
	case p.complete():
		extend(http.NewResponseController(w))
		g.metrics.accepted.Inc()
		httpx.OK(w, map[string]string{"fid": fid.String()})
	default:
		h := w.Header()
		h.Set("Content-Range", r.Header.Get("Content-Range"))
		if n := p.prefix(); n > 0 {
			h.Set("Range", fmt.Sprintf("bytes=0-%d", n-1))
		}
		h.Set("Content-Type", "application/json; charset=utf-8")
		extend(http.NewResponseController(w))
		w.WriteHeader(http.StatusPermanentRedirect)
		_, _ = w.Write([]byte("null")) // the client may be gone
	}
}

// checkChunk refuses what the headers alone show to be wrong.
func (g *Gateway) checkChunk(r *http.Request, c chunk) error {
	switch {
	case c.total > g.cfg.MaxFileBytes:
		return refuse(400, "the file is larger than %d bytes", g.cfg.MaxFileBytes)
	case r.ContentLength >= 0 && r.ContentLength < c.end-c.start:
		return errLessContent
	case r.ContentLength > c.end-c.start:
		return errMoreContent
	case c.start == 0 && !g.limits.resume.Allow():
		return errBusy
	}
	return nil
}

// takeChunk stores a chunk, and the file if it is the last that was missing.
// Then the partial is gone; if the file is refused it stays, so that the
// client can mend the cause and send any chunk again.
func (g *Gateway) takeChunk(ctx context.Context, u upload, c chunk, password string) (*partial, types.Hash, error) {
	id := partialID(u.owner, u.name, c.total)
	defer g.chunks.lock(id)()
	dir := filepath.Join(g.cfg.Home, partialDir, types.Address(u.owner).String(), id.String())
	p, err := openPartial(dir, c.total, password)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := g.admit(ctx, u); err != nil {
			return nil, types.Hash{}, err
		}
		if others, _ := os.ReadDir(filepath.Dir(dir)); len(others) >= maxPartials { // no folder: none
			return nil, types.Hash{}, refuse(403, "the account has %d unfinished uploads; finish one first", len(others))
		}
		p, err = newPartial(dir, c.total, password)
	}
	if err != nil {
		return nil, types.Hash{}, err
	}
	if free, err := g.depot.free(); err != nil || free < g.cfg.ReserveBytes+uint64(c.end-c.start) {
		return nil, types.Hash{}, errors.Join(err, errDisk)
	}
	if err := p.write(c, u.body); err != nil || !p.complete() {
		return p, types.Hash{}, err
	}
	fid, err := g.storePartial(ctx, u, p)
	if err != nil {
		return nil, fid, err
	}
	return p, fid, p.remove()
}

// partialID names the upload of an account's file with a name and size.
func partialID(owner substrate.AccountID, name string, total int64) types.Hash {
	b := binary.LittleEndian.AppendUint64(owner[:], uint64(total))
	return types.HashOf(sha256.Sum256(append(b, name...)))
}

func (g *Gateway) storePartial(ctx context.Context, u upload, p *partial) (types.Hash, error) {
	if !g.uploads.TryAcquire(1) {
		return types.Hash{}, errBusy
	}
	defer g.uploads.Release(1)
	body, err := p.open()
	if err != nil {
		return types.Hash{}, err
	}
	defer body.Close()
	u.body = body
	return g.store(ctx, u)
}

// sweepPartials drops, once in a while, uploads of which no chunk came for long.
func (g *Gateway) sweepPartials(ctx context.Context) {
	for {
		if err := g.dropPartials(time.Now().Add(-partialLife)); err != nil {
			g.log.Error("drop unfinished uploads", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}

// dropPartials drops those that were not written to since.
func (g *Gateway) dropPartials(since time.Time) error {
	dirs, err := filepath.Glob(filepath.Join(g.cfg.Home, partialDir, "*", "*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		id, err := types.ParseHash(filepath.Base(dir))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, func() error {
			defer g.chunks.lock(id)()
			info, err := os.Stat(dir)
			if errors.Is(err, fs.ErrNotExist) || err == nil && info.ModTime().After(since) {
				return nil
			}
			return errors.Join(err, removePartial(dir))
		}())
	}
	return errors.Join(errs...)
}
