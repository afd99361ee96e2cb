package jsonrpc_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func do(t *testing.T, method, url string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestHealth(t *testing.T) {
	resp, body := do(t, "GET", "http://"+start(t, jsonrpc.Config{})+"/health", nil, "")
	if resp.StatusCode != 200 || body != `{"peers":3}` {
		t.Errorf("GET /health: %d %s", resp.StatusCode, body)
	}
}

func TestCORS(t *testing.T) {
	addr := start(t, jsonrpc.Config{})
	page := http.Header{"Origin": {"https://polkadot.js.org"}, "Access-Control-Request-Method": {"POST"}}
	resp, _ := do(t, "OPTIONS", "http://"+addr+"/", page, "")
	if resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "POST") || resp.Header.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
	resp, body := do(t, "POST", "http://"+addr+"/", http.Header{"Content-Type": {"application/json"}, "Origin": {"https://x.test"}},
		`{"jsonrpc":"2.0","id":1,"method":"echo"}`)
	if resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		t.Errorf("post: %v %s", resp.Header, body)
	}
}

func TestRefusedHTTP(t *testing.T) {
	addr := start(t, jsonrpc.Config{MaxRequestBytes: 1000})
	for _, c := range []struct {
		name, method, contentType, body string
		status                          int
	}{
		{"form", "POST", "application/x-www-form-urlencoded", "{}", 415},
		{"plain text", "POST", "text/plain", "{}", 415},
		{"get", "GET", "", "", 405},
		{"put", "PUT", "application/json", "{}", 405},
		{"too big", "POST", "application/json; charset=utf-8", strings.Repeat(" ", 1001), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := do(t, c.method, "http://"+addr+"/", http.Header{"Content-Type": {c.contentType}}, c.body)
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
			if c.status == 413 && !strings.Contains(body, `"code":-32007`) {
				t.Errorf("body %s", body)
			}
		})
	}
}

func TestNoSubscriptionsOverHTTP(t *testing.T) {
	addr := start(t, jsonrpc.Config{})
	for _, method := range []string{"count_subscribe", "count", "count_unsubscribe"} {
		_, body := post(t, addr, `{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":[1]}`)
		if !strings.Contains(body, `"code":-32601`) {
			t.Errorf("%s: %s", method, body)
		}
	}
}

func TestUnsafePolicy(t *testing.T) {
	const told, refused = `"told"`, `"RPC call is unsafe to be called externally"`
	for _, c := range []struct {
		name   string
		policy jsonrpc.UnsafePolicy
		header http.Header
		want   string
	}{
		{"program on this machine", jsonrpc.UnsafeLoopback, nil, told},
		{"page from this machine", jsonrpc.UnsafeLoopback, http.Header{"Origin": {"http://localhost:3000"}}, told},
		{"page from elsewhere", jsonrpc.UnsafeLoopback, http.Header{"Origin": {"https://polkadot.js.org"}}, refused},
		{"page without origin", jsonrpc.UnsafeLoopback, http.Header{"Origin": {"null"}}, refused},
		{"behind a proxy", jsonrpc.UnsafeLoopback, http.Header{"X-Forwarded-For": {"203.0.113.9"}}, refused},
		{"never", jsonrpc.UnsafeNever, nil, refused},
		{"always", jsonrpc.UnsafeAlways, http.Header{"Origin": {"https://polkadot.js.org"}}, told},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := start(t, jsonrpc.Config{Unsafe: c.policy})
			header := http.Header{"Content-Type": {"application/json"}}
			for k, v := range c.header {
				header[k] = v
			}
			_, body := do(t, "POST", "http://"+addr, header, `{"jsonrpc":"2.0","id":1,"method":"secret"}`)
			if !strings.Contains(body, c.want) {
				t.Errorf("%s", body)
			}
		})
	}
}
