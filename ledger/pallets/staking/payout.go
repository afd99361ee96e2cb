package staking

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// PayoutStakers pays the next page of a validator's era; anybody may sign.
type PayoutStakers struct {
	ValidatorStash accountID `type:"T::AccountId"`
	Era            uint32    `type:"EraIndex"`
}

// Dispatch emits PayoutStarted and a Rewarded for each payment.
func (c PayoutStakers) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	if _, _, err := ledgerOfStash(ctx, c.ValidatorStash); err != nil {
		return err
	}
	page, ok := nextPage(ctx, c.Era, c.ValidatorStash).Get()
	if !ok {
		return ErrAlreadyClaimed
	}
	return payout(ctx, c.ValidatorStash, c.Era, page)
}

// DispatchInfo covers a full page.
func (c PayoutStakers) DispatchInfo() substrate.DispatchInfo { return payoutInfo() }

// PayoutStakersByPage pays one page of a validator's era; anybody may sign.
type PayoutStakersByPage struct {
	ValidatorStash accountID `type:"T::AccountId"`
	Era            uint32    `type:"EraIndex"`
	Page           uint32    `type:"Page"`
}

// Dispatch emits PayoutStarted and a Rewarded for each payment.
func (c PayoutStakersByPage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	return payout(ctx, c.ValidatorStash, c.Era, c.Page)
}

// DispatchInfo covers a full page.
func (c PayoutStakersByPage) DispatchInfo() substrate.DispatchInfo { return payoutInfo() }

func payoutInfo() substrate.DispatchInfo {
	n := uint64(MaxExposurePageSize.Default()) + 1
	return substrate.DispatchInfo{Weight: runtime.WorkWeight(10+10*n, 3+10*n)}
}

// pageCount is how many pages can be claimed: at least one, for the
// validator's own part.
func pageCount(ctx *runtime.Context, era uint32, stash accountID) uint32 {
	o, _ := ErasStakersOverview.Get(ctx, era, stash)
	return max(o.PageCount, 1)
}

// nextPage is the first page that was not paid.
func nextPage(ctx *runtime.Context, era uint32, stash accountID) scale.Option[uint32] {
	claimed := ClaimedRewards.Get(ctx, era, stash)
	for page := range pageCount(ctx, era, stash) {
		if !slices.Contains(claimed, page) {
			return scale.Some(page)
		}
	}
	return scale.None[uint32]()
}

// payout pays a page (spec/consensus.md §4.3): the validator's share of the
// era is that of its points; of it the commission goes to the validator, by
// pages, and the rest to all that stand behind it, by stake. Each product with
// a ratio is rounded to the nearest planck, halves down.
func payout(ctx *runtime.Context, stash accountID, era, page uint32) error {
	planned, ok := CurrentEra.Get(ctx)
	if !ok || era > planned || planned-era > HistoryDepth.Get(ctx) {
		return ErrInvalidEraToReward
	}
	if page >= pageCount(ctx, era, stash) {
		return ErrInvalidPage
	}
	reward, ok := ErasValidatorReward.Get(ctx, era)
	if !ok {
		return ErrInvalidEraToReward
	}
	if _, _, err := ledgerOfStash(ctx, stash); err != nil {
		return err
	}
	claimed := ClaimedRewards.Get(ctx, era, stash)
	if slices.Contains(claimed, page) {
		return ErrAlreadyClaimed
	}
	overview, ok := ErasStakersOverview.Get(ctx, era, stash)
	if !ok {
		return ErrInvalidEraToReward
	}
	ClaimedRewards.Put(ctx, era, stash, append(claimed, page))
	points := ErasRewardPoints.Get(ctx, era)
	own, _ := points.Individual.Get(stash)
	if own == 0 {
		return nil
	}
	total := substrate.PerbillOf(from32(own), from32(points.Total)).Mul(reward)
	commission := min(ErasValidatorPrefs.Get(ctx, era, stash).Commission, perbillOne).Mul(total)
	rest := total.SaturatingSub(commission)

	nominators, _ := ErasStakersPaged.Get(ctx, era, stash, page)
	staked, pageTotal := amount{}, nominators.PageTotal
	if page == 0 {
		staked = overview.Own
		pageTotal = pageTotal.SaturatingAdd(staked)
	}
	part := func(x amount) substrate.Perbill { return substrate.PerbillOf(x, overview.Total) }
	ctx.Emit(PayoutStartedEvent{EraIndex: era, ValidatorStash: stash, Page: page, Next: nextPage(ctx, era, stash)})
	pay(ctx, stash, part(staked).Mul(rest).SaturatingAdd(part(pageTotal).Mul(commission)))
	for _, n := range nominators.Others {
		pay(ctx, n.Who, part(n.Value).Mul(rest))
	}
	return nil
}

func from32(n uint32) amount { return scale.U128From64(uint64(n)) }

// pay mints a reward for the payee of a stash and emits Rewarded. A reward
// that its payee cannot receive is not minted.
func pay(ctx *runtime.Context, stash accountID, x amount) {
	payee, ok := Payees.Get(ctx, stash)
	if !ok || x.IsZero() {
		return
	}
	err := ctx.Transaction(func() error { return payTo(ctx, stash, payee, x) })
	if err == nil {
		ctx.Emit(RewardedEvent{Stash: stash, Dest: payee, Amount: x})
	}
}

func payTo(ctx *runtime.Context, stash accountID, payee RewardDestination, x amount) error {
	switch p := payee.(type) {
	case PayStash:
		return currency.Mint(ctx, stash, x)
	case PayAccount:
		return currency.Mint(ctx, p.Account, x)
	case PayController:
		controller, ok := Bonded.Get(ctx, stash)
		if !ok {
			return ErrNotStash
		}
		return currency.Mint(ctx, controller, x)
	case PayStaked:
		controller, l, err := ledgerOfStash(ctx, stash)
		if err != nil {
			return err
		}
		if err := currency.Mint(ctx, stash, x); err != nil {
			return err
		}
		if l.Total, err = add(l.Total, x); err != nil {
			return err
		}
		if l.Active, err = add(l.Active, x); err != nil {
			return err
		}
		return save(ctx, controller, l)
	}
	return errForgone
}
