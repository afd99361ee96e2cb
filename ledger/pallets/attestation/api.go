package attestation

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets use of evidence.
type API struct{}

// Stored is verified evidence for a registration.
func (API) Stored(ctx *runtime.Context, registration substrate.H256) (Verified, bool) {
	return Evidence.Get(ctx, registration)
}

// VerifyTDX verifies a quote against the chain's collateral. It returns an
// error of this pallet.
func (API) VerifyTDX(ctx *runtime.Context, quote []byte) (Verified, error) {
	return verifyTDX(ctx, quote)
}

// Use spends evidence for a worker. It returns ErrStale unless the evidence
// names a later block than the worker's last: nobody can bring an old
// registration back.
func (API) Use(ctx *runtime.Context, worker types.WorkerPublicKey, v Verified) error {
	if last, ok := LastUsed.Get(ctx, worker); ok && v.Block <= last {
		return ErrStale
	}
	Evidence.Delete(ctx, v.Registration)
	LastUsed.Put(ctx, worker, v.Block)
	Machines.Put(ctx, worker, Machine{Kind: v.Kind, Measurement: v.Measurement})
	// Whatever names an older block is stale by itself from then on.
	expire(ctx, max(ctx.BlockNumber(), v.Block+EvidenceAge.Get(ctx))+1, func(e *Expiry) {
		e.Workers = append(e.Workers, worker)
	})
	return nil
}

// Forget ends what Machines says of a worker that has gone or that governance
// registered without evidence. Its old evidence stays spent.
func (API) Forget(ctx *runtime.Context, worker types.WorkerPublicKey) { Machines.Delete(ctx, worker) }
