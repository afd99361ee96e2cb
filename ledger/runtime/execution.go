package runtime

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/substrate"
)

// Execution runs one block over its parent. It is used by one goroutine; after
// an error that is no validity error it is of no further use.
type Execution struct {
	ctx    *Context
	body   [][]byte
	result error // of the call that ran last
}

// Outcome is a finished block.
type Outcome struct {
	// Changes are all writes in ascending key order, equal values included.
	Changes []Change
	// Body lists the extrinsics, inherents first, as the block carries them.
	Body [][]byte
}

// NewBlock starts the block after parent: initialisation, hooks and inherents.
func (rt *Runtime) NewBlock(parent Parent, info BlockInfo) (_ *Execution, err error) {
	defer catch(&err)
	ctx := rt.next(parent)
	info.Number, info.ParentHash = ctx.block.Number, ctx.block.ParentHash
	ctx.block = info
	ctx.phase = substrate.Initialization
	x := &Execution{ctx: ctx}
	rt.system.InitializeBlock(ctx)
	if from := rt.system.LastUpgrade(ctx); from != rt.version.SpecVersion {
		if err := rt.upgrade(ctx, from); err != nil {
			return nil, err
		}
	}
	for _, p := range rt.pallets {
		if p.OnInitialize != nil {
			p.OnInitialize(ctx)
		}
	}
	if rt.inherents == nil {
		return x, nil
	}
	for _, call := range rt.inherents(info) {
		if err := x.applyInherent(call); err != nil {
			return nil, fmt.Errorf("inherent %s: %w", RuntimeCall{call}.Name(), err)
		}
	}
	return x, nil
}

// InherentCount is how many extrinsics every block starts with that nobody sent.
func (rt *Runtime) InherentCount() int {
	if rt.inherents == nil {
		return 0
	}
	return len(rt.inherents(BlockInfo{}))
}

// Body lists the extrinsics so far, inherents first.
func (x *Execution) Body() [][]byte { return x.body }

func (x *Execution) applyInherent(call Call) error {
	bare := Extrinsic{Call: RuntimeCall{call}}
	raw, err := bare.Encode()
	if err != nil {
		return err
	}
	x.begin()
	if err := x.ctx.Dispatch(call, Origin{}); err != nil {
		return err
	}
	info := bare.Call.Info()
	x.finish(raw, nil, info)
	return nil
}

func (x *Execution) begin() {
	x.ctx.phase = substrate.ApplyExtrinsic(uint32(len(x.body)))
}

func (x *Execution) finish(raw []byte, result error, info substrate.DispatchInfo) {
	x.ctx.rt.system.NoteApplied(x.ctx, result, info)
	x.ctx.usage.add(info, len(raw))
	x.body = append(x.body, raw)
	x.result = result
}

// Apply runs an extrinsic. A validity error (IsValidityError) means that it is
// not part of the block and state is as before; nil means that it is, even if
// its call failed.
func (x *Execution) Apply(c *Checked) (err error) {
	defer catch(&err)
	ctx, rt := x.ctx, x.ctx.rt
	if c.Spec != rt.version.SpecVersion {
		return substrate.InvalidBadProof
	}
	if c.Unsigned {
		return x.applyUnsigned(c)
	}
	if err := x.admissible(c); err != nil {
		return err
	}
	x.begin()
	if err := ctx.Transaction(func() error { return rt.payment.Withdraw(ctx, c) }); err != nil {
		return asValidity(err)
	}
	rt.system.IncrementNonce(ctx, c.Signer)
	post, result := ctx.DispatchPost(c.Call.Call, SignedOrigin(c.Signer))
	info := ActualInfo(c.Info, post)
	rt.payment.Settle(ctx, c, info)
	x.finish(c.Raw, result, info)
	return nil
}

// admissible holds the checks of spec/wire.md §3.3 that depend on state.
func (x *Execution) admissible(c *Checked) error {
	rt := x.ctx.rt
	if err := rt.checkEra(x.ctx, c); err != nil {
		return err
	}
	if err := rt.checkAddress(x.ctx, c); err != nil {
		return err
	}
	if c.Info.Class == substrate.Mandatory {
		return substrate.InvalidBadMandatory
	}
	nonce, exists := rt.system.Nonce(x.ctx, c.Signer)
	switch {
	case !exists:
		return substrate.InvalidPayment
	case c.Extra.Nonce < nonce:
		return substrate.InvalidStale
	case c.Extra.Nonce > nonce:
		return substrate.InvalidFuture
	}
	return x.room(c)
}

// room refuses what does not fit into the rest of the block.
func (x *Execution) room(c *Checked) error {
	limits := x.ctx.rt.limits
	if !limits.fits(c.Info, c.Length()) || !limits.admit(&x.ctx.usage, c.Info, c.Length()) {
		return substrate.InvalidExhaustsResources
	}
	return nil
}

// IsValidityError says whether err explains why an extrinsic is not part of a
// block, as opposed to a failure of the node.
func IsValidityError(err error) bool {
	var invalid substrate.InvalidTransaction
	var unknown substrate.UnknownTransaction
	return errors.As(err, &invalid) || errors.As(err, &unknown)
}

func asValidity(err error) error {
	if IsValidityError(err) {
		return err
	}
	return substrate.InvalidPayment
}

// Finish runs the closing hooks and returns the block's effect.
func (x *Execution) Finish() (_ *Outcome, err error) {
	defer catch(&err)
	ctx := x.ctx
	ctx.phase = substrate.Finalization
	for _, p := range ctx.rt.pallets {
		if p.OnFinalize != nil {
			p.OnFinalize(ctx)
		}
	}
	ctx.rt.system.FinalizeBlock(ctx, ctx.events.records, ctx.events.count, ctx.usage)
	return &Outcome{Changes: ctx.state.changes(), Body: x.body}, nil
}
