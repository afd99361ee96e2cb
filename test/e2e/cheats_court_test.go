//go:build e2e

package e2e

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// court follows all blocks and holds what every miner loses against the
// formulae of spec/pallets-mining.md §1.4, §1.8 and §2.2, with arithmetic of
// its own.
type court struct {
	chain  *sdk.Client
	honest map[substrate.AccountID]bool

	height     uint32
	open       map[substrate.AccountID]audit.Challenge // after block height
	rounds     map[substrate.AccountID][]*round
	misses     map[substrate.AccountID]uint8  // in a row
	failures   map[substrate.AccountID]uint32 // in a row
	due, taken map[substrate.AccountID]*big.Int
	out        map[substrate.AccountID]bool // forced out
}

// round is one challenge of a miner.
type round struct {
	challenge audit.Challenge // as it started
	fragments uint64          // that it can ask for
	earned    bool            // the miner had rewards when it started

	idle, service     scale.Option[bool] // verdicts
	noIdle, noService bool               // no proof came in time
	refused           []substrate.DispatchError
	over              bool
}

func newCourt(t *testing.T, chain *sdk.Client, honest map[substrate.AccountID]bool) *court {
	t.Helper()
	c := &court{
		chain: chain, honest: honest, open: make(map[substrate.AccountID]audit.Challenge),
		rounds: make(map[substrate.AccountID][]*round), misses: make(map[substrate.AccountID]uint8),
		failures: make(map[substrate.AccountID]uint32), out: make(map[substrate.AccountID]bool),
		due: make(map[substrate.AccountID]*big.Int), taken: make(map[substrate.AccountID]*big.Int),
	}
	c.height, _ = best(t, chain)
	return c
}

// follow reads the blocks that are new.
func (c *court) follow(t *testing.T) {
	t.Helper()
	for head, _ := best(t, c.chain); c.height < head; c.height++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c.block(ctx, t, c.height+1)
		cancel()
	}
}

// decisions are what one block decides.
type decisions struct {
	due, taken map[substrate.AccountID]*big.Int
	failed     map[uint32]substrate.DispatchError // extrinsics
}

func (c *court) block(ctx context.Context, t *testing.T, height uint32) {
	t.Helper()
	before, err := c.chain.AtHeight(ctx, height-1)
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.chain.AtHeight(ctx, height)
	if err != nil {
		t.Fatal(err)
	}
	now := make(map[substrate.AccountID]audit.Challenge)
	for _, e := range list(t, at, audit.Challenges) {
		now[e.Key] = e.Value
	}
	records, err := sdk.Get(ctx, at, system.Events)
	if err != nil {
		t.Fatal(err)
	}
	v := decisions{
		due: make(map[substrate.AccountID]*big.Int), taken: make(map[substrate.AccountID]*big.Int),
		failed: make(map[uint32]substrate.DispatchError),
	}
	c.deadlines(ctx, t, before, height, &v)
	for _, r := range records {
		c.event(t, height, r, &v)
	}
	c.refusals(ctx, t, height, &v)
	c.turn(ctx, t, at, now)
	c.compare(ctx, t, before, at, height, &v)
	c.open = now
}

func (c *court) last(who substrate.AccountID) *round {
	if n := len(c.rounds[who]); n > 0 {
		return c.rounds[who][n-1]
	}
	return new(round) // a challenge that is older than the court
}

// deadlines counts proofs that had to be there by the block before.
func (c *court) deadlines(ctx context.Context, t *testing.T, before sdk.At, height uint32, v *decisions) {
	t.Helper()
	for who, open := range c.open {
		if max(open.Element.IdleSlip, open.Element.ServiceSlip)+1 != height {
			continue
		}
		r := c.last(who)
		r.noIdle, r.noService = open.Proofs.Idle.IsNone(), open.Proofs.Service.IsNone()
		if !r.noService {
			continue
		}
		c.misses[who]++
		if c.honest[who] {
			t.Logf("block %d: honest miner %v was late for the %d. time in a row", height, types.Address(who), c.misses[who])
		}
		rewards, _, err := sdk.Find(ctx, before, sminer.Rewards, who)
		if err != nil {
			t.Fatal(err)
		}
		s := open.Snapshot
		add(v.due, who, missFine(s.IdleSpace.Big(), s.ServiceSpace.Big(), c.misses[who], !rewards.TotalReward.IsZero()))
		if c.misses[who] == missLimit {
			c.out[who], c.misses[who] = true, 0
		}
	}
}

func (c *court) event(t *testing.T, height uint32, r system.EventRecord, v *decisions) {
	t.Helper()
	pot := substrate.AccountOfPallet(types.PunishmentPot)
	switch e := r.Event.Event.(type) {
	case audit.SubmitServiceVerifyResultEvent:
		c.judged(t, height, e.Miner, e.Result, v)
	case podr2.JudgedEvent:
		c.judged(t, height, e.Miner, e.Result, v)
	case podr2.OverturnedEvent:
		t.Errorf("block %d: the verdict on miner %v was overturned", height, types.Address(e.Miner))
	case audit.SubmitIdleVerifyResultEvent:
		c.last(e.Miner).idle = scale.Some(e.Result)
		if !e.Result {
			t.Errorf("block %d: the idle proof of miner %v was found wrong", height, types.Address(e.Miner))
		}
	case balances.ReserveRepatriatedEvent:
		if e.To == pot {
			add(v.taken, e.From, e.Amount.Big())
		}
	case balances.TransferEvent:
		if e.To == pot {
			t.Errorf("block %d: %v paid %v planck into the pot of punishments", height, types.Address(e.From), e.Amount)
		}
	case system.ExtrinsicFailedEvent:
		if i, ok := r.Phase.Extrinsic(); ok {
			v.failed[i] = e.DispatchError
		}
	}
}

// judged counts a verdict on a service proof: the second false one in a row
// and all that follow are fined.
func (c *court) judged(t *testing.T, height uint32, who substrate.AccountID, result bool, v *decisions) {
	t.Helper()
	c.last(who).service = scale.Some(result)
	if result {
		c.failures[who] = 0
		return
	}
	if c.honest[who] {
		t.Errorf("block %d: the service proof of honest miner %v was found wrong", height, types.Address(who))
	}
	c.failures[who]++
	if c.failures[who] >= 2 {
		add(v.due, who, falseFine(c.open[who].Snapshot.ServiceSpace.Big()))
	}
}

// refusals notes failed proofs and verdicts of miners.
func (c *court) refusals(ctx context.Context, t *testing.T, height uint32, v *decisions) {
	t.Helper()
	if len(v.failed) == 0 {
		return
	}
	hash, err := c.chain.HashAt(ctx, height)
	if err != nil {
		t.Fatal(err)
	}
	body, err := c.chain.Body(ctx, hash)
	if err != nil {
		t.Fatal(err)
	}
	for i, reason := range v.failed {
		x, err := runtime.DecodeExtrinsic(body[i])
		if err != nil {
			t.Fatalf("block %d: %v", height, err)
		}
		if x.Signature == nil {
			continue
		}
		switch x.Call.Call.(type) {
		case audit.SubmitServiceProof, audit.SubmitVerifyServiceResult:
			who, _ := x.Signature.Address.ID()
			r := c.last(who)
			r.refused = append(r.refused, reason)
		}
	}
}

// turn notes challenges that ended and started, and answers that end a row of
// misses.
func (c *court) turn(ctx context.Context, t *testing.T, at sdk.At, now map[substrate.AccountID]audit.Challenge) {
	t.Helper()
	for who, old := range c.open {
		if now[who].Element.Start != old.Element.Start {
			c.last(who).over = true
		}
	}
	for who, open := range now {
		if open.Proofs.Idle.IsSome() && open.Proofs.Service.IsSome() {
			c.misses[who] = 0
		}
		if c.open[who].Element.Start == open.Element.Start {
			continue
		}
		frozen, _, err := sdk.Find(ctx, at, podr2.Frozen, who)
		if err != nil {
			t.Fatal(err)
		}
		rewards, _, err := sdk.Find(ctx, at, sminer.Rewards, who)
		if err != nil {
			t.Fatal(err)
		}
		c.rounds[who] = append(c.rounds[who], &round{
			challenge: open, fragments: uint64(frozen.Count), earned: !rewards.TotalReward.IsZero(),
		})
	}
}
