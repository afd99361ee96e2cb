package system

import "github.com/gocess/gocess/primitives/substrate"

// ExtrinsicSuccessEvent closes an extrinsic that succeeded.
type ExtrinsicSuccessEvent struct {
	DispatchInfo substrate.DispatchInfo `type:"DispatchEventInfo"`
}

// ExtrinsicFailedEvent closes an extrinsic that failed; all it wrote but the
// fee and the nonce is undone.
type ExtrinsicFailedEvent struct {
	DispatchError substrate.DispatchError `type:"DispatchError"`
	DispatchInfo  substrate.DispatchInfo  `type:"DispatchEventInfo"`
}

// CodeUpdatedEvent reports a new value of `:code`.
type CodeUpdatedEvent struct{}

// NewAccountEvent reports an account that came into being.
type NewAccountEvent struct {
	Account substrate.AccountID `type:"T::AccountId"`
}

// KilledAccountEvent reports an account that was reaped.
type KilledAccountEvent struct {
	Account substrate.AccountID `type:"T::AccountId"`
}

// RemarkedEvent reports the blake2-256 hash of a remark.
type RemarkedEvent struct {
	Sender substrate.AccountID `type:"T::AccountId"`
	Hash   substrate.H256      `type:"T::Hash"`
}

// UpgradeAuthorizedEvent reports a code hash that may be applied.
type UpgradeAuthorizedEvent struct {
	CodeHash     substrate.H256 `type:"T::Hash"`
	CheckVersion bool           `type:"bool"`
}
