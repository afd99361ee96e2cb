package proxy

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency keeps the deposits.
type Currency interface {
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Unreserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) types.Balance
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// depositFor is base and so many times each; nothing for nothing.
func depositFor(base, each types.Balance, n int) types.Balance {
	if n == 0 {
		return types.Balance{}
	}
	return each.SaturatingMul(scale.U128From64(uint64(n))).SaturatingAdd(base)
}

// find returns the first proxy of real that delegate is, of the given type if
// there is one.
func find(ctx *runtime.Context, real, delegate substrate.AccountID, force scale.Option[Type]) (Definition, error) {
	list := Proxies.Get(ctx, real).List
	i := slices.IndexFunc(list, func(d Definition) bool {
		t, forced := force.Get()
		return d.Delegate == delegate && (!forced || d.Type == t)
	})
	if i < 0 {
		return Definition{}, ErrNotProxy
	}
	return list[i], nil
}

// add gives an account a proxy and takes the deposit.
func add(ctx *runtime.Context, who substrate.AccountID, d Definition) error {
	if who == d.Delegate {
		return ErrNoSelfProxy
	}
	g := Proxies.Get(ctx, who)
	i, found := slices.BinarySearchFunc(g.List, d, compare)
	if found {
		return ErrDuplicate
	}
	if len(g.List) >= int(min(MaxProxies.Get(ctx), maxProxies)) {
		return ErrTooMany
	}
	if err := keep(ctx, who, g, slices.Insert(g.List, i, d)); err != nil {
		return err
	}
	ctx.Emit(ProxyAddedEvent{Delegator: who, Delegatee: d.Delegate, ProxyType: d.Type, Delay: d.Delay})
	return nil
}

// remove takes a proxy away and returns what the deposit is then too high.
func remove(ctx *runtime.Context, who substrate.AccountID, d Definition) error {
	g := Proxies.Get(ctx, who)
	i, found := slices.BinarySearchFunc(g.List, d, compare)
	if !found {
		return ErrNotFound
	}
	if err := keep(ctx, who, g, slices.Delete(g.List, i, i+1)); err != nil {
		return err
	}
	ctx.Emit(ProxyRemovedEvent{Delegator: who, Delegatee: d.Delegate, ProxyType: d.Type, Delay: d.Delay})
	return nil
}

// keep stores the proxies of an account with the deposit that they need.
func keep(ctx *runtime.Context, who substrate.AccountID, old Delegation, list []Definition) error {
	deposit := depositFor(DepositBase.Get(ctx), DepositFactor.Get(ctx), len(list))
	if err := adjust(ctx, who, old.Deposit, deposit); err != nil {
		return err
	}
	if len(list) == 0 {
		Proxies.Delete(ctx, who)
	} else {
		Proxies.Put(ctx, who, Delegation{List: list, Deposit: deposit})
	}
	return nil
}

// spawned says who left the first deposit for a pure proxy, and how much of it
// is still there, in planck. Upstream keeps no such record: it returns the
// deposit to the pure proxy, which never paid it, when proxies are removed, and
// what the pure proxy paid to its spawner when it is killed. Metadata does not
// list it.
var spawned = runtime.NewOptionalMap[substrate.AccountID, spawn]("ProxyExtra", "Spawned", runtime.Identity)

type spawn struct {
	Spawner substrate.AccountID
	Deposit types.Balance
}

// adjust brings an account's deposit for its proxies from one amount to
// another. A pure proxy gets its own part back before its spawner gets the
// first deposit.
func adjust(ctx *runtime.Context, who substrate.AccountID, from, to types.Balance) error {
	s, pure := spawned.Get(ctx, who)
	if !pure || !to.Less(from) {
		return moveDeposit(ctx, who, from, to)
	}
	back := from.SaturatingSub(to)
	own := back.Min(from.SaturatingSub(s.Deposit))
	currency.Unreserve(ctx, who, own)
	rest := back.SaturatingSub(own)
	currency.Unreserve(ctx, s.Spawner, rest)
	if s.Deposit = s.Deposit.SaturatingSub(rest); s.Deposit.IsZero() {
		spawned.Delete(ctx, who)
	} else {
		spawned.Put(ctx, who, s)
	}
	return nil
}

// moveDeposit brings what is reserved on an account from one amount to another.
func moveDeposit(ctx *runtime.Context, who substrate.AccountID, from, to types.Balance) error {
	if !to.Less(from) {
		return currency.Reserve(ctx, who, to.SaturatingSub(from))
	}
	currency.Unreserve(ctx, who, from.SaturatingSub(to))
	return nil
}

// Held calls put for each account and each deposit, in planck, that is reserved
// on it for proxies or announcements.
func Held(ctx *runtime.Context, put func(who substrate.AccountID, x types.Balance)) {
	for who, g := range Proxies.Iter(ctx) {
		own := g.Deposit
		if s, pure := spawned.Get(ctx, who); pure {
			put(s.Spawner, s.Deposit)
			own = own.SaturatingSub(s.Deposit)
		}
		put(who, own)
	}
	for who, p := range Announcements.Iter(ctx) {
		put(who, p.Deposit)
	}
}
