package proxy

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Proxy makes a call for the account that the signer is a proxy of.
type Proxy struct {
	Real           substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	ForceProxyType scale.Option[Type]     `type:"Option<T::ProxyType>"`
	Call           runtime.RuntimeCall    `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits ProxyExecuted with the outcome. A proxy with a delay gets
// Unannounced.
func (c Proxy) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, real, err := system.SignedFor(ctx, origin, c.Real)
	if err != nil {
		return err
	}
	d, err := find(ctx, real, who, c.ForceProxyType)
	if err != nil {
		return err
	}
	if d.Delay != 0 {
		return ErrUnannounced
	}
	run(ctx, d, real, c.Call)
	return nil
}

// DispatchInfo is that of the call and the search for the proxy.
func (c Proxy) DispatchInfo() substrate.DispatchInfo { return around(c.Call, 1, 0) }

// run makes the call as real. What may be called is the proxy's matter alone:
// real has no rules.
func run(ctx *runtime.Context, d Definition, real substrate.AccountID, call runtime.RuntimeCall) {
	err := ctx.Dispatch(call.Call, runtime.SignedOrigin(real).Restrict(d.allows))
	ctx.Emit(ProxyExecutedEvent{Result: runtime.DispatchResult(err)})
}

func around(call runtime.RuntimeCall, reads, writes uint64) substrate.DispatchInfo {
	info := call.Info()
	return substrate.DispatchInfo{Weight: info.Weight.Add(runtime.WorkWeight(reads, writes)), Class: info.Class}
}

// AddProxy lets another account act for the signer.
type AddProxy struct {
	Delegate substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Type     Type                   `scale:"proxy_type" type:"T::ProxyType"`
	Delay    types.BlockNumber      `type:"BlockNumberFor<T>"`
}

// Dispatch emits ProxyAdded.
func (c AddProxy) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, d, err := define(ctx, origin, c.Delegate, c.Type, c.Delay)
	if err != nil {
		return err
	}
	return add(ctx, who, d)
}

// RemoveProxy takes a proxy of the signer away.
type RemoveProxy struct {
	Delegate substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Type     Type                   `scale:"proxy_type" type:"T::ProxyType"`
	Delay    types.BlockNumber      `type:"BlockNumberFor<T>"`
}

// Dispatch emits ProxyRemoved.
func (c RemoveProxy) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, d, err := define(ctx, origin, c.Delegate, c.Type, c.Delay)
	if err != nil {
		return err
	}
	return remove(ctx, who, d)
}

func define(ctx *runtime.Context, origin runtime.Origin, delegate substrate.MultiAddress, t Type, delay types.BlockNumber) (who substrate.AccountID, d Definition, err error) {
	if who, err = origin.Signed(); err != nil {
		return who, d, err
	}
	account, err := system.Lookup(ctx, delegate)
	return who, Definition{Delegate: account, Type: t, Delay: delay}, err
}

// RemoveProxies takes all proxies of the signer away. A pure proxy that calls
// it is lost for ever, with all that it has.
type RemoveProxies struct{}

// Dispatch emits no event.
func (RemoveProxies) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return keep(ctx, who, Proxies.Get(ctx, who), nil)
}
