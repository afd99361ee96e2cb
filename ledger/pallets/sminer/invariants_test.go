package sminer_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// TestInvariants runs random calls and what other pallets do with miners, and
// checks after every block that collateral is backed, that rewards are what an
// independent model says, to the planck, that the pots hold what is owed and
// that spaces add up with the network's totals.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(10, 60).Draw(t, "steps") {
			m.step()
			m.check()
		}
	})
}

// idleFile is a fragment long, so that replacements come and go.
const idleFile = types.FragmentSize

// fine is a punishment that may be refunded.
type fine struct {
	who account
	x   types.Balance
}

// machine draws what happens and keeps what a client that saw all of it knows.
type machine struct {
	*world
	t       *rapid.T
	era     uint32
	fines   []fine
	deals   []types.Hash
	rewards *ledger
	tags    int
	tagged  map[account][]types.Hash
}

func newMachine(t *rapid.T) *machine {
	m := &machine{t: t, rewards: newLedger(), era: 1, tagged: map[account][]types.Hash{}}
	m.world = newWorld(t, 15, map[string]any{"Sminer.IdleFileSize": idleFile})
	m.lease()
	for i, who := range []account{alice, bob} { // Charlie stakes for both
		m.Must(who, sminer.RegnstkAssignStaking{Beneficiary: who, StakingAccount: charlie, TiBCount: 1})
		m.Must(charlie, sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(4000)})
		m.Must(who, registration(who, byte(i)))
		m.miners = append(m.miners, who)
	}
	m.Must(palletstest.Dave, reservoir.Store{Amount: types.Tokens(9000)})
	m.Must(palletstest.Dave, sminer.RegnstkAssignStaking{Beneficiary: charlie, StakingAccount: pool, TiBCount: 1})
	m.Must(palletstest.Dave, registration(palletstest.Dave, 9))
	m.miners = append(m.miners, palletstest.Dave)
	m.world.era(m.era)
	return m
}

// who is one of four miners mostly, so that much happens to each.
func (m *machine) who() account {
	few := m.miners[len(m.miners)-4:]
	return rapid.SampledFrom(append(few[:4:4], rapid.SampledFrom(m.miners).Draw(m.t, "any"))).Draw(m.t, "miner")
}

// keyed is a miner with a PoIS key.
func (m *machine) keyed() account {
	return rapid.SampledFrom(m.miners[len(m.miners)-3:]).Draw(m.t, "keyed miner")
}

func (m *machine) space() scale.U128 {
	return u(rapid.Uint64Range(0, 12).Draw(m.t, "gib") * gib)
}

func (m *machine) step() {
	steps := []func(){
		m.wait, m.payout, m.pass, m.pass, m.pass, m.undo, m.claim, m.claim, m.punish, m.refund,
		m.collateral, m.declaration, m.prepareExit, m.withdraw, m.force, m.certify, m.shrink,
		m.declare, m.report, m.report, m.report, m.tag, m.lose, m.restored, m.force, m.collateral,
	}
	rapid.SampledFrom(steps).Draw(m.t, "step")()
}

func (m *machine) wait() { m.NextBlocks(rapid.Uint32Range(1, 3*day).Draw(m.t, "blocks")) }

// payout ends an era; one in four has nothing to pay.
func (m *machine) payout() {
	m.era++
	x := u(rapid.Uint64Range(0, 3).Draw(m.t, "payout") * rapid.Uint64Range(1, 1e15).Draw(m.t, "unit"))
	m.world.payout(m.era, x)
	m.rewards.payout(m.era, x)
}

func (m *machine) pass() {
	who, idle, service := m.who(), m.space(), m.space()
	room := len(sminer.CompleteMinerSnapShots.Get(m.Ctx(), who)) < 90 && sminer.Rewards.Contains(m.Ctx(), who)
	m.do(func(ctx *runtime.Context) error { return api.RecordSnapshot(ctx, who, idle, service) })
	if room {
		m.rewards.pass(who, m.era, m.Number(), idle, service)
	}
}

func (m *machine) undo() {
	who := m.who()
	list := sminer.CompleteMinerSnapShots.Get(m.Ctx(), who)
	if len(list) == 0 {
		return
	}
	done := rapid.SampledFrom(list).Draw(m.t, "challenge")
	m.do(func(ctx *runtime.Context) error { return api.UndoSnapshot(ctx, who, done.EraIndex, done.FinishBlock) })
	m.rewards.undo(who, done.EraIndex, done.FinishBlock)
}

func (m *machine) claim() {
	who := m.who()
	before := m.reward(who).RewardIssued
	if m.Run(who, sminer.ReceiveReward{}) != nil {
		return
	}
	want := m.rewards.claim(who, m.era, m.Number())
	if got := m.reward(who).RewardIssued.SaturatingSub(before); got != want {
		m.t.Fatalf("miner %v claimed %v planck, want %v", who, got, want)
	}
}

func (m *machine) punish() {
	who, idle, service := m.who(), m.space(), m.space().SaturatingMul(u(4*1024)) // up to 48 TiB
	count := rapid.Uint8Range(0, 4).Draw(m.t, "count")
	var x types.Balance
	m.do(func(ctx *runtime.Context) (err error) {
		if count == 0 {
			x, err = api.ServicePunish(ctx, who, service)
		} else {
			x, err = api.ClearPunish(ctx, who, idle, service, count)
		}
		return err
	})
	m.fines = append(m.fines, fine{who, x})
}

func (m *machine) refund() {
	if len(m.fines) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.fines)-1).Draw(m.t, "fine")
	f := m.fines[i]
	m.fines = slices.Delete(m.fines, i, i+1)
	m.do(func(ctx *runtime.Context) error { return api.RefundPunish(ctx, f.who, f.x) })
}

func (m *machine) collateral() {
	who := m.who()
	_ = m.Run(m.stakes(who), sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(rapid.Uint64Range(0, 5000).Draw(m.t, "collateral"))})
}

// stakes is who signs for a miner's collateral.
func (m *machine) stakes(who account) account {
	if staking := m.miner(who).StakingAccount; staking != pool {
		return staking
	}
	return who
}

func (m *machine) declaration() {
	tib := rapid.Uint32Range(0, 2).Draw(m.t, "tib")
	if rapid.Bool().Draw(m.t, "more") {
		_ = m.Run(m.who(), sminer.IncreaseDeclarationSpace{TiBCount: tib})
		return
	}
	_ = m.Run(m.who(), sminer.DecreaseDeclarationSpace{TiBCount: tib})
}

func (m *machine) prepareExit() {
	who := m.who()
	_ = m.Run(m.stakes(who), sminer.MinerExitPrep{Miner: who})
}

func (m *machine) withdraw() { _ = m.Run(m.who(), sminer.MinerWithdraw{}) }

func (m *machine) force() {
	who := m.who()
	if rapid.IntRange(0, 3).Draw(m.t, "rarely") == 0 && m.world.force(who) == nil {
		m.rewards.settle(who, m.era)
		m.rewards.drop(who)
	}
}

func (m *machine) certify() {
	who := m.keyed()
	info, ok := m.miner(who).SpaceProofInfo.Get()
	if !ok {
		return
	}
	info.Rear += rapid.Uint64Range(0, 1<<16).Draw(m.t, "files")
	_ = m.Do(func(ctx *runtime.Context) error {
		added, err := api.AddIdleSpace(ctx, who, info, types.TEESignature{})
		if err != nil {
			return err
		}
		return storagehandler.API{}.AddIdleSpace(ctx, added)
	})
}

func (m *machine) shrink() {
	who := m.keyed()
	info, ok := m.miner(who).SpaceProofInfo.Get()
	if !ok {
		return
	}
	info.Front += rapid.Uint64Range(0, 3).Draw(m.t, "files")
	_ = m.Do(func(ctx *runtime.Context) error {
		files, err := api.ShrinkIdle(ctx, who, info, types.TEESignature{})
		if err != nil {
			return err
		}
		return api.SettleReplacement(ctx, who, u(files*idleFile))
	})
}

func (m *machine) declare() {
	call := file(fmt.Sprint("file ", len(m.deals)), rapid.IntRange(1, 3).Draw(m.t, "segments"))
	if m.Run(alice, call) == nil {
		m.deals = append(m.deals, call.FileHash)
	}
}

// report makes miners that can report columns of a deal that are missing: in
// one of two cases all of them, so that the deal completes.
func (m *machine) report() {
	if len(m.deals) == 0 {
		return
	}
	fid := rapid.SampledFrom(m.deals).Draw(m.t, "deal")
	deal, ok := filebank.Deals.Get(m.Ctx(), fid)
	if !ok {
		return
	}
	reporters, missing := slices.Clone(m.miners), []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, r := range deal.CompleteList {
		missing = slices.DeleteFunc(missing, func(i uint8) bool { return i == r.Index })
		reporters = slices.DeleteFunc(reporters, func(who account) bool { return who == r.Miner })
	}
	reporters = slices.DeleteFunc(reporters, func(who account) bool { return m.state(who) != sminer.StatePositive })
	n := min(len(missing), len(reporters))
	if rapid.Bool().Draw(m.t, "some") {
		n = rapid.IntRange(0, n).Draw(m.t, "columns")
	}
	var txs []palletstest.Tx
	for i, who := range rapid.Permutation(reporters).Draw(m.t, "reporters")[:n] {
		txs = append(txs, palletstest.Tx{Signer: who, Call: filebank.TransferReport{Index: missing[i], DealHash: fid}})
	}
	m.Block(txs...)
}

// untagged is the part of a miner's locked space that waits for tags, in
// fragments.
func (m *machine) untagged(who account) uint64 {
	inDeals := filebank.API{}.LockedInDeals(m.Ctx(), who)
	n, _ := m.miner(who).LockSpace.SaturatingSub(inDeals).Div64(types.FragmentSize).Uint64()
	return n
}

func (m *machine) tag() {
	for _, who := range m.miners {
		n := rapid.Uint64Range(0, m.untagged(who)).Draw(m.t, "tags")
		m.do(func(ctx *runtime.Context) error {
			for range n {
				fragment := hashOf("fragment %d", m.tags)
				m.tags++
				m.tagged[who] = append(m.tagged[who], fragment)
				if err := api.AddFragments(ctx, who, []types.Hash{fragment}); err != nil {
					return err
				}
			}
			return api.LockToService(ctx, who, u(n*types.FragmentSize))
		})
	}
}

// lose deletes files, or rather the fragments that a miner has of them.
func (m *machine) lose() {
	who := m.who()
	n := rapid.IntRange(0, len(m.tagged[who])).Draw(m.t, "lost")
	lost := m.tagged[who][:n]
	m.tagged[who] = m.tagged[who][n:]
	m.do(func(ctx *runtime.Context) error {
		if err := api.ForgetFragments(ctx, who, lost); err != nil {
			return err
		}
		return api.DropServiceSpace(ctx, who, u(uint64(n)*types.FragmentSize))
	})
}

func (m *machine) restored() {
	who := m.who()
	if target, ok := api.RestoralTarget(m.Ctx(), who); ok {
		m.do(func(ctx *runtime.Context) error { return api.AddRestored(ctx, who, target.ServiceSpace) })
	}
}

func (m *machine) check() {
	m.sound()
	ctx := m.Ctx()
	hold, pledged := reservoir.Passbooks.Get(ctx, palletstest.Dave), m.miner(palletstest.Dave).Collateral
	for _, list := range sminer.ReturnStakingSchedule.Iter(ctx) {
		for _, r := range list {
			if r.Miner == palletstest.Dave {
				pledged = pledged.SaturatingAdd(r.Amount)
			}
		}
	}
	if hold.Staking != pledged {
		m.t.Fatalf("the reservoir pledged %v planck for %v of collateral", hold.Staking, pledged)
	}
	for _, who := range m.miners {
		want := m.rewards.total(who)
		r, ok := sminer.Rewards.Get(ctx, who)
		if r.TotalReward != want && ok {
			m.t.Fatalf("miner %v earned %v planck, want %v", who, r.TotalReward, want)
		}
	}
	sum := types.Balance{}
	for _, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(ctx); total != sum {
		m.t.Fatalf("issuance %v, balances %v", total, sum)
	}
}
