package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// CodeKey is Substrate's well-known key of the runtime's code. The runtime here
// is part of the node and has no code on chain; what identifies it stands in
// its place, because clients of the new JSON-RPC (polkadot-api) watch the hash
// of the value and load the metadata anew when it changes.
var CodeKey = []byte(":code")

// noteCode writes which runtime runs from the next block on: the encoding of
// its version.
func noteCode(ctx *runtime.Context) error {
	code, err := scale.Marshal(Version.Get(ctx))
	if err != nil {
		return err
	}
	ctx.Put(CodeKey, code)
	return nil
}
