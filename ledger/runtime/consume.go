package runtime

import "github.com/gocess/gocess/primitives/substrate"

// Consume counts work that a hook has done against the block's weight, so that
// extrinsics do not fill what is no longer there.
func (c *Context) Consume(w substrate.Weight) {
	c.usage.Mandatory = c.usage.Mandatory.Add(w)
}
