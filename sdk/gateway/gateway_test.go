package gateway_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk/gateway"
	"github.com/gocess/gocess/storage/segment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers requests as a gateway would.
func serve(t *testing.T, h http.HandlerFunc) *gateway.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	c, err := gateway.New(s.URL, alice)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func fidOf(t *testing.T, b []byte) types.Hash {
	t.Helper()
	m, err := segment.Encode(t.Context(), bytes.NewReader(b), segment.Discard, segment.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return types.HashOf(m.FID)
}

func TestPutSendsWhatGatewaysCheck(t *testing.T) {
	body := []byte("some bytes")
	fid := fidOf(t, body)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("body %q, %v", got, err)
		}
		if r.Method != http.MethodPut || r.URL.Path != "/object/my näme.txt" || r.Header.Get("Territory") != "t1" || r.Header.Get("Cipher") != "" {
			t.Errorf("%s %s, headers %v", r.Method, r.URL.Path, r.Header)
		}
		message := r.Header.Get("Message")
		ms, err := strconv.ParseInt(message, 10, 64)
		if err != nil || ms < time.Now().UnixMilli() || len(message) != 13 {
			t.Errorf("message %q is no expiry in milliseconds", message)
		}
		account, err := types.ParseAddress(r.Header.Get("Account"))
		if err != nil {
			t.Error(err)
		}
		sig, err := hex.DecodeString(r.Header.Get("Signature"))
		if err != nil || !crypto.Verify(crypto.Sr25519, account[:], []byte(message), sig) {
			t.Errorf("signature %q: %v", r.Header.Get("Signature"), err)
		}
		httpx.OK(w, map[string]string{"fid": fid.String()})
	})
	got, err := c.Put(t.Context(), "t1", "my näme.txt", bytes.NewReader(body), int64(len(body)), gateway.PutOptions{})
	if err != nil || got != fid {
		t.Errorf("fid %v, %v", got, err)
	}
}

func TestPutDoesNotTrust(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		httpx.OK(w, map[string]string{"fid": strings.Repeat("0", 64)})
	})
	_, err := c.Put(t.Context(), "t1", "name", strings.NewReader("x"), 1, gateway.PutOptions{})
	if !errors.Is(err, gateway.ErrMismatch) {
		t.Errorf("a wrong fid: %v", err)
	}
	if _, err := c.Put(t.Context(), "t1", "name", strings.NewReader("x"), 1, gateway.PutOptions{Trust: true}); err != nil {
		t.Errorf("a wrong fid that is trusted: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { httpx.Fail(w, 403, "no permission") })
	ctx := t.Context()
	var fid types.Hash
	for name, call := range map[string]func() error{
		"put": func() error {
			_, err := c.Put(ctx, "t", "name", strings.NewReader("x"), 1, gateway.PutOptions{})
			return err
		},
		"get":    func() error { return c.Get(ctx, fid, io.Discard, gateway.GetOptions{}) },
		"part":   func() error { return c.Get(ctx, fid, io.Discard, gateway.GetOptions{Offset: 5}) },
		"stat":   func() error { _, err := c.Stat(ctx, fid); return err },
		"status": func() error { _, err := c.Status(ctx, fid); return err },
		"delete": func() error { _, err := c.Delete(ctx, fid); return err },
	} {
		var refused *gateway.Error
		if err := call(); !errors.As(err, &refused) || refused.Code != 403 || refused.Msg != "no permission" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoGateway(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"hello":1}`)
	})
	if _, err := c.Stat(t.Context(), types.Hash{}); !errors.Is(err, gateway.ErrAnswer) {
		t.Errorf("stat: %v", err)
	}
	if err := c.Get(t.Context(), types.Hash{}, io.Discard, gateway.GetOptions{}); !errors.Is(err, gateway.ErrAnswer) {
		t.Errorf("get: %v", err)
	}
	if _, err := c.Version(t.Context()); !errors.Is(err, gateway.ErrAnswer) {
		t.Errorf("version: %v", err)
	}
	if _, err := gateway.New("ftp://host", nil); err == nil {
		t.Error("an address that is no HTTP URL")
	}
}

// An interrupted download goes on where it broke off, and the whole is checked.
func TestGetFileResumes(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 1000)
	fid := fidOf(t, body)
	var ranges []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/file/metadata/") {
			httpx.OK(w, gateway.Metadata{FID: fid.String(), Size: uint64(len(body))})
			return
		}
		ranges = append(ranges, r.Header.Get("Range"))
		w.Header().Set("Content-Type", "application/octet-stream")
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body[:4000])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
	path := filepath.Join(t.TempDir(), "file")
	if err := c.GetFile(t.Context(), fid, path, gateway.GetOptions{Verify: true}); err == nil {
		t.Fatal("a download that broke off counts as whole")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a part appears under the name of the whole")
	}
	var seen int64
	progress := func(n int64) { seen = n }
	if err := c.GetFile(t.Context(), fid, path, gateway.GetOptions{Verify: true, Progress: progress}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, body) || seen != int64(len(body)) {
		t.Errorf("%d bytes, progress %d, %v", len(got), seen, err)
	}
	if len(ranges) != 2 || ranges[1] != "bytes=4000-" {
		t.Errorf("asked for %q", ranges)
	}
}

func TestGetFileVerifies(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/file/metadata/") {
			httpx.OK(w, gateway.Metadata{Size: 3})
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		fmt.Fprint(w, "lie")
	})
	path := filepath.Join(t.TempDir(), "file")
	if err := c.GetFile(t.Context(), fidOf(t, []byte("yes")), path, gateway.GetOptions{Verify: true}); !errors.Is(err, gateway.ErrMismatch) {
		t.Errorf("another file: %v", err)
	}
}

func TestSignerIsNeeded(t *testing.T) {
	c, err := gateway.New("127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Delete(context.Background(), types.Hash{}); !errors.Is(err, gateway.ErrSigner) {
		t.Errorf("delete: %v", err)
	}
	if _, err := c.Put(context.Background(), "t", "n", strings.NewReader("x"), 1, gateway.PutOptions{}); !errors.Is(err, gateway.ErrSigner) {
		t.Errorf("put: %v", err)
	}
}

func FuzzAnswers(f *testing.F) {
	ok, err := json.Marshal(httpx.Envelope{Code: 200, Msg: "ok", Data: gateway.Status{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ok)
	f.Add([]byte(`{"code":403,"msg":"no permission","data":null}`))
	f.Add([]byte(`"gocess"`))
	var answer []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	f.Cleanup(s.Close)
	c, err := gateway.New(s.URL, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, b []byte) {
		answer = b
		_, _ = c.Stat(t.Context(), types.Hash{})
		_, _ = c.Status(t.Context(), types.Hash{})
		_, _ = c.Version(t.Context())
		if err := c.Get(t.Context(), types.Hash{}, io.Discard, gateway.GetOptions{}); err == nil {
			t.Fatalf("%q passes for a file", b)
		}
	})
}
