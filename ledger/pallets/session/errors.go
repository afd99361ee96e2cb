package session

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrInvalidProof            = runtime.NewError(index, 0, "InvalidProof")            // the keys do not prove that the signer holds them
	ErrNoAssociatedValidatorID = runtime.NewError(index, 1, "NoAssociatedValidatorId") // the account controls no validator
	ErrDuplicatedKey           = runtime.NewError(index, 2, "DuplicatedKey")           // another validator has registered the key
	ErrNoKeys                  = runtime.NewError(index, 3, "NoKeys")
	ErrNoAccount               = runtime.NewError(index, 4, "NoAccount") // the key-setting account cannot be referred to
)
