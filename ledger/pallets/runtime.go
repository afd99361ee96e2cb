// Package pallets puts the chain together: which pallets it has, under which
// indices, and what each uses of the others.
package pallets

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/authoritydiscovery"
	"github.com/gocess/gocess/ledger/pallets/authorship"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/electionprovidermultiphase"
	"github.com/gocess/gocess/ledger/pallets/evmaccountmapping"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/grandpa"
	"github.com/gocess/gocess/ledger/pallets/historical"
	"github.com/gocess/gocess/ledger/pallets/imonline"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/multisig"
	"github.com/gocess/gocess/ledger/pallets/offences"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/preimage"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/randomnesscollectiveflip"
	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/pallets/voterlist"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// All is the chain, in the order of wire indices.
var All = []*runtime.Pallet{
	system.Pallet,                        // 0
	utility.Pallet,                       // 1
	babe.Pallet,                          // 2
	timestamp.Pallet,                     // 3
	authorship.Pallet,                    // 4
	indices.Pallet,                       // 5
	balances.Pallet,                      // 6
	transactionpayment.Pallet,            // 7
	electionprovidermultiphase.Pallet,    // 10
	staking.Pallet,                       // 11
	session.Pallet,                       // 12
	collective.Council.Pallet,            // 13
	collective.TechnicalCommittee.Pallet, // 14
	grandpa.Pallet,                       // 16
	treasury.Pallet,                      // 17
	sudo.Pallet,                          // 22
	imonline.Pallet,                      // 23
	authoritydiscovery.Pallet,            // 24
	offences.Pallet,                      // 25
	historical.Pallet,                    // 26
	randomnesscollectiveflip.Pallet,      // 27
	scheduler.Pallet,                     // 32
	preimage.Pallet,                      // 34
	proxy.Pallet,                         // 35
	multisig.Pallet,                      // 36
	voterlist.Pallet,                     // 52
	cesstreasury.Pallet,                  // 100
	schedulercredit.Pallet,               // 101
	teeworker.Pallet,                     // 103
	filebank.Pallet,                      // 104
	sminer.Pallet,                        // 105
	audit.Pallet,                         // 106
	storagehandler.Pallet,                // 107
	oss.Pallet,                           // 108
	cacher.Pallet,                        // 109
	reservoir.Pallet,                     // 110
	evmaccountmapping.Pallet,             // 111
	podr2.Pallet,                         // 112
	attestation.Pallet,                   // 113
	r2s.Pallet,                           // 114
	upgrade.Pallet,                       // 115
}

// Treasury receives most of the fees: the account of pallet id `py/trsry`.
var Treasury = substrate.AccountOfPallet(types.TreasuryPot)

// What each pallet uses of the others.
var payment = transactionpayment.API{
	Currency: balances.API{},
	Authors:  authorship.API{},
	Treasury: treasury.API{},
}

func init() {
	authorship.Wire(session.API{}, imonline.Observer{}, grandpa.Observer{})
	treasury.Wire(balances.API{})
	session.Wire(babe.API{}, staking.API{},
		grandpa.Sessions, babe.Sessions, imonline.Sessions, authoritydiscovery.Sessions,
		historical.Sessions, r2s.KeyHistory, r2s.KeyChanges)
	r2s.Wire(r2s.Uses{
		Sessions: session.API{}, Candidates: staking.API{}, Credits: schedulercredit.API{}, Epochs: babe.API{},
	})
	staking.Wire(balances.API{}, session.API{}, cesstreasury.API{}, treasury.API{})
	staking.WireSeats(session.API{})
	voterlist.Wire(staking.API{})
	staking.WireElections(r2s.API{}, voterlist.API{}, electionprovidermultiphase.API{})
	offences.Wire(staking.API{})
	grandpa.Wire(r2s.API{}, staking.API{}, offences.API{})
	imonline.Wire(babe.API{}, staking.API{}, offences.API{}, r2s.API{})
	historical.Wire(staking.API{})
	r2s.WireKeyHistory(staking.API{}, babe.API{})
	system.Wire(indices.API{}, upgrade.API{})
	indices.Wire(balances.API{})
	proxy.Wire(balances.API{})
	multisig.Wire(balances.API{})
	cacher.Wire(balances.API{})
	evmaccountmapping.Wire(balances.API{}, payment)
	preimage.Wire(balances.API{})
	scheduler.Wire(preimage.API{})
	cesstreasury.Wire(balances.API{}, staking.API{})
	schedulercredit.Wire(staking.API{})
	reservoir.Wire(balances.API{})
	sminer.Wire(sminer.Uses{
		Currency: balances.API{}, Totals: storagehandler.API{}, Deals: filebank.API{},
		Treasury: cesstreasury.API{}, Agenda: scheduler.API{}, Fragments: podr2.API{},
		Eras: staking.API{}, Workers: teeworker.API{},
		Reservoir: reservoir.API{},
	})
	storagehandler.Wire(balances.API{}, babe.API{}, filebank.API{}, scheduler.API{}, sminer.API{})
	filebank.Wire(oss.API{}, storagehandler.API{}, sminer.API{}, teeworker.API{}, schedulercredit.API{})
	audit.Wire(sminer.API{}, teeworker.API{}, schedulercredit.API{}, podr2.API{}, babe.API{}, staking.API{})
	podr2.Wire(audit.API{}, sminer.API{}, teeworker.API{})
	teeworker.Wire(babe.API{}, staking.API{}, schedulercredit.API{}, attestation.API{})
	runtime.Register(All...)
}

// New is the chain's runtime as it is without upgrades. constants override declared
// ones, by "Pallet.Name"; see runtime.Config.
func New(constants map[string]json.RawMessage) (*runtime.Runtime, error) {
	return runtime.New(Config(constants))
}

// Config is what New builds the runtime from.
func Config(constants map[string]json.RawMessage) runtime.Config {
	return runtime.Config{
		Version:         system.Version.Default(),
		VersionConstant: system.Version,
		Pallets:         All,
		System:          system.Hooks{},
		Payment:         payment,
		Inherents:       timestamp.Inherents,
		Constants:       constants,
	}
}
