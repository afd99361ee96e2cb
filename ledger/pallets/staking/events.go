package staking

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// EraPaidEvent reports an era's payout, in planck: the validators' part, to be
// claimed, and the miners', paid.
type EraPaidEvent struct {
	EraIndex        uint32        `type:"EraIndex"`
	ValidatorPayout types.Balance `type:"BalanceOf<T>"`
	SminerPayout    types.Balance `type:"BalanceOf<T>"`
}

// RewardedEvent reports a reward, in planck.
type RewardedEvent struct {
	Stash  substrate.AccountID `type:"T::AccountId"`
	Dest   RewardDestination   `type:"RewardDestination<T::AccountId>"`
	Amount types.Balance       `type:"BalanceOf<T>"`
}

// SlashedEvent reports stake that was taken, in planck.
type SlashedEvent struct {
	Staker substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"BalanceOf<T>"`
}

// SlashReportedEvent reports an offence of a validator.
type SlashReportedEvent struct {
	Validator substrate.AccountID `type:"T::AccountId"`
	Fraction  substrate.Perbill   `type:"Perbill"`
	SlashEra  uint32              `type:"EraIndex"`
}

// OldSlashingReportDiscardedEvent reports an offence that is too old.
type OldSlashingReportDiscardedEvent struct {
	SessionIndex uint32 `type:"SessionIndex"`
}

// StakersElectedEvent reports that the next era's validators are known.
type StakersElectedEvent struct{}

// BondedEvent reports stake that was added, in planck.
type BondedEvent struct {
	Stash  substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"BalanceOf<T>"`
}

// UnbondedEvent reports stake that is unlocking, in planck.
type UnbondedEvent struct {
	Stash  substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"BalanceOf<T>"`
}

// WithdrawnEvent reports stake that is free again, in planck.
type WithdrawnEvent struct {
	Stash  substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"BalanceOf<T>"`
}

// KickedEvent reports a nominator that a validator sent away.
type KickedEvent struct {
	Nominator substrate.AccountID `type:"T::AccountId"`
	Stash     substrate.AccountID `type:"T::AccountId"`
}

// StakingElectionFailedEvent reports an election that found too few winners.
type StakingElectionFailedEvent struct{}

// ChilledEvent reports a stash that no longer validates or nominates.
type ChilledEvent struct {
	Stash substrate.AccountID `type:"T::AccountId"`
}

// PayoutStartedEvent reports a page that is being paid out, and the next.
type PayoutStartedEvent struct {
	EraIndex       uint32               `type:"EraIndex"`
	ValidatorStash substrate.AccountID  `type:"T::AccountId"`
	Page           uint32               `type:"Page"`
	Next           scale.Option[uint32] `type:"Option<Page>"`
}

// ValidatorPrefsSetEvent reports what a validator asks.
type ValidatorPrefsSetEvent struct {
	Stash substrate.AccountID `type:"T::AccountId"`
	Prefs ValidatorPrefs      `type:"ValidatorPrefs"`
}

// SnapshotVotersSizeExceededEvent reports an election that left voters out.
type SnapshotVotersSizeExceededEvent struct {
	Size uint32 `type:"u32"`
}

// SnapshotTargetsSizeExceededEvent reports an election that left candidates
// out.
type SnapshotTargetsSizeExceededEvent struct {
	Size uint32 `type:"u32"`
}

// ForceEraEvent reports a change of ForceEra.
type ForceEraEvent struct {
	Mode Forcing `type:"Forcing"`
}

// ControllerBatchDeprecatedEvent reports controllers that were replaced by
// their stashes, all but so many.
type ControllerBatchDeprecatedEvent struct {
	Failures uint32 `type:"u32"`
}
