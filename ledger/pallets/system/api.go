package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// An account exists while it has a provider or is self-sufficient. Whoever
// keeps data under an account is a consumer of it, and an account with
// consumers does not lose its last provider.

// Exists says whether the account is in state.
func Exists(ctx *runtime.Context, who substrate.AccountID) bool {
	a := Accounts.Get(ctx, who)
	return a.Providers > 0 || a.Sufficients > 0
}

// IncProviders adds a reason for the account to exist and reports whether that
// created it.
func IncProviders(ctx *runtime.Context, who substrate.AccountID) (created bool) {
	a := Accounts.Get(ctx, who)
	created = a.Providers == 0 && a.Sufficients == 0
	a.Providers++
	Accounts.Put(ctx, who, a)
	if created {
		ctx.Emit(NewAccountEvent{Account: who})
	}
	return created
}

// DecProviders removes a reason for the account to exist. The last one removes
// the account; it fails with ConsumerRemaining while somebody depends on it.
func DecProviders(ctx *runtime.Context, who substrate.AccountID) error {
	a := Accounts.Get(ctx, who)
	switch {
	case a.Providers == 0:
		return nil
	case a.Providers > 1:
		a.Providers--
		Accounts.Put(ctx, who, a)
	case a.Consumers > 0:
		return runtime.ErrConsumerRemaining
	case a.Sufficients > 0:
		a.Providers = 0
		Accounts.Put(ctx, who, a)
	default:
		Accounts.Delete(ctx, who)
		ctx.Emit(KilledAccountEvent{Account: who})
	}
	return nil
}

// maxConsumers bounds the reference counter as upstream's runtime does.
const maxConsumers = 128

// IncConsumers notes that somebody depends on the account.
func IncConsumers(ctx *runtime.Context, who substrate.AccountID) error {
	a := Accounts.Get(ctx, who)
	switch {
	case a.Providers == 0:
		return runtime.ErrNoProviders
	case a.Consumers >= maxConsumers:
		return runtime.ErrTooManyConsumers
	}
	a.Consumers++
	Accounts.Put(ctx, who, a)
	return nil
}

// DecConsumers notes that somebody no longer depends on the account.
func DecConsumers(ctx *runtime.Context, who substrate.AccountID) {
	a := Accounts.Get(ctx, who)
	if a.Consumers > 0 {
		a.Consumers--
		Accounts.Put(ctx, who, a)
	}
}

// CanDecProvider says whether the account could lose one provider.
func CanDecProvider(ctx *runtime.Context, who substrate.AccountID) bool {
	a := Accounts.Get(ctx, who)
	return a.Consumers == 0 || a.Providers > 1
}

// Indices finds the account behind a short address.
type Indices interface {
	AccountOf(ctx *runtime.Context, index uint32) (substrate.AccountID, bool)
}

// Upgrades changes the chain's runtime.
type Upgrades interface {
	// Switch makes a runtime the one of the next block.
	Switch(ctx *runtime.Context, specVersion uint32)
	// RanBy is the spec version of the runtime that runs, or ran, a block; false if
	// the chain has not noted it.
	RanBy(ctx *runtime.Context, number uint32) (uint32, bool)
}

// What this pallet uses of others; without indices no index has an account.
var (
	indices  Indices
	upgrades Upgrades
)

// Wire names what this pallet uses of others.
func Wire(i Indices, u Upgrades) { indices, upgrades = i, u }

// SignedFor is how calls about another account begin: who signed, and whom the
// address means.
func SignedFor(ctx *runtime.Context, origin runtime.Origin, address substrate.MultiAddress) (who, other substrate.AccountID, err error) {
	if who, err = origin.Signed(); err != nil {
		return who, other, err
	}
	other, err = Lookup(ctx, address)
	return who, other, err
}

// Lookup resolves an address: an account id, or an index that somebody claimed.
// The other kinds have no account (spec/wire.md §1.4).
func Lookup(ctx *runtime.Context, address substrate.MultiAddress) (substrate.AccountID, error) {
	if id, ok := address.ID(); ok {
		return id, nil
	}
	if i, ok := address.Index(); ok && indices != nil {
		if who, assigned := indices.AccountOf(ctx, i); assigned {
			return who, nil
		}
	}
	return substrate.AccountID{}, runtime.ErrCannotLookup
}
