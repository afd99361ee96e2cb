package rpc

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
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

// metadata answers with V14, whatever the block: a node runs one runtime.
func (a *api) metadata(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	if err := a.knownBlock(call, 0); err != nil {
		return dst, err
	}
	m, err := a.v14.get()
	if err != nil {
		return dst, err
	}
	return append(dst, m.hex...), nil
}

// runtimeVersion must answer for every known block: polkadot-js asks for the
// parent of each block it touches.
func (a *api) runtimeVersion(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	if err := a.knownBlock(call, 0); err != nil {
		return dst, err
	}
	return append(dst, a.version.json...), nil
}

// subscribeVersion sends the version once: it cannot change while a node runs.
func (a *api) subscribeVersion(context.Context, *jsonrpc.Call) (jsonrpc.Stream, error) {
	return func(ctx context.Context, sub *jsonrpc.Subscription) error {
		if err := sub.Notify(a.version.json); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}, nil
}

// versionText is the runtime version in its forms: of state_getRuntimeVersion,
// of Core_version and of chainHead_v1_follow.
type versionText struct{ json, scale, spec []byte }

func newVersionText(v substrate.RuntimeVersion) (t versionText, err error) {
	if t.json, err = json.Marshal(v); err != nil {
		return t, err
	}
	if t.spec, err = runtimeSpec(v); err != nil {
		return t, err
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
