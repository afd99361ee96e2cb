package rpc

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

func (a *api) traceMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "state_traceBlock", Handler: a.traceBlock, Unsafe: true},
		{Name: "state_trieMigrationStatus", Handler: a.trieMigration, Unsafe: true},
	}
}

// trace is a block's trace as state_traceBlock answers it; hashes and keys are
// hex without 0x.
type trace struct {
	BlockHash      string       `json:"blockHash"`
	ParentHash     string       `json:"parentHash"`
	TracingTargets string       `json:"tracingTargets"`
	StorageKeys    string       `json:"storageKeys"`
	Methods        string       `json:"methods"`
	Spans          []struct{}   `json:"spans"`
	Events         []traceEvent `json:"events"`
}

type traceEvent struct {
	Target string `json:"target"`
	Data   struct {
		StringValues map[string]string `json:"stringValues"`
	} `json:"data"`
	ParentID *uint64 `json:"parentId"`
}

// traceTargets are traced unless parameter 1 says otherwise.
const traceTargets = "pallet,frame,state"

// traceBlock tells what a block, parameter 0, did to the state. A block is not
// executed again, so that there are no spans: the events, of target state, are
// what it wrote in the end, one Put per key. Parameter 1 are targets, 2 hex
// prefixes of keys, 3 methods, each separated by commas.
func (a *api) traceBlock(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	hash, err := hashParam(call, 0)
	if err != nil {
		return dst, err
	}
	filter, err := traceFilterOf(call)
	if err != nil {
		return dst, err
	}
	header, err := a.chain.Header(hash)
	if errors.Is(err, chain.ErrUnknownBlock) || err == nil && header.Number == 0 {
		return appendJSON(dst, map[string]any{"traceError": map[string]string{"error": fmt.Sprintf("Missing block component: block %s has no parent here", hash)}})
	}
	if err != nil {
		return dst, chainError(err)
	}
	t := trace{
		BlockHash: hex.EncodeToString(hash[:]), ParentHash: hex.EncodeToString(header.ParentHash[:]),
		TracingTargets: filter.targets, StorageKeys: filter.keys, Methods: filter.methods,
		Spans: []struct{}{}, Events: []traceEvent{},
	}
	size := 0
	err = a.changes(ctx, header.Number, func(key, _, is []byte) error {
		name := hex.EncodeToString(key)
		if !filter.shows(name) {
			return nil
		}
		if size += 2*(len(key)+len(is)) + 128; size > call.MaxResult() {
			return call.ErrTooBig()
		}
		value := "None"
		if is != nil {
			value = "Some(" + hex.EncodeToString(is) + ")"
		}
		e := traceEvent{Target: "state"}
		e.Data.StringValues = map[string]string{"method": "Put", "key": name, "value": value}
		t.Events = append(t.Events, e)
		return nil
	})
	if err != nil {
		return dst, err
	}
	return appendJSON(dst, map[string]trace{"blockTrace": t})
}

// traceFilter says what of a block's trace a client wants to see.
type traceFilter struct{ targets, keys, methods string }

func traceFilterOf(call *jsonrpc.Call) (traceFilter, error) {
	f := traceFilter{targets: traceTargets}
	for i, field := range []*string{&f.targets, &f.keys, &f.methods} {
		if !call.Params.Has(i + 1) {
			continue
		}
		text, err := call.Params.String(i + 1)
		if err != nil {
			return f, err
		}
		*field = text
	}
	return f, nil
}

// shows says whether a Put under a key, hex without 0x, is wanted. No keys or
// methods are all.
func (f traceFilter) shows(key string) bool {
	return anyOf(f.targets, func(t string) bool { return t == "state" || strings.HasPrefix(t, "state=") }) &&
		(f.methods == "" || anyOf(f.methods, func(m string) bool { return m == "Put" })) &&
		(f.keys == "" || anyOf(f.keys, func(prefix string) bool {
			return strings.HasPrefix(key, strings.ToLower(strings.TrimPrefix(prefix, "0x")))
		}))
}

func anyOf(list string, is func(string) bool) bool {
	for part := range strings.SplitSeq(list, ",") {
		if is(strings.TrimSpace(part)) {
			return true
		}
	}
	return false
}

// trieMigration counts what the state of a block, by default the best, holds in
// a trie of the old version: nothing, all of it is version 1.
func (a *api) trieMigration(ctx context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	view, err := a.viewAt(call, 0)
	if err != nil {
		return dst, err
	}
	defer view.Close()
	total := uint64(0)
	if err := scan(ctx, view, nil, nil, func(_, _ []byte) bool { total++; return true }); err != nil {
		return dst, err
	}
	dst = append(dst, `{"topRemainingToMigrate":0,"childRemainingToMigrate":0,"totalTop":`...)
	return append(appendUint(dst, total), `,"totalChild":0}`...), nil
}
