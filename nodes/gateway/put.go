package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/storage/segment"
)

// maxFraming is what a multipart body has beside the file.
const maxFraming = 1 << 20

// putFile takes a multipart body with one part `file`.
func (g *Gateway) putFile(w http.ResponseWriter, r *http.Request) {
	u, err := g.newUpload(r)
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	u.crowded = func(n int64) error { return noRoom(int(n)) }
	r.Body = http.MaxBytesReader(w, r.Body, g.cfg.MaxFileBytes+maxFraming)
	part, err := filePart(r)
	if err != nil {
		g.refuseUpload(w, r, refuse(400, "network error"))
		return
	}
	defer part.Close()
	u.body = part
	if u.name = r.Header.Get("Filename"); u.name == "" {
		u.name = part.FileName()
	}
	g.upload(w, r, u)
}

// filePart finds the part `file`, reading as it comes.
func filePart(r *http.Request) (*multipart.Part, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := reader.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

// putObject takes the body as the file.
func (g *Gateway) putObject(w http.ResponseWriter, r *http.Request) {
	u, err := g.newUpload(r)
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	u.crowded = func(int64) error { return refuse(400, "insufficient territory space") }
	u.size, u.name = r.ContentLength, r.PathValue("name")
	u.body = http.MaxBytesReader(w, r.Body, g.cfg.MaxFileBytes+1)
	g.upload(w, r, u)
}

// newUpload reads the headers that both kinds of upload share.
func (g *Gateway) newUpload(r *http.Request) (upload, error) {
	u := upload{size: -1, territory: []byte(r.Header.Get("Territory"))}
	var ok bool
	if u.owner, ok = g.identify(r.Header); !ok {
		return u, errPermission
	}
	if password := r.Header.Get("Cipher"); password != "" {
		cipher, err := segment.NewCipher(password)
		if err != nil {
			return u, refuse(400, "the cipher must have 1 to %d bytes", segment.MaxCipherLen)
		}
		u.cipher = cipher
	}
	if r.ContentLength > g.cfg.MaxFileBytes+maxFraming {
		return u, refuse(400, "the file is larger than %d bytes", g.cfg.MaxFileBytes)
	}
	return u, nil
}

func (g *Gateway) upload(w http.ResponseWriter, r *http.Request, u upload) {
	u.name = unescape(u.name)
	if !g.uploads.TryAcquire(1) {
		g.refuseUpload(w, r, errBusy)
		return
	}
	defer g.uploads.Release(1)
	fid, err := g.store(r.Context(), u)
	extend(http.NewResponseController(w))
	if err != nil {
		g.refuseUpload(w, r, err)
		return
	}
	g.metrics.accepted.Inc()
	httpx.OK(w, map[string]string{"fid": fid.String()})
}

// Bounds of what is read of an upload after it was refused.
const (
	maxDrain     = 64 << 20
	drainTimeout = 5 * time.Second
)

// refuseUpload answers and then reads on for a moment: if the connection were
// closed with the client's bytes unread, the client would lose the answer.
func (g *Gateway) refuseUpload(w http.ResponseWriter, r *http.Request, err error) {
	g.metrics.refused.Inc()
	var no *refusal
	if !errors.As(err, &no) {
		g.log.Error("upload", "err", err)
		no = &refusal{http.StatusInternalServerError, "system error"}
	}
	body, err := json.Marshal(httpx.Envelope{Code: no.code, Msg: no.msg})
	if err != nil {
		return // a code and a text
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Connection", "close")
	rc := http.NewResponseController(w)
	extend(rc)
	if _, err := w.Write(body); err != nil || rc.Flush() != nil {
		return // the client is gone
	}
	sent, patient := r.Context().Value(patientKey{}).(*patientBody)
	if !patient || !sent.started && r.Header.Get("Expect") != "" {
		return // nothing is on its way
	}
	_ = rc.SetReadDeadline(time.Now().Add(drainTimeout))
	_, _ = io.CopyN(io.Discard, sent.ReadCloser, maxDrain) // until the client has read
}

// unescape undoes the percent-encoding of names that headers cannot carry as
// they are.
func unescape(name string) string {
	if strings.Contains(name, "%") {
		if plain, err := url.PathUnescape(name); err == nil {
			return plain
		}
	}
	return name
}
