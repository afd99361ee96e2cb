package jsonrpc_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// afterTable has a method that opens a subscription by the way: later, which
// answers "begun", sends an item of the connection's subscription after its
// answer and reports on the channel whether its answer was sent.
func afterTable(reports chan<- bool) *jsonrpc.Table {
	type subscription struct{}
	table := testTable()
	table.AddFeed(jsonrpc.Feed{
		Subscribe: "slot_open", Unsubscribe: "slot_close", Notification: "slot_item", Acknowledge: "null",
		Source: func(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
			return func(ctx context.Context, sub *jsonrpc.Subscription) error {
				sub.Conn().Value(subscription{}, func() any { return sub })
				if err := sub.Notify([]byte(`"open"`)); err != nil {
					return err
				}
				<-ctx.Done()
				return nil
			}, nil
		},
	})
	table.Add(jsonrpc.Method{Name: "later", Handler: func(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
		conn := call.Conn()
		call.After(func(sent bool) {
			if sent {
				sub := conn.Value(subscription{}, nil).(*jsonrpc.Subscription)
				_ = sub.Notify([]byte(`"done"`))
			}
			reports <- sent
			if !sent {
				<-conn.Context().Done()
			}
		})
		return append(dst, `"begun"`...), nil
	}})
	return table
}

func TestAfterFollowsTheResponse(t *testing.T) {
	reports := make(chan bool, 100)
	s, err := jsonrpc.New(jsonrpc.Config{Logger: slog.New(slog.DiscardHandler)}, afterTable(reports))
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, serve(t, s))
	id := c.subscribe("slot_open", "[]")
	c.receive() // it is open
	done := `{"jsonrpc":"2.0","method":"slot_item","params":{"subscription":"` + id + `","result":"done"}}`
	for range 50 {
		if got := c.ask(`{"jsonrpc":"2.0","id":1,"method":"later"}`); got != `{"jsonrpc":"2.0","id":1,"result":"begun"}` {
			t.Fatalf("first came %s", got)
		}
		if got := c.receive(); got != done || !<-reports {
			t.Fatalf("then came %s", got)
		}
	}
	if got := c.ask(`{"jsonrpc":"2.0","id":2,"method":"slot_close","params":["unknown"]}`); got != `{"jsonrpc":"2.0","id":2,"result":null}` {
		t.Errorf("acknowledgement: %s", got)
	}
}

// A call whose answer is lost in a batch that is too big learns of it, and the
// connection waits for what it started.
func TestAfterALostResponse(t *testing.T) {
	reports := make(chan bool, 1)
	s, err := jsonrpc.New(jsonrpc.Config{MaxResponseBytes: 1000, Logger: slog.New(slog.DiscardHandler)}, afterTable(reports))
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, serve(t, s))
	got := c.ask(`[{"jsonrpc":"2.0","id":1,"method":"later"},{"jsonrpc":"2.0","id":2,"method":"big","params":[900]},{"jsonrpc":"2.0","id":3,"method":"big","params":[900]}]`)
	if !strings.Contains(got, "-32008") || <-reports {
		t.Errorf("batch: %s", got)
	}
}
