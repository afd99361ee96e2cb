package system

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// defaultVersion is that of the reference network. Clients sign the spec and
// transaction versions and pick their codecs by them.
var defaultVersion = substrate.RuntimeVersion{
	SpecName:           "cess-node",
	ImplName:           "cess-node",
	AuthoringVersion:   1,
	SpecVersion:        137,
	ImplVersion:        1,
	TransactionVersion: 1,
	SystemVersion:      1,
	// Only what the node serves is listed: clients read the list as a promise.
	APIs: scale.CowVec[substrate.APIVersion]{
		api("Core", 5),
		api("Metadata", 2),
		api("TaggedTransactionQueue", 3),
		api("SessionKeys", 1),
		api("AccountNonceApi", 1),
		api("TransactionPaymentApi", 4),
		api("TransactionPaymentCallApi", 3),
	},
}

func api(name string, version uint32) substrate.APIVersion {
	return substrate.APIVersion{ID: substrate.APIID(name), Version: version}
}
