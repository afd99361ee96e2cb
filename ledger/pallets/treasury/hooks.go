package treasury

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// genesis gives the treasury the existential deposit, so that it exists
// whatever it gets.
func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	if err := types.DecodeGenesis(raw, &struct{}{}); err != nil {
		return err
	}
	least := balances.ExistentialDeposit.Get(ctx)
	if currency.Free(ctx, Pot(ctx)).Less(least) {
		return currency.Mint(ctx, Pot(ctx), least)
	}
	return nil
}

// onInitialize keeps the inactive issuance up to date and, when a spend period
// is over, pays and burns.
func onInitialize(ctx *runtime.Context) {
	followBudget(ctx)
	period := max(1, SpendPeriod.Get(ctx))
	now := ctx.BlockNumber()
	last, ok := LastSpendPeriod.Get(ctx)
	if !ok {
		// The last multiple of the period before this block.
		last = now - 1 - (now-1)%period
		LastSpendPeriod.Put(ctx, last)
	}
	// No block is skipped, so that never more than one period has passed.
	if now-last >= period {
		LastSpendPeriod.Put(ctx, now)
		pay(ctx)
	}
}

// followBudget makes the budget the treasury's part of the inactive issuance:
// it belongs to nobody who could vote with it.
func followBudget(ctx *runtime.Context) {
	before, now := Deactivated.Get(ctx), budget(ctx)
	if before == now {
		return
	}
	currency.Reactivate(ctx, before)
	currency.Deactivate(ctx, now)
	Deactivated.Put(ctx, now)
	ctx.Emit(UpdatedInactiveEvent{Reactivated: before, Deactivated: now})
}

// pay carries out the approved local spends in their order, as far as the
// budget goes, and burns a part of what remains unless one of them waits.
func pay(ctx *runtime.Context) {
	left := budget(ctx)
	ctx.Emit(SpendingEvent{BudgetRemaining: left})
	approved := Approvals.Get(ctx)
	waiting := approved[:0:0]
	for _, i := range approved {
		p, ok := Proposals.Get(ctx, i)
		if !ok {
			continue
		}
		if left.Less(p.Value) {
			waiting = append(waiting, i)
			continue
		}
		Proposals.Delete(ctx, i)
		if err := currency.Transfer(ctx, Pot(ctx), p.Beneficiary, p.Value, balances.KeepAlive); err != nil {
			// Too little for an account that does not exist; it stays here.
			p.Value = amount{}
		}
		left = left.SaturatingSub(p.Value)
		ctx.Emit(AwardedEvent{ProposalIndex: i, Award: p.Value, Account: p.Beneficiary})
	}
	if len(waiting) != len(approved) {
		Approvals.Put(ctx, waiting)
	}
	if len(waiting) == 0 {
		left = burn(ctx, left)
	}
	ctx.Emit(RolloverEvent{RolloverBalance: left})
}

// burn destroys the constant part of what remains and returns the rest.
func burn(ctx *runtime.Context, left amount) amount {
	part := Burn.Get(ctx)
	if part == 0 {
		return left
	}
	kept := (all - min(part, all)).Mul(left)
	lost := left.SaturatingSub(kept)
	if err := currency.Burn(ctx, Pot(ctx), lost, balances.KeepAlive); err != nil {
		// Something locks the pot's balance.
		return left
	}
	ctx.Emit(BurntEvent{BurntFunds: lost})
	return kept
}

// all is the whole as a Permill.
const all substrate.Permill = 1_000_000
