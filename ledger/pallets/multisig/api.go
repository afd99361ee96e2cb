package multisig

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency keeps the deposits.
type Currency interface {
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Unreserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) types.Balance
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// Account is what the signatories, in ascending order, control together if so
// many of them agree: blake2-256 of "modlpy/utilisuba" ‖ SCALE list ‖
// threshold.
func Account(signatories []substrate.AccountID, threshold uint16) substrate.AccountID {
	b := scale.AppendCompact([]byte("modlpy/utilisuba"), uint64(len(signatories)))
	for _, who := range signatories {
		b = append(b, who[:]...)
	}
	return crypto.Blake2b256(binary.LittleEndian.AppendUint16(b, threshold))
}

// accountOf checks the other signatories of who and returns the account of them
// all. The order must be ascending, so that one group has one account.
func accountOf(ctx *runtime.Context, who substrate.AccountID, others []substrate.AccountID, threshold uint16) (none substrate.AccountID, err error) {
	if len(others) == 0 {
		return none, ErrTooFewSignatories
	}
	if len(others) >= int(min(MaxSignatories.Get(ctx), maxSignatories)) {
		return none, ErrTooManySignatories
	}
	for i := range others {
		if i > 0 && bytes.Compare(others[i-1][:], others[i][:]) >= 0 {
			return none, ErrSignatoriesOutOfOrder
		}
	}
	at, found := search(others, who)
	if found {
		return none, ErrSenderInSignatories
	}
	return Account(slices.Insert(slices.Clone(others), at, who), threshold), nil
}

func search(sorted []substrate.AccountID, who substrate.AccountID) (int, bool) {
	return slices.BinarySearchFunc(sorted, who, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
}
