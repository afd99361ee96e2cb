package voterlist_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/voterlist"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

var (
	api             voterlist.API
	alice, bob, eve = palletstest.Alice, palletstest.Bob, palletstest.Eve
)

func all(c *palletstest.Chain) []accountID { return slices.Collect(api.All(c.Ctx())) }

// stake bonds tokens and nominates the author.
func stake(c *palletstest.Chain, who accountID, tokens uint64) {
	c.Must(who, staking.Bond{Value: types.Tokens(tokens), Payee: staking.PayStash{}})
	c.Must(who, staking.Nominate{Targets: []substrate.MultiAddress{substrate.AddressOf(palletstest.Author)}})
}

func TestCalls(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	stake(c, alice, 1_000_000)
	stake(c, bob, 1_000_001)
	stake(c, eve, 2_000_000)
	want := func(list ...accountID) {
		t.Helper()
		if got := all(c); !slices.Equal(got, list) {
			t.Fatalf("the list is %x, want %x", got, list)
		}
	}
	author := palletstest.Author
	want(author, eve, alice, bob) // Alice and Bob share a bag
	for name, tt := range map[string]struct {
		signer accountID
		call   runtime.Call
		want   error
	}{
		"not in the list": {palletstest.Dave, voterlist.PutInFrontOf{Lighter: substrate.AddressOf(alice)}, voterlist.ErrNodeNotFound},
		"nobody to pass":  {bob, voterlist.PutInFrontOf{Lighter: substrate.AddressOf(palletstest.Dave)}, voterlist.ErrNodeNotFound},
		"not heavier":     {alice, voterlist.PutInFrontOf{Lighter: substrate.AddressOf(bob)}, voterlist.ErrNotHeavier},
		"another bag":     {eve, voterlist.PutInFrontOf{Lighter: substrate.AddressOf(bob)}, voterlist.ErrNotInSameBag},
		"rebag nobody":    {alice, voterlist.Rebag{Dislocated: substrate.AddressOf(palletstest.Dave)}, voterlist.ErrNodeNotFound},
	} {
		err := c.Run(tt.signer, tt.call)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	m, _ := runtime.DispatchErrorOf(voterlist.ErrNotInSameBag).Module()
	if m != (substrate.ModuleError{Index: 52, Code: [4]byte{0, 2}}) {
		t.Errorf("on the wire the error is %+v", m)
	}
	c.Must(bob, voterlist.PutInFrontOf{Lighter: substrate.AddressOf(alice)})
	want(author, eve, bob, alice)
	c.Must(alice, staking.BondExtra{MaxAdditional: types.Tokens(2)})
	if e := palletstest.EventsOf[voterlist.ScoreUpdatedEvent](c); len(e) != 1 || e[0].Who != alice {
		t.Errorf("events %+v", e)
	}
	c.Must(palletstest.Dave, voterlist.PutInFrontOfOther{Heavier: substrate.AddressOf(alice), Lighter: substrate.AddressOf(bob)})
	want(author, eve, alice, bob)
	c.Must(bob, staking.BondExtra{MaxAdditional: types.Tokens(5_000_000)})
	if e := palletstest.EventsOf[voterlist.RebaggedEvent](c); len(e) != 1 || e[0].Who != bob || e[0].From >= e[0].To {
		t.Errorf("events %+v", e)
	}
	want(bob, author, eve, alice)
	c.Must(eve, staking.Chill{})
	want(bob, author, alice)
}

// A bag whose scores have become wrong is put right by anybody.
func TestRebag(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	stake(c, alice, 1_000_000)
	if err := c.Do(func(ctx *runtime.Context) error { api.Update(ctx, alice, 1<<63); return nil }); err != nil {
		t.Fatal(err)
	}
	if all(c)[0] != alice {
		t.Fatal("Alice is not first")
	}
	c.Must(bob, voterlist.Rebag{Dislocated: substrate.AddressOf(alice)})
	if all(c)[1] != alice {
		t.Fatal("Alice is not last")
	}
}

// Whatever happens to the list, it is what a list of bags would be.
func TestListFollowsModel(t *testing.T) {
	scores := rapid.OneOf(
		rapid.Uint64Range(0, 3e14), rapid.Uint64(),
		rapid.SampledFrom([]uint64{0, 1e14, 1e14 + 1, 106282535907434, 106282535907435, 1<<64 - 1}),
	)
	base := palletstest.New(t, palletstest.Genesis{})
	thresholds := voterlist.BagThresholds.Default()
	bag := func(score uint64) int {
		for i, upper := range thresholds {
			if score <= upper {
				return i
			}
		}
		return len(thresholds)
	}
	rapid.Check(t, func(t *rapid.T) {
		ctx := base.Ctx()
		for who := range api.All(ctx) {
			api.Remove(ctx, who)
		}
		bags := make([][]accountID, len(thresholds)+1)
		has := map[accountID]uint64{}
		drop := func(who accountID) {
			i := bag(has[who])
			bags[i] = slices.DeleteFunc(bags[i], func(a accountID) bool { return a == who })
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			who := accountID{rapid.ByteRange(1, 6).Draw(t, "who")}
			score := scores.Draw(t, "score")
			old, listed := has[who]
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				if err := api.Insert(ctx, who, score); (err != nil) != listed {
					t.Fatalf("insert: %v", err)
				}
				if !listed {
					has[who] = score
					bags[bag(score)] = append(bags[bag(score)], who)
				}
			case 1:
				api.Update(ctx, who, score)
				if listed && bag(old) != bag(score) {
					drop(who)
					bags[bag(score)] = append(bags[bag(score)], who)
				}
				if listed {
					has[who] = score
				}
			case 2:
				api.Remove(ctx, who)
				if listed {
					drop(who)
					delete(has, who)
				}
			}
			var want []accountID
			for _, b := range slices.Backward(bags) {
				want = append(want, b...)
			}
			if got := slices.Collect(api.All(ctx)); !slices.Equal(got, want) {
				t.Fatalf("the list is %x, want %x", got, want)
			}
			checkLinks(t, ctx, len(want))
		}
	})
}

// checkLinks: neighbours point at each other, and no bag is empty.
func checkLinks(t *rapid.T, ctx *runtime.Context, n int) {
	if got := voterlist.ListNodes.Count(ctx); int(got) != n {
		t.Fatalf("%d voters are counted, %d listed", got, n)
	}
	for upper, bag := range voterlist.ListBags.Iter(ctx) {
		before, last := scale.None[accountID](), scale.None[accountID]()
		for at := bag.Head; at.IsSome(); {
			who, _ := at.Get()
			node, ok := voterlist.ListNodes.Get(ctx, who)
			if !ok || node.Prev != before || node.BagUpper != upper || node.Score > upper {
				t.Fatalf("node %+v of bag %d", node, upper)
			}
			before, last, at = at, at, node.Next
		}
		if last.IsNone() || last != bag.Tail {
			t.Fatalf("bag %d: %+v", upper, bag)
		}
	}
}
