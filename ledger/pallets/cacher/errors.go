package cacher

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrAlreadyRegistered = runtime.NewError(index, 0, "AlreadyRegistered")
	ErrNotRegistered     = runtime.NewError(index, 1, "UnRegistered")
	ErrOptionParse       = runtime.NewError(index, 2, "OptionParseError") // no call returns it
)
