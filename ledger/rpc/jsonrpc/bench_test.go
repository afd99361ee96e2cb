package jsonrpc_test

import (
	"context"
	"testing"

	"github.com/coder/websocket"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// BenchmarkCalls measures one connection with 64 calls under way; client and
// server share the machine.
func BenchmarkCalls(b *testing.B) {
	c := dial(b, start(b, jsonrpc.Config{}))
	pipeline(b, c.ws, []byte(`{"jsonrpc":"2.0","id":123456,"method":"echo","params":["0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"]}`), 64)
}

// pipeline keeps depth copies of msg under way until b.N are answered.
func pipeline(b *testing.B, ws *websocket.Conn, msg []byte, depth int) {
	ctx := context.Background()
	tokens := make(chan struct{}, depth)
	sent := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			tokens <- struct{}{}
			if err := ws.Write(ctx, websocket.MessageText, msg); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for range b.N {
		if _, _, err := ws.Read(ctx); err != nil {
			b.Fatal(err)
		}
		<-tokens
	}
	b.StopTimer()
	if err := <-sent; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
