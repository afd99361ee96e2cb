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

// PayloadAhead is how many blocks ahead of the current one
// ProxyAuthPayload.Expires may lie, one day (spec/pallets-storage.md §12, B24).
var PayloadAhead = runtime.NewParameter[types.BlockNumber](name, "PayloadAhead", 14_400)

// Pallet is the declaration page of Oss: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Authorities,
		Gateways,
	},
	Calls: runtime.Calls("pallet_oss::pallet::Call",
		runtime.NewCall[Authorize](0, "authorize", runtime.Work(1, 1)),
		runtime.NewCall[CancelAuthorize](1, "cancel_authorize", runtime.Work(1, 1)),
		runtime.NewCall[Register](2, "register", runtime.Work(1, 1)),
		runtime.NewCall[Update](3, "update", runtime.Work(1, 1)),
		runtime.NewCall[Destroy](4, "destroy", runtime.Work(1, 1)),
		runtime.NewCall[ProxyAuthorize](5, "proxy_authorzie", runtime.Work(4, 3)),
		runtime.NewCall[EVMProxyAuthorize](6, "evm_proxy_authorzie", runtime.Work(4, 3)),
	),
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
		P2PLength, AuthorLimit, PayloadExpired, PayloadAhead,
	},
	OnInitialize: onInitialize,
}
