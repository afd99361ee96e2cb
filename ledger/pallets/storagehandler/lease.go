package storagehandler

import (
	"encoding/binary"
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// minDays is the shortest first lease.
const minDays = 30

// leaseEnd is the block so many days after from, or Overflow if a lease that
// ends there could not expire.
func leaseEnd(ctx *runtime.Context, from types.BlockNumber, days uint32) (types.BlockNumber, error) {
	end := uint64(from) + uint64(days)*uint64(OneDay.Get(ctx))
	if end > uint64(math.MaxUint32-FrozenDays.Get(ctx)) {
		return 0, ErrOverflow
	}
	return types.BlockNumber(end), nil
}

// lease creates a territory that quoteLease allows. payer salts the token.
func lease(ctx *runtime.Context, payer, owner substrate.AccountID, name types.TerritoryName, gib, days uint32) (Territory, error) {
	now := ctx.BlockNumber()
	token := newToken(ctx, payer, name)
	if TerritoryKeys.Contains(ctx, token) {
		return Territory{}, ErrDuplicateTokens
	}
	deadline, err := leaseEnd(ctx, now, days)
	if err != nil {
		return Territory{}, err
	}
	t := Territory{
		Token: token, TotalSpace: bytesOf(gib), RemainingSpace: bytesOf(gib),
		Start: now, Deadline: deadline, State: TerritoryActive,
	}
	TerritoryKeys.Put(ctx, token, TerritoryRef{owner, name})
	Territories.Put(ctx, owner, name, t)
	if err := scheduleFreeze(ctx, deadline, token); err != nil {
		return t, err
	}
	return t, purchase(ctx, t.TotalSpace)
}

// newToken is random over `rewardpt` ‖ payer ‖ block ‖ name
// (spec/pallets-storage.md §0.5).
func newToken(ctx *runtime.Context, payer substrate.AccountID, name types.TerritoryName) TokenID {
	salt := RewardPalletID.Get(ctx)
	subject := append(append([]byte(nil), salt[:]...), payer[:]...)
	subject = binary.LittleEndian.AppendUint32(subject, ctx.BlockNumber())
	subject = append(scale.AppendCompact(subject, uint64(len(name))), name...)
	return randomness.Random(ctx, subject)
}

// expand adds gib GiB to a territory that quoteExpansion allows.
func expand(ctx *runtime.Context, t *Territory, gib uint32) error {
	if err := purchase(ctx, bytesOf(gib)); err != nil {
		return err
	}
	total, over1 := t.TotalSpace.AddOverflow(bytesOf(gib))
	remaining, over2 := t.RemainingSpace.AddOverflow(bytesOf(gib))
	if over1 || over2 {
		return ErrOverflow
	}
	t.TotalSpace, t.RemainingSpace = total, remaining
	return nil
}

// extend prolongs a lease that quoteRenewal allows: from its deadline, or from
// now if that has passed. A frozen territory is active again.
func extend(ctx *runtime.Context, t *Territory, days uint32) error {
	now := ctx.BlockNumber()
	unscheduleFreeze(ctx, t.Deadline, t.Token)
	ExpiryAgenda.Delete(ctx, expiryOf(ctx, t.Deadline), t.Token)
	from := t.Deadline
	if now > t.Deadline {
		t.Start, from = now, now
	}
	deadline, err := leaseEnd(ctx, from, days)
	if err != nil {
		return err
	}
	t.Deadline = deadline
	if deadline > now {
		t.State = TerritoryActive
	}
	return scheduleFreeze(ctx, deadline, t.Token)
}

// expiryOf is when a lease with the given deadline expires. leaseEnd leaves
// room for it.
func expiryOf(ctx *runtime.Context, deadline types.BlockNumber) types.BlockNumber {
	return types.BlockNumber(min(uint64(deadline)+uint64(FrozenDays.Get(ctx)), math.MaxUint32))
}

// scheduleFreeze enters a deadline in the agenda, or returns Overflow when the
// agenda of that block is full.
func scheduleFreeze(ctx *runtime.Context, at types.BlockNumber, token TokenID) error {
	if FreezeAgenda.Contains(ctx, at, token) {
		return nil
	}
	n := FreezeAgendaCount.Get(ctx, at) + 1
	if n >= FrozenLimit.Get(ctx) {
		return ErrOverflow
	}
	FreezeAgenda.Put(ctx, at, token, true)
	FreezeAgendaCount.Put(ctx, at, n)
	return nil
}

// unscheduleFreeze takes a deadline out of the agenda, if it is in there.
func unscheduleFreeze(ctx *runtime.Context, at types.BlockNumber, token TokenID) {
	if !FreezeAgenda.Contains(ctx, at, token) {
		return
	}
	FreezeAgenda.Delete(ctx, at, token)
	if n := FreezeAgendaCount.Get(ctx, at); n > 1 {
		FreezeAgendaCount.Put(ctx, at, n-1)
	} else {
		FreezeAgendaCount.Delete(ctx, at)
	}
}

// ExpiredTerritory names a territory whose files go.
type ExpiredTerritory = TerritoryRef

// FreezeAndExpire ends the leases that are due at now and returns those that
// expired for good, in the order of their agenda keys. It is called once per
// block; FrozenLimit bounds its work. It emits LeaseExpired for each.
//
// Agenda entries that no longer fit the territory do nothing, and all of the
// block are removed (spec/pallets-storage.md §3.5, §12 B27).
func (API) FreezeAndExpire(ctx *runtime.Context, now types.BlockNumber) []ExpiredTerritory {
	for token := range FreezeAgenda.IterPrefix(ctx, now) {
		FreezeAgenda.Delete(ctx, now, token)
		freeze(ctx, now, token)
	}
	FreezeAgendaCount.Delete(ctx, now)
	var gone []ExpiredTerritory
	for token := range ExpiryAgenda.IterPrefix(ctx, now) {
		ExpiryAgenda.Delete(ctx, now, token)
		if ref, ok := expire(ctx, token); ok {
			gone = append(gone, ref)
		}
	}
	return gone
}

func freeze(ctx *runtime.Context, now types.BlockNumber, token TokenID) {
	ref, t, ok := byToken(ctx, token)
	if !ok || t.Deadline != now {
		return
	}
	switch t.State {
	case TerritoryActive:
	case TerritoryOnConsignment:
		dropConsignment(ctx, token)
	default:
		return
	}
	t.State = TerritoryFrozen
	Territories.Put(ctx, ref.Owner, ref.Name, t)
	ExpiryAgenda.Put(ctx, expiryOf(ctx, now), token, true)
}

func expire(ctx *runtime.Context, token TokenID) (TerritoryRef, bool) {
	ref, t, ok := byToken(ctx, token)
	if !ok || t.State != TerritoryFrozen {
		return ref, false
	}
	t.State = TerritoryExpired
	Territories.Put(ctx, ref.Owner, ref.Name, t)
	release(ctx, t.TotalSpace)
	ctx.Emit(LeaseExpiredEvent{Account: ref.Owner, Size: t.TotalSpace})
	return ref, true
}

func byToken(ctx *runtime.Context, token TokenID) (ref TerritoryRef, t Territory, ok bool) {
	if ref, ok = TerritoryKeys.Get(ctx, token); !ok {
		return ref, t, false
	}
	t, ok = Territories.Get(ctx, ref.Owner, ref.Name)
	return ref, t, ok && t.Token == token
}

// dropConsignment takes a territory off the market. A buyer gets the reserved
// price back, and the hand-over is off (spec/pallets-storage.md §12, B11).
func dropConsignment(ctx *runtime.Context, token TokenID) {
	c, ok := Consignments.Get(ctx, token)
	if !ok {
		return
	}
	Consignments.Delete(ctx, token)
	if buyer, sold := c.Buyer.Get(); sold {
		currency.Unreserve(ctx, buyer, c.Price)
		unscheduleTask(ctx, token)
		ctx.Emit(CancelPurchaseActionEvent{Token: token})
	}
}
