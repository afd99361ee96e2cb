package jsonrpc_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// ended waits until the server has closed the connection.
func (c *client) ended() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if _, _, err := c.ws.Read(ctx); err != nil {
			if ctx.Err() != nil {
				c.t.Fatal("the server kept the connection")
			}
			return
		}
	}
}

func TestSlowReaderIsDisconnected(t *testing.T) {
	log := &lockedBuffer{lines: make(chan string, 16)}
	addr := start(t, jsonrpc.Config{
		WriteTimeout: 200 * time.Millisecond, MaxQueuedFrames: 4,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	slow := dial(t, addr)
	slow.send(`{"jsonrpc":"2.0","id":1,"method":"flood_subscribe"}`)
	// It reads nothing. Meanwhile others are served.
	other := dial(t, addr)
	for i := range 20 {
		want := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":null}`, i)
		if got := other.ask(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"echo"}`, i)); got != want {
			t.Fatal(got)
		}
	}
	select {
	case line := <-log.lines:
		if !strings.Contains(line, "lost on write") {
			t.Errorf("log: %s", line)
		}
	case <-time.After(patience):
		t.Fatal("the slow reader was not disconnected")
	}
	slow.ended()
}

// A client that asks for more than it reads is held back and then dropped.
func TestSlowReaderOfResponses(t *testing.T) {
	addr := start(t, jsonrpc.Config{WriteTimeout: 200 * time.Millisecond, MaxQueuedFrames: 2, MaxConcurrent: 2})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ws, _, err := websocket.Dial(t.Context(), "ws://"+addr, &websocket.DialOptions{HTTPClient: over(conn)})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := ws.Write(ctx, websocket.MessageText, []byte(`{"jsonrpc":"2.0","id":1,"method":"big","params":[1000000]}`))
		if ctx.Err() != nil {
			t.Fatal("the server took requests without end or kept the connection")
		}
		if err != nil {
			return
		}
	}
}

// over is an HTTP client on a connection that exists.
func over(conn net.Conn) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
}

func TestRequestTooBigOverWebSocket(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{MaxRequestBytes: 1000}))
	want := `{"jsonrpc":"2.0","id":null,"error":{"code":-32007,"message":"Request is too big","data":"Exceeded max limit of 1000"}}`
	if got := c.ask(strings.Repeat(" ", 1001)); got != want {
		t.Errorf("got %s", got)
	}
	if got := c.ask(`{"jsonrpc":"2.0","id":1,"method":"echo"}`); got != `{"jsonrpc":"2.0","id":1,"result":null}` {
		t.Errorf("next call: %s", got)
	}
	// Far too big: the server stops reading, at the latest when all is sent.
	_ = c.ws.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat(" ", 1_000_000)))
	c.ended()
}

func TestLargeMessages(t *testing.T) {
	addr := start(t, jsonrpc.Config{})
	const n = 14 << 20
	request := `{"jsonrpc":"2.0","id":1,"method":"echo","params":["` + strings.Repeat("z", n) + `"]}`
	want := `{"jsonrpc":"2.0","id":1,"result":"` + strings.Repeat("z", n) + `"}`
	c := dial(t, addr)
	for range 2 {
		if got := c.ask(request); got != want {
			t.Fatalf("WebSocket: got %d bytes: %.60s", len(got), got)
		}
	}
	if _, got := post(t, addr, request); got != want {
		t.Errorf("HTTP: got %d bytes: %.60s", len(got), got)
	}
}

func TestBudget(t *testing.T) {
	addr := start(t, jsonrpc.Config{MaxBufferedBytes: 1 << 20})
	const busy = `"code":-32009`
	big := `{"jsonrpc":"2.0","id":1,"method":"big","params":[4000000]}`
	c := dial(t, addr)
	if got := c.ask(big); !strings.Contains(got, busy) {
		t.Errorf("response over budget: %.100s", got)
	}
	if got := c.ask(strings.Repeat(" ", 4_000_000)); !strings.Contains(got, busy) {
		t.Errorf("request over budget: %.100s", got)
	}
	if _, got := post(t, addr, big); !strings.Contains(got, busy) {
		t.Errorf("HTTP response over budget: %.100s", got)
	}
	// What was refused gave its share back.
	for range 20 {
		if got := c.ask(`{"jsonrpc":"2.0","id":1,"method":"big","params":[400000]}`); len(got) < 400_000 {
			t.Fatalf("within budget: %.100s", got)
		}
	}
}

func TestSubscriptionOverBudgetDropsTheConnection(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{MaxBufferedBytes: 100}))
	c.send(`{"jsonrpc":"2.0","id":1,"method":"large_subscribe"}`)
	c.ended()
}

func TestCallTimeout(t *testing.T) {
	addr := start(t, jsonrpc.Config{CallTimeout: 50 * time.Millisecond})
	want := `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error","data":"The call took too long"}}`
	if got := dial(t, addr).ask(`{"jsonrpc":"2.0","id":1,"method":"wait"}`); got != want {
		t.Errorf("WebSocket: %s", got)
	}
	if _, got := post(t, addr, `{"jsonrpc":"2.0","id":1,"method":"wait"}`); got != want {
		t.Errorf("HTTP: %s", got)
	}
}

func TestConcurrentCallsOfOneConnection(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	table := testTable()
	table.Add(jsonrpc.Method{Name: "hold", Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
		began <- struct{}{}
		<-release
		return append(dst, `"held"`...), nil
	}})
	s, err := jsonrpc.New(jsonrpc.Config{MaxConcurrent: 2, Logger: slog.New(slog.DiscardHandler)}, table)
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, serve(t, s))
	const hold, held = `{"jsonrpc":"2.0","id":1,"method":"hold"}`, `{"jsonrpc":"2.0","id":1,"result":"held"}`
	const echo, echoed = `{"jsonrpc":"2.0","id":2,"method":"echo"}`, `{"jsonrpc":"2.0","id":2,"result":null}`
	c.send(hold)
	<-began
	if got := c.ask(echo); got != echoed {
		t.Errorf("a waiting call held up another: %s", got)
	}
	c.send(hold)
	<-began
	c.send(echo) // the third at once waits until one of the others has been answered
	release <- struct{}{}
	if first, second := c.receive(), c.receive(); first != held || second != echoed {
		t.Errorf("got %s, then %s", first, second)
	}
	close(release)
	if got := c.receive(); got != held {
		t.Error(got)
	}
}

func TestStuckMessage(t *testing.T) {
	addr := start(t, jsonrpc.Config{ReadTimeout: 100 * time.Millisecond})
	conn := rawWebSocket(t, addr)
	// The header of a masked text frame of 100 bytes, the mask, and 3 bytes.
	if _, err := conn.Write([]byte{0x81, 0x80 | 100, 0, 0, 0, 0, '{', '"', 'i'}); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("a message that stopped arriving was waited for")
	}
}

func TestHostileFrames(t *testing.T) {
	addr := start(t, jsonrpc.Config{})
	for name, frame := range map[string][]byte{
		"unmasked":         {0x81, 0x02, '{', '}'},
		"reserved bits":    {0xf1, 0x80, 0, 0, 0, 0},
		"unknown opcode":   {0x83, 0x80, 0, 0, 0, 0},
		"long ping":        {0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0},
		"stray fragment":   {0x80, 0x80, 0, 0, 0, 0},
		"negative length":  {0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		"close, bad code":  {0x88, 0x82, 0, 0, 0, 0, 0x00, 0x01},
		"random":           []byte("GET / HTTP/1.1\r\n\r\n"),
		"early disconnect": nil,
	} {
		t.Run(name, func(t *testing.T) {
			conn := rawWebSocket(t, addr)
			if frame == nil {
				_ = conn.Close()
				return
			}
			if _, err := conn.Write(frame); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the server kept the connection")
			}
		})
	}
	if got := dial(t, addr).ask(`{"jsonrpc":"2.0","id":1,"method":"echo"}`); got != `{"jsonrpc":"2.0","id":1,"result":null}` {
		t.Errorf("afterwards: %s", got)
	}
}

// rawWebSocket upgrades by hand and returns the bare connection.
func rawWebSocket(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	var head []byte
	one := make([]byte, 1)
	for !strings.HasSuffix(string(head), "\r\n\r\n") {
		if _, err := conn.Read(one); err != nil {
			t.Fatal(err)
		}
		head = append(head, one...)
	}
	if !strings.HasPrefix(string(head), "HTTP/1.1 101") {
		t.Fatalf("upgrade: %s", head)
	}
	return conn
}

func TestConnectionLimit(t *testing.T) {
	addr := start(t, jsonrpc.Config{MaxConnections: 2})
	first := dial(t, addr)
	dial(t, addr)
	if _, _, err := websocket.Dial(t.Context(), "ws://"+addr, nil); err == nil {
		t.Error("third connection accepted")
	}
	_ = first.ws.Close(websocket.StatusNormalClosure, "")
	for deadline := time.Now().Add(patience); ; {
		ws, _, err := websocket.Dial(t.Context(), "ws://"+addr, nil)
		if err == nil {
			_ = ws.CloseNow()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the closed connection's place stayed taken")
		}
	}
}

func TestIdleConnectionAnswersPings(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{ReadTimeout: 50 * time.Millisecond, CallTimeout: 50 * time.Millisecond}))
	c.ask(`{"jsonrpc":"2.0","id":1,"method":"echo"}`)
	time.Sleep(200 * time.Millisecond) // longer than every limit
	ctx := c.ws.CloseRead(t.Context())
	if err := c.ws.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s, err := jsonrpc.New(jsonrpc.Config{Logger: slog.New(slog.DiscardHandler)}, testTable())
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, s)
	polite, idle := dial(t, addr), dial(t, addr)
	polite.subscribe("count_subscribe", "[0,true]")
	polite.send(`{"jsonrpc":"2.0","id":1,"method":"wait"}`)
	idle.subscribe("flood_subscribe", "[]")
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	polite.ended()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	idle.ended()
	if err := s.Serve(nopListener{}); err == nil {
		t.Error("a closed server serves")
	}
}

type nopListener struct{ net.Listener }

func (nopListener) Close() error { return nil }
