package sim

import (
	"bytes"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// books is a state store that follows the chain, and what it should hold.
type books struct {
	store  *state.Store
	pairs  []state.KV
	height uint64
}

func issued(ctx *runtime.Context) scale.U128 { return balances.TotalIssuance.Get(ctx) }

// money holds after every block that the issuance changed by what the block's
// events say.
func (s *sim) money() {
	want := s.issuance
	for _, e := range palletstest.EventsOf[balances.MintedEvent](s.Chain) {
		want = want.SaturatingAdd(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.BurnedEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.RescindedEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.DustLostEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	if s.issuance = issued(s.Ctx()); s.issuance != want {
		s.t.Fatalf("the issuance is %v planck, with declared mints and burns %v", s.issuance, want)
	}
}

// check holds all books against each other.
func (s *sim) check() {
	s.checks++
	ctx := s.Ctx()
	a := auditor{ctx: ctx}
	a.territories()
	a.files()
	a.deals()
	a.orders()
	a.miners()
	a.challenges()
	a.money()
	a.staking()
	if err := sminer.Invariant(ctx); err != nil {
		a.fault("%v", err)
	}
	// This one reads what was paid in all eras, of which there are ever more.
	if s.checks%10 == 0 {
		if err := cesstreasury.Invariant(ctx, sminer.Owed(ctx)); err != nil {
			a.fault("%v", err)
		}
	}
	if len(a.faults) > 0 {
		s.t.Fatalf("%d books disagree, first: %v", len(a.faults), a.faults[0])
	}
}

// root brings the store up to the chain and keeps the state root.
func (s *sim) root() {
	b := s.books
	var now, changes []state.KV
	s.Ctx().Scan(nil, nil, func(key, value []byte) bool {
		now = append(now, state.KV{Key: key, Value: value}) // neither changes any more
		return true
	})
	i, j := 0, 0
	for i < len(b.pairs) || j < len(now) {
		switch c := compareAt(b.pairs, i, now, j); {
		case c < 0:
			changes = append(changes, state.KV{Key: b.pairs[i].Key})
			i++
		case c > 0:
			changes = append(changes, now[j])
			j++
		default:
			if !bytes.Equal(b.pairs[i].Value, now[j].Value) {
				changes = append(changes, now[j])
			}
			i, j = i+1, j+1
		}
	}
	staged, err := b.store.Stage(b.height, changes)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := b.store.Commit(staged, nil); err != nil {
		s.t.Fatal(err)
	}
	b.pairs, b.height = now, b.height+1
	s.roots, s.states = append(s.roots, staged.Root()), s.states+1
}

func compareAt(a []state.KV, i int, b []state.KV, j int) int {
	switch {
	case i == len(a):
		return 1
	case j == len(b):
		return -1
	}
	return bytes.Compare(a[i].Key, b[j].Key)
}

type auditor struct {
	ctx    *runtime.Context
	faults []error
}

func (a *auditor) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

func (a *auditor) equal(got, want scale.U128, format string, args ...any) {
	if got != want {
		a.fault("%s: %v, want %v", fmt.Sprintf(format, args...), got, want)
	}
}

// challenges holds that each open challenge has one end ahead and one frozen
// list, that what is over left neither, and that frozen slots belong to lists.
func (a *auditor) challenges() {
	ends, open := map[account]int{}, 0
	for who, c := range audit.Challenges.Iter(a.ctx) {
		open++
		f, ok := podr2.Frozen.Get(a.ctx, who)
		if !ok || f.Start != c.Element.Start {
			a.fault("the challenge of miner %x of block %d has the frozen list %+v", who[:4], c.Element.Start, f)
		}
		p, _ := c.Proofs.Service.Get()
		if judged := audit.Judgements.Contains(a.ctx, who); judged != p.Verdict.IsSome() {
			a.fault("miner %x has verdict %v, judgement %v", who[:4], p.Verdict, judged)
		}
		if p.Verdict.IsNone() && c.Proofs.Service.IsNone() && c.Element.ServiceSlip > a.ctx.BlockNumber() &&
			!audit.ProofSlips.Contains(a.ctx, c.Element.ServiceSlip, who) {
			a.fault("no slip notes a missing proof of miner %x", who[:4])
		}
	}
	now := a.ctx.BlockNumber()
	a.ctx.Scan(audit.VerifySlips.Prefix(), nil, func(key, _ []byte) bool {
		block, who, err := audit.VerifySlips.DecodeKey(key)
		if err != nil || block < now || !audit.Challenges.Contains(a.ctx, who) {
			a.fault("verify slip of miner %x for block %d: %v", who[:4], block, err)
		}
		ends[who]++
		return true
	})
	a.ctx.Scan(audit.ProofSlips.Prefix(), nil, func(key, _ []byte) bool {
		block, who, err := audit.ProofSlips.DecodeKey(key)
		if err != nil || block < now {
			a.fault("proof slip of miner %x for block %d: %v", who[:4], block, err)
		}
		return true
	})
	for who, n := range ends {
		if n != 1 {
			a.fault("%d ends of the challenge of miner %x", n, who[:4])
		}
	}
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

func (a *auditor) money() {
	var sum scale.U128
	for _, info := range system.Accounts.Iter(a.ctx) {
		sum = sum.SaturatingAdd(info.Data.Free).SaturatingAdd(info.Data.Reserved)
	}
	a.equal(issued(a.ctx), sum, "total issuance")
}

// staking holds that bonds are the sum of their parts and owned.
func (a *auditor) staking() {
	for owner, controller := range staking.Bonded.Iter(a.ctx) {
		l, ok := staking.Ledgers.Get(a.ctx, controller)
		if !ok || l.Stash != owner {
			a.fault("%x is bonded without a ledger", owner[:4])
		}
		parts := l.Active
		for _, chunk := range l.Unlocking {
			parts = parts.SaturatingAdd(chunk.Value)
		}
		a.equal(parts, l.Total, "the bond of %x", owner[:4])
		if has := (balances.API{}).Free(a.ctx, owner).SaturatingAdd((balances.API{}).Reserved(a.ctx, owner)); has.Less(l.Total) {
			a.fault("%x bonded %v of %v planck", owner[:4], l.Total, has)
		}
	}
}

// locked is what open deals and claims keep of a miner's space.
func locked(ctx *runtime.Context, who account) scale.U128 {
	return filebank.API{}.LockedInDeals(ctx, who)
}

var fragmentSize = scale.U128From64(types.FragmentSize)
