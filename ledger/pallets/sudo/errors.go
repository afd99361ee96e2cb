package sudo

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrRequireSudo = runtime.NewError(index, 0, "RequireSudo") // the signer is not the sudo account
)
