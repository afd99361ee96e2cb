//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// Seven candidates compete for four seats. Every era the seats go to those whom
// an independent calculation from the chain's state names, only they make
// blocks, and what they are paid is the schedule's amount to the planck.
func TestRotation(t *testing.T) {
	rng := seeded(t)
	if testing.Short() {
		t.Skip("eras take their time; ledger/consensus rotates seats in seconds")
	}
	const eras = uint32(5)
	net := devkit.Start(t, devkit.Config{Validators: 4, Candidates: 7, Epoch: 10})
	r := newRotation(t, net)
	nominator := pairOf(t, "//Ferdie")
	stashes := make([]crypto.Pair, len(genesis.DevNames))
	for i, name := range genesis.DevNames {
		stashes[i] = pairOf(t, "//"+name+"//stash")
	}
	r.submit(t, nominator, staking.Bond{Value: u128OfTokens(2_000_000), Payee: staking.PayStash{}})
	r.submit(t, nominator, staking.Nominate{Targets: []substrate.MultiAddress{
		substrate.AddressOf(stashes[1].AccountID()), substrate.AddressOf(stashes[4].AccountID()),
	}})
	r.submit(t, stashes[2], staking.Validate{Prefs: staking.ValidatorPrefs{Commission: 100_000_000}})

	changes := 0
	for era := uint32(1); era <= eras; era++ {
		// Stakes move, so that scores do.
		who := stashes[rng.IntN(len(stashes))]
		r.submit(t, who, staking.BondExtra{MaxAdditional: u128OfTokens(uint64(rng.IntN(1_000_000) + 1))})
		r.waitFor(t, era*r.era+2)
		elected := (era-1)*r.era + r.era - r.epoch + 1
		want, list := electionAt(t, r.chain, elected, r.creditPeriod, r.lifeWindow, r.leastBacking)
		for _, c := range list {
			t.Logf("era %d: %s has credit %d, stake %d, chance %d: score %d", era, addressText(c.stash), c.credit, c.stake, c.chance, c.score)
		}
		if len(list) != 7 {
			t.Errorf("era %d: %d of 7 candidates could be elected", era, len(list))
		}
		var queued []substrate.AccountID
		for _, v := range must(sdk.Get(within(t, time.Minute), atHeight(t, r.chain, elected), session.QueuedKeys))(t) {
			queued = append(queued, v.Validator)
		}
		if !slices.Equal(queued, want) {
			t.Fatalf("era %d: elected are %v, the calculation says %v", era, queued, want)
		}
		if got := r.validators(t, era*r.era+1); !slices.Equal(got, want) {
			t.Fatalf("era %d: the validators are %v, want %v", era, got, want)
		}
		if !slices.Equal(want, r.validators(t, era*r.era)) {
			changes++
		}
	}
	if changes < int(eras)/2 {
		t.Errorf("the seats changed only %d times in %d eras", changes, eras)
	}
	r.waitFor(t, (eras+1)*r.era+2)
	for era := range eras + 1 {
		r.checkAuthors(t, era)
		r.checkPayout(t, nominator, era)
	}
	foreignClients(t, net)
	if err := net.Check(); err != nil {
		t.Error(err)
	}
	t.Logf("%d eras, %d of them with other seats than the one before", eras, changes)
}

// rotation watches a network whose seats rotate.
type rotation struct {
	chain      *sdk.Client
	epoch, era uint32 // blocks

	creditPeriod, lifeWindow uint32
	perEra, leastBacking     *big.Int // planck
}

func newRotation(t *testing.T, net *devkit.Network) *rotation {
	t.Helper()
	spec, err := genesis.Load(filepath.Join(net.Dir, "chain.json"))
	if err != nil {
		t.Fatal(err)
	}
	constant := func(name string, fallback uint32) uint32 {
		raw, ok := spec.Constants[name]
		if !ok {
			return fallback
		}
		var v uint32
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	r := &rotation{
		chain: net.Client(t), epoch: constant("Babe.EpochDuration", 600),
		creditPeriod: constant("SchedulerCredit.PeriodDuration", 3600),
		lifeWindow:   constant("R2S.LifeWindow", 2),
	}
	r.leastBacking = tokens(3_000_000)
	if raw, ok := spec.Constants["R2S.LeastBacking"]; ok {
		var planck scale.U128
		if err := json.Unmarshal(raw, &planck); err != nil {
			t.Fatal(err)
		}
		r.leastBacking = planck.Big()
	}
	r.era = r.epoch * constant("Staking.SessionsPerEra", 6)
	r.perEra = new(big.Int).Div(tokens(238_500_000), big.NewInt(int64(constant("Staking.ErasPerYear", 1461))))
	return r
}

func (r *rotation) submit(t *testing.T, who crypto.Pair, call runtime.Call) *sdk.Receipt {
	t.Helper()
	receipt, err := r.chain.Submit(within(t, 2*time.Minute), who, call)
	if err != nil {
		t.Fatalf("%T: %v", call, err)
	}
	return receipt
}

func (r *rotation) waitFor(t *testing.T, height uint32) {
	t.Helper()
	ctx := within(t, 10*time.Minute)
	eventually(t, 8*time.Minute, fmt.Sprintf("block %d", height), func() string {
		now, err := r.chain.Height(ctx)
		if err != nil {
			return err.Error()
		}
		if now < height {
			return fmt.Sprintf("block %d", now)
		}
		return ""
	})
}

func (r *rotation) validators(t *testing.T, height uint32) []substrate.AccountID {
	t.Helper()
	return must(sdk.Get(within(t, time.Minute), atHeight(t, r.chain, height), session.Validators))(t)
}

// checkAuthors compares the points of an era with the authors of its blocks. A
// block's author is noted before a new era begins: the era's last block is the
// first one of the next, whose author may be new. Its index can mean either list,
// so that it is counted but not looked up.
func (r *rotation) checkAuthors(t *testing.T, era uint32) {
	t.Helper()
	validators := r.validators(t, era*r.era+1)
	first := era*r.era + 2
	if era == 0 {
		first = 1
	}
	blocks := make(map[substrate.AccountID]uint32)
	for height := first; height <= (era+1)*r.era; height++ {
		hash := must(r.chain.HashAt(within(t, time.Minute), height))(t)
		h := must(r.chain.Header(within(t, time.Minute), &hash))(t)
		i := h.Digest.Logs[0].Data[1]
		if int(i) >= len(validators) {
			t.Fatalf("block %d is by validator %d of %d", height, i, len(validators))
		}
		blocks[validators[i]]++
	}
	points := must2(sdk.Find(within(t, time.Minute), r.after(t, era), staking.ErasRewardPoints, era))(t)
	if want := 20 * ((era+1)*r.era + 2 - first); points.Total != want {
		t.Errorf("era %d: %d points, want %d", era, points.Total, want)
	}
	sum := uint32(0)
	for _, who := range validators {
		got, _ := points.Individual.Get(who)
		sum += got
		if got != 20*blocks[who] && got != 20*(blocks[who]+1) {
			t.Errorf("era %d: %s has %d points for %d blocks", era, addressText(who), got, blocks[who])
		}
	}
	if sum != points.Total && sum+20 != points.Total {
		t.Errorf("era %d: the validators have %d of %d points", era, sum, points.Total)
	}
}

// after is the state in which an era's payout is known.
func (r *rotation) after(t *testing.T, era uint32) sdk.At {
	t.Helper()
	return atHeight(t, r.chain, (era+1)*r.era+2)
}

// checkPayout claims an era for all its validators and compares each reward with
// its own sum (spec/consensus.md §4.2, §4.3).
func (r *rotation) checkPayout(t *testing.T, payer crypto.Pair, era uint32) {
	t.Helper()
	ctx, at := within(t, 5*time.Minute), r.after(t, era)
	all := must2(sdk.Find(ctx, at, staking.ErasValidatorReward, era))(t)
	if all.Big().Cmp(r.perEra) != 0 {
		t.Fatalf("era %d: validators get %v, the schedule says %v", era, all, r.perEra)
	}
	points := must2(sdk.Find(ctx, at, staking.ErasRewardPoints, era))(t)
	for _, stash := range r.validators(t, era*r.era+1) {
		own, _ := points.Individual.Get(stash)
		want := r.rewards(t, at, era, stash, int64(own), int64(points.Total))
		receipt := r.submit(t, payer, staking.PayoutStakers{ValidatorStash: stash, Era: era})
		for _, e := range receipt.Events {
			if x, ok := e.(staking.RewardedEvent); ok {
				w, ok := want[x.Stash]
				if !ok || w.Cmp(x.Amount.Big()) != 0 {
					t.Errorf("era %d: %s gets %v by %s, want %v", era, addressText(x.Stash), x.Amount, addressText(stash), w)
				}
				delete(want, x.Stash)
			}
		}
		for who, w := range want {
			if w.Sign() > 0 {
				t.Errorf("era %d: %s gets nothing by %s, want %v", era, addressText(who), addressText(stash), w)
			}
		}
		_, err := r.chain.Submit(ctx, payer, staking.PayoutStakers{ValidatorStash: stash, Era: era})
		if !errors.Is(err, staking.ErrAlreadyClaimed) {
			t.Errorf("era %d: a second claim for %s: %v", era, addressText(stash), err)
		}
	}
}

// rewards are what a validator's era pays, by stash.
func (r *rotation) rewards(t *testing.T, at sdk.At, era uint32, stash substrate.AccountID, own, total int64) map[substrate.AccountID]*big.Int {
	t.Helper()
	ctx := within(t, time.Minute)
	part := func(x, of *big.Int) *big.Int { // parts of 10⁹, rounded down
		p := new(big.Int).Mul(x, big.NewInt(1e9))
		return p.Div(p, of)
	}
	times := func(parts, x *big.Int) *big.Int { return nearest(new(big.Int).Mul(parts, x), 1e9) }
	reward := times(part(big.NewInt(own), big.NewInt(total)), r.perEra)
	prefs, _, err := sdk.FindPair(ctx, at, staking.ErasValidatorPrefs, era, stash)
	if err != nil {
		t.Fatal(err)
	}
	overview, found, err := sdk.FindPair(ctx, at, staking.ErasStakersOverview, era, stash)
	if err != nil || !found {
		t.Fatalf("era %d: exposure of %s: %v", era, addressText(stash), err)
	}
	commission := times(big.NewInt(int64(prefs.Commission)), reward)
	rest := new(big.Int).Sub(reward, commission)
	sum := overview.Total.Big()
	out := make(map[substrate.AccountID]*big.Int)
	behind := new(big.Int).Set(overview.Own.Big())
	for _, n := range r.nominators(t, at, era, stash, overview.PageCount) {
		out[n.Who] = times(part(n.Value.Big(), sum), rest)
		behind.Add(behind, n.Value.Big())
	}
	out[stash] = times(part(overview.Own.Big(), sum), rest)
	out[stash].Add(out[stash], times(part(behind, sum), commission))
	if behind.Cmp(sum) != 0 {
		t.Errorf("era %d: %v behind %s, the overview says %v", era, behind, addressText(stash), sum)
	}
	return out
}

// nominators are those behind a validator in an era; one page at most here.
func (r *rotation) nominators(t *testing.T, at sdk.At, era uint32, stash substrate.AccountID, pages uint32) []staking.IndividualExposure {
	t.Helper()
	if pages == 0 {
		return nil
	}
	if pages > 1 {
		t.Fatalf("%d pages of nominators", pages)
	}
	raw, err := at.Raw(within(t, time.Minute), staking.ErasStakersPaged.Key(era, stash, 0))
	if err != nil || raw == nil {
		t.Fatalf("era %d: nominators of %s: %v", era, addressText(stash), err)
	}
	page := must(staking.ErasStakersPaged.DecodeValue(raw))(t)
	slices.SortFunc(page.Others, func(a, b staking.IndividualExposure) int { return bytes.Compare(a.Who[:], b.Who[:]) })
	return page.Others
}

// must2 is must for values that have to be there.
func must2[V any](v V, found bool, err error) func(*testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		if err == nil && !found {
			err = errors.New("not there")
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func pairOf(t *testing.T, suri string) crypto.Pair {
	t.Helper()
	return must(crypto.FromURI(crypto.Sr25519, suri))(t)
}

func u128OfTokens(n uint64) scale.U128 {
	return scale.U128From64(n).SaturatingMul(scale.U128From64(1_000_000_000_000_000_000))
}
