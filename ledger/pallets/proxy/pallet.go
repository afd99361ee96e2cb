// Package proxy lets accounts act for others. A proxy is of a type, which says
// what it may do; one with a delay announces a call before it makes it, so that
// the account can object. A pure proxy is an account without a key, which only
// proxies act for.
package proxy

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Proxy"
	index = 35
)

// Storage.
var (
	// Proxies are those who may act for an account.
	Proxies = runtime.NewMap[substrate.AccountID, Delegation](name, "Proxies", runtime.Twox64Concat)

	// Announcements are the calls that a proxy means to make.
	Announcements = runtime.NewMap[substrate.AccountID, Pending](name, "Announcements", runtime.Twox64Concat)
)

// Constants, with the values of the reference network. Deposits are in planck.
var (
	DepositBase   = runtime.NewConstant(name, "ProxyDepositBase", centitokens(1008)) // for having proxies at all
	DepositFactor = runtime.NewConstant(name, "ProxyDepositFactor", centitokens(33)) // for each proxy
	MaxProxies    = runtime.NewConstant[uint32](name, "MaxProxies", maxProxies)      // of one account
	MaxPending    = runtime.NewConstant[uint32](name, "MaxPending", maxPending)      // announcements of one proxy
	AnnounceBase  = runtime.NewConstant(name, "AnnouncementDepositBase", centitokens(1008))
	AnnounceEach  = runtime.NewConstant(name, "AnnouncementDepositFactor", centitokens(66))
)

// centitokens is n hundredths of a token in planck.
func centitokens(n uint64) types.Balance { return types.Tokens(n).Div64(100) }

// Pallet is the declaration page of Proxy: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Proxies, Announcements},
	Calls: runtime.Calls("pallet_proxy::pallet::Call",
		runtime.NewCall[Proxy](0, "proxy", runtime.Work(1, 0)),
		runtime.NewCall[AddProxy](1, "add_proxy", runtime.Work(2, 2)),
		runtime.NewCall[RemoveProxy](2, "remove_proxy", runtime.Work(3, 3)),
		runtime.NewCall[RemoveProxies](3, "remove_proxies", runtime.Work(3, 4)),
		runtime.NewCall[CreatePure](4, "create_pure", runtime.Work(2, 3)),
		runtime.NewCall[KillPure](5, "kill_pure", runtime.Work(4, 4)),
		runtime.NewCall[Announce](6, "announce", runtime.Work(3, 2)),
		runtime.NewCall[RemoveAnnouncement](7, "remove_announcement", runtime.Work(2, 2)),
		runtime.NewCall[RejectAnnouncement](8, "reject_announcement", runtime.Work(2, 2)),
		runtime.NewCall[ProxyAnnounced](9, "proxy_announced", runtime.Work(3, 2)),
	),
	Events: runtime.Events("pallet_proxy::pallet::Event",
		runtime.Event[ProxyExecutedEvent](0, "ProxyExecuted"),
		runtime.Event[PureCreatedEvent](1, "PureCreated"),
		runtime.Event[AnnouncedEvent](2, "Announced"),
		runtime.Event[ProxyAddedEvent](3, "ProxyAdded"),
		runtime.Event[ProxyRemovedEvent](4, "ProxyRemoved"),
	),
	Errors: runtime.Errors("pallet_proxy::pallet::Error",
		ErrTooMany, ErrNotFound, ErrNotProxy, ErrUnproxyable, ErrDuplicate, ErrNoPermission,
		ErrUnannounced, ErrNoSelfProxy,
	),
	Constants: []runtime.ConstantItem{
		DepositBase, DepositFactor, MaxProxies, MaxPending, AnnounceBase, AnnounceEach,
	},
}

// Limits, checked while decoding.
const (
	maxProxies = 32
	maxPending = 32
)

// Bounds of the lists.
type (
	ProxyBound   struct{}
	PendingBound struct{}
)

func (ProxyBound) Max() int   { return maxProxies }
func (PendingBound) Max() int { return maxPending }

// Delegation are the proxies of an account, sorted, and the deposit for them in
// planck.
type Delegation struct {
	List    scale.BoundedVec[Definition, ProxyBound]
	Deposit types.Balance
}

// Pending are the announcements of a proxy, oldest first, and the deposit for
// them in planck.
type Pending struct {
	List    scale.BoundedVec[Announcement, PendingBound]
	Deposit types.Balance
}
