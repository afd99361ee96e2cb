package transactionpayment_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/authorship"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	one        = 1_000_000_000_000_000_000
	normal     = 1_500_000_000_000 // ref_time of a full block
	quarter    = normal / 4        // the target
	leastPrice = 1_000_000_000
)

// The factors of spec/consensus.md §6.1 for blocks that are empty, as full as
// they should be, and full.
func TestMultiplierVectors(t *testing.T) {
	for _, tt := range []struct {
		before, used uint64
		want         string
	}{
		{one, quarter, "1000000000000000000"},
		{one, 0, "999997500003125000"},       // 1 − v/4 + v²/32
		{one, normal, "1000007500028125000"}, // 1 + 3v/4 + 9v²/32
		{one, 9 * normal, "1000007500028125000"},
		{leastPrice, 0, "1000000000"},
		{2 * one, 0, "1999995000006250000"},
	} {
		if got := transactionpayment.NextMultiplier(scale.U128From64(tt.before), tt.used); got.String() != tt.want {
			t.Errorf("%d after %d ps: %v, want %s", tt.before, tt.used, got, tt.want)
		}
	}
	if got := transactionpayment.NextMultiplier(scale.MaxU128, normal); got != scale.MaxU128 {
		t.Errorf("the largest multiplier becomes %v", got)
	}
}

// The rule in fractions: each product is rounded down to 10⁻¹⁸.
func TestMultiplierAgainstFractions(t *testing.T) {
	mul := func(a, b *big.Int) *big.Int {
		p := new(big.Int).Mul(a, b)
		return p.Quo(p, big.NewInt(one))
	}
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.Uint64Range(leastPrice, 10*one).Draw(t, "multiplier")
		used := rapid.Uint64Range(0, normal).Draw(t, "used")
		d := new(big.Int).Abs(big.NewInt(int64(used) - quarter))
		d.Mul(d, big.NewInt(one)).Quo(d, big.NewInt(normal))
		m, v := new(big.Int).SetUint64(before), big.NewInt(one/100_000)
		half := new(big.Int).Quo(mul(v, v), big.NewInt(2))
		first, second := mul(v, d), mul(half, mul(d, d))
		if used >= quarter {
			m.Add(m, mul(m, new(big.Int).Add(first, second)))
		} else {
			m.Sub(m, mul(m, new(big.Int).Sub(first, second)))
		}
		if m.Cmp(big.NewInt(leastPrice)) < 0 {
			m.SetUint64(leastPrice)
		}
		if got := transactionpayment.NextMultiplier(scale.U128From64(before), used); got.Big().Cmp(m) != 0 {
			t.Fatalf("%v, want %v", got, m)
		}
	})
}

func TestMultiplierFollowsBlocks(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.NextBlocks(1)
	if got := transactionpayment.NextFeeMultiplier.Get(c.Ctx()).Inner.String(); got != "999997500003125000" {
		t.Errorf("after an empty block: %s", got)
	}
}

// Fee and tip are split apart: 80 % of each, rounded down, to the treasury and
// what remains to the author. Nothing is lost.
func TestFeeAndTipAreSplitApart(t *testing.T) {
	api := transactionpayment.API{Currency: balances.API{}, Authors: authorship.API{}, Treasury: treasury.API{}}
	c := palletstest.New(t, palletstest.Genesis{})
	free := func(who substrate.AccountID) scale.U128 { return balances.API{}.Free(c.Ctx(), who) }
	pot, author, payer := free(pallets.Treasury), free(palletstest.Author), free(palletstest.Bob)
	issued := balances.TotalIssuance.Get(c.Ctx())
	x := &runtime.Checked{
		Signer: palletstest.Bob, Extra: runtime.Extra{Tip: scale.U128From64(2)},
		Info: substrate.DispatchInfo{Weight: substrate.Weight{RefTime: 1}},
	}
	err := c.Do(func(ctx *runtime.Context) error {
		// 5,000,000 for the weight becomes 5,000,002: 2 modulo 5, as the tip.
		transactionpayment.NextFeeMultiplier.Put(ctx, substrate.FixedU128{Inner: scale.U128From64(1_000_000_400_000_000_000)})
		if err := api.Withdraw(ctx, x); err != nil {
			return err
		}
		api.Settle(ctx, x, x.Info)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const fee = 540_785_000_000_000 + 5_000_002
	wantPot, wantAuthor := uint64(fee*4/5+1), uint64(fee-fee*4/5+1)
	if got := payer.SaturatingSub(free(palletstest.Bob)); got != scale.U128From64(fee+2) {
		t.Errorf("the signer paid %v, want %d", got, fee+2)
	}
	if got := free(pallets.Treasury).SaturatingSub(pot); got != scale.U128From64(wantPot) {
		t.Errorf("the treasury got %v, want %d", got, wantPot)
	}
	if got := free(palletstest.Author).SaturatingSub(author); got != scale.U128From64(wantAuthor) {
		t.Errorf("the author got %v, want %d", got, wantAuthor)
	}
	if got := balances.TotalIssuance.Get(c.Ctx()); got != issued {
		t.Errorf("issuance went from %v to %v", issued, got)
	}
}

// Without an author his part is destroyed.
func TestFeeWithoutAuthor(t *testing.T) {
	api := transactionpayment.API{Currency: balances.API{}, Authors: authorship.API{}, Treasury: treasury.API{}}
	c := palletstest.New(t, palletstest.Genesis{})
	issued := balances.TotalIssuance.Get(c.Ctx())
	x := &runtime.Checked{Signer: palletstest.Bob}
	err := c.Do(func(ctx *runtime.Context) error {
		authorship.Author.Delete(ctx)
		if err := api.Withdraw(ctx, x); err != nil {
			return err
		}
		api.Settle(ctx, x, x.Info)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const author = 540_785_000_000_000 / 5
	if got := issued.SaturatingSub(balances.TotalIssuance.Get(c.Ctx())); got != scale.U128From64(author) {
		t.Errorf("%v was destroyed, want %d", got, author)
	}
}

// A block is filled best by those who pay most for the part of it they take.
func TestPriority(t *testing.T) {
	api := transactionpayment.API{Currency: balances.API{}, Authors: authorship.API{}, Treasury: treasury.API{}}
	c := palletstest.New(t, palletstest.Genesis{})
	of := func(refTime uint64, length int, class substrate.DispatchClass, tip uint64) uint64 {
		return api.Priority(c.Ctx(), &runtime.Checked{
			Raw: make([]byte, length), Extra: runtime.Extra{Tip: scale.U128From64(tip)},
			Info: substrate.DispatchInfo{Weight: substrate.Weight{RefTime: refTime}, Class: class},
		})
	}
	for _, tt := range []struct {
		name      string
		got, want uint64
	}{
		{"limited by weight", of(2_000_000_000, 100, substrate.Normal, 0), 1000},
		{"limited by length", of(1, 3_932_160/10, substrate.Normal, 0), 10},
		{"a tip", of(2_000_000_000, 100, substrate.Normal, 9), 10_000},
		{"no limit", of(0, 0, substrate.Normal, 1<<63), 1<<64 - 1},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, tt.got, tt.want)
		}
	}
	if normal, urgent := of(1000, 100, substrate.Normal, 0), of(1000, 100, substrate.Operational, 0); urgent <= normal {
		t.Errorf("an operational call has priority %d, a normal one %d", urgent, normal)
	}
}
