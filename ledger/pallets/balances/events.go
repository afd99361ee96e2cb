package balances

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// EndowedEvent reports an account created with a balance.
type EndowedEvent struct {
	Account     substrate.AccountID `type:"T::AccountId"`
	FreeBalance types.Balance       `type:"T::Balance"`
}

// DustLostEvent reports a remainder below the existential deposit that was
// burned.
type DustLostEvent struct {
	Account substrate.AccountID `type:"T::AccountId"`
	Amount  types.Balance       `type:"T::Balance"`
}

// TransferEvent reports a transfer.
type TransferEvent struct {
	From   substrate.AccountID `type:"T::AccountId"`
	To     substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// BalanceSetEvent reports a balance that root set.
type BalanceSetEvent struct {
	Who  substrate.AccountID `type:"T::AccountId"`
	Free types.Balance       `type:"T::Balance"`
}

// ReservedEvent reports free balance that became reserved.
type ReservedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// UnreservedEvent reports reserved balance that became free.
type UnreservedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// ReserveRepatriatedEvent reports reserved balance that moved to another
// account.
type ReserveRepatriatedEvent struct {
	From              substrate.AccountID     `type:"T::AccountId"`
	To                substrate.AccountID     `type:"T::AccountId"`
	Amount            types.Balance           `type:"T::Balance"`
	DestinationStatus substrate.BalanceStatus `type:"Status"`
}

// DepositEvent reports balance added, such as a fee refund.
type DepositEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// WithdrawEvent reports balance taken, such as a fee.
type WithdrawEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// SlashedEvent reports balance taken as punishment.
type SlashedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// MintedEvent reports balance created.
type MintedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// BurnedEvent reports balance destroyed.
type BurnedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// SuspendedEvent reports balance taken for another chain or module to hold.
type SuspendedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// RestoredEvent reports suspended balance given back.
type RestoredEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// UpgradedEvent reports an account brought to the new logic.
type UpgradedEvent struct {
	Who substrate.AccountID `type:"T::AccountId"`
}

// IssuedEvent reports a growth of the total issuance.
type IssuedEvent struct {
	Amount types.Balance `type:"T::Balance"`
}

// RescindedEvent reports a fall of the total issuance.
type RescindedEvent struct {
	Amount types.Balance `type:"T::Balance"`
}

// LockedEvent reports balance that became locked.
type LockedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// UnlockedEvent reports balance that is no longer locked.
type UnlockedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// FrozenEvent reports balance that became frozen.
type FrozenEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// ThawedEvent reports balance that is no longer frozen.
type ThawedEvent struct {
	Who    substrate.AccountID `type:"T::AccountId"`
	Amount types.Balance       `type:"T::Balance"`
}

// TotalIssuanceForcedEvent reports a total issuance that root adjusted.
type TotalIssuanceForcedEvent struct {
	Old types.Balance `type:"T::Balance"`
	New types.Balance `type:"T::Balance"`
}
