package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// AddIdleSpace makes info, whose signature the caller has checked, the record
// of the miner's idle files and returns the idle space that it adds. Front
// must be the recorded one and Rear beyond it (CountError); the miner, its key
// and the declared space must fit. The network's total is the caller's.
func (API) AddIdleSpace(ctx *runtime.Context, who substrate.AccountID, info types.SpaceProofInfo, sig types.TEESignature) (scale.U128, error) {
	var added scale.U128
	err := advance(ctx, who, info, sig, func(m *Miner, old types.SpaceProofInfo) error {
		if string(m.State) != StatePositive {
			return ErrNotPositiveState
		}
		if info.Front != old.Front || info.Rear <= old.Rear {
			return ErrCount
		}
		added = scale.U128From64(info.Rear - old.Rear).SaturatingMul(scale.U128From64(IdleFileSize.Get(ctx)))
		if err := grow(&m.IdleSpace, added); err != nil {
			return err
		}
		if m.DeclarationSpace.Less(m.used()) {
			return ErrExceedingDeclarationSpace
		}
		return nil
	})
	return added, err
}

// ShrinkIdle makes info, whose signature the caller has checked, the record of
// the miner's idle files and returns the number of files that it removes. Rear
// must be the recorded one, and Front beyond it and not beyond Rear
// (CountError). Idle space stays: it went when fragments took the place.
//
// A miner that is frozen or leaving may do it too: it stores the fragments, and
// needs their room, all the same. Upstream asks for a positive one, which leaves
// a fined miner with more on its disk than it declared.
func (API) ShrinkIdle(ctx *runtime.Context, who substrate.AccountID, info types.SpaceProofInfo, sig types.TEESignature) (files uint64, err error) {
	err = advance(ctx, who, info, sig, func(m *Miner, old types.SpaceProofInfo) error {
		if m.left() {
			return ErrNotPositiveState
		}
		if info.Rear != old.Rear || info.Front <= old.Front || info.Front > info.Rear {
			return ErrCount
		}
		files = info.Front - old.Front
		return nil
	})
	return files, err
}

// advance replaces the record of a miner's idle files, after step has looked at
// it. Upstream does not compare the miner and the key with the record.
func advance(ctx *runtime.Context, who substrate.AccountID, info types.SpaceProofInfo, sig types.TEESignature, step func(*Miner, types.SpaceProofInfo) error) error {
	return Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		old, registered := m.SpaceProofInfo.Get()
		if !registered {
			return ErrNotPositiveState
		}
		if info.Miner != who || info.PoISKey != old.PoISKey {
			return ErrUnexpected
		}
		if err := step(m, old); err != nil {
			return err
		}
		m.SpaceProofInfo, m.TEESignature = scale.Some(info), sig
		return nil
	})
}

// AddPendingReplacement notes that idle files of that size must go, since
// fragments took their place.
func (API) AddPendingReplacement(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return PendingReplacements.Mutate(ctx, who, func(pending *scale.U128) error { return grow(pending, bytes) })
}

// SettleReplacement notes that idle files of that size went. It returns
// InsufficientReplaceable when less than one must go, and Overflow when less
// than that size must.
func (API) SettleReplacement(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return PendingReplacements.Mutate(ctx, who, func(pending *scale.U128) error {
		if pending.Less(scale.U128From64(IdleFileSize.Get(ctx))) {
			return ErrInsufficientReplaceable
		}
		return shrink(pending, bytes)
	})
}

// LockSpace takes idle space for fragments that a miner reports.
func (API) LockSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return move(ctx, who, bytes, func(m *Miner) (from, to *scale.U128) { return &m.IdleSpace, &m.LockSpace })
}

// UnlockSpace gives locked space back.
func (API) UnlockSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return move(ctx, who, bytes, func(m *Miner) (from, to *scale.U128) { return &m.LockSpace, &m.IdleSpace })
}

// LockToService turns locked space into service space: fragments got their
// tags.
func (API) LockToService(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return move(ctx, who, bytes, func(m *Miner) (from, to *scale.U128) { return &m.LockSpace, &m.ServiceSpace })
}

func move(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128, pick func(*Miner) (from, to *scale.U128)) error {
	return Miners.Mutate(ctx, who, ErrNotExisted, func(m *Miner) error {
		from, to := pick(m)
		if err := shrink(from, bytes); err != nil {
			return err
		}
		return grow(to, bytes)
	})
}

// DropLockedSpace forgets locked space: the fragments in it are gone. The
// miner certifies new idle files in its place. An account that is no miner is
// left alone.
func (API) DropLockedSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return change(ctx, who, func(m *Miner) error { return shrink(&m.LockSpace, bytes) })
}

// AddServiceSpace counts fragments that a miner stores besides those of deals.
// An account that is no miner, or a miner that left, is left alone.
func (API) AddServiceSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return change(ctx, who, func(m *Miner) error {
		if string(m.State) == StateExit {
			return nil
		}
		return grow(&m.ServiceSpace, bytes)
	})
}

// DropServiceSpace forgets service space, likewise; a miner that has left has
// none that counts.
func (API) DropServiceSpace(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return change(ctx, who, func(m *Miner) error {
		if string(m.State) == StateExit {
			return nil
		}
		return shrink(&m.ServiceSpace, bytes)
	})
}

func change(ctx *runtime.Context, who substrate.AccountID, fn func(*Miner) error) error {
	if !Miners.Contains(ctx, who) {
		return nil
	}
	return Miners.Mutate(ctx, who, ErrNotExisted, fn)
}

func grow(space *scale.U128, bytes scale.U128) error {
	sum, over := space.AddOverflow(bytes)
	if over {
		return ErrOverflow
	}
	*space = sum
	return nil
}

func shrink(space *scale.U128, bytes scale.U128) error {
	rest, under := space.SubUnderflow(bytes)
	if under {
		return ErrOverflow
	}
	*space = rest
	return nil
}
