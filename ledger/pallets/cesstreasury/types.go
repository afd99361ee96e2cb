package cesstreasury

import "github.com/gocess/gocess/ledger/types"

// Round is what one era pays to miners, in planck. Allocated never exceeds
// Total; the difference stays in CurrencyReward. A tuple on the wire.
type Round struct {
	Total     types.Balance
	Allocated types.Balance // promised by reward orders
}
