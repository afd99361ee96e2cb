package jsonrpc_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func TestNames(t *testing.T) {
	table := testTable()
	names := table.Names(false)
	for _, name := range []string{"echo", "repeat", "count_subscribe", "count", "count_unsubscribe"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
	}
	if slices.Contains(names, "secret") || !slices.Contains(table.Names(true), "secret") || !slices.IsSorted(names) {
		t.Errorf("names %v", names)
	}
}

func TestBrokenTables(t *testing.T) {
	ok := func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) { return dst, nil }
	for name, fill := range map[string]func(*jsonrpc.Table){
		"repeated name": func(t *jsonrpc.Table) {
			t.Add(jsonrpc.Method{Name: "a", Handler: ok}, jsonrpc.Method{Name: "b", Aliases: []string{"a"}, Handler: ok})
		},
		"no handler":      func(t *jsonrpc.Table) { t.Add(jsonrpc.Method{Name: "a"}) },
		"no name":         func(t *jsonrpc.Table) { t.Add(jsonrpc.Method{Handler: ok}) },
		"no source":       func(t *jsonrpc.Table) { t.AddFeed(jsonrpc.Feed{Subscribe: "a", Unsubscribe: "b", Notification: "c"}) },
		"no notification": func(t *jsonrpc.Table) { t.AddFeed(jsonrpc.Feed{Subscribe: "a", Unsubscribe: "b", Source: count}) },
	} {
		table := jsonrpc.NewTable()
		fill(table)
		if _, err := jsonrpc.New(jsonrpc.Config{}, table); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := jsonrpc.New(jsonrpc.Config{MaxBatch: -1}, testTable()); err == nil {
		t.Error("negative limit accepted")
	}
	if _, err := jsonrpc.New(jsonrpc.Config{HealthMethod: "none"}, testTable()); err == nil {
		t.Error("unknown health method accepted")
	}
}

func TestObserve(t *testing.T) {
	seen := make(chan string, 8)
	addr := start(t, jsonrpc.Config{Observe: func(method string, took time.Duration, code int) {
		if code == 1010 || took < 0 {
			method += "!"
		}
		seen <- method
	}})
	post(t, addr, `[{"jsonrpc":"2.0","id":1,"method":"repeat"},{"jsonrpc":"2.0","id":1,"method":"none"},{"jsonrpc":"2.0","id":1,"method":"refuse"}]`)
	if a, b := <-seen, <-seen; a != "echo" || b != "refuse!" || len(seen) != 0 {
		t.Errorf("observed %s, %s", a, b)
	}
}
