package audit

import (
	"encoding/json"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// storageVersion is upstream's; metadata never lists it.
var storageVersion = runtime.NewValue[uint16](name, ":__STORAGE_VERSION__:")

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var none struct{}
	if err := types.DecodeGenesis(raw, &none); err != nil {
		return err
	}
	if SlipLimit.Get(ctx) == 0 || JudgeLimit.Get(ctx) == 0 {
		return errors.New("Audit.SlipLimit or Audit.JudgeLimit is 0: challenges would never end")
	}
	storageVersion.Put(ctx, 1)
	return nil
}

// onInitialize draws a miner and works off the slips of the block.
func onInitialize(ctx *runtime.Context) {
	draw(ctx)
	workOff(ctx, ProofSlips, proofBacklog, noteMiss)
	proofs := JudgeLimit.Get(ctx)
	workOff(ctx, VerifySlips, verifyBacklog, func(ctx *runtime.Context, miner substrate.AccountID) {
		conclude(ctx, miner, &proofs)
	})
}

func draw(ctx *runtime.Context) {
	now, period := ctx.BlockNumber(), ChallengePeriod.Get(ctx)
	if now < FirstChallenge.Get(ctx) || period == 0 || now%period != 0 {
		return
	}
	list := miners.AllMiners(ctx)
	if len(list) == 0 {
		return
	}
	miner := list[diceOf(ctx).number(now)%uint64(len(list))]
	if start(ctx, miner) {
		ctx.Emit(GenerateChallengeEvent{Miner: miner})
	}
}

type slips = runtime.OptionalDoubleMap[types.BlockNumber, substrate.AccountID, bool]

// workOff takes the slips before this block off their index and lets do handle
// each miner by itself: what fails for one leaves the others alone. A slip's
// own block still counts; upstream punishes before its extrinsics run. Slips
// beyond SlipLimit wait for the next block.
func workOff(ctx *runtime.Context, m *slips, backlog *runtime.OptionalValue[types.BlockNumber], do func(*runtime.Context, substrate.AccountID)) {
	last := ctx.BlockNumber() - 1
	block, behind := backlog.Get(ctx)
	if !behind {
		block = last
	}
	var due []substrate.AccountID
	for left := SlipLimit.Get(ctx); ; block++ {
		due = due[:0]
		for miner := range m.IterPrefix(ctx, block) {
			if left == 0 {
				break
			}
			left--
			due = append(due, miner)
		}
		for _, miner := range due {
			m.Delete(ctx, block, miner)
			do(ctx, miner)
		}
		if left == 0 {
			backlog.Put(ctx, block)
			return
		}
		if block >= last {
			break
		}
	}
	if behind {
		backlog.Delete(ctx)
	}
}

// noteMiss counts and punishes a service proof that did not come; a missing
// idle proof only costs the reward (spec/pallets-mining.md §2.2 b).
func noteMiss(ctx *runtime.Context, miner substrate.AccountID) {
	c, ok := Challenges.Get(ctx, miner)
	if !ok || c.Proofs.Service.IsSome() {
		return
	}
	count := Misses.Get(ctx, miner)
	if count < 255 {
		count++
	}
	if count > 1 {
		// A fine that cannot be collected, whatever the reason, must not hide
		// the miss.
		_ = ctx.Transaction(func() error {
			_, err := miners.ClearPunish(ctx, miner, c.Snapshot.IdleSpace, c.Snapshot.ServiceSpace, count)
			return err
		})
	}
	if count >= MissLimit.Get(ctx) {
		if ctx.Transaction(func() error { return miners.ForceExit(ctx, miner) }) == nil {
			Misses.Delete(ctx, miner)
			return
		}
	}
	Misses.Put(ctx, miner, count)
}

// conclude ends a challenge whose verify window is over, or extends the window
// while a verdict is missing (spec/pallets-mining.md §2.2 c). A service proof
// that nobody judged is judged by the chain, if it can be: no miner escapes by
// keeping a bad verdict to itself. A verdict that can be disputed keeps the
// record for the rest of the dispute period; the window for verdicts stays
// closed then.
//
// proofs is the number of proofs that this block may still verify; challenges
// beyond it wait for the next one.
func conclude(ctx *runtime.Context, miner substrate.AccountID, proofs *uint32) {
	c, ok := Challenges.Get(ctx, miner)
	if !ok {
		return
	}
	if c.Proofs.unjudged() && c.Proofs.Assign < VerifyExtensions.Get(ctx) {
		extend(ctx, miner, &c)
		return
	}
	now := ctx.BlockNumber()
	if p, ok := c.Proofs.Service.Get(); ok && p.Verdict.IsNone() {
		if *proofs == 0 {
			VerifySlips.Put(ctx, now, miner, true)
			return
		}
		// Without a verdict the challenge just ends.
		if ctx.Transaction(func() error { return judge(ctx, miner, &c, &p) }) == nil {
			*proofs--
		}
	}
	if j, ok := Judgements.Get(ctx, miner); ok && j.TEE.IsSome() {
		if until := at(j.At, uint64(fragments.DisputePeriod(ctx, miner))); until >= now {
			VerifySlips.Put(ctx, until, miner, true)
			return
		}
	}
	end(ctx, miner)
}

// judge gives the chain's own verdict.
func judge(ctx *runtime.Context, miner substrate.AccountID, c *Challenge, p *ServiceProof) error {
	result, err := fragments.Judge(ctx, miner, c.Element, p.Proof)
	if err != nil {
		return err
	}
	return settle(ctx, miner, c, p, result, scale.None[types.WorkerPublicKey]())
}

func extend(ctx *runtime.Context, miner substrate.AccountID, c *Challenge) {
	c.Proofs.Assign++
	if tee, err := assign(ctx); err == nil {
		if p, ok := c.Proofs.Idle.Get(); ok && p.Verdict.IsNone() {
			p.TEE = tee
			c.Proofs.Idle = scale.Some(p)
		}
		if p, ok := c.Proofs.Service.Get(); ok && p.Verdict.IsNone() {
			p.TEE = tee
			c.Proofs.Service = scale.Some(p)
		}
	}
	largest := c.Snapshot.IdleSpace.Max(c.Snapshot.ServiceSpace)
	e := &c.Element
	e.VerifySlip = at(ctx.BlockNumber(), blocksFor(largest, VerifyRate.Get(ctx)), uint64(VerifyTime.Get(ctx)))
	Challenges.Put(ctx, miner, *c)
	VerifySlips.Put(ctx, e.VerifySlip, miner, true)
}

// unjudged says whether some proof has no verdict.
func (p *Proofs) unjudged() bool {
	idle, hasIdle := p.Idle.Get()
	service, hasService := p.Service.Get()
	return hasIdle && idle.Verdict.IsNone() || hasService && service.Verdict.IsNone()
}
