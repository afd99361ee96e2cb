package jsonrpc

import (
	"context"
	"fmt"
	"slices"
)

// Handler answers a call: it appends the JSON of the result to dst and returns
// the extended slice. It may be called from many goroutines at once and must
// return soon after ctx ends. What an *Error says goes to the client; other
// errors are logged and answered with CodeInternal.
type Handler func(ctx context.Context, call *Call, dst []byte) ([]byte, error)

// Method is a method and its other names.
type Method struct {
	Name    string
	Aliases []string
	// Unsafe methods are refused to callers outside the unsafe policy.
	Unsafe bool
	// Unlisted methods are answered, but clients are not told of them: they exist
	// to say why there is no such thing.
	Unlisted bool
	Handler  Handler
}

// Source accepts or refuses a subscribe call. An error is the response to the
// call. A returned stream is run exactly once, after the response is queued;
// if the connection is gone by then its context has already ended.
type Source func(ctx context.Context, call *Call) (Stream, error)

// Stream feeds one subscription until ctx ends: the client unsubscribed or the
// connection is gone. Returning nil ends the subscription silently; an *Error
// is sent as the subscription's error.
type Stream func(ctx context.Context, sub *Subscription) error

// Feed is a subscribe method with its unsubscribe method. Neither exists over
// HTTP.
type Feed struct {
	Subscribe, Unsubscribe               string
	SubscribeAliases, UnsubscribeAliases []string
	// Notification is the method name of the items.
	Notification string
	// Acknowledge is the JSON that every unsubscribe call with an id is answered
	// with; "" answers whether there was such a subscription.
	Acknowledge string
	Unsafe      bool
	Source      Source
}

// entry is what a method name leads to: exactly one of its pointers is set.
type entry struct {
	name        string
	unsafe      bool
	unlisted    bool
	handler     Handler
	subscribe   *Feed
	unsubscribe *Feed
}

// Table is a set of methods. It is filled first and only read once a Server
// uses it.
type Table struct {
	entries map[string]*entry
	err     error
}

// NewTable returns an empty table.
func NewTable() *Table { return &Table{entries: make(map[string]*entry)} }

// Add puts methods under their names and aliases.
func (t *Table) Add(methods ...Method) {
	for _, m := range methods {
		t.put(&entry{name: m.Name, unsafe: m.Unsafe, unlisted: m.Unlisted, handler: m.Handler}, m.Aliases)
	}
}

// AddFeed puts subscriptions under the names of both their methods.
func (t *Table) AddFeed(feeds ...Feed) {
	for _, f := range feeds {
		t.put(&entry{name: f.Subscribe, unsafe: f.Unsafe, subscribe: &f}, f.SubscribeAliases)
		t.put(&entry{name: f.Unsubscribe, unsafe: f.Unsafe, unsubscribe: &f}, f.UnsubscribeAliases)
	}
}

func (t *Table) put(e *entry, aliases []string) {
	incomplete := e.handler == nil && e.subscribe == nil && e.unsubscribe == nil ||
		e.subscribe != nil && (e.subscribe.Source == nil || e.subscribe.Notification == "")
	if incomplete && t.err == nil {
		t.err = fmt.Errorf("jsonrpc: method %q has no handler", e.name)
	}
	for _, name := range append([]string{e.name}, aliases...) {
		if _, taken := t.entries[name]; (taken || name == "") && t.err == nil {
			t.err = fmt.Errorf("jsonrpc: method name %q is empty or taken", name)
		}
		t.entries[name] = e
	}
}

// Names lists all names and aliases but those of unlisted methods, sorted.
// Without unsafe, methods that need it are left out.
func (t *Table) Names(unsafe bool) []string {
	names := make([]string, 0, len(t.entries))
	for name, e := range t.entries {
		if !e.unlisted && (unsafe || !e.unsafe) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
