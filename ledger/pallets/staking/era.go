package staking

import (
	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// minerPot receives the miners' part of an era.
var minerPot = substrate.AccountOfPallet(types.RewardPot)

// GenesisSessions plans era 0, which is not elected, with the first validators
// for sessions 0 and 1, and starts session 0.
func (API) GenesisSessions(ctx *runtime.Context, validators []accountID) {
	var bonded []accountID
	for _, stash := range validators {
		if Validators.Contains(ctx, stash) {
			bonded = append(bonded, stash)
		}
	}
	planEra(ctx, 0, 0, solver.Supports(bonded, voters(ctx)))
	CurrentPlannedSession.Put(ctx, 1)
	API{}.StartSession(ctx, 0)
}

// NewSession is called when a session is planned, one session before it starts:
// with the last session of an era before it, or if ForceEra says so, the next era
// is planned with that session. CurrentEra advances, its validators are elected,
// and what stands behind each of them is recorded. If the election fails the
// validators and the era go on, and the next session tries again.
func (API) NewSession(ctx *runtime.Context, session uint32) ([]accountID, bool) {
	CurrentPlannedSession.Put(ctx, session)
	era := plannedEra(ctx)
	start, _ := ErasStartSessionIndex.Get(ctx, era)
	long := session >= start && session-start >= SessionsPerEra.Get(ctx)
	forcing := ForceEra.Get(ctx)
	if forcing != ForceNew && forcing != ForceAlways && (forcing != NotForcing || !long) {
		return nil, false
	}
	supports, ok := elect(ctx, session)
	if !ok {
		return nil, false
	}
	planEra(ctx, era+1, session, supports)
	if forcing == ForceNew {
		setForcing(ctx, NotForcing)
	}
	winners := make([]accountID, len(supports))
	for i, s := range supports {
		winners[i] = s.Winner
	}
	return winners, true
}

// planEra records the era that starts with the given session.
func planEra(ctx *runtime.Context, era, session uint32, supports []solver.Support) {
	CurrentEra.Put(ctx, era)
	ErasStartSessionIndex.Put(ctx, era, session)
	if depth := HistoryDepth.Get(ctx); era > depth {
		forget(ctx, era-depth-1)
	}
	total, unit := amount{}, voteUnit(ctx)
	for _, s := range supports {
		e := exposureTo(s, unit)
		total = total.SaturatingAdd(e.Total)
		putExposure(ctx, era, s.Winner, e)
		ErasValidatorPrefs.Put(ctx, era, s.Winner, Validators.Get(ctx, s.Winner))
	}
	ErasTotalStake.Put(ctx, era, total)
}

// forget removes an era that can no longer be claimed.
func forget(ctx *runtime.Context, era uint32) {
	for validator := range ErasStakersOverview.IterPrefix(ctx, era) {
		ErasStakersOverview.Delete(ctx, era, validator)
	}
	for page := range ErasStakersPaged.IterPrefix(ctx, era) {
		ErasStakersPaged.Delete(ctx, era, page.First, page.Second)
	}
	for validator := range ClaimedRewards.IterPrefix(ctx, era) {
		ClaimedRewards.Delete(ctx, era, validator)
	}
	for validator := range ErasValidatorPrefs.IterPrefix(ctx, era) {
		ErasValidatorPrefs.Delete(ctx, era, validator)
	}
	ErasValidatorReward.Delete(ctx, era)
	ErasRewardPoints.Delete(ctx, era)
	ErasTotalStake.Delete(ctx, era)
	ErasStartSessionIndex.Delete(ctx, era)
}

// StartSession is called when a session starts: the era that was planned for
// it begins.
func (API) StartSession(ctx *runtime.Context, session uint32) {
	next := uint32(0)
	if active, ok := ActiveEra.Get(ctx); ok {
		next = active.Index + 1
	}
	if start, ok := ErasStartSessionIndex.Get(ctx, next); ok && start <= session {
		beginEra(ctx, next, session)
	}
	// A session whose validators changed has forgotten who is disabled.
	for _, index := range DisabledValidators.Get(ctx) {
		seats.Disable(ctx, index)
	}
}

func beginEra(ctx *runtime.Context, era, session uint32) {
	// Start follows when the block ends.
	ActiveEra.Put(ctx, ActiveEraInfo{Index: era})
	bonded := append(BondedEras.Get(ctx), BondedEra{era, session})
	if duration := BondingDuration.Get(ctx); era > duration {
		for len(bonded) > 0 && bonded[0].Era < era-duration {
			forgetSlashes(ctx, bonded[0].Era)
			bonded = bonded[1:]
		}
	}
	BondedEras.Put(ctx, bonded)
	applySlashes(ctx, era)
}

// EndSession is called when a session is over: if the era ends with it, the
// era is paid.
func (API) EndSession(ctx *runtime.Context, session uint32) {
	active, ok := ActiveEra.Get(ctx)
	if !ok {
		return
	}
	if start, ok := ErasStartSessionIndex.Get(ctx, active.Index+1); ok && start == session+1 {
		endEra(ctx, active)
	}
}

// endEra records what the validators of an era get and pays the miners. An era
// without a start pays nothing.
func endEra(ctx *runtime.Context, era ActiveEraInfo) {
	DisabledValidators.Delete(ctx)
	if era.Start.IsNone() {
		return
	}
	validators, miners := payoutOf(ctx, era.Index)
	ErasValidatorReward.Put(ctx, era.Index, validators)
	err := ctx.Transaction(func() error { return payMiners(ctx, miners) })
	if err != nil {
		// Only a full issuance gets here. The event tells the truth.
		miners = amount{}
	}
	ctx.Emit(EraPaidEvent{EraIndex: era.Index, ValidatorPayout: validators, SminerPayout: miners})
}

func payMiners(ctx *runtime.Context, x amount) error {
	if err := currency.Mint(ctx, minerPot, x); err != nil {
		return err
	}
	if treasury == nil {
		return nil
	}
	return treasury.OnEraPayout(ctx, x)
}

// authorPoints is what the author of a block gets.
const authorPoints = 20

// onInitialize credits the block's author. It runs before the session
// changes: the first block of an era counts for the era before, as upstream.
func onInitialize(ctx *runtime.Context) {
	author, ok := authors.Author(ctx)
	if !ok {
		return
	}
	era, ok := ActiveEra.Get(ctx)
	if !ok {
		return
	}
	points := ErasRewardPoints.Get(ctx, era.Index)
	had, _ := points.Individual.Get(author)
	points.Individual.Put(author, saturatingAdd(had, authorPoints))
	points.Total = saturatingAdd(points.Total, authorPoints)
	ErasRewardPoints.Put(ctx, era.Index, points)
}

// onFinalize dates an era that began in this block.
func onFinalize(ctx *runtime.Context) {
	if era, ok := ActiveEra.Get(ctx); ok && era.Start.IsNone() {
		era.Start = scale.Some(ctx.Now())
		ActiveEra.Put(ctx, era)
	}
}
