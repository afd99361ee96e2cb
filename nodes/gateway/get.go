package gateway

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// download sends a file. With the header Cipher it is decrypted.
func (g *Gateway) download(w http.ResponseWriter, r *http.Request) {
	fid, err := pathFID(r)
	if err != nil {
		g.answer(w, "download", err)
		return
	}
	g.serve(w, r, fid, func(*source) { w.Header().Set("Content-Type", "application/octet-stream") })
}

// open sends a file for showing. The fid may carry an extension.
func (g *Gateway) open(w http.ResponseWriter, r *http.Request) {
	text, format := splitFormat(r.PathValue("fid"))
	fid, err := types.ParseHash(text)
	if err != nil {
		g.answer(w, "open", errFID)
		return
	}
	if format == "" {
		format = r.Header.Get("Format")
	}
	g.serve(w, r, fid, func(s *source) {
		if format == "" {
			format = s.format()
		}
		ext := extension(format)
		h := w.Header()
		h.Set("Content-Type", contentType(ext))
		h.Set("Content-Disposition", "inline; filename="+fid.String())
		// A file must not act in the name of the gateway's own pages.
		h.Set("Content-Security-Policy", "sandbox")
		if slices.Contains(mediaFormats, ext) {
			h.Set("Cache-Control", "public, max-age=29030400, immutable")
		} else {
			h.Set("Cache-Control", "public, max-age=2592000, no-transform, immutable")
		}
	})
}

// splitFormat takes the extension off `<fid>.<ext>` or `<fid><ext>`.
func splitFormat(text string) (fid, format string) {
	if name, ext, ok := strings.Cut(text, "."); ok {
		return name, ext
	}
	if len(text) > segment.HashLen {
		return text[:segment.HashLen], text[segment.HashLen:]
	}
	return text, ""
}

// extension is the dotted lower-case form of a format.
func extension(format string) string {
	if format == "" {
		return ""
	}
	return "." + strings.ToLower(strings.TrimPrefix(format, "."))
}

// format is the extension of the first name that has a known one.
func (s *source) format() string {
	for _, name := range s.names {
		if ext := strings.ToLower(path.Ext(name)); ext != "" && mime.TypeByExtension(ext) != "" {
			return ext
		}
	}
	return ".txt"
}

func contentType(ext string) string {
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "text/plain"
}

var mediaFormats = []string{
	".mp4", ".mov", ".avi", ".asf", ".asx", ".rm", ".rmvb", ".3gp", ".m4v", ".wmv", ".mkv", ".flv", ".f4v", ".vob",
	".mpeg", ".wav", ".flac", ".ape", ".alac", ".wv", ".mp3", ".aac", ".wma", ".mp2", ".ra", ".midi", ".cda", ".m4a",
}

// waitForTurn is how long a download waits for others to end.
const waitForTurn = 30 * time.Second

// serve sends a file or a part of it. Nothing is sent before the first segment
// is restored and decrypted, so that errors still have an answer; later ones
// break the connection.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, fid types.Hash, head func(*source)) {
	var cipher segment.Cipher
	if password := r.Header.Get("Cipher"); password != "" {
		var err error
		if cipher, err = segment.NewCipher(password); err != nil {
			httpx.Fail(w, http.StatusBadRequest, fmt.Sprintf("the cipher must have 1 to %d bytes", segment.MaxCipherLen))
			return
		}
	}
	s, err := g.find(r.Context(), fid)
	if err != nil {
		g.answer(w, "download", err)
		return
	}
	reply := &reply{w: w, rc: http.NewResponseController(w), g: g, part: span{0, s.size}, size: s.size, status: http.StatusOK}
	etag := `"` + fid.String() + `"`
	if !cipher.IsZero() {
		etag = `"` + fid.String() + `-plain"`
	}
	if slices.Contains(splitList(r.Header.Get("If-None-Match")), etag) {
		w.Header().Set("ETag", etag)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if !reply.choose(r, etag) {
		return
	}
	reply.head = func() {
		h := w.Header()
		head(s)
		h.Set("Accept-Ranges", "bytes")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", etag)
		h.Add("Vary", "Cipher")
		if !cipher.IsZero() {
			h.Set("Cache-Control", "private, no-store")
		}
	}
	if r.Method == http.MethodHead {
		reply.begin()
		return
	}
	done, err := g.takeTurn(r.Context())
	if err != nil {
		g.answer(w, "download", err)
		return
	}
	defer done()
	err = s.read(r.Context(), reply, reply.part, cipher)
	switch {
	case err == nil && !reply.begun:
		reply.begin() // an empty part
	case err == nil:
	case reply.begun:
		g.metrics.aborted.Inc()
		if r.Context().Err() == nil {
			g.log.Error("a download broke off", "fid", fid, "err", err)
		}
		panic(http.ErrAbortHandler) // the client must not take the part for the whole
	default:
		extend(reply.rc)
		g.answer(w, "download", readError(err, !cipher.IsZero()))
	}
}

// takeTurn waits until one more restore may begin. The caller ends it with done.
func (g *Gateway) takeTurn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, waitForTurn)
	defer cancel()
	if err := g.downloads.Acquire(ctx, 1); err != nil {
		return nil, errBusy
	}
	return func() { g.downloads.Release(1) }, nil
}

// readError puts what went wrong with a restore into words for the client.
func readError(err error, decrypting bool) error {
	switch {
	case errors.Is(err, segment.ErrWrongCipher), decrypting && errors.Is(err, segment.ErrManifest):
		return refuse(400, "wrong cipher, or the file is not encrypted")
	case errors.Is(err, segment.ErrUnrecoverable):
		return refuse(503, "too few fragments can be had at the moment: %v", err)
	}
	return err
}

// reply sends the head of an answer with the first byte of its body.
type reply struct {
	w      http.ResponseWriter
	rc     *http.ResponseController
	g      *Gateway
	part   span
	size   int64
	status int
	head   func()
	begun  bool
}

// choose finds the part that is asked for. It is false if it has answered that
// there is no such part.
func (p *reply) choose(r *http.Request, etag string) bool {
	if form := r.Header.Get("Content-Range"); form != "" && strings.HasPrefix(r.URL.Path, "/file/open/") {
		part, err := parseUpstreamRange(form, p.size)
		if err != nil {
			httpx.Fail(p.w, http.StatusRequestedRangeNotSatisfiable, err.Error())
			return false
		}
		p.part, p.status = part, http.StatusPartialContent
		return true
	}
	header := r.Header.Get("Range")
	if header == "" || r.Header.Get("If-Range") != "" && r.Header.Get("If-Range") != etag {
		return true
	}
	part, ok, err := parseRange(header, p.size)
	if err != nil {
		p.w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(p.size, 10))
		httpx.FailStatus(p.w, http.StatusRequestedRangeNotSatisfiable, err.Error())
		return false
	}
	if ok {
		p.part, p.status = part, http.StatusPartialContent
	}
	return true
}

func (p *reply) begin() {
	p.begun = true
	p.head()
	h := p.w.Header()
	h.Set("Content-Length", strconv.FormatInt(p.part.end-p.part.start, 10))
	if p.status == http.StatusPartialContent {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", p.part.start, p.part.end-1, p.size))
	}
	extend(p.rc)
	p.w.WriteHeader(p.status)
}

// Write sends restored bytes.
func (p *reply) Write(b []byte) (int, error) {
	if !p.begun {
		p.begin()
	}
	n, err := patientWriter{p.w, p.rc}.Write(b)
	p.g.metrics.sent.Add(float64(n))
	return n, err
}

func splitList(header string) (out []string) {
	for item := range strings.SplitSeq(header, ",") {
		out = append(out, strings.TrimPrefix(strings.TrimSpace(item), "W/"))
	}
	return out
}
