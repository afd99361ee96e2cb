package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
)

// update changes an account's balances and keeps what follows from them: the
// account exists while its free balance reaches the existential deposit, it is
// pinned while something is reserved or frozen, and dust disappears. fn may
// look at the whole record and changes Data only; its error undoes all.
func update(ctx *runtime.Context, who accountID, fn func(*system.AccountInfo) error) error {
	entry := system.Accounts.At(who)
	a := entry.Get(ctx)
	before := a.Data
	if err := fn(&a); err != nil {
		return err
	}
	a.Data.Flags = system.NewLogicFlags
	deposit := ExistentialDeposit.Get(ctx)
	if !before.Free.Less(deposit) && !a.Data.Free.Less(deposit) && pinned(before) == pinned(a.Data) {
		// Nothing follows: the usual case.
		entry.Put(ctx, a)
		return nil
	}
	return ctx.Transaction(func() error { return settle(ctx, who, before, a.Data) })
}

func pinned(d system.AccountData) bool { return !d.Reserved.IsZero() || !d.Frozen.IsZero() }

// settle stores changed balances with all that follows.
func settle(ctx *runtime.Context, who accountID, before, after system.AccountData) error {
	deposit := ExistentialDeposit.Get(ctx)
	provided, provides := !before.Free.Less(deposit), !after.Free.Less(deposit)
	created := false
	if !provided && provides {
		created = system.IncProviders(ctx, who)
	}
	if pinned(before) && !pinned(after) {
		system.DecConsumers(ctx, who)
	}
	if !pinned(before) && pinned(after) {
		if err := system.IncConsumers(ctx, who); err != nil {
			return err
		}
	}
	dust := amount{}
	if !provides && after.Reserved.IsZero() {
		dust, after.Free = after.Free, amount{}
	}
	store(ctx, who, after)
	if provided && !provides {
		if err := system.DecProviders(ctx, who); err != nil {
			return err
		}
	}
	if created {
		ctx.Emit(EndowedEvent{Account: who, FreeBalance: after.Free})
	}
	if !dust.IsZero() {
		TotalIssuance.Mutate(ctx, func(t *amount) { *t = t.SaturatingSub(dust) })
		ctx.Emit(DustLostEvent{Account: who, Amount: dust})
	}
	return nil
}

// store keeps the balances of an account that exists; another has none.
func store(ctx *runtime.Context, who accountID, d system.AccountData) {
	entry := system.Accounts.At(who)
	a := entry.Get(ctx)
	if a.Providers == 0 && a.Sufficients == 0 {
		entry.Delete(ctx)
		return
	}
	a.Data = d
	entry.Put(ctx, a)
}

// reducible is what could leave the free balance.
func reducible(ctx *runtime.Context, a *system.AccountInfo, keep Existence) amount {
	untouchable := a.Data.Frozen.SaturatingSub(a.Data.Reserved)
	if keep == KeepAlive || !mayDie(a) {
		untouchable = untouchable.Max(ExistentialDeposit.Get(ctx))
	}
	return a.Data.Free.SaturatingSub(untouchable)
}

// mayDie says whether the account could lose what its balance provides.
func mayDie(a *system.AccountInfo) bool { return a.Consumers == 0 || a.Providers > 1 }

// take removes x from the free balance after the checks of the framework's
// `can_withdraw`, with its errors.
func take(ctx *runtime.Context, a *system.AccountInfo, x amount, keep Existence) error {
	rest, under := a.Data.Free.SubUnderflow(x)
	switch {
	case under:
		return runtime.ErrFundsUnavailable
	case x.Cmp(reducible(ctx, a, AllowDeath)) > 0:
		// Locked, or needed by those who depend on the account.
		return runtime.ErrFrozen
	case rest.Less(ExistentialDeposit.Get(ctx)) && keep == KeepAlive:
		return runtime.ErrNotExpendable
	}
	a.Data.Free = rest
	return nil
}

// give adds x to the free balance. An account does not come into being with
// less than the existential deposit.
func give(ctx *runtime.Context, a *system.AccountInfo, x amount) error {
	sum, over := a.Data.Free.AddOverflow(x)
	switch {
	case over:
		return runtime.ErrOverflow
	case sum.Less(ExistentialDeposit.Get(ctx)):
		return runtime.ErrBelowMinimum
	}
	a.Data.Free = sum
	return nil
}
