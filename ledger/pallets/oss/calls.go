package oss

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Authorize lets an operator act for the signer.
type Authorize struct {
	Operator substrate.AccountID `type:"AccountOf<T>"`
}

// CancelAuthorize takes an authorization back.
type CancelAuthorize struct {
	Oss substrate.AccountID `type:"AccountOf<T>"`
}

// Register enters the signer in the register of gateways.
type Register struct {
	Endpoint types.PeerID `type:"PeerId"`
	Domain   Domain       `type:"BoundedVec<u8, ConstU32<50>>"`
}

// Update replaces the gateway's endpoint and domain.
type Update struct {
	Endpoint types.PeerID `type:"PeerId"`
	Domain   Domain       `type:"BoundedVec<u8, ConstU32<50>>"`
}

// Destroy removes the signer from the register.
type Destroy struct{}

// ProxyAuthorize adds an authorization that the account signed off chain with
// sr25519. The wire name is misspelt.
type ProxyAuthorize struct {
	AuthPublicKey [32]byte             `scale:"auth_puk" type:"sp_core::sr25519::Public"`
	Sig           types.SignatureBytes `type:"BoundedVec<u8, ConstU32<64>>"`
	Payload       ProxyAuthPayload     `type:"ProxyAuthPayload<T>"`
}

// EVMProxyAuthorize adds an authorization that the account signed off chain
// with an Ethereum key (EIP-191). AuthPublicKey is the account id.
type EVMProxyAuthorize struct {
	AuthPublicKey [32]byte         `scale:"auth_puk" type:"sp_core::sr25519::Public"`
	Sig           [65]byte         `type:"EIP712Signature"`
	Payload       ProxyAuthPayload `type:"ProxyAuthPayload<T>"`
}
