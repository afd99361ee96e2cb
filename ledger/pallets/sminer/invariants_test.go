package sminer_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
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
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			m.step()
			m.check()
		}
	})
}

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
}

func newMachine(t *rapid.T) *machine {
	m := &machine{t: t, rewards: newLedger(), era: 1}
	m.world = newWorld(t, 15, map[string]any{"Sminer.IdleFileSize": gib})
	m.lease()
	for i, who := range []account{alice, bob} {
		m.world.newcomer(who)
		m.Must(who, registration(who, byte(i)))
		m.miners = append(m.miners, who)
	}
	m.world.era(m.era)
	return m
}

func (m *machine) who() account { return rapid.SampledFrom(m.miners).Draw(m.t, "miner") }

func (m *machine) space() scale.U128 {
	return u(rapid.Uint64Range(0, 12).Draw(m.t, "gib") * gib)
}

func (m *machine) step() {
	steps := []func(){
		m.wait, m.payout, m.pass, m.pass, m.pass, m.undo, m.claim, m.claim, m.punish, m.refund,
		m.collateral, m.declaration, m.prepareExit, m.withdraw, m.force, m.certify, m.shrink,
		m.declare, m.report, m.report, m.restored,
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
	who, idle, service := m.who(), m.space(), m.space()
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
	_ = m.Run(who, sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(rapid.Uint64Range(0, 5000).Draw(m.t, "collateral"))})
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
	_ = m.Run(who, sminer.MinerExitPrep{Miner: who})
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
	who := m.who()
	info, ok := m.miner(who).SpaceProofInfo.Get()
	if !ok {
		return
	}
	info.Rear += rapid.Uint64Range(0, 600).Draw(m.t, "files")
	_ = m.Do(func(ctx *runtime.Context) error {
		added, err := api.AddIdleSpace(ctx, who, info, types.TEESignature{})
		if err != nil {
			return err
		}
		return storagehandler.API{}.AddIdleSpace(ctx, added)
	})
}

func (m *machine) shrink() {
	who := m.who()
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
		return api.SettleReplacement(ctx, who, u(files*gib))
	})
}

func (m *machine) declare() {
	call := file(fmt.Sprint("file ", len(m.deals)), rapid.IntRange(1, 3).Draw(m.t, "segments"))
	if m.Run(alice, call) == nil {
		m.deals = append(m.deals, call.FileHash)
	}
}

// report makes several miners report columns of a deal, so that some complete.
func (m *machine) report() {
	if len(m.deals) == 0 {
		return
	}
	deal := rapid.SampledFrom(m.deals).Draw(m.t, "deal")
	first := rapid.IntRange(0, 11).Draw(m.t, "first")
	var txs []palletstest.Tx
	for i := range rapid.IntRange(1, 12).Draw(m.t, "columns") {
		column := uint8((first+i)%types.FragmentCount + 1)
		txs = append(txs, palletstest.Tx{Signer: m.who(), Call: filebank.TransferReport{Index: column, DealHash: deal}})
	}
	m.Block(txs...)
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

// ledger is what rewards should be, in big integers and closed forms: an order
// of x planck has paid x/2 and what 90 parts of the other half leave over, and
// as many parts as days have passed.
type ledger struct {
	rounds map[uint32]*big.Int
	power  map[uint32]*big.Int
	done   map[account][]challenge
	orders map[account][]order
	issued map[account]*big.Int
}

type challenge struct {
	era, finish uint32
	power       *big.Int
}

type order struct {
	x      *big.Int
	finish uint32
}

func newLedger() *ledger {
	return &ledger{
		rounds: map[uint32]*big.Int{}, power: map[uint32]*big.Int{},
		done: map[account][]challenge{}, orders: map[account][]order{}, issued: map[account]*big.Int{},
	}
}

func of[K comparable](m map[K]*big.Int, k K) *big.Int {
	if m[k] == nil {
		m[k] = new(big.Int)
	}
	return m[k]
}

func percent(v scale.U128, n int64) *big.Int {
	x := v.Big()
	return x.Mul(x, big.NewInt(n)).Div(x, big.NewInt(100))
}

func (l *ledger) payout(era uint32, x types.Balance) {
	of(l.rounds, era).Add(of(l.rounds, era), x.Big())
}

func (l *ledger) pass(who account, era, finish uint32, idle, service scale.U128) {
	p := percent(idle, 5)
	p.Add(p, percent(service, 95))
	l.done[who] = append(l.done[who], challenge{era, finish, p})
	of(l.power, era).Add(of(l.power, era), p)
}

func (l *ledger) undo(who account, era, finish uint32) {
	l.done[who] = slices.DeleteFunc(l.done[who], func(c challenge) bool {
		if c.era != era || c.finish != finish {
			return false
		}
		of(l.power, era).Sub(of(l.power, era), c.power)
		return true
	})
}

// settle makes orders of the challenges of past eras that have a payout.
func (l *ledger) settle(who account, current uint32) {
	l.done[who] = slices.DeleteFunc(l.done[who], func(c challenge) bool {
		if c.era >= current || of(l.rounds, c.era).Sign() == 0 {
			return false
		}
		if c.power.Sign() > 0 {
			x := new(big.Int).Mul(c.power, big.NewInt(1e9))
			x.Div(x, of(l.power, c.era)).Mul(x, of(l.rounds, c.era)).Div(x, big.NewInt(1e9))
			l.orders[who] = append(l.orders[who], order{x, c.finish})
		}
		return true
	})
}

// claim settles and returns what is paid at block now.
func (l *ledger) claim(who account, current, now uint32) types.Balance {
	l.settle(who, current)
	paid := new(big.Int)
	for _, o := range l.orders[who] {
		part := new(big.Int).Div(new(big.Int).Div(o.x, big.NewInt(2)), big.NewInt(90))
		left := int64(90 - min(90, (now-o.finish)/day))
		paid.Add(paid, o.x).Sub(paid, new(big.Int).Mul(part, big.NewInt(left)))
	}
	due := new(big.Int).Sub(paid, of(l.issued, who))
	l.issued[who] = paid
	return u128(due)
}

func (l *ledger) total(who account) types.Balance {
	sum := new(big.Int)
	for _, o := range l.orders[who] {
		sum.Add(sum, o.x)
	}
	return u128(sum)
}

// drop forgets a miner that was forced out: its challenges do not count.
func (l *ledger) drop(who account) {
	for _, c := range slices.Clone(l.done[who]) {
		l.undo(who, c.era, c.finish)
	}
}

func u128(x *big.Int) scale.U128 {
	v, ok := scale.U128FromBig(x)
	if !ok {
		panic(fmt.Sprintf("%v planck", x))
	}
	return v
}
