package reservoir_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/types"
	"pgregory.net/rapid"
)

// Whatever is called, whoever pledges, is punished and is proved right, the
// books are what the pool owns.
func TestBookInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		c.Must(bob, reservoir.Filling{Amount: types.Tokens(60)})
		for range rapid.IntRange(1, 25).Draw(t, "calls") {
			who := rapid.SampledFrom([]accountID{alice, bob, palletstest.Charlie}).Draw(t, "who")
			x := types.Tokens(rapid.Uint64Range(0, 40).Draw(t, "tokens"))
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				_ = c.Run(who, reservoir.Store{Amount: x})
			case 1:
				_ = c.Run(who, reservoir.Withdraw{Amount: x})
			case 2:
				_ = c.Root(reservoir.EventWithdraw{Amount: x, Target: who})
			case 3:
				period := rapid.Uint32Range(0, 8).Draw(t, "period")
				_ = c.Root(reservoir.CreateEvent{ID: fair, Quota: 2, Deadline: 4, UnitAmount: x, BorrowPeriod: period})
			case 4:
				_ = c.Run(who, reservoir.AttendEvent{ID: fair})
			case 5, 6:
				_ = pledge(c, who, x)
			case 7:
				_ = redeem(c, who, x)
			case 8:
				_ = punish(c, who, x)
			case 9:
				_ = restore(c, who, x)
			}
			checkBooks(t, c)
		}
	})
}
