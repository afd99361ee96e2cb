package types

import "github.com/gocess/gocess/primitives/substrate"

// Accounts that no key controls (spec/pallets-mining.md §0.6).
var (
	// RewardPot pays miners; it also salts randomness.
	RewardPot = pot("rewardpt")
	// PunishmentPot receives what miners are fined.
	PunishmentPot = pot("punisdpt")
	// SpacePot receives what users pay for territories.
	SpacePot = pot("spacedpt")
	// ReservePot keeps the reserve of miner rewards.
	ReservePot = pot("sererdpt")
	// FaucetPot pays test tokens. The spelling is part of the address.
	FaucetPot = pot("facuetid")
	// ReservoirPot holds what the reservoir lends.
	ReservoirPot = pot("rsorptid")
	// TEEWorkerPot salts randomness only.
	TEEWorkerPot = pot("filmpdpt")
	// TreasuryPot is the treasury.
	TreasuryPot = pot("py/trsry")
)

func pot(id string) substrate.PalletID { return substrate.PalletID([]byte(id)) }
