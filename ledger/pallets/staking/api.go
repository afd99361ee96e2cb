package staking

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what staking does with the native token. Amounts are in planck.
type Currency interface {
	Free(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Reserved(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Locked(ctx *runtime.Context, who substrate.AccountID, id balances.Identifier) types.Balance
	// SetLock keeps x of the balance; zero removes the lock.
	SetLock(ctx *runtime.Context, who substrate.AccountID, id balances.Identifier, x types.Balance, reasons balances.Reasons) error
	Mint(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	// Slash takes up to x; what it took is to be deposited or destroyed.
	Slash(ctx *runtime.Context, who substrate.AccountID, x types.Balance) (types.Balance, error)
	Deposit(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
}

// Authors names the author of the block that runs.
type Authors interface {
	Author(ctx *runtime.Context) (substrate.AccountID, bool)
}

// Treasury books the miners' part of an era, in planck, which has just been
// minted to the pot `rewardpt`.
type Treasury interface {
	OnEraPayout(ctx *runtime.Context, x types.Balance) error
}

// SlashPot gets slashed stake, in planck, which was taken off its owners.
type SlashPot interface {
	Receive(ctx *runtime.Context, x types.Balance)
}

// Set by Wire.
var (
	currency Currency
	authors  Authors
	treasury Treasury
	slashPot SlashPot
)

// Wire names what this pallet uses of others: the token, block authors, the
// keeper of the miners' rewards, and who gets slashed stake.
func Wire(c Currency, a Authors, t Treasury, s SlashPot) {
	currency, authors, treasury, slashPot = c, a, t, s
}

// API is what other pallets ask about stakers and eras. NewSession,
// StartSession and EndSession are called by Session.
type API struct{}

// CurrentEra is the era that was planned last: one session before it begins
// already the next one. 0 before there is an era.
func (API) CurrentEra(ctx *runtime.Context) uint32 { return plannedEra(ctx) }

// ActiveEra is the era that runs; 0 before there is one.
func (API) ActiveEra(ctx *runtime.Context) uint32 {
	era, _ := ActiveEra.Get(ctx)
	return era.Index
}

// IsBonded says whether the account is a stash with a bond.
func (API) IsBonded(ctx *runtime.Context, stash substrate.AccountID) bool {
	return Bonded.Contains(ctx, stash)
}

// IsCandidate says whether the stash wants to validate.
func (API) IsCandidate(ctx *runtime.Context, stash substrate.AccountID) bool {
	return Validators.Contains(ctx, stash)
}

// IsController says whether the account controls a bond.
func (API) IsController(ctx *runtime.Context, who substrate.AccountID) bool {
	return Ledgers.Contains(ctx, who)
}

// Controller finds the controller of a stash.
func (API) Controller(ctx *runtime.Context, stash substrate.AccountID) (substrate.AccountID, bool) {
	return Bonded.Get(ctx, stash)
}

// StashOf finds the stash of a controller.
func (API) StashOf(ctx *runtime.Context, controller substrate.AccountID) (substrate.AccountID, bool) {
	l, ok := Ledgers.Get(ctx, controller)
	return l.Stash, ok
}
