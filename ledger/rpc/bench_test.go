package rpc_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/coder/websocket"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// BenchmarkGetStorage reads accounts from a state of 100,000 over one
// WebSocket with 64 calls under way. Client, server and state share the
// machine.
func BenchmarkGetStorage(b *testing.B) {
	const accounts = 100_000
	n := startNode(b, rpc.Config{})
	n.fund(accounts)
	ctx := context.Background()
	for _, method := range []string{"state_getStorage", "state_getStorageAt"} {
		b.Run(method, func(b *testing.B) {
			ws := n.dial().ws
			at := ""
			if method == "state_getStorageAt" {
				at = "," + quoted(n.chain.Best().Hash)
			}
			requests := make([][]byte, accounts)
			for i := range requests {
				key := hexes(system.Accounts.Key(user(uint32(i))))
				requests[i] = fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":%q,"params":[%s%s]}`, i, method, key, at)
			}
			under := make(chan struct{}, 64)
			sent := make(chan error, 1)
			b.ReportAllocs()
			b.ResetTimer()
			go func() {
				var err error
				for i := 0; i < b.N && err == nil; i++ {
					under <- struct{}{}
					err = ws.Write(ctx, websocket.MessageText, requests[i*7919%accounts])
				}
				sent <- err
			}()
			for range b.N {
				if _, answer, err := ws.Read(ctx); err != nil || len(answer) < 30 {
					b.Fatalf("%s %v", answer, err)
				}
				<-under
			}
			b.StopTimer()
			if err := <-sent; err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

func user(i uint32) (who substrate.AccountID) {
	binary.BigEndian.PutUint32(who[:], i)
	who[31] = 0xfe
	return who
}

// fund appends a block that writes many accounts.
func (n *node) fund(accounts int) {
	n.t.Helper()
	value, err := scale.Marshal(system.AccountInfo{Providers: 1})
	if err != nil {
		n.t.Fatal(err)
	}
	changes := make([]runtime.Change, accounts)
	for i := range changes {
		changes[i] = runtime.Change{Key: system.Accounts.Key(user(uint32(i))), Value: value}
	}
	slices.SortFunc(changes, func(a, b runtime.Change) int { return bytes.Compare(a.Key, b.Key) })
	best := n.chain.Best()
	b := &chain.Block{Header: substrate.Header{ParentHash: best.Hash, Number: best.Number + 1}}
	b.Number = b.Header.Number
	n.append(b, changes)
}
