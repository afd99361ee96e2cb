package proxy

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// ProxyExecutedEvent carries the outcome of a call that a proxy made.
type ProxyExecutedEvent struct {
	Result substrate.DispatchResult `type:"DispatchResult"`
}

// PureCreatedEvent reports a new pure proxy. The block, the extrinsic's place
// in it and these fields are needed to kill it.
type PureCreatedEvent struct {
	Pure                substrate.AccountID `type:"T::AccountId"`
	Who                 substrate.AccountID `type:"T::AccountId"`
	ProxyType           Type                `type:"T::ProxyType"`
	DisambiguationIndex uint16              `type:"u16"`
}

// AnnouncedEvent reports a call that a proxy means to make.
type AnnouncedEvent struct {
	Real     substrate.AccountID `type:"T::AccountId"`
	Proxy    substrate.AccountID `type:"T::AccountId"`
	CallHash substrate.H256      `type:"CallHashOf<T>"`
}

// ProxyAddedEvent reports a new proxy of an account.
type ProxyAddedEvent struct {
	Delegator substrate.AccountID `type:"T::AccountId"`
	Delegatee substrate.AccountID `type:"T::AccountId"`
	ProxyType Type                `type:"T::ProxyType"`
	Delay     types.BlockNumber   `type:"BlockNumberFor<T>"`
}

// ProxyRemovedEvent reports a proxy that an account no longer has.
type ProxyRemovedEvent struct {
	Delegator substrate.AccountID `type:"T::AccountId"`
	Delegatee substrate.AccountID `type:"T::AccountId"`
	ProxyType Type                `type:"T::ProxyType"`
	Delay     types.BlockNumber   `type:"BlockNumberFor<T>"`
}
