package staking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// crowd is a chain of four validators, of whom two nominators back two each.
func crowd(t palletstest.TB, deferral uint32) (*palletstest.Chain, []accountID) {
	t.Helper()
	var stashes []accountID
	var keys session.Genesis
	stakers := staking.Genesis{ValidatorCount: 4}
	funds := map[accountID]amount{substrate.AccountOfPallet(types.RewardPot): types.Tokens(1)}
	for i := range 4 {
		stash := palletstest.Account(fmt.Sprint("stash ", i))
		stashes = append(stashes, stash)
		funds[stash] = types.Tokens(9_000_000)
		stakers.Stakers = append(stakers.Stakers, staking.GenesisStaker{
			Stash: types.Address(stash), Bond: types.Tokens(uint64(3_000_000 + i)),
		})
		b := byte(i + 1)
		keys.Validators = append(keys.Validators, session.GenesisValidator{
			Stash: types.Address(stash),
			Keys: types.SessionKeys{
				Grandpa: types.GrandpaKey{b}, Babe: types.BabeKey{b}, ImOnline: types.ImOnlineKey{b},
				AuthorityDiscovery: types.AuthorityDiscoveryKey{b}, Beefy: types.BeefyKey{b},
			},
		})
	}
	c := palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{
			"Babe.EpochDuration": 2, "Staking.SessionsPerEra": 2,
			"Staking.BondingDuration": 100, "Staking.SlashDeferDuration": deferral,
		},
		Balances: funds,
		Pallets:  map[string]any{"Staking": stakers, "Session": keys},
	})
	c.Facts(func(info *runtime.BlockInfo) { info.Author, info.Voted = stashes[0], stashes })
	errs := append(
		c.Block(palletstest.Tx{Signer: alice, Call: bond(700_000)}, palletstest.Tx{Signer: bob, Call: bond(1_400_000)}),
		c.Block(palletstest.Tx{Signer: alice, Call: staking.Nominate{Targets: to(stashes[0], stashes[1])}},
			palletstest.Tx{Signer: bob, Call: staking.Nominate{Targets: to(stashes[1], stashes[2])}})...)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.GoTo(5) // the first era with nominators
	return c, stashes
}

// report is what a test reports: who offended in which era, and how badly.
type report struct {
	stash    accountID
	fraction substrate.Perbill
	era, now uint32
}

// model works out anew, from the reports alone, what each stash owes: for each
// era the worst fraction of each validator; of all eras in a slashing span the
// dearest. A span ends with the era in which an offence of the span is reported.
type model struct {
	exposures map[uint32]map[accountID]staking.Exposure
	worst     map[uint32]map[accountID]substrate.Perbill
	starts    map[accountID][]uint32 // first eras of the spans
}

func (m *model) add(r report) {
	e := m.exposures[r.era][r.stash]
	if m.worst[r.era] == nil {
		m.worst[r.era] = map[accountID]substrate.Perbill{}
	}
	switch {
	case r.fraction.Mul(e.Total).IsZero():
		m.end(r, r.stash)
	case r.fraction > m.worst[r.era][r.stash]:
		m.worst[r.era][r.stash] = r.fraction
		m.end(r, r.stash)
		for _, o := range e.Others {
			m.end(r, o.Who)
		}
	}
}

func (m *model) end(r report, stash accountID) {
	starts := append([]uint32{0}, m.starts[stash]...)
	if last := starts[len(starts)-1]; r.era >= last && r.now+1 > last {
		m.starts[stash] = append(m.starts[stash], r.now+1)
	}
}

// owed is the sum over the spans of the dearest era of each.
func (m *model) owed(stash accountID) (sum amount) {
	bounds := append([]uint32{0}, m.starts[stash]...)
	for i, from := range bounds {
		dearest := amount{}
		for era, fractions := range m.worst {
			if era < from || i+1 < len(bounds) && era >= bounds[i+1] {
				continue
			}
			x := amount{}
			for validator, f := range fractions {
				e := m.exposures[era][validator]
				if validator == stash {
					x = x.SaturatingAdd(f.Mul(e.Own))
				}
				for _, o := range e.Others {
					if o.Who == stash {
						x = x.SaturatingAdd(f.Mul(o.Value))
					}
				}
			}
			dearest = dearest.Max(x)
		}
		sum = sum.SaturatingAdd(dearest)
	}
	return sum
}

func exposureOf(c *palletstest.Chain, era uint32, stash accountID) staking.Exposure {
	o, _ := staking.ErasStakersOverview.Get(c.Ctx(), era, stash)
	e := staking.Exposure{Total: o.Total, Own: o.Own}
	for page := range o.PageCount {
		p, _ := staking.ErasStakersPaged.Get(c.Ctx(), era, stash, page)
		e.Others = append(e.Others, p.Others...)
	}
	return e
}

// Whatever is reported in whatever order, what the deferred slashes take adds up
// to what an independent calculation from the reports says.
func TestSlashesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, stashes := crowd(t, 90)
		m := &model{
			exposures: map[uint32]map[accountID]staking.Exposure{},
			worst:     map[uint32]map[accountID]substrate.Perbill{}, starts: map[accountID][]uint32{},
		}
		for range rapid.IntRange(1, 12).Draw(t, "reports") {
			c.NextBlocks(uint32(rapid.IntRange(0, 5).Draw(t, "blocks")))
			era := uint32(rapid.IntRange(0, int(api.ActiveEra(c.Ctx()))).Draw(t, "era"))
			if m.exposures[era] == nil {
				m.exposures[era] = map[accountID]staking.Exposure{}
				for _, s := range stashes {
					m.exposures[era][s] = exposureOf(c, era, s)
				}
			}
			r := report{
				stash:    rapid.SampledFrom(stashes).Draw(t, "offender"),
				fraction: substrate.Perbill(rapid.SampledFrom([]uint32{0, 1, 100_000_000, 562_500_000, 1_000_000_000}).Draw(t, "fraction")),
				era:      era,
			}
			err := c.Do(func(ctx *runtime.Context) error {
				r.now = api.ActiveEra(ctx) // an era may begin with this block
				who := api.Identify(ctx, r.stash, 2*era)
				api.OnOffence(ctx, []staking.Offender{{Identification: who}}, []substrate.Perbill{r.fraction}, 2*era)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			m.add(r)
		}
		got := map[accountID]amount{}
		for _, list := range staking.UnappliedSlashes.Iter(c.Ctx()) {
			for _, s := range list {
				for _, part := range append(s.Others, staking.AccountAmount{Account: s.Validator, Amount: s.Own}) {
					got[part.Account] = got[part.Account].SaturatingAdd(part.Amount)
				}
			}
		}
		for _, who := range append([]accountID{alice, bob}, stashes...) {
			if want := m.owed(who); got[who] != want {
				t.Fatalf("%v is to lose %v, want %v; spans %v", types.Address(who), got[who], want, m.starts[who])
			}
		}
		if n := len(staking.DisabledValidators.Get(c.Ctx())); n > 1 {
			t.Fatalf("%d of four validators are disabled", n)
		}
		checkMoney(t, c)
	})
}

// Slashes that are not deferred are taken at once; reporters get half of a tenth
// of what the offence costs, the treasury the rest.
func TestReportersAreRewarded(t *testing.T) {
	c, stashes := crowd(t, 0)
	offender := stashes[1]
	e := exposureOf(c, api.ActiveEra(c.Ctx()), offender)
	if len(e.Others) != 2 {
		t.Fatalf("backed by %d nominators", len(e.Others))
	}
	before := map[accountID]amount{}
	for _, who := range []accountID{offender, alice, bob, charlie, dave, pallets.Treasury} {
		before[who] = money.Free(c.Ctx(), who)
	}
	const fraction = substrate.Perbill(100_000_000)
	session := api.ActiveEra(c.Ctx()) * 2
	err := c.Do(func(ctx *runtime.Context) error {
		api.OnOffence(ctx, []staking.Offender{{
			Identification: api.Identify(ctx, offender, session), Reporters: []accountID{charlie, dave},
		}}, []substrate.Perbill{fraction}, session)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lost := func(who accountID) amount { return before[who].SaturatingSub(money.Free(c.Ctx(), who)) }
	total := fraction.Mul(e.Own)
	if lost(offender) != total {
		t.Errorf("the offender lost %v, want %v", lost(offender), total)
	}
	reward := substrate.Perbill(500_000_000).Mul(fraction.Mul(total))
	for _, o := range e.Others {
		x := fraction.Mul(o.Value)
		if lost(o.Who) != x {
			t.Errorf("a nominator lost %v, want %v", lost(o.Who), x)
		}
		total = total.SaturatingAdd(x)
		reward = reward.SaturatingAdd(substrate.Perbill(500_000_000).Mul(fraction.Mul(x)))
	}
	each := reward.Div64(2)
	for _, who := range []accountID{charlie, dave} {
		if got := money.Free(c.Ctx(), who).SaturatingSub(before[who]); got != each {
			t.Errorf("a reporter got %v, want %v", got, each)
		}
	}
	want := total.SaturatingSub(each).SaturatingSub(each)
	if got := money.Free(c.Ctx(), pallets.Treasury).SaturatingSub(before[pallets.Treasury]); got != want {
		t.Errorf("the treasury got %v, want %v", got, want)
	}
	if got := balances.TotalIssuance.Get(c.Ctx()); got.IsZero() {
		t.Error("nothing is left")
	}
	checkMoney(t, c)
}

// Spans that ended before the bonding window are forgotten with their records.
func TestSpansArePruned(t *testing.T) {
	c := world(t, map[string]any{"Staking.BondingDuration": 3, "Staking.SlashDeferDuration": 2})
	offend := func() {
		t.Helper()
		err := c.Do(func(ctx *runtime.Context) error {
			now := session.CurrentIndex.Get(ctx)
			api.OnOffence(ctx, []staking.Offender{{Identification: api.Identify(ctx, validator, now)}},
				[]substrate.Perbill{10_000_000}, now)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	spans := func() staking.Spans {
		s, _ := staking.SlashingSpans.Get(c.Ctx(), validator)
		return s
	}
	offend() // in era 0
	if got := spans(); got.SpanIndex != 1 || got.LastStart != 1 || !slices.Equal(got.Prior, []uint32{1}) {
		t.Fatalf("after one offence: %+v", got)
	}
	c.GoTo(2*eraBlocks + 2)
	offend() // in era 2
	if got := spans(); got.SpanIndex != 2 || got.LastStart != 3 || !slices.Equal(got.Prior, []uint32{2, 1}) {
		t.Fatalf("after two offences: %+v", got)
	}
	c.GoTo(5*eraBlocks + 2)
	offend() // in era 5: the window begins with era 2
	if got := spans(); got.SpanIndex != 3 || got.LastStart != 6 || !slices.Equal(got.Prior, []uint32{3, 2}) || got.LastNonzeroSlash != 5 {
		t.Fatalf("after three offences: %+v", got)
	}
	for i, want := range []bool{false, true, true} {
		got := staking.SpanSlash.Get(c.Ctx(), staking.SpanKey{Stash: validator, Span: uint32(i)})
		if got.Slashed.Cmp(scale.U128{}) > 0 != want {
			t.Errorf("span %d: %+v", i, got)
		}
	}
}
