package jsonrpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds waits that are expected to end; no test measures time by it.
const patience = 20 * time.Second

// testTable has one method of every kind.
func testTable() *jsonrpc.Table {
	t := jsonrpc.NewTable()
	t.Add(
		jsonrpc.Method{Name: "echo", Aliases: []string{"repeat"}, Handler: echo},
		jsonrpc.Method{Name: "nothing", Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) { return dst, nil }},
		jsonrpc.Method{Name: "health", Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			return append(dst, `{"peers":3}`...), nil
		}},
		jsonrpc.Method{Name: "refuse", Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			return append(dst, "partial"...), &jsonrpc.Error{Code: 1010, Message: "Invalid Transaction", Data: "Transaction is outdated"}
		}},
		jsonrpc.Method{Name: "leak", Handler: func(_ context.Context, _ *jsonrpc.Call, _ []byte) ([]byte, error) { return nil, io.ErrUnexpectedEOF }},
		jsonrpc.Method{Name: "panic", Handler: func(context.Context, *jsonrpc.Call, []byte) ([]byte, error) { panic("boom") }},
		jsonrpc.Method{Name: "wait", Handler: func(ctx context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			<-ctx.Done()
			return dst, ctx.Err()
		}},
		jsonrpc.Method{Name: "big", Handler: func(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
			n, err := call.Params.Uint32(0)
			if err != nil {
				return dst, err
			}
			return jsonrpc.AppendString(dst, strings.Repeat("x", int(n))), nil
		}},
		jsonrpc.Method{Name: "secret", Unsafe: true, Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
			return append(dst, `"told"`...), nil
		}},
	)
	t.AddFeed(
		jsonrpc.Feed{
			Subscribe: "count_subscribe", SubscribeAliases: []string{"count"}, Unsubscribe: "count_unsubscribe",
			Notification: "count_item", Source: count,
		},
		jsonrpc.Feed{
			Subscribe: "flood_subscribe", Unsubscribe: "flood_unsubscribe", Notification: "flood_item", Source: flood(32 << 10),
		},
		jsonrpc.Feed{
			Subscribe: "large_subscribe", Unsubscribe: "large_unsubscribe", Notification: "large_item", Source: flood(1 << 20),
		},
	)
	return t
}

func echo(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	if raw := call.Params.Raw(0); raw != nil {
		return append(dst, raw...), nil
	}
	return append(dst, `null`...), nil
}

// count notifies 0, 1, … below its parameter, then waits if there is a second
// parameter.
func count(_ context.Context, call *jsonrpc.Call) (jsonrpc.Stream, error) {
	n, err := call.Params.Uint32(0)
	if err != nil {
		return nil, err
	}
	stay := call.Params.Has(1)
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		for i := range n {
			if err := sub.Notify(strconv.AppendUint(nil, uint64(i), 10)); err != nil {
				return err
			}
		}
		if stay {
			<-ctx.Done()
		}
		return nil
	}, nil
}

// flood notifies items of the given size without end.
func flood(bytes int) jsonrpc.Source {
	return func(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
		item := jsonrpc.AppendString(nil, strings.Repeat("y", bytes))
		return func(_ context.Context, sub *jsonrpc.Subscription) error {
			for {
				if err := sub.Notify(item); err != nil {
					return err
				}
			}
		}, nil
	}
}

// start serves the test table until the test ends and returns host:port.
func start(t testing.TB, cfg jsonrpc.Config) string {
	t.Helper()
	cfg.HealthMethod = "health"
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := jsonrpc.New(cfg, testTable())
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s)
}

func serve(t testing.TB, s *jsonrpc.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return l.Addr().String()
}

func post(t testing.TB, addr, body string) (status int, answer string) {
	t.Helper()
	r, err := http.Post("http://"+addr+"/any/path", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// client is one WebSocket connection of a test.
type client struct {
	t  testing.TB
	ws *websocket.Conn
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+addr+"/ws/", nil)
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	c := &client{t, ws}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return c
}

func (c *client) send(msg string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(msg)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, b, err := c.ws.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

func (c *client) ask(msg string) string {
	c.t.Helper()
	c.send(msg)
	return c.receive()
}

// subscribe opens a subscription and returns its id.
func (c *client) subscribe(method, params string) string {
	c.t.Helper()
	var r struct{ Result string }
	answer := c.ask(`{"jsonrpc":"2.0","id":"s","method":"` + method + `","params":` + params + `}`)
	if err := json.Unmarshal([]byte(answer), &r); err != nil || r.Result == "" {
		c.t.Fatalf("subscribe %s: %s", method, answer)
	}
	return r.Result
}

// lockedBuffer is a log sink for concurrent handlers.
type lockedBuffer struct {
	lines chan string
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	select {
	case b.lines <- string(bytes.TrimSpace(p)):
	default:
	}
	return len(p), nil
}
