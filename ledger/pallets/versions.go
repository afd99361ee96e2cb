package pallets

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/runtime"
)

// Releases are the versions of the runtime that this program knows, older ones
// first. A released one is never changed nor taken away: all nodes have to run
// its blocks alike for ever. docs/protocol/upgrade.md says how to add one.
var Releases = []runtime.Config{
	Config(nil), // 137: the reference network's
}

// Versions are the runtimes of a chain that began with the spec version first, 0
// for the oldest. constants override declared ones, by "Pallet.Name".
func Versions(first uint32, constants map[string]json.RawMessage) (*runtime.Versions, error) {
	return runtime.NewVersions(first, constants, Releases...)
}
