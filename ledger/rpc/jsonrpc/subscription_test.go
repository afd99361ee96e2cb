package jsonrpc_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

var subscriptionID = regexp.MustCompile(`^0x[0-9a-f]{32}$`)

func item(id string, n int) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"count_item","params":{"subscription":"%s","result":%d}}`, id, n)
}

func TestResponseComesBeforeNotifications(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{}))
	for range 50 {
		id := c.subscribe("count_subscribe", "[20]") // fails if anything else comes first
		if !subscriptionID.MatchString(id) {
			t.Fatalf("id %q", id)
		}
		for n := range 20 {
			if got := c.receive(); got != item(id, n) {
				t.Fatalf("got %s, want item %d", got, n)
			}
		}
	}
}

func TestSubscribeInBatch(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{}))
	answer := c.ask(`[{"jsonrpc":"2.0","id":1,"method":"count","params":[1]},{"jsonrpc":"2.0","id":2,"method":"echo","params":[5]}]`)
	var responses []struct {
		ID     int
		Result any
	}
	if err := json.Unmarshal([]byte(answer), &responses); err != nil || len(responses) != 2 || responses[1].Result != 5.0 {
		t.Fatalf("batch answer %s", answer)
	}
	if got := c.receive(); got != item(responses[0].Result.(string), 0) {
		t.Errorf("after the batch: %s", got)
	}
}

func TestUnsubscribe(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{}))
	unsubscribe := func(method, id string) string {
		return c.ask(`{"jsonrpc":"2.0","id":9,"method":"` + method + `","params":["` + id + `"]}`)
	}
	const yes, no = `{"jsonrpc":"2.0","id":9,"result":true}`, `{"jsonrpc":"2.0","id":9,"result":false}`

	open := c.subscribe("count_subscribe", "[0,true]")
	if got := unsubscribe("flood_unsubscribe", open); got != no {
		t.Errorf("by another feed's method: %s", got)
	}
	if got := unsubscribe("count_unsubscribe", open); got != yes {
		t.Errorf("live: %s", got)
	}
	if got := unsubscribe("count_unsubscribe", open); got != no {
		t.Errorf("again: %s", got)
	}
	if got := unsubscribe("count_unsubscribe", "0x00"); got != no {
		t.Errorf("unknown: %s", got)
	}

	ended := c.subscribe("count_subscribe", "[1]")
	c.receive()
	if got := unsubscribe("count_unsubscribe", ended); got != yes {
		t.Errorf("after the stream's end: %s", got)
	}
	other := dial(t, start(t, jsonrpc.Config{}))
	if got := other.ask(`{"jsonrpc":"2.0","id":9,"method":"count_unsubscribe","params":["` + ended + `"]}`); got != no {
		t.Errorf("from another connection: %s", got)
	}
}

func TestNothingFollowsUnsubscribe(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{MaxQueuedFrames: 4}))
	id := c.subscribe("flood_subscribe", "[]")
	c.receive()
	c.send(`{"jsonrpc":"2.0","id":9,"method":"flood_unsubscribe","params":["` + id + `"]}`)
	for {
		got := c.receive()
		if strings.HasPrefix(got, `{"jsonrpc":"2.0","method":"flood_item"`) {
			continue
		}
		if got != `{"jsonrpc":"2.0","id":9,"result":true}` {
			t.Fatalf("got %s", got)
		}
		break
	}
	if got := c.ask(`{"jsonrpc":"2.0","id":10,"method":"echo"}`); got != `{"jsonrpc":"2.0","id":10,"result":null}` {
		t.Errorf("after unsubscribing: %.100s", got)
	}
}

func TestSubscriptionLimit(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{MaxSubscriptions: 2}))
	first := c.subscribe("count_subscribe", "[0,true]")
	c.subscribe("count_subscribe", "[0,true]")
	const third = `{"jsonrpc":"2.0","id":3,"method":"count_subscribe","params":[0,true]}`
	want := `{"jsonrpc":"2.0","id":3,"error":{"code":-32006,"message":"Too many subscriptions on the connection","data":"Exceeded max limit of 2"}}`
	if got := c.ask(third); got != want {
		t.Errorf("third: %s", got)
	}
	c.ask(`{"jsonrpc":"2.0","id":4,"method":"count_unsubscribe","params":["` + first + `"]}`)
	if got := c.ask(third); !strings.Contains(got, `"result":"0x`) {
		t.Errorf("after unsubscribing one: %s", got)
	}
}

func TestRefusedSubscriptionLeavesNothing(t *testing.T) {
	c := dial(t, start(t, jsonrpc.Config{MaxSubscriptions: 1}))
	for range 3 {
		if got := c.ask(`{"jsonrpc":"2.0","id":1,"method":"count_subscribe","params":["x"]}`); !strings.Contains(got, "-32602") {
			t.Fatal(got)
		}
	}
	c.subscribe("count_subscribe", "[0,true]")
}
