package rpc

import (
	"context"
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

// versionText is the runtime version in both its forms.
type versionText struct{ json, scale []byte }

func newVersionText(v substrate.RuntimeVersion) (t versionText, err error) {
	if t.json, err = json.Marshal(v); err != nil {
		return t, err
	}
	t.scale, err = scale.Marshal(v)
	return t, err
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
