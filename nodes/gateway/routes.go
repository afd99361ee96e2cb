package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/internal/version"
	"github.com/gocess/gocess/ledger/types"
)

// limits are upstream's token buckets, one per group of routes.
type limits struct{ file, files, object, resume *rate.Limiter }

const (
	requestsPerSecond = 100
	requestBurst      = 20
	filesBurst        = 10 // of requests with several files
)

func newLimits() limits {
	bucket := func(burst int) *rate.Limiter { return rate.NewLimiter(requestsPerSecond, burst) }
	return limits{file: bucket(requestBurst), files: bucket(filesBurst), object: bucket(requestBurst), resume: bucket(requestBurst)}
}

// routes is the HTTP API of a gateway (spec/gateway.md §2).
func (g *Gateway) routes() http.Handler {
	mux := http.NewServeMux()
	file := func(pattern string, h http.HandlerFunc) { mux.HandleFunc(pattern, limited(g.limits.file, h)) }
	mux.HandleFunc("GET /version", getVersion)
	file("PUT /file", g.putFile)
	file("DELETE /file/{fid}", g.deleteFile)
	file("GET /file/download/{fid}", g.download)
	file("GET /file/open/{fid}", g.open)
	file("GET /file/metadata/{fid}", g.metadata)
	file("GET /file/status/{fid}", g.status)
	file("GET /file/location/{fid}", g.location)
	file("GET /file/list", g.listFiles)
	mux.HandleFunc("PUT /files", limited(g.limits.files, g.putFiles))
	mux.HandleFunc("PUT /object/{name}", limited(g.limits.object, g.putObject))
	mux.HandleFunc("PUT /resume/{name}", g.resumeFile) // limited where a file begins
	mux.HandleFunc("GET /fragment/download", g.downloadFragment)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "404 page not found")
	})
	return httpx.CORS("PUT, GET, DELETE, OPTIONS", "*, Authorization", deadlines(mux))
}

func limited(l *rate.Limiter, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !l.Allow() {
			httpx.Fail(w, errBusy.code, errBusy.msg)
			return
		}
		next(w, r)
	}
}

const (
	// patience is how long a client may stay without progress.
	patience = time.Minute
	// maxWrite is what a slow client must take within patience.
	maxWrite = 256 << 10
)

// deadlines cuts clients off that make no progress. The limits move with every
// read and write, since files may be large and lines slow.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		extend(rc)
		if r.Body != http.NoBody {
			// The server knows its own request's body and whether the client
			// waits for leave to send it.
			body := &patientBody{ReadCloser: r.Body, rc: rc}
			r = r.WithContext(context.WithValue(r.Context(), patientKey{}, body))
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// extend gives the client more time to take what is written. Not every writer
// has deadlines; the server's has.
func extend(rc *http.ResponseController) { _ = rc.SetWriteDeadline(time.Now().Add(patience)) }

type patientBody struct {
	io.ReadCloser
	rc      *http.ResponseController
	started bool
}

// patientKey finds the body of a request below what handlers wrap it in.
type patientKey struct{}

func (b *patientBody) Read(p []byte) (int, error) {
	b.started = true
	_ = b.rc.SetReadDeadline(time.Now().Add(patience))
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		// What comes now, declaring the file, takes its own time: a read that
		// times out meanwhile would end the request.
		_ = b.rc.SetReadDeadline(time.Time{})
	}
	return n, err
}

// patientWriter writes in parts, each with its own deadline.
type patientWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

func (w patientWriter) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		extend(w.rc)
		var k int
		k, err = w.w.Write(p[n:min(n+maxWrite, len(p))])
		n += k
	}
	return n, err
}

// answer tells the client of a refusal, or hides and logs an error that is
// none.
func (g *Gateway) answer(w http.ResponseWriter, what string, err error) {
	var no *refusal
	if errors.As(err, &no) {
		httpx.Fail(w, no.code, no.msg)
		return
	}
	g.log.Error(what, "err", err)
	httpx.Fail(w, http.StatusInternalServerError, "system error")
}

// pathFID reads the fid that a route names.
func pathFID(r *http.Request) (types.Hash, error) {
	fid, err := types.ParseHash(r.PathValue("fid"))
	if err != nil {
		return fid, errFID
	}
	return fid, nil
}

// getVersion answers with a bare JSON string.
func getVersion(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	b, err := json.Marshal("gocess gateway v" + version.Text())
	if err == nil {
		_, _ = w.Write(b) // the client may be gone
	}
}
