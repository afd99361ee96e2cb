package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"
)

// sender sends extrinsics over one WebSocket, in JSON-RPC batches, without
// waiting for an answer before the next batch.
type sender struct {
	ws  *websocket.Conn
	buf []byte
	// under bounds the batches without answer.
	under chan struct{}
}

// Batches and what may be under way: 64 messages is what a node works on at
// once for a connection.
const (
	batchSize    = 50
	batchesUnder = 60
)

func dialSender(ctx context.Context, url string) (*sender, error) {
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(16 << 20)
	return &sender{ws: ws, under: make(chan struct{}, batchesUnder)}, nil
}

func (s *sender) close() { _ = s.ws.CloseNow() } // everything was answered, or nobody asks

// run sends what next gives until it gives nothing. It returns an error if the
// node refuses an extrinsic: a benchmark that loses some measures something
// else.
func (s *sender) run(ctx context.Context, next func(context.Context) ([][]byte, error)) error {
	g, ctx := errgroup.WithContext(ctx)
	sent := make(chan int, batchesUnder) // sizes of the batches, then closed
	g.Go(func() error {
		defer close(sent)
		for {
			batch, err := next(ctx)
			if err != nil || len(batch) == 0 {
				return err
			}
			select {
			case s.under <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := s.ws.Write(ctx, websocket.MessageText, s.encode(batch)); err != nil {
				return fmt.Errorf("send: %w", err)
			}
			sent <- len(batch)
		}
	})
	g.Go(func() error {
		for range sent {
			_, answer, err := s.ws.Read(ctx)
			if err != nil {
				return fmt.Errorf("read answer: %w", err)
			}
			if err := refusal(answer); err != nil {
				return err
			}
			<-s.under
		}
		return nil
	})
	return g.Wait()
}

func (s *sender) encode(batch [][]byte) []byte {
	b := append(s.buf[:0], '[')
	for i, raw := range batch {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"jsonrpc":"2.0","id":%d,"method":"author_submitExtrinsic","params":["0x`, i)
		b = hex.AppendEncode(b, raw)
		b = append(b, `"]}`...)
	}
	s.buf = append(b, ']')
	return s.buf
}

// refusal finds the first error in the answer to a batch.
func refusal(answer []byte) error {
	if !bytes.Contains(answer, []byte(`"error"`)) {
		return nil
	}
	type reply struct {
		Error *struct {
			Code    int             `json:"code"`
			Message string          `json:"message"`
			Data    json.RawMessage `json:"data"`
		} `json:"error"`
	}
	var list []reply
	if json.Unmarshal(answer, &list) != nil {
		list = make([]reply, 1)
		if err := json.Unmarshal(answer, &list[0]); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	for _, r := range list {
		if r.Error != nil {
			return fmt.Errorf("the node refused an extrinsic: %d: %s %s", r.Error.Code, r.Error.Message, r.Error.Data)
		}
	}
	return nil
}
