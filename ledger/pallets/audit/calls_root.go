package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// UpdateCountedClear forgets a miner's row of misses.
type UpdateCountedClear struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits nothing.
func (c UpdateCountedClear) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	Misses.Delete(ctx, c.Miner)
	return nil
}

// TestUpdateClearSlip moves the block in which a missing service proof is
// noted. The deadlines of the proofs stay.
type TestUpdateClearSlip struct {
	Old   types.BlockNumber   `type:"BlockNumberFor<T>"`
	New   types.BlockNumber   `type:"BlockNumberFor<T>"`
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits nothing.
func (c TestUpdateClearSlip) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return move(ctx, ProofSlips, c.Old, c.New, c.Miner)
}

// TestUpdateVerifySlip moves the end of a challenge's verify window.
type TestUpdateVerifySlip struct {
	Old   types.BlockNumber   `type:"BlockNumberFor<T>"`
	New   types.BlockNumber   `type:"BlockNumberFor<T>"`
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits nothing.
func (c TestUpdateVerifySlip) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if err := move(ctx, VerifySlips, c.Old, c.New, c.Miner); err != nil {
		return err
	}
	return Challenges.Mutate(ctx, c.Miner, ErrNoChallenge, func(open *Challenge) error {
		open.Element.VerifySlip = c.New
		return nil
	})
}

// move changes the block of a slip; a block that is over would never come up.
func move(ctx *runtime.Context, m *slips, from, to types.BlockNumber, miner substrate.AccountID) error {
	if !m.Contains(ctx, from, miner) {
		return ErrNonExistentMission
	}
	if to < ctx.BlockNumber() {
		return ErrExpired
	}
	m.Delete(ctx, from, miner)
	m.Put(ctx, to, miner, true)
	return nil
}

// PointMinerChallenge challenges a miner of the caller's choice.
type PointMinerChallenge struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits nothing. It does nothing if the miner cannot be challenged.
func (c PointMinerChallenge) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	start(ctx, c.Miner)
	return nil
}
