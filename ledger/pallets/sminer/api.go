package sminer

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what this pallet needs of the native token.
type Currency interface {
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
}

// Totals keeps the space of the whole network.
type Totals interface {
	AddIdleSpace(ctx *runtime.Context, bytes scale.U128) error
}

// Set by Wire.
var (
	currency Currency
	totals   Totals
)

// Wire names what this pallet uses of others.
func Wire(c Currency, t Totals) { currency, totals = c, t }

var (
	punishmentAccount = substrate.AccountOfPallet(types.PunishmentPot)
	reservoirAccount  = substrate.AccountOfPallet(types.ReservoirPot)
)

// tebibyte and the collateral that each one declared needs, in planck.
const tebibyte = 1 << 40

var collateralPerTiB = types.Tokens(4000)

// CollateralLimit is the collateral that a declared space needs: 4,000 TCESS
// for every TiB begun (spec/pallets-mining.md §1.4).
func CollateralLimit(space scale.U128) types.Balance {
	n := space.Div64(tebibyte)
	if space.Mod64(tebibyte) != 0 {
		n = n.SaturatingAdd(scale.U128From64(1))
	}
	return n.SaturatingMul(collateralPerTiB)
}

func (m *Miner) used() scale.U128 {
	return m.IdleSpace.SaturatingAdd(m.ServiceSpace).SaturatingAdd(m.LockSpace)
}

// API is what other pallets may do with miners. Spaces are in bytes.
type API struct{}

// State is the state of a miner, or NotMiner.
func (API) State(ctx *runtime.Context, who substrate.AccountID) (string, error) {
	m, ok := Miners.Get(ctx, who)
	if !ok {
		return "", ErrNotMiner
	}
	return string(m.State), nil
}

// LockSpace takes idle space for fragments that a miner reports.
func (API) LockSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return move(ctx, who, bytes, func(m *Miner) (from, to *scale.U128) { return &m.IdleSpace, &m.LockSpace })
}

// UnlockSpace gives locked space back.
func (API) UnlockSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return move(ctx, who, bytes, func(m *Miner) (from, to *scale.U128) { return &m.LockSpace, &m.IdleSpace })
}

func move(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128, pick func(*Miner) (from, to *scale.U128)) error {
	return Miners.Mutate(ctx, who, ErrNotExisted, func(m *Miner) error {
		from, to := pick(m)
		rest, under := from.SubUnderflow(bytes)
		sum, over := to.AddOverflow(bytes)
		if under || over {
			return ErrOverflow
		}
		*from, *to = rest, sum
		return nil
	})
}

// DropLockedSpace forgets locked space: the fragments in it are gone. The
// miner certifies new idle files in its place. An account that is no miner is
// left alone.
func (API) DropLockedSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return drop(ctx, who, bytes, func(m *Miner) *scale.U128 { return &m.LockSpace })
}

// DropServiceSpace forgets service space, likewise; a miner that has left has
// none that counts.
func (API) DropServiceSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	if m, ok := Miners.Get(ctx, who); ok && string(m.State) == StateExit {
		return nil
	}
	return drop(ctx, who, bytes, func(m *Miner) *scale.U128 { return &m.ServiceSpace })
}

func drop(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128, pick func(*Miner) *scale.U128) error {
	if bytes.IsZero() || !Miners.Contains(ctx, who) {
		return nil
	}
	return Miners.Mutate(ctx, who, ErrNotExisted, func(m *Miner) error {
		space := pick(m)
		rest, under := space.SubUnderflow(bytes)
		if under {
			return ErrOverflow
		}
		*space = rest
		return nil
	})
}

// ForgetFragments removes fragments from the filter that counts a miner's
// tagged ones.
func (API) ForgetFragments(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash) error {
	if len(fragments) == 0 {
		return nil
	}
	return Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		for _, f := range fragments {
			if err := m.ServiceBloomFilter.Delete(f); err != nil {
				return ErrBloomElemPush
			}
		}
		return nil
	})
}

// AddPendingReplacement notes that idle files of that size must go, since
// fragments took their place.
func (API) AddPendingReplacement(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return PendingReplacements.Mutate(ctx, who, func(pending *scale.U128) error {
		sum, over := pending.AddOverflow(bytes)
		if over {
			return ErrOverflow
		}
		*pending = sum
		return nil
	})
}

// Leaving says whether others restore the fragments of a miner.
func (API) Leaving(ctx *runtime.Context, who substrate.AccountID) bool {
	return RestoralTargets.Contains(ctx, who)
}

// AddRestored notes that fragments of a leaving miner need no restoring any
// more.
func (API) AddRestored(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return RestoralTargets.Mutate(ctx, who, ErrNotExisted, func(t *RestoralTarget) error {
		sum, over := t.RestoredSpace.AddOverflow(bytes)
		if over {
			return ErrOverflow
		}
		t.RestoredSpace = sum
		return nil
	})
}
