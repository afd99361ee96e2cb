package sminer

import "github.com/gocess/gocess/ledger/runtime"

// ReceiveReward claims what the signer's reward orders have due.
type ReceiveReward struct{}

// Dispatch emits Receive. It does nothing for an account that is no miner, and
// pays positive miners and those that left only.
func (ReceiveReward) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	m, ok := Miners.Get(ctx, who)
	if !ok {
		return nil
	}
	if !m.mayReceive() {
		return ErrNotPositiveState
	}
	return settle(ctx, who, m.Beneficiary)
}
