package rpc

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// Keys are the session keys that the node signs with;
// *crypto.SessionKeystore is one.
type Keys interface {
	// Put stores the key of a secret URI; public, if not nil, must be its public
	// key.
	Put(kind crypto.KeyType, uri string, public []byte) ([]byte, error)
	// Generate makes and stores a key.
	Generate(kind crypto.KeyType) (public []byte, err error)
	Has(kind crypto.KeyType, public []byte) bool
}

func (a *api) authorKeyMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "author_rotateKeys", Handler: a.rotateKeys, Unsafe: true},
		{Name: "author_insertKey", Handler: a.insertKey, Unsafe: true},
		{Name: "author_hasKey", Handler: a.hasKey, Unsafe: true},
		{Name: "author_hasSessionKeys", Handler: a.hasSessionKeys, Unsafe: true},
	}
}

var errNoKeystore = &jsonrpc.Error{Code: codeChainOther, Message: "this node has no keystore: it was started without a folder for session keys"}

// rotateKeys makes new session keys and answers with what Session.set_keys
// takes: 161 bytes. The old keys stay.
func (a *api) rotateKeys(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	encoded, err := a.newSessionKeys()
	if err != nil {
		return dst, err
	}
	return jsonrpc.AppendHex(dst, encoded), nil
}

func (a *api) newSessionKeys() ([]byte, error) {
	if a.keystore == nil {
		return nil, errNoKeystore
	}
	var encoded []byte
	for _, kind := range crypto.KeyTypes {
		public, err := a.keystore.Generate(kind)
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, public...)
	}
	return encoded, nil
}

// insertKey takes the key type, the secret URI and its public key.
func (a *api) insertKey(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	kind, err := keyType(call, 0)
	if err != nil {
		return dst, err
	}
	uri, err := call.Params.String(1)
	if err != nil {
		return dst, err
	}
	public, err := call.Params.Bytes(2)
	if err != nil {
		return dst, err
	}
	if a.keystore == nil {
		return dst, errNoKeystore
	}
	if _, err := a.keystore.Put(kind, uri, public); err != nil {
		return dst, jsonrpc.InvalidParams("%v", err)
	}
	return append(dst, "null"...), nil
}

// hasKey takes the public key and the key type, in this order.
func (a *api) hasKey(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	public, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	kind, err := keyType(call, 1)
	if err != nil {
		return dst, err
	}
	return appendJSON(dst, a.keystore != nil && a.keystore.Has(kind, public))
}

// hasSessionKeys tells whether the node has the secrets of all keys of a
// validator, as Session.set_keys takes them.
func (a *api) hasSessionKeys(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	encoded, err := call.Params.Bytes(0)
	if err != nil {
		return dst, err
	}
	keys, err := scale.Unmarshal[types.SessionKeys](encoded)
	if err != nil {
		return dst, jsonrpc.InvalidParams("parameter 0: not the session keys of a validator: %v", err)
	}
	has := a.keystore != nil
	for _, k := range sessionKeyList(keys) {
		has = has && a.keystore.Has(crypto.KeyType(k.Kind.String()), k.Public)
	}
	return appendJSON(dst, has)
}

func keyType(call *jsonrpc.Call, i int) (crypto.KeyType, error) {
	text, err := call.Params.String(i)
	if err != nil {
		return "", err
	}
	kind, err := crypto.ParseKeyType(text)
	if err != nil {
		return "", jsonrpc.InvalidParams("parameter %d: %v", i, err)
	}
	return kind, nil
}

// generateSessionKeys is the runtime function behind older clients' rotation of
// keys. It takes an optional seed, which would have to travel to the node; this
// node makes keys only of its own randomness.
func (a *api) generateSessionKeys(args, dst []byte) ([]byte, error) {
	seed, err := scale.Unmarshal[scale.Option[[]byte]](args)
	if err != nil {
		return dst, argumentError{err}
	}
	if seed.IsSome() {
		return dst, argumentError{errors.New("keys of a given seed are not made; use author_insertKey")}
	}
	encoded, err := a.newSessionKeys()
	if err != nil {
		return dst, err
	}
	return appendScale(dst, encoded)
}
