package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
)

// FuzzMessage feeds any message to a server that echoes and checks the answer
// against what encoding/json makes of the message.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":7,"method":"echo","params":[[1, 2],"x\"]"]}`,
		`[{"jsonrpc":"2.0","id":null,"method":"echo"},{"jsonrpc":"2.0","method":"echo"},1]`,
		`{"\u006dethod":"echo","id":"\u00e9","jsonrpc":"2.0","params":{"a":[{}]}}`,
		`{"jsonrpc":"2.0","id":1,"method":"none","params":null}`,
		`[[[[`, `{"id":{}}`, `""`, `{"a":"\`, "\xff", `{"jsonrpc":"2.0","id":1,"id":2,"method":"echo"}`,
	} {
		f.Add([]byte(seed))
	}
	table := NewTable()
	table.Add(Method{Name: "echo", Handler: func(_ context.Context, call *Call, dst []byte) ([]byte, error) {
		dst = append(dst, '[')
		for i := range len(call.Params.items) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, call.Params.items[i]...)
		}
		return append(dst, ']'), nil
	}})
	server, err := New(Config{Logger: slog.New(slog.DiscardHandler), MaxBatch: 16}, table)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		out := server.executeOnce(t.Context(), false, msg)
		if len(out.data) == 0 {
			return
		}
		if !json.Valid(out.data) {
			t.Fatalf("answer is not JSON: %s", out.data)
		}
		var request map[string]json.RawMessage // a struct's tags would match any case
		var answer struct {
			ID     json.RawMessage
			Result []json.RawMessage
			Error  *struct{ Code int }
		}
		if !bytes.HasPrefix(bytes.TrimSpace(msg), []byte("{")) || json.Unmarshal(out.data, &answer) != nil || answer.Error != nil {
			return
		}
		// The server took it for a good call, so encoding/json must agree.
		if err := json.Unmarshal(msg, &request); err != nil {
			t.Fatalf("answered %s, which does not parse: %v", msg, err)
		}
		var method string
		var params []json.RawMessage
		if json.Unmarshal(request["method"], &method) != nil || method != "echo" {
			t.Fatalf("%s\nanswered %s", msg, out.data)
		}
		if raw := request["params"]; raw != nil && json.Unmarshal(raw, &params) != nil || len(params) != len(answer.Result) {
			t.Fatalf("%s\nanswered %s", msg, out.data)
		}
		for i := range params {
			if !bytes.Equal(params[i], answer.Result[i]) {
				t.Fatalf("parameter %d: %s, want %s", i, answer.Result[i], params[i])
			}
		}
	})
}

// FuzzScan feeds the splitting functions what json.Valid would have refused:
// they may return nonsense, but must return.
func FuzzScan(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\"]"],"b" : {}}`))
	f.Add([]byte(`["\`))
	f.Add([]byte(`{"a":`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		for range elements(b) {
		}
		for range members(b) {
		}
		_ = unquote(b)
		_, _ = AppendBytes(nil, b)
		var r request
		_ = parseRequest(b, &r)
	})
}
