package system

import (
	"golang.org/x/crypto/blake2b"

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
	Apis: scale.CowVec[substrate.APIVersion]{
		api("Core", 5),
		api("Metadata", 2),
		api("BlockBuilder", 6),
		api("TaggedTransactionQueue", 3),
		api("OffchainWorkerApi", 2),
		api("GrandpaApi", 3),
		api("BabeApi", 2),
		api("AuthorityDiscoveryApi", 1),
		api("AccountNonceApi", 1),
		api("AssetsApi", 1),
		api("ContractsApi", 2),
		api("TransactionPaymentApi", 4),
		api("AssetConversionApi", 1),
		api("TransactionPaymentCallApi", 3),
		api("BeefyApi", 5),
		api("MmrApi", 2),
		api("SessionKeys", 1),
		api("GenesisBuilder", 1),
		api("EthereumRuntimeRPCApi", 5),
		api("ConvertTransactionRuntimeApi", 2),
	},
}

// api identifies a runtime API by the 8-byte blake2b hash of its name.
func api(name string, version uint32) substrate.APIVersion {
	h, err := blake2b.New(8, nil)
	if err != nil {
		panic(err) // only for sizes outside 1 to 64
	}
	h.Write([]byte(name))
	return substrate.APIVersion{ID: [8]byte(h.Sum(nil)), Version: version}
}
