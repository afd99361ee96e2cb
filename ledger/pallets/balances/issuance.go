package balances

import "github.com/gocess/gocess/ledger/runtime"

// Deactivate counts x, in planck, as issuance that belongs to nobody who could
// vote with it.
func (API) Deactivate(ctx *runtime.Context, x amount) {
	InactiveIssuance.Mutate(ctx, func(t *amount) { *t = t.SaturatingAdd(x) })
}

// Reactivate takes Deactivate back.
func (API) Reactivate(ctx *runtime.Context, x amount) {
	InactiveIssuance.Mutate(ctx, func(t *amount) { *t = t.SaturatingSub(x) })
}
