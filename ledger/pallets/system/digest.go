package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// DepositLog adds an item to the digest of the running block's header.
func DepositLog(ctx *runtime.Context, item substrate.DigestItem) {
	Digest.Mutate(ctx, func(d *substrate.Digest) { d.Logs = append(d.Logs, item) })
}
