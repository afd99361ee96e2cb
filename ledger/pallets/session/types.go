package session

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// ValidatorKeys are the keys of a queued validator.
type ValidatorKeys struct {
	Validator substrate.AccountID
	Keys      types.SessionKeys
}

// OwnedKey is a session key by kind and raw bytes.
type OwnedKey struct {
	Type substrate.KeyTypeID
	Key  []byte
}
