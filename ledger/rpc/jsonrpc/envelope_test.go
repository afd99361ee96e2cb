package jsonrpc_test

import (
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// exchanges are answered alike over HTTP and WebSocket. An empty answer means
// that nothing is sent.
var exchanges = []struct{ name, request, answer string }{
	{"number id", `{"jsonrpc":"2.0","id":7,"method":"echo","params":[[1, 2]]}`, `{"jsonrpc":"2.0","id":7,"result":[1, 2]}`},
	{"string id", `{"jsonrpc":"2.0","id":"a\u0062\"","method":"echo","params":["x"]}`, `{"jsonrpc":"2.0","id":"a\u0062\"","result":"x"}`},
	{"odd number id", `{"jsonrpc":"2.0","id":-1.50e3,"method":"echo"}`, `{"jsonrpc":"2.0","id":-1.50e3,"result":null}`},
	{"null id", `{"jsonrpc":"2.0","id":null,"method":"echo","params":[true]}`, `{"jsonrpc":"2.0","id":null,"result":true}`},
	{"params null", `{"id":1,"jsonrpc":"2.0","method":"echo","params":null}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"params absent", `{"method":"echo","id":1,"jsonrpc":"2.0"}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"params empty", ` { "method" : "echo" , "id" : 1 , "jsonrpc" : "2.0" , "params" : [ ] } `, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"params null element", `{"method":"echo","id":1,"jsonrpc":"2.0","params":[null]}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"unknown member", `{"method":"echo","id":1,"jsonrpc":"2.0","x":{"method":"no"}}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"escaped member", `{"\u006dethod":"e\u0063ho","id":1,"jsonrpc":"2.0"}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"alias", `{"jsonrpc":"2.0","id":1,"method":"repeat","params":["a,]}\"\\"]}`, `{"jsonrpc":"2.0","id":1,"result":"a,]}\"\\"}`},
	{"empty result is null", `{"jsonrpc":"2.0","id":1,"method":"nothing"}`, `{"jsonrpc":"2.0","id":1,"result":null}`},
	{"notification", `{"jsonrpc":"2.0","method":"echo","params":[1]}`, ``},
	{"notification of unknown method", `{"jsonrpc":"2.0","method":"none"}`, ``},
	{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"none"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}`},
	{"method names are exact", `{"jsonrpc":"2.0","id":1,"method":"Echo"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}`},
	{"handler's error", `{"jsonrpc":"2.0","id":1,"method":"refuse"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1010,"message":"Invalid Transaction","data":"Transaction is outdated"}}`},
	{"internal error tells nothing", `{"jsonrpc":"2.0","id":1,"method":"leak"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error"}}`},
	{"panic", `{"jsonrpc":"2.0","id":1,"method":"panic"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error"}}`},
	{"named params", `{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params","data":"parameters must be an array"}}`},
	{"params of wrong kind", `{"jsonrpc":"2.0","id":1,"method":"echo","params":5}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"wrong param", `{"jsonrpc":"2.0","id":1,"method":"big","params":["1"]}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params","data":"parameter 0: a whole number below 2^32 is expected"}}`},
	{"wrong version", `{"jsonrpc":"1.0","id":1,"method":"echo"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"no version", `{"id":1,"method":"echo"}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"no method", `{"jsonrpc":"2.0","id":1}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"method is no string", `{"jsonrpc":"2.0","id":1,"method":1}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"id of wrong kind", `{"jsonrpc":"2.0","id":[1],"method":"echo"}`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"repeated member", `{"jsonrpc":"2.0","id":1,"method":"echo","method":"panic"}`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"no object", `3`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"no JSON", `{"jsonrpc":"2.0","id":1,`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`},
	{"two values", `{"jsonrpc":"2.0","id":1,"method":"echo"}{}`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`},
	{"nothing", ` `, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`},
	{"not UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"echo\"}", `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`},
	{"batch", `[{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]},{"jsonrpc":"2.0","method":"echo"},{"jsonrpc":"2.0","id":"b","method":"refuse"},7]`,
		`[{"jsonrpc":"2.0","id":1,"result":1},{"jsonrpc":"2.0","id":"b","error":{"code":1010,"message":"Invalid Transaction","data":"Transaction is outdated"}},{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}]`},
	{"empty batch", ` [ ] `, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}`},
	{"batch of notifications", `[{"jsonrpc":"2.0","method":"echo"},{"jsonrpc":"2.0","method":"echo"}]`, ``},
	{"batch too long", `[1,1,1,1,1]`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32010,"message":"The batch request was too large","data":"Exceeded max limit of 4"}}`},
	{"response too big", `{"jsonrpc":"2.0","id":1,"method":"big","params":[5000]}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32008,"message":"Response is too big","data":"Exceeded max limit of 4096"}}`},
	{"batch response too big", `[{"jsonrpc":"2.0","id":1,"method":"big","params":[3000]},{"jsonrpc":"2.0","id":2,"method":"big","params":[3000]}]`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32008,"message":"Response is too big","data":"Exceeded max limit of 4096"}}`},
	{"deep nesting", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`},
}

func exchangeConfig() jsonrpc.Config {
	return jsonrpc.Config{MaxBatch: 4, MaxResponseBytes: 4096}
}

func TestExchangesOverHTTP(t *testing.T) {
	addr := start(t, exchangeConfig())
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			status, answer := post(t, addr, x.request)
			if status != 200 || answer != x.answer {
				t.Errorf("status %d\n got %s\nwant %s", status, answer, x.answer)
			}
		})
	}
}

func TestExchangesOverWebSocket(t *testing.T) {
	c := dial(t, start(t, exchangeConfig()))
	for _, x := range exchanges {
		for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
			t.Run(x.name, func(t *testing.T) {
				if err := c.ws.Write(t.Context(), kind, []byte(x.request)); err != nil {
					t.Fatal(err)
				}
				want := x.answer
				if want == "" { // nothing is sent, so the next answer is the next call's
					want = `{"jsonrpc":"2.0","id":"next","result":null}`
					c.send(`{"jsonrpc":"2.0","id":"next","method":"echo"}`)
				}
				if got := c.receive(); got != want {
					t.Errorf("\n got %s\nwant %s", got, want)
				}
			})
		}
	}
}
