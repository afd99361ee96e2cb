package gateway

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/gocess/gocess/internal/httpx"
)

// maxFiles bounds the files of one request; each costs a declaration.
const maxFiles = 1000

// StoredFile is what became of one file of several.
type StoredFile struct {
	Name   string `json:"name"`
	FID    string `json:"fid"`
	Result string `json:"result"` // "success" or "failed"
	Reason string `json:"reason"` // why it failed
	Size   int64  `json:"size"`   // bytes that were read of it
}

// putFiles takes a multipart body with several parts `file`, one after the
// other; one that is refused does not stop the others (spec/gateway.md §2.6).
// The territory is checked for each against what those before have left.
// Together they may be as large as one file may be.
func (g *Gateway) putFiles(w http.ResponseWriter, r *http.Request) {
	u, err := g.newUpload(r)
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	u.crowded = func(int64) error { return refuse(400, "insufficient territory space") }
	r.Body = http.MaxBytesReader(w, r.Body, g.cfg.MaxFileBytes+maxFraming)
	reader, err := r.MultipartReader()
	if err != nil {
		g.refuseUpload(w, r, refuse(400, "network error"))
		return
	}
	if !g.uploads.TryAcquire(1) {
		g.refuseUpload(w, r, errBusy)
		return
	}
	defer g.uploads.Release(1)
	results, err := g.storeAll(r.Context(), u, reader)
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	extend(http.NewResponseController(w))
	httpx.OK(w, results)
}

// storeAll stores the files of a body. What cannot be read any more is a failed
// file of its own; the error is a refusal if no file came before.
func (g *Gateway) storeAll(ctx context.Context, u upload, reader *multipart.Reader) ([]StoredFile, error) {
	var results []StoredFile
	for {
		part, err := reader.NextPart()
		switch {
		case errors.Is(err, io.EOF) && len(results) == 0:
			return nil, errEmptyFile
		case errors.Is(err, io.EOF):
			return results, nil
		case err != nil && len(results) == 0:
			return nil, refuse(400, "network error")
		case err != nil:
			return append(results, StoredFile{Result: "failed", Reason: "network error"}), nil
		case part.FormName() != "file":
			continue
		case len(results) == maxFiles:
			return append(results, StoredFile{Result: "failed", Reason: "too many files in one request"}), nil
		}
		results = append(results, g.storeOne(ctx, u, part))
	}
}

// storeOne stores one file of several.
func (g *Gateway) storeOne(ctx context.Context, u upload, part *multipart.Part) StoredFile {
	body := &counted{r: part}
	u.name, u.body = unescape(part.FileName()), body
	fid, err := g.store(ctx, u)
	s := StoredFile{Name: u.name, Size: body.n}
	if err == nil {
		g.metrics.accepted.Inc()
		s.Result, s.FID = "success", fid.String()
		return s
	}
	g.metrics.refused.Inc()
	s.Result, s.Reason = "failed", "system error"
	var no *refusal
	if errors.As(err, &no) {
		s.Reason = no.msg
	} else {
		g.log.Error("upload", "name", u.name, "err", err)
	}
	return s
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
