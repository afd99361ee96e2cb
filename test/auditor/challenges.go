package auditor

import (
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/podr2"
)

// challenges holds that each open challenge has one end ahead and one frozen
// list, that what is over left neither, and that frozen slots belong to lists.
func (a *auditor) challenges() {
	open := 0
	for who, c := range audit.Challenges.Iter(a.ctx) {
		open++
		f, ok := podr2.Frozen.Get(a.ctx, who)
		if !ok || f.Start != c.Element.Start {
			a.fault("the challenge of miner %s of block %d has the frozen list %+v", short(who), c.Element.Start, f)
		}
		p, _ := c.Proofs.Service.Get()
		if judged := audit.Judgements.Contains(a.ctx, who); judged != p.Verdict.IsSome() {
			a.fault("miner %s has verdict %v, judgement %v", short(who), p.Verdict, judged)
		}
		if p.Verdict.IsNone() && c.Proofs.Service.IsNone() && c.Element.ServiceSlip > a.ctx.BlockNumber() &&
			!audit.ProofSlips.Contains(a.ctx, c.Element.ServiceSlip, who) {
			a.fault("no slip notes a missing proof of miner %s", short(who))
		}
	}
	ends := a.slips()
	frozen, judgements := 0, 0
	for range podr2.Frozen.Iter(a.ctx) {
		frozen++
	}
	for range audit.Judgements.Iter(a.ctx) {
		judgements++
	}
	if frozen != open || len(ends) != open || judgements > open {
		a.fault("%d challenges, %d slips, %d frozen lists, %d judgements", open, len(ends), frozen, judgements)
	}
	released := uint32(0)
	for range podr2.Released.Iter(a.ctx) {
		released++
	}
	if n := podr2.ReleasedCount.Get(a.ctx); n != released {
		a.fault("%d released lists, counted %d", released, n)
	}
}

// slips are the ends of challenges by miner: one each, not behind.
func (a *auditor) slips() map[account]int {
	ends, now := map[account]int{}, a.ctx.BlockNumber()
	a.ctx.Scan(audit.VerifySlips.Prefix(), nil, func(key, _ []byte) bool {
		block, who, err := audit.VerifySlips.DecodeKey(key)
		if err != nil || block < now || !audit.Challenges.Contains(a.ctx, who) {
			a.fault("verify slip of miner %s for block %d: %v", short(who), block, err)
		}
		ends[who]++
		return true
	})
	a.ctx.Scan(audit.ProofSlips.Prefix(), nil, func(key, _ []byte) bool {
		block, who, err := audit.ProofSlips.DecodeKey(key)
		if err != nil || block < now {
			a.fault("proof slip of miner %s for block %d: %v", short(who), block, err)
		}
		return true
	})
	for who, n := range ends {
		if n != 1 {
			a.fault("%d ends of the challenge of miner %s", n, short(who))
		}
	}
	return ends
}
