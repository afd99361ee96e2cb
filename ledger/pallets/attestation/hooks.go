package attestation

import (
	"encoding/json"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation"
)

// Genesis is what a chain starts with.
type Genesis struct {
	// MinimumTCB is the lowest acceptable firmware of AMD's product lines;
	// reports of others are refused until Root sets theirs.
	MinimumTCB map[attestation.Authority]uint64 `json:"minimumTcb,omitempty"`
	// AllowSEPTVE accepts TDX machines without SEPT_VE_DISABLE.
	AllowSEPTVE bool `json:"allowSeptVe,omitempty"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if _, ok := g.MinimumTCB[attestation.Intel]; ok {
		return fmt.Errorf("a minimum of firmware for %v", attestation.Intel)
	}
	for _, a := range []attestation.Authority{attestation.AMDMilan, attestation.AMDGenoa, attestation.AMDTurin} {
		if tcb, ok := g.MinimumTCB[a]; ok {
			MinimumTCB.Put(ctx, Authority(a), tcb)
		}
	}
	AllowSEPTVE.Put(ctx, g.AllowSEPTVE)
	return nil
}

// onInitialize forgets what expires: as many entries as calls of one block
// brought.
func onInitialize(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	if !Expiring.Contains(ctx, now) {
		return
	}
	e := Expiring.Get(ctx, now)
	for _, registration := range e.Evidence {
		if v, ok := Evidence.Get(ctx, registration); ok && v.Expires <= now {
			Evidence.Delete(ctx, registration)
		}
	}
	for _, worker := range e.Workers {
		if last, ok := LastUsed.Get(ctx, worker); ok && last+EvidenceAge.Get(ctx) < now {
			LastUsed.Delete(ctx, worker)
		}
	}
	Expiring.Delete(ctx, now)
}
