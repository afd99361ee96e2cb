package rpc_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/gocess/gocess/primitives/substrate"
)

// patience bounds waits that are expected to end.
const patience = 20 * time.Second

// client is a WebSocket client that keeps notifications apart from answers.
type client struct {
	t      testing.TB
	ws     *websocket.Conn
	events []notification // received while waiting for an answer
}

type notification struct {
	Method string
	Params struct {
		Subscription string
		Result       json.RawMessage
		Error        json.RawMessage
	}
}

func (n *node) dial() *client {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+n.addr+"/", nil)
	if err != nil {
		n.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	n.t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t: n.t, ws: ws}
}

func (c *client) read() []byte {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, b, err := c.ws.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// call sends a request, params being its JSON, and returns the whole response.
func (c *client) call(method, params string) string {
	c.t.Helper()
	if params == "" {
		params = "[]"
	}
	request := `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + `}`
	if err := c.ws.Write(context.Background(), websocket.MessageText, []byte(request)); err != nil {
		c.t.Fatal(err)
	}
	for {
		b := c.read()
		if !strings.HasPrefix(string(b), `{"jsonrpc":"2.0","method":`) {
			return string(b)
		}
		var e notification
		if err := json.Unmarshal(b, &e); err != nil {
			c.t.Fatal(err)
		}
		c.events = append(c.events, e)
	}
}

// result is the result of a call that must succeed, as JSON.
func (c *client) result(method, params string) string {
	c.t.Helper()
	answer := c.call(method, params)
	result, ok := strings.CutPrefix(answer, `{"jsonrpc":"2.0","id":1,"result":`)
	if !ok {
		c.t.Fatalf("%s %s: %s", method, params, answer)
	}
	return strings.TrimSuffix(result, "}")
}

// event is the next notification.
func (c *client) event() notification {
	c.t.Helper()
	if len(c.events) > 0 {
		e := c.events[0]
		c.events = c.events[1:]
		return e
	}
	var e notification
	if err := json.Unmarshal(c.read(), &e); err != nil {
		c.t.Fatal(err)
	}
	return e
}

// hexes is the JSON of a byte string.
func hexes(b []byte) string { return `"0x` + hex.EncodeToString(b) + `"` }

func quoted(h substrate.H256) string { return hexes(h[:]) }
