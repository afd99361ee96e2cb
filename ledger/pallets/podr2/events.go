package podr2

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// VersionSetEvent reports the version of PoDR² that a miner's next challenges
// have.
type VersionSetEvent struct {
	Miner   substrate.AccountID `type:"AccountId"`
	Version uint8               `type:"u8"`
}

// TaggerKeyRegisteredEvent reports the key that tags are made with from now
// on.
type TaggerKeyRegisteredEvent struct {
	Key KeyID `scale:"key_id" type:"KeyID"`
}

// TaggerKeyClearedEvent reports that another key may be registered.
type TaggerKeyClearedEvent struct {
	Key KeyID `scale:"key_id" type:"KeyID"`
}

// OverturnedEvent reports that the chain replaced a TEE worker's verdict by
// its own.
type OverturnedEvent struct {
	Miner    substrate.AccountID                 `type:"AccountId"`
	TEE      scale.Option[types.WorkerPublicKey] `type:"Option<WorkerPublicKey>"` // signed the wrong verdict
	Disputer substrate.AccountID                 `type:"AccountId"`
	Result   bool                                `type:"bool"` // the right verdict
	Punished bool                                `type:"bool"` // the worker's stash was slashed
}

// JudgedEvent reports that the chain judged a proof that had no verdict.
type JudgedEvent struct {
	Miner  substrate.AccountID               `type:"AccountId"`
	Caller scale.Option[substrate.AccountID] `type:"Option<AccountId>"` // none at the end of the challenge
	Result bool                              `type:"bool"`
}
