package runtime

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// CodeKey is Substrate's well-known key of the runtime's code. The runtimes here
// are part of the program and have no code on chain; what names one stands in its
// place. The value in the state after a block names the runtime of the next one,
// as upstream's does, and clients watch it: polkadot-api loads the metadata anew
// when its hash changes.
var CodeKey = []byte(":code")

// Code names a runtime: the value of CodeKey, and what `System.set_code` takes.
type Code struct {
	SpecVersion uint32       `scale:",compact" type:"codec::Compact<u32>"`
	SpecName    scale.CowStr `type:"Cow<'static, str>"`
}

// CodeOf names the runtime of a version.
func CodeOf(v substrate.RuntimeVersion) Code { return Code{v.SpecVersion, v.SpecName} }

// Encode is the value of CodeKey.
func (c Code) Encode() []byte { return scale.MustMarshal(c) }

// DecodeCode reads the value of CodeKey.
func DecodeCode(b []byte) (Code, error) {
	c, err := scale.Unmarshal[Code](b)
	if err != nil {
		return c, fmt.Errorf("the chain's code does not name a runtime: %w", err)
	}
	return c, nil
}
