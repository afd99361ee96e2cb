package miner

import (
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/storage/segment"
)

const (
	// maxBody is a fragment and the multipart framing around it.
	maxBody = segment.FragmentSize + 64<<10
	// transferTimeout bounds one fragment on the wire.
	transferTimeout = 5 * time.Minute
	maxMessageBytes = 1 << 10
)

// routes is the HTTP API of a miner (spec/miner.md §5).
func (m *Miner) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /fragment", m.signed(m.putFragment))
	mux.HandleFunc("GET /fragment", m.signed(m.getFragment))
	mux.HandleFunc("GET /status", m.getStatus)
	mux.HandleFunc("POST /check", m.signed(m.owner(m.postCheck)))
	return httpx.CORS("PUT, GET, POST, OPTIONS",
		"Account, Message, Signature, Fid, Fragment, Range, Content-Type, X-Forwarded-For", mux)
}

// signed lets a request pass that is signed by the account it names.
func (m *Miner) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !validSignature(r.Header) {
			httpx.FailStatus(w, http.StatusForbidden, "invalid signature")
			return
		}
		rc := http.NewResponseController(w)
		deadline := time.Now().Add(transferTimeout)
		_ = rc.SetReadDeadline(deadline) // not every writer has deadlines; ours does
		_ = rc.SetWriteDeadline(deadline)
		next(w, r)
	}
}

// validSignature checks sr25519 over the message, bare or wrapped as wallets
// do.
func validSignature(h http.Header) bool {
	message := []byte(h.Get("Message"))
	account, err := types.ParseAddress(h.Get("Account"))
	if err != nil || len(message) > maxMessageBytes {
		return false
	}
	sig, err := hex.DecodeString(strings.TrimPrefix(h.Get("Signature"), "0x"))
	return err == nil && crypto.VerifyText(crypto.Sr25519, account[:], message, sig)
}

// names reads the two hashes that a request is about.
func names(h http.Header) (fid, fragment types.Hash, err error) {
	if fid, err = types.ParseHash(h.Get("Fid")); err != nil {
		return fid, fragment, err
	}
	fragment, err = types.ParseHash(h.Get("Fragment"))
	return fid, fragment, err
}

func (m *Miner) putFragment(w http.ResponseWriter, r *http.Request) {
	fid, fragment, err := names(r.Header)
	if err != nil {
		httpx.Fail(w, http.StatusBadRequest, "invalid fid or fragment")
		return
	}
	switch err := m.admit(r.Context(), fid, fragment); {
	case errors.Is(err, errForeign):
		httpx.Fail(w, http.StatusBadRequest, "fragment does not match fid")
		return
	case errors.Is(err, errNoSpace):
		httpx.Fail(w, http.StatusServiceUnavailable, "insufficient space")
		return
	case errors.Is(err, errNotInService):
		httpx.Fail(w, http.StatusServiceUnavailable, err.Error())
		return
	case err != nil:
		m.log.Warn("ask the chain about an upload", "fid", fid, "err", err)
		httpx.Fail(w, http.StatusForbidden, "failed to connect to rpc, please try again later.")
		return
	}
	if m.store.Has(fid, fragment) {
		httpx.OK(w, nil)
		m.jobs.Wake(jobReport)
		return
	}
	if !m.receiving.TryAcquire(1) {
		httpx.Fail(w, http.StatusServiceUnavailable, "server busy")
		return
	}
	defer m.receiving.Release(1)
	part, err := filePart(w, r)
	if err != nil {
		httpx.Fail(w, http.StatusBadRequest, "the file part is missing: "+err.Error())
		return
	}
	switch err := m.store.Receive(fid, fragment, part); {
	case err == nil:
		m.metrics.received.Inc()
		httpx.OK(w, nil)
		m.jobs.Wake(jobReport)
	case errors.Is(err, ErrSize), errors.Is(err, ErrHash):
		httpx.Fail(w, http.StatusBadRequest, err.Error())
	case r.Context().Err() != nil || errors.Is(err, io.ErrUnexpectedEOF):
		httpx.Fail(w, http.StatusBadRequest, "the upload ended early")
	default:
		m.log.Error("store fragment", "fid", fid, "fragment", fragment, "err", err)
		httpx.Fail(w, http.StatusInternalServerError, "system error")
	}
}

// filePart finds the part `file` of a multipart body, reading as it comes.
func filePart(w http.ResponseWriter, r *http.Request) (*multipart.Part, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
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

func (m *Miner) getFragment(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Fid") == "" || r.Header.Get("Fragment") == "" {
		httpx.Fail(w, http.StatusBadRequest, "empty fid or fragment")
		return
	}
	fid, fragment, err := names(r.Header)
	if err != nil {
		httpx.Fail(w, http.StatusBadRequest, "invalid fid or fragment")
		return
	}
	content := zeroContent()
	if !isZero(fragment) {
		if content, err = m.store.Open(fid, fragment); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				m.log.Error("open fragment", "fid", fid, "fragment", fragment, "err", err)
			}
			httpx.Fail(w, http.StatusNotFound, "not found")
			return
		}
	}
	defer content.Close()
	m.metrics.served.Inc()
	w.Header().Set("Content-Type", "application/octet-stream")
	if start, end, ok, err := upstreamRange(r.Header.Get("Range")); err != nil {
		httpx.Fail(w, http.StatusRequestedRangeNotSatisfiable, err.Error())
		return
	} else if ok {
		serveSlice(w, content, start, end)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// upstreamRange reads the Go SDK's own form, `bytes=<start>-<end>/<total>`,
// whose end is exclusive. ok is false for other forms, which are standard
// ranges or none.
func upstreamRange(header string) (start, end int64, ok bool, err error) {
	spec, isRange := strings.CutPrefix(strings.Replace(header, " ", "=", 1), "bytes=")
	span, total, has := strings.Cut(spec, "/")
	if !isRange || !has {
		return 0, 0, false, nil
	}
	if n, err := strconv.ParseInt(total, 10, 64); err != nil || n != segment.FragmentSize {
		return 0, 0, false, errors.New("invalid range request")
	}
	first, last, _ := strings.Cut(span, "-")
	if start, err = strconv.ParseInt(first, 10, 64); err != nil || start < 0 || start >= segment.FragmentSize {
		return 0, 0, false, errors.New("invalid range start")
	}
	if end, err = strconv.ParseInt(last, 10, 64); err != nil || end <= start || end > segment.FragmentSize {
		return 0, 0, false, errors.New("invalid range end")
	}
	return start, end, true, nil
}

func serveSlice(w http.ResponseWriter, content io.ReadSeeker, start, end int64) {
	if _, err := content.Seek(start, io.SeekStart); err != nil {
		httpx.Fail(w, http.StatusInternalServerError, "system error")
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(end-start, 10))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = io.CopyN(w, content, end-start) // the client may be gone
}
