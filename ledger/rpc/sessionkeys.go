package rpc

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// decodeSessionKeys takes a validator's public keys apart; None when they are
// not what Session.setKeys takes.
func decodeSessionKeys(_ *api, _ ahead, args *scale.Decoder, dst []byte) ([]byte, error) {
	encoded, err := lastArgument[[]byte](args)
	if err != nil {
		return dst, err
	}
	keys, err := scale.Unmarshal[types.SessionKeys](encoded)
	if err != nil {
		return appendScale(dst, scale.None[[]runtime.SessionKey]())
	}
	return appendScale(dst, scale.Some(sessionKeyList(keys)))
}

// sessionKeyList lists keys in the order of their encoding.
func sessionKeyList(keys types.SessionKeys) []runtime.SessionKey {
	return []runtime.SessionKey{
		{Public: keys.Grandpa[:], Kind: types.KeyTypeGrandpa},
		{Public: keys.Babe[:], Kind: types.KeyTypeBabe},
		{Public: keys.ImOnline[:], Kind: types.KeyTypeImOnline},
		{Public: keys.AuthorityDiscovery[:], Kind: types.KeyTypeAuthorityDiscovery},
		{Public: keys.Beefy[:], Kind: types.KeyTypeBeefy},
	}
}

const generateKeysFunction = "SessionKeys_generate_session_keys"

// refuseSessionKeys answers callers who may not change the node: on other
// nodes, anybody who reaches them can fill the keystore with keys.
func refuseSessionKeys(*api, ahead, *scale.Decoder, []byte) ([]byte, error) {
	return nil, clientError("%s makes keys in the node's keystore and is for callers on its own machine, through state_call", generateKeysFunction)
}
