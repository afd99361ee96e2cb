// Package oss keeps the register of gateways and which operators may upload,
// deliver and delete files for an account.
package oss

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Oss"
	index = 108
)

// Storage (spec/pallets-storage.md §4).
var (
	// Authorities lists the operators that may act for an account, in order
	// of authorization; the entry stays when the list becomes empty.
	Authorities = runtime.NewMap[substrate.AccountID, scale.BoundedVec[substrate.AccountID, AuthorBound]](
		name, "AuthorityList", runtime.Blake2_128Concat)

	// Gateways are the registered gateways. An operator need not be one.
	Gateways = runtime.NewOptionalMap[substrate.AccountID, Gateway](name, "Oss", runtime.Blake2_128Concat)
)

// Constants, with the values of the reference network.
var (
	P2PLength      = runtime.NewConstant[uint32](name, "P2PLength", 200)                 // unused
	AuthorLimit    = runtime.NewConstant[uint32](name, "AuthorLimit", maxAuthors)        // operators per account
	PayloadExpired = runtime.NewConstant[types.BlockNumber](name, "PayloadExpired", 100) // blocks of grace after ProxyAuthPayload.Expires
)

// Pallet is the declaration page of Oss: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Authorities,
		Gateways,
	},
	Events: runtime.Events("pallet_oss::pallet::Event",
		runtime.Event[AuthorizeEvent](0, "Authorize"),
		runtime.Event[CancelAuthorizeEvent](1, "CancelAuthorize"),
		runtime.Event[OssRegisterEvent](2, "OssRegister"),
		runtime.Event[OssUpdateEvent](3, "OssUpdate"),
		runtime.Event[OssDestroyEvent](4, "OssDestroy"),
	),
	Errors: runtime.Errors("pallet_oss::pallet::Error",
		ErrNoAuthorization, ErrRegistered, ErrNotRegistered, ErrOptionParse, ErrBoundedVec,
		ErrExisted, ErrMalformedSignature, ErrVerifySigFailed, ErrExpired, ErrConvert,
	),
	Constants: []runtime.ConstantItem{
		P2PLength, AuthorLimit, PayloadExpired,
	},
}
