package oss

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrNoAuthorization    = runtime.NewError(index, 0, "NoAuthorization") // the account authorizes nobody
	ErrRegistered         = runtime.NewError(index, 1, "Registered")      // the gateway is registered already
	ErrNotRegistered      = runtime.NewError(index, 2, "UnRegister")      // the gateway is not registered
	ErrOptionParse        = runtime.NewError(index, 3, "OptionParseError")
	ErrBoundedVec         = runtime.NewError(index, 4, "BoundedVecError")    // more operators than AuthorLimit
	ErrExisted            = runtime.NewError(index, 5, "Existed")            // the operator is authorized already, or the payload was used
	ErrMalformedSignature = runtime.NewError(index, 6, "MalformedSignature") // not 64 bytes
	ErrVerifySigFailed    = runtime.NewError(index, 7, "VerifySigFailed")
	ErrExpired            = runtime.NewError(index, 8, "Expired") // the payload is too old or too far ahead
	ErrConvert            = runtime.NewError(index, 9, "ConvertError")
)
