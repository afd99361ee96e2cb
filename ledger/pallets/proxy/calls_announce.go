package proxy

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Announce says which call the signer means to make for an account that it is a
// proxy of, by the call's hash.
type Announce struct {
	Real     substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	CallHash substrate.H256         `type:"CallHashOf<T>"`
}

// Dispatch emits Announced. The signer leaves a deposit until the call is made
// or taken back.
func (c Announce) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, real, err := system.SignedFor(ctx, origin, c.Real)
	if err != nil {
		return err
	}
	if _, err := find(ctx, real, who, scale.None[Type]()); err != nil {
		return err
	}
	p := Announcements.Get(ctx, who)
	if len(p.List) >= int(min(MaxPending.Get(ctx), maxPending)) {
		return ErrTooMany
	}
	list := append(p.List, Announcement{Real: real, CallHash: c.CallHash, Height: ctx.BlockNumber()})
	if err := keepPending(ctx, who, p, list); err != nil {
		return err
	}
	ctx.Emit(AnnouncedEvent{Real: real, Proxy: who, CallHash: c.CallHash})
	return nil
}

// RemoveAnnouncement takes an announcement of the signer back.
type RemoveAnnouncement struct {
	Real     substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	CallHash substrate.H256         `type:"CallHashOf<T>"`
}

// Dispatch emits no event.
func (c RemoveAnnouncement) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, real, err := system.SignedFor(ctx, origin, c.Real)
	if err != nil {
		return err
	}
	return drop(ctx, who, func(a Announcement) bool { return a.Real == real && a.CallHash == c.CallHash })
}

// RejectAnnouncement refuses a call that a proxy announced for the signer.
type RejectAnnouncement struct {
	Delegate substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	CallHash substrate.H256         `type:"CallHashOf<T>"`
}

// Dispatch emits no event. The proxy gets its deposit back.
func (c RejectAnnouncement) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, delegate, err := system.SignedFor(ctx, origin, c.Delegate)
	if err != nil {
		return err
	}
	return drop(ctx, delegate, func(a Announcement) bool { return a.Real == who && a.CallHash == c.CallHash })
}

// ProxyAnnounced makes a call that a proxy announced and whose delay is over.
// Anybody may sign it.
type ProxyAnnounced struct {
	Delegate       substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Real           substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	ForceProxyType scale.Option[Type]     `type:"Option<T::ProxyType>"`
	Call           runtime.RuntimeCall    `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits ProxyExecuted with the outcome.
func (c ProxyAnnounced) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	delegate, err := system.Lookup(ctx, c.Delegate)
	if err != nil {
		return err
	}
	real, err := system.Lookup(ctx, c.Real)
	if err != nil {
		return err
	}
	d, err := find(ctx, real, delegate, c.ForceProxyType)
	if err != nil {
		return err
	}
	hash, err := CallHash(c.Call)
	if err != nil {
		return err
	}
	due := func(a Announcement) bool {
		return a.Real == real && a.CallHash == hash && ctx.BlockNumber()-a.Height >= d.Delay
	}
	if err := drop(ctx, delegate, due); err != nil {
		return ErrUnannounced
	}
	run(ctx, d, real, c.Call)
	return nil
}

// DispatchInfo is that of the call and the search for its announcement.
func (c ProxyAnnounced) DispatchInfo() substrate.DispatchInfo { return around(c.Call, 3, 2) }

// CallHash is what announces a call: blake2-256 of its encoding.
func CallHash(call runtime.RuntimeCall) (substrate.H256, error) {
	raw, err := scale.Marshal(call)
	if err != nil {
		return substrate.H256{}, err
	}
	return crypto.Blake2b256(raw), nil
}

// drop removes the announcements of a proxy that match, or returns NotFound.
func drop(ctx *runtime.Context, delegate substrate.AccountID, match func(Announcement) bool) error {
	p := Announcements.Get(ctx, delegate)
	n := len(p.List)
	list := slices.DeleteFunc(p.List, match)
	if len(list) == n {
		return ErrNotFound
	}
	return keepPending(ctx, delegate, p, list)
}

// keepPending stores the announcements of a proxy with the deposit that they
// need.
func keepPending(ctx *runtime.Context, who substrate.AccountID, old Pending, list []Announcement) error {
	deposit := depositFor(AnnounceBase.Get(ctx), AnnounceEach.Get(ctx), len(list))
	if err := moveDeposit(ctx, who, old.Deposit, deposit); err != nil {
		return err
	}
	if len(list) == 0 {
		Announcements.Delete(ctx, who)
	} else {
		Announcements.Put(ctx, who, Pending{List: list, Deposit: deposit})
	}
	return nil
}
