// Package jsonrpc serves JSON-RPC 2.0 over HTTP POST and WebSocket on one TCP
// port. It knows nothing of chains: methods come in a Table, results are JSON
// that handlers append to a buffer.
//
//	table := jsonrpc.NewTable()
//	table.Add(jsonrpc.Method{Name: "system_name", Handler: name})
//	server, err := jsonrpc.New(jsonrpc.Config{}, table)
//	go server.Serve(listener)
//	defer server.Close()
//
// What it promises:
//
//   - `id` is echoed byte for byte and `result` is always present.
//   - The response to a subscribe call is on the wire before the subscription's
//     first notification, and nothing follows the answer to its unsubscribe call.
//   - Every buffer, queue, goroutine and wait is bounded by Config. A client that
//     does not read is disconnected; it never holds up anybody else.
//   - A panic in a handler is answered with -32603 and logged.
//
// The rules that clients rely on are in spec/wire.md §5.1–§5.3.
package jsonrpc
