package rpc

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) versionMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "state_getMetadata", Handler: a.metadata},
		{Name: "state_getRuntimeVersion", Aliases: []string{"chain_getRuntimeVersion"}, Handler: a.runtimeVersion},
	}
}

func (a *api) versionFeeds() []jsonrpc.Feed {
	return []jsonrpc.Feed{{
		Subscribe:          "state_subscribeRuntimeVersion",
		SubscribeAliases:   []string{"chain_subscribeRuntimeVersion"},
		Unsubscribe:        "state_unsubscribeRuntimeVersion",
		UnsubscribeAliases: []string{"chain_unsubscribeRuntimeVersion"},
		Notification:       "state_runtimeVersion",
		Source:             a.subscribeVersion,
	}}
}

// ahead is a block as the runtime of the next one finds it. Clients take that for
// the runtime at the block, as upstream's nodes do: they read the next block by
// it, and sign for it.
type ahead struct {
	runtime.Parent
	rt *runtime.Runtime
}

func (a *api) ahead(view *chain.View) (ahead, error) {
	rt, parent, err := a.runtime.Ahead(view.Parent())
	return ahead{parent, rt}, versionError(err)
}

// versionError tells clients too that the node's program is too old.
func versionError(err error) error {
	if unknown, ok := errors.AsType[*runtime.UnknownVersionError](err); ok {
		return clientError("%v", unknown)
	}
	return err
}

// runtimeAt is the runtime at the block of the optional parameter i, by default the
// best one. It must answer for every known block, whether its state is kept or not:
// polkadot-js asks for the parent of each block it touches.
func (a *api) runtimeAt(call *jsonrpc.Call, i int) (*runtimeText, error) {
	number := a.chain.Best().Number
	if call.Params.Has(i) {
		hash, err := hashParam(call, i)
		if err != nil {
			return nil, err
		}
		if number, err = a.chain.NumberOf(hash); err != nil {
			return nil, stateError(hash, err)
		}
	}
	text, err := a.runtimeOf(number)
	return text, versionError(err)
}

// runtimeOf is the runtime at the block with the given number.
func (a *api) runtimeOf(number uint32) (*runtimeText, error) {
	view, err := a.chain.BestView()
	if err != nil {
		return nil, err
	}
	defer view.Close()
	rt, err := a.runtime.Successor(view.Parent(), number)
	if err != nil {
		return nil, err
	}
	return a.textOf(rt)
}

// changesRuntime says whether the runtime at the block of a header is another one
// than at the block before.
func changesRuntime(h *substrate.Header) bool {
	return slices.ContainsFunc(h.Digest.Logs, func(item substrate.DigestItem) bool {
		return item.Kind == substrate.DigestRuntimeEnvironmentUpdated
	})
}

// metadata answers with V14.
func (a *api) metadata(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	text, err := a.runtimeAt(call, 0)
	if err != nil {
		return dst, err
	}
	m, err := text.v14.get()
	if err != nil {
		return dst, err
	}
	return append(dst, m.hex...), nil
}

func (a *api) runtimeVersion(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	text, err := a.runtimeAt(call, 0)
	if err != nil {
		return dst, err
	}
	return append(dst, text.json...), nil
}

// subscribeVersion sends the version, and again whenever it changes. The next one
// stays away when this program does not know it: the node is about to stop.
func (a *api) subscribeVersion(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		best := a.chain.Best().Number
		if err := a.sendVersion(sub, best); err != nil {
			return err
		}
		for feed := a.chain.SubscribeFrom(best + 1); ; {
			block, err := feed.Next(ctx)
			if err != nil {
				return endOfFeed(err)
			}
			if !changesRuntime(&block.Header) {
				continue
			}
			if err := a.sendVersion(sub, block.Number); err != nil {
				return err
			}
		}
	}, nil
}

func (a *api) sendVersion(sub *jsonrpc.Subscription, number uint32) error {
	text, err := a.runtimeOf(number)
	if _, unknown := errors.AsType[*runtime.UnknownVersionError](err); unknown {
		return nil
	}
	if err != nil {
		return err
	}
	return sub.Notify(text.json)
}

// specAt is the runtime at a block as chainHead_v1_follow reports it.
func (a *api) specAt(number uint32) ([]byte, error) {
	text, err := a.runtimeOf(number)
	if unknown, ok := errors.AsType[*runtime.UnknownVersionError](err); ok {
		return json.Marshal(struct {
			Type  string `json:"type"`
			Error string `json:"error"`
		}{"invalid", unknown.Error()})
	}
	if err != nil {
		return nil, err
	}
	return text.spec, nil
}

// runtimeText is what answers say of a runtime: its version in the forms of
// state_getRuntimeVersion, of Core_version and of chainHead_v1_follow, and its
// metadata.
type runtimeText struct {
	json, scale, spec []byte
	v14, v15          *metadataText
}

// textOf makes the text of a runtime once.
func (a *api) textOf(rt *runtime.Runtime) (*runtimeText, error) {
	if t, ok := a.texts.Load(rt); ok {
		return t.(*runtimeText), nil
	}
	t, err := newRuntimeText(rt)
	if err != nil {
		return nil, fmt.Errorf("runtime version: %w", err)
	}
	kept, _ := a.texts.LoadOrStore(rt, t)
	return kept.(*runtimeText), nil
}

func newRuntimeText(rt *runtime.Runtime) (*runtimeText, error) {
	v := rt.Version()
	t := &runtimeText{v14: newMetadataText(rt.MetadataV14), v15: newMetadataText(rt.MetadataV15)}
	var err error
	if t.json, err = json.Marshal(v); err != nil {
		return nil, err
	}
	if t.spec, err = runtimeSpec(v); err != nil {
		return nil, err
	}
	t.scale, err = scale.Marshal(v)
	return t, err
}

// runtimeSpec is a runtime as chainHead_v1_follow reports it. Other than in the
// legacy form, its APIs are an object.
func runtimeSpec(v substrate.RuntimeVersion) ([]byte, error) {
	type spec struct {
		SpecName           string            `json:"specName"`
		ImplName           string            `json:"implName"`
		SpecVersion        uint32            `json:"specVersion"`
		ImplVersion        uint32            `json:"implVersion"`
		TransactionVersion uint32            `json:"transactionVersion"`
		APIs               map[string]uint32 `json:"apis"`
	}
	apis := make(map[string]uint32, len(v.APIs))
	for _, api := range v.APIs {
		apis["0x"+hex.EncodeToString(api.ID[:])] = api.Version
	}
	return json.Marshal(struct {
		Type string `json:"type"`
		Spec spec   `json:"spec"`
	}{"valid", spec{
		string(v.SpecName), string(v.ImplName), v.SpecVersion, v.ImplVersion, v.TransactionVersion, apis,
	}})
}

// metadataText keeps a metadata blob in the forms that answers need: clients
// ask for it several times each time they connect.
type metadataText struct {
	get func() (*metadataForms, error)
}

type metadataForms struct {
	hex    []byte // JSON of the blob
	opaque []byte // SCALE Vec<u8> of it
	some   []byte // JSON of SCALE Option<Vec<u8>> of it
}

func newMetadataText(blob func() ([]byte, error)) *metadataText {
	return &metadataText{sync.OnceValues(func() (*metadataForms, error) {
		b, err := blob()
		if err != nil {
			return nil, err
		}
		opaque, err := scale.Marshal(b)
		if err != nil {
			return nil, err
		}
		return &metadataForms{
			hex:    jsonrpc.AppendHex(nil, b),
			opaque: opaque,
			some:   jsonrpc.AppendHex(nil, append([]byte{1}, opaque...)),
		}, nil
	})}
}
