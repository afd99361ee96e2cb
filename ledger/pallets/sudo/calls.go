package sudo

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Sudo runs a call as root.
type Sudo struct {
	Call runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// SudoUncheckedWeight runs a call as root and charges the given weight.
type SudoUncheckedWeight struct {
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
	Weight substrate.Weight    `type:"Weight"`
}

// SetKey hands the sudo account over.
type SetKey struct {
	New substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// SudoAs runs a call as the given account.
type SudoAs struct {
	Who  substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Call runtime.RuntimeCall    `type:"Box<<T as Config>::RuntimeCall>"`
}

// RemoveKey removes the sudo account for ever.
type RemoveKey struct{}
