package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/gocess/gocess/ledger/pallets/system"
)

// callsUnder is how many calls a client has under way.
const callsUnder = 64

// StorageResult is how fast a node answered state_getStorage.
type StorageResult struct {
	Calls   int
	Elapsed time.Duration
	Node    time.Duration // CPU time of the node
}

// Rate is calls per second.
func (r *StorageResult) Rate() float64 { return float64(r.Calls) / r.Elapsed.Seconds() }

// ReadStorage reads the first n accounts, which the chain must have, from a node
// over one WebSocket, one call for each and again from the first, for a time. pid
// is the node's process, 0 if unknown.
func ReadStorage(ctx context.Context, url string, n int, d time.Duration, pid int) (*StorageResult, error) {
	keys, err := accounts(n)
	if err != nil {
		return nil, err
	}
	requests := make([][]byte, n)
	for i, who := range accountIDs(keys) {
		requests[i] = fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"state_getStorage","params":["0x%s"]}`,
			i, hex.EncodeToString(system.Accounts.Key(who)))
	}
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = ws.CloseNow() }() // everything was answered, or nobody asks

	began, before := time.Now(), UsageOf(pid).CPU
	// One call more is waited for than fit here. Closed after the last request.
	under := make(chan struct{}, callsUnder-1)
	calls := 0
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(under)
		for i := 0; time.Since(began) < d; i++ {
			select {
			case under <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := ws.Write(ctx, websocket.MessageText, requests[i%n]); err != nil {
				return fmt.Errorf("send: %w", err)
			}
		}
		return nil
	})
	g.Go(func() error {
		for range under {
			_, answer, err := ws.Read(ctx)
			if err != nil {
				return fmt.Errorf("read answer: %w", err)
			}
			if !bytes.Contains(answer, []byte(`"result":"0x`)) {
				return fmt.Errorf("bench: the node answered %s", answer)
			}
			calls++
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return &StorageResult{Calls: calls, Elapsed: time.Since(began), Node: UsageOf(pid).CPU - before}, nil
}
