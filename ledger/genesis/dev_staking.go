package genesis

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
)

// Staking on a development chain: validators bond what elections ask for; the
// least bond is smaller, so that a TEE worker's fine does not cost the seat.
const (
	devBond           = 3_000_000 // tokens
	devLeastBond      = 1_000_000 // tokens
	devSessionsPerEra = 6
	devBondingEras    = 24
	devDeferEras      = 6
	yearMs            = 31_557_600_000
)

// devEras are the constants of eras: a year issues what it does elsewhere,
// however short its eras are.
func devEras(epochBlocks, blockTimeMs uint64) map[string]uint64 {
	eraMs := max(1, devSessionsPerEra*epochBlocks*blockTimeMs)
	return map[string]uint64{
		"Staking.BondingDuration":    devBondingEras,
		"Staking.ErasPerYear":        max(1, yearMs/eraMs),
		"Staking.SessionsPerEra":     devSessionsPerEra,
		"Staking.SlashDeferDuration": devDeferEras,
	}
}

// devStakers bonds the stash of each candidate for the seats.
func devStakers(validators []session.GenesisValidator, seats int) staking.Genesis {
	g := staking.Genesis{ValidatorCount: uint32(seats), MinValidatorBond: tokens(devLeastBond)}
	for _, v := range validators {
		g.Stakers = append(g.Stakers, staking.GenesisStaker{Stash: v.Stash, Bond: tokens(devBond)})
	}
	return g
}
