//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// Miners of a new network certify real idle space, store and tag files, pass
// challenges, and are paid exactly what the formulae of
// spec/pallets-mining.md §1.7 say; nobody is punished.
func TestEconomy(t *testing.T) {
	rng := seeded(t)
	sizes, challenges := []int64{1, 4 * miB, 33*miB + 7, 64 * miB, 100 * miB}, 50
	if testing.Short() {
		sizes, challenges = []int64{1, 9 * miB}, 5
	}
	began := time.Now()
	net := devkit.Start(t, devkit.Config{})
	chain := net.Client(t)
	t.Logf("all miners have certified idle space %v after the start", time.Since(began).Round(time.Second))
	b := newBookkeeper(t, net, chain)
	for _, m := range list(t, chain.Best(), sminer.Miners) {
		if string(m.Value.State) != sminer.StatePositive || m.Value.IdleSpace.IsZero() {
			t.Fatalf("miner %v is %s with %v bytes of idle space", types.Address(m.Key), m.Value.State, m.Value.IdleSpace)
		}
	}

	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "work", 4)
	alice.authorize(t, gatewayAccount(t, net))
	files := make([]types.Hash, len(sizes))
	for i, size := range sizes {
		files[i] = alice.mustPut(t, upload{
			content: content{seed: rng.Uint64() | 1, size: size}, territory: "work", name: fmt.Sprintf("file-%d", i),
		})
	}
	for _, fid := range files {
		alice.waitActive(t, fid, 2*time.Minute)
	}
	for _, fid := range files {
		eventually(t, 5*time.Minute, "all fragments of "+fid.String()+" have tags", func() string { return untagged(t, chain, fid) })
	}

	eventually(t, 40*time.Minute, fmt.Sprintf("%d challenges are passed and rewards are paid", challenges), func() string {
		b.follow(t)
		if len(b.done) < challenges || b.claims == 0 {
			return fmt.Sprintf("%d passed, %d claims", len(b.done), b.claims)
		}
		return ""
	})
	b.follow(t)
	t.Logf("%d challenges passed, %d claims, blocks %d", len(b.done), b.claims, b.height)
	b.compare(t)
}

func untagged(t *testing.T, chain *sdk.Client, fid types.Hash) string {
	t.Helper()
	file, found, err := sdk.Find(within(t, time.Minute), chain.Best(), filebank.Files, fid)
	if err != nil || !found {
		return fmt.Sprintf("the file is not there: %v", err)
	}
	n := 0
	for _, s := range file.SegmentList {
		for _, f := range s.FragmentList {
			if !f.Tag.IsSome() {
				n++
			}
		}
	}
	if n > 0 {
		return fmt.Sprintf("%d have none", n)
	}
	return ""
}

// bookkeeper computes from the events of all blocks what miners should have
// earned and been paid, with arithmetic of its own.
type bookkeeper struct {
	chain  *sdk.Client
	height uint32
	day    uint32

	owner  map[substrate.AccountID]substrate.AccountID // beneficiary → miner
	rounds map[uint32]*big.Int                         // payout of an era
	power  map[uint32]*big.Int                         // of all challenges passed in an era
	done   []passed
	claims int
	orders map[substrate.AccountID][]*payout
	earned map[substrate.AccountID]*big.Int
	paid   map[substrate.AccountID]*big.Int
}

// passed is a challenge that both verdicts found right.
type passed struct {
	miner      substrate.AccountID
	era, block uint32
	power      *big.Int
	ordered    bool
}

type payout struct {
	each, once *big.Int
	left, last uint32
	begun      bool
}

func newBookkeeper(t *testing.T, net *devkit.Network, chain *sdk.Client) *bookkeeper {
	t.Helper()
	spec, err := genesis.Load(filepath.Join(net.Dir, "chain.json"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bookkeeper{
		chain:  chain,
		owner:  make(map[substrate.AccountID]substrate.AccountID),
		rounds: make(map[uint32]*big.Int), power: make(map[uint32]*big.Int),
		orders: make(map[substrate.AccountID][]*payout),
		earned: make(map[substrate.AccountID]*big.Int), paid: make(map[substrate.AccountID]*big.Int),
	}
	if err := json.Unmarshal(spec.Constants["Sminer.OneDayBlock"], &b.day); err != nil || b.day == 0 {
		t.Fatalf("a day in blocks: %v", err)
	}
	return b
}

// follow reads the blocks that are new.
func (b *bookkeeper) follow(t *testing.T) {
	t.Helper()
	best, _ := best(t, b.chain)
	for b.height < best {
		b.height++
		ctx := within(t, time.Minute)
		at, err := b.chain.AtHeight(ctx, b.height)
		if err != nil {
			t.Fatal(err)
		}
		records, err := sdk.Get(ctx, at, system.Events)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			b.event(ctx, t, at, r.Event.Event)
		}
	}
}

func (b *bookkeeper) event(ctx context.Context, t *testing.T, at sdk.At, event any) {
	t.Helper()
	switch e := event.(type) {
	case sminer.RegisteredEvent:
		m, _, err := sdk.Find(ctx, at, sminer.Miners, e.Account)
		if err != nil {
			t.Fatal(err)
		}
		b.owner[m.Beneficiary] = e.Account
	case cesstreasury.DepositEvent:
		// The planned era's round, which the change of eras has just begun.
		era := b.era(ctx, t, at)
		b.rounds[era] = new(big.Int).Add(value(b.rounds[era]), e.Balance.Big())
	case audit.SubmitIdleVerifyResultEvent:
		b.verdict(ctx, t, at, e.Miner, e.Result)
	case audit.SubmitServiceVerifyResultEvent:
		b.verdict(ctx, t, at, e.Miner, e.Result)
	case sminer.ReceiveEvent:
		b.claim(ctx, t, at, b.owner[e.Account], e.Reward)
	}
}

func (b *bookkeeper) era(ctx context.Context, t *testing.T, at sdk.At) uint32 {
	t.Helper()
	era, err := sdk.Get(ctx, at, staking.CurrentEra)
	if err != nil {
		t.Fatalf("era at block %d: %v", b.height, err)
	}
	return era
}

// verdict counts a challenge when its second verdict is there.
func (b *bookkeeper) verdict(ctx context.Context, t *testing.T, at sdk.At, miner substrate.AccountID, result bool) {
	t.Helper()
	if !result {
		t.Errorf("block %d: a proof of miner %v was found wrong", b.height, types.Address(miner))
		return
	}
	c, found, err := sdk.Find(ctx, at, audit.Challenges, miner)
	if err != nil || !found {
		t.Fatalf("the challenge of miner %v at block %d: %t, %v", types.Address(miner), b.height, found, err)
	}
	idle, hasIdle := c.Proofs.Idle.Get()
	service, hasService := c.Proofs.Service.Get()
	if !hasIdle || !hasService || !idle.Verdict.Or(false) || !service.Verdict.Or(false) {
		return
	}
	five := new(big.Int).Div(new(big.Int).Mul(c.Snapshot.IdleSpace.Big(), big.NewInt(5)), big.NewInt(100))
	rest := new(big.Int).Div(new(big.Int).Mul(c.Snapshot.ServiceSpace.Big(), big.NewInt(95)), big.NewInt(100))
	p := passed{miner: miner, era: b.era(ctx, t, at), block: b.height, power: five.Add(five, rest)}
	for _, d := range b.done {
		if d.miner == miner && d.block == b.height {
			return // both verdicts came in one block
		}
	}
	b.done = append(b.done, p)
	b.power[p.era] = new(big.Int).Add(value(b.power[p.era]), p.power)
}

// claim turns what is due into orders and pays them.
func (b *bookkeeper) claim(ctx context.Context, t *testing.T, at sdk.At, miner substrate.AccountID, got types.Balance) {
	t.Helper()
	b.claims++
	era := b.era(ctx, t, at)
	for i := range b.done {
		d := &b.done[i]
		round := b.rounds[d.era]
		if d.miner != miner || d.ordered || d.era >= era || round == nil {
			continue
		}
		d.ordered = true
		const billion = 1_000_000_000
		parts := new(big.Int).Div(new(big.Int).Mul(d.power, big.NewInt(billion)), b.power[d.era])
		x := new(big.Int).Div(new(big.Int).Mul(round, parts), big.NewInt(billion))
		b.earned[miner] = new(big.Int).Add(value(b.earned[miner]), x)
		// Half of it in ninety parts, one a day; the rest at once.
		each := new(big.Int).Div(new(big.Int).Rsh(x, 1), big.NewInt(90))
		once := new(big.Int).Sub(x, new(big.Int).Mul(each, big.NewInt(90)))
		b.orders[miner] = append(b.orders[miner], &payout{each: each, once: once, left: 90, last: d.block})
	}
	due := new(big.Int)
	for _, o := range b.orders[miner] {
		if !o.begun {
			o.begun = true
			due.Add(due, o.once)
		}
		days := min((b.height-o.last)/b.day, o.left)
		o.left, o.last = o.left-days, o.last+days*b.day
		due.Add(due, new(big.Int).Mul(o.each, big.NewInt(int64(days))))
	}
	if due.Cmp(got.Big()) != 0 {
		t.Errorf("block %d: miner %v received %v planck, the formulae say %v", b.height, types.Address(miner), got, due)
	}
	b.paid[miner] = new(big.Int).Add(value(b.paid[miner]), due)
}

// compare holds the state of the last block that was followed against the
// calculation: rewards, punishments, and the treasury's pots.
func (b *bookkeeper) compare(t *testing.T) {
	t.Helper()
	ctx := within(t, time.Minute)
	at, err := b.chain.AtHeight(ctx, b.height)
	if err != nil {
		t.Fatal(err)
	}
	owed := new(big.Int)
	for _, r := range list(t, at, sminer.Rewards) {
		same(t, "earned by "+types.Address(r.Key).String(), r.Value.TotalReward, value(b.earned[r.Key]))
		same(t, "paid to "+types.Address(r.Key).String(), r.Value.RewardIssued, value(b.paid[r.Key]))
		owed.Add(owed, new(big.Int).Sub(r.Value.TotalReward.Big(), r.Value.RewardIssued.Big()))
	}
	for _, m := range list(t, at, sminer.Miners) {
		who := types.Address(m.Key).String()
		same(t, "collateral of "+who, m.Value.Collateral, sminer.CollateralLimit(m.Value.DeclarationSpace).Big())
		same(t, "debt of "+who, m.Value.Debt, new(big.Int))
		if string(m.Value.State) != sminer.StatePositive {
			t.Errorf("miner %s is %s", who, m.Value.State)
		}
	}
	promised, total := new(big.Int), new(big.Int)
	for _, r := range list(t, at, cesstreasury.Rounds) {
		same(t, fmt.Sprintf("round of era %d", r.Key), r.Value.Total, value(b.rounds[r.Key]))
		total.Add(total, r.Value.Total.Big())
		promised.Add(promised, r.Value.Allocated.Big())
	}
	free, err := sdk.Get(ctx, at, cesstreasury.CurrencyReward)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what the treasury has not promised", free, new(big.Int).Sub(total, promised))
	account, _, err := sdk.Find(ctx, at, system.Accounts, substrate.AccountOfPallet(types.RewardPot))
	if err != nil {
		t.Fatal(err)
	}
	pot := new(big.Int).Add(free.Big(), owed)
	pot.Add(pot, types.Tokens(1).Big()) // the existential deposit that it starts with
	same(t, "the pot of rewards", account.Data.Free, pot)
}

func value(v *big.Int) *big.Int {
	if v == nil {
		return new(big.Int)
	}
	return v
}

func same(t *testing.T, what string, got scale.U128, want *big.Int) {
	t.Helper()
	if got.Big().Cmp(want) != 0 {
		t.Errorf("%s: %v planck, want %v", what, got, want)
	}
}
