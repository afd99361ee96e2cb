package palletstest

import (
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
)

// Parent is the last block, as the runtime's functions take it.
func (c *Chain) Parent() runtime.Parent { return c.parent }

// Submit makes a block with an extrinsic in its wire form. Unlike Run it
// verifies the signature.
func (c *Chain) Submit(raw []byte) error {
	c.t.Helper()
	checked, err := c.rt.Check(c.parent, raw)
	if err != nil {
		return err
	}
	return c.Include(checked)
}

// Include makes a block with an extrinsic that was checked before, maybe in
// another state.
func (c *Chain) Include(checked *runtime.Checked) error {
	c.t.Helper()
	x := c.open()
	c.result = errors.New("the extrinsic did not end")
	err := x.Apply(checked)
	if err == nil {
		err = c.result
	}
	c.close(x)
	return err
}
