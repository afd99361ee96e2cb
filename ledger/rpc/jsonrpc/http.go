package jsonrpc

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP serves any path: POST is a JSON-RPC message, an upgrade is a
// WebSocket, GET /health is the health method's result.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "server is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	s.writeBy(w)
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	switch {
	case isUpgrade(r):
		s.serveWebSocket(w, r)
	case r.Method == http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		header.Set("Access-Control-Allow-Headers", "*")
		header.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && r.URL.Path == "/health" && s.cfg.HealthMethod != "":
		s.serveHealth(w, r)
	case r.Method == http.MethodPost:
		s.servePost(w, r)
	default:
		header.Set("Allow", "POST, OPTIONS")
		http.Error(w, "JSON-RPC needs POST or a WebSocket", http.StatusMethodNotAllowed)
	}
}

func isUpgrade(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	for _, v := range r.Header.Values("Upgrade") {
		if strings.EqualFold(strings.TrimSpace(v), "websocket") {
			return true
		}
	}
	return false
}

func (s *Server) servePost(w http.ResponseWriter, r *http.Request) {
	if !isJSON(r.Header.Get("Content-Type")) {
		http.Error(w, "Content-Type must be application/json", http.StatusUnsupportedMediaType)
		return
	}
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(s.cfg.ReadTimeout)) // unsupported only without a socket
	msg, err := readMessage(r.Body, s.cfg.MaxRequestBytes, &s.budget)
	_ = rc.SetReadDeadline(time.Time{}) // the call's own limit applies from here
	switch {
	case errors.Is(err, errTooBig):
		w.Header().Set("Connection", "close") // the rest is not worth reading
		e := limitError(CodeRequestTooBig, "Request is too big", s.cfg.MaxRequestBytes)
		s.reply(w, http.StatusRequestEntityTooLarge, appendErrorResponse(nil, nullID, e))
		return
	case errors.Is(err, errFull):
		w.Header().Set("Connection", "close")
		s.reply(w, http.StatusServiceUnavailable, appendErrorResponse(nil, nullID, errBusy))
		return
	case err != nil:
		return // the client is gone or too slow
	}
	out := s.executeOnce(r.Context(), s.cfg.Unsafe.allows(r), msg.data)
	msg.free(&s.budget)
	s.reply(w, http.StatusOK, out.data)
	out.free(&s.budget)
}

func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	session := sessions.Get().(*session)
	defer session.free()
	e := s.table.entries[s.cfg.HealthMethod]
	session.call.server = s
	session.request.method = []byte(s.cfg.HealthMethod)
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.CallTimeout)
	defer cancel()
	body, err := session.invoke(ctx, e, nil)
	if err != nil {
		e, _ := asError(err)
		s.reply(w, http.StatusInternalServerError, e.append(nil))
		return
	}
	s.reply(w, http.StatusOK, body)
}

// reply sends body as JSON within the write timeout.
func (s *Server) reply(w http.ResponseWriter, status int, body []byte) {
	s.writeBy(w)
	if len(body) > 0 {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is not ours to report
}

// writeBy limits how long the client may take to read the response.
func (s *Server) writeBy(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout)) // unsupported only without a socket
}

// isJSON accepts the media types of JSON-RPC. A missing one is accepted too;
// text/plain and forms are not.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch media {
	case "application/json", "application/json-rpc", "application/jsonrequest":
		return true
	}
	return false
}
