package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
)

// update changes an account's balances and keeps what follows from them: the
// account exists while its free balance reaches the existential deposit, it is
// pinned while something is reserved or frozen, and dust disappears.
func update(ctx *runtime.Context, who accountID, fn func(*system.AccountData) error) error {
	return ctx.Transaction(func() error { return apply(ctx, who, fn) })
}

func apply(ctx *runtime.Context, who accountID, fn func(*system.AccountData) error) error {
	deposit := ExistentialDeposit.Get(ctx)
	account := system.Accounts.Get(ctx, who)
	before := account.Data
	after := before
	if err := fn(&after); err != nil {
		return err
	}
	after.Flags = system.NewLogicFlags

	provided := before.Free.Cmp(deposit) >= 0
	provides := after.Free.Cmp(deposit) >= 0
	consumed := !before.Reserved.IsZero() || !before.Frozen.IsZero()
	consumes := !after.Reserved.IsZero() || !after.Frozen.IsZero()

	created := false
	if !provided && provides {
		created = system.IncProviders(ctx, who)
	}
	if consumed && !consumes {
		system.DecConsumers(ctx, who)
	}
	if !consumed && consumes {
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
	a := system.Accounts.Get(ctx, who)
	if a.Providers == 0 && a.Sufficients == 0 {
		system.Accounts.Delete(ctx, who)
		return
	}
	a.Data = d
	system.Accounts.Put(ctx, who, a)
}
