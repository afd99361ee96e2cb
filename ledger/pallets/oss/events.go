package oss

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// AuthorizeEvent reports an operator that an account authorized.
type AuthorizeEvent struct {
	Account  substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Operator substrate.AccountID `type:"AccountOf<T>"`
}

// CancelAuthorizeEvent reports an operator that an account no longer
// authorizes.
type CancelAuthorizeEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Oss     substrate.AccountID `type:"AccountOf<T>"`
}

// OssRegisterEvent reports a new gateway.
type OssRegisterEvent struct {
	Account  substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Endpoint types.PeerID        `type:"PeerId"`
}

// OssUpdateEvent reports a gateway's new endpoint.
type OssUpdateEvent struct {
	Account     substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	NewEndpoint types.PeerID        `type:"PeerId"`
}

// OssDestroyEvent reports a gateway that left the register.
type OssDestroyEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}
