package runtime

import (
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// UnsignedRules admit calls of a pallet in extrinsics that nobody signed. Who
// wants the call, and who pays, is up to the rules.
type UnsignedRules interface {
	// Verify does all checks that depend on nothing but the call and the
	// chain's constants, those of signatures inside it above all, and returns
	// what the extrinsic provides: of two that provide the same, one can be in
	// the chain. It is called once, from any goroutine; its errors are
	// validity errors.
	Verify(rt *Runtime, call Call) (provides []byte, err error)
	// Validate judges a verified call by the state: for the pool, and again
	// right before the call runs with origin None. Its errors are validity
	// errors.
	Validate(ctx *Context, call Call) (ValidUnsigned, error)
}

// ValidUnsigned is what a pool orders an unsigned extrinsic by.
type ValidUnsigned struct {
	Priority  uint64
	Longevity uint64 // blocks
}

// unsignedRules are those of the call's pallet; inherents and most pallets have
// none.
func (rt *Runtime) unsignedRules(call Call) (UnsignedRules, error) {
	if at, ok := callPlaces.of(call); ok {
		if p := rt.byIndex[at.pallet.Index]; p != nil && p.Unsigned != nil {
			return p.Unsigned, nil
		}
	}
	return nil, substrate.UnknownNoUnsignedValidator
}

func (rt *Runtime) decodeUnsigned(raw []byte, call RuntimeCall) (*Checked, error) {
	rules, err := rt.unsignedRules(call.Call)
	if err != nil {
		return nil, err
	}
	c := &Checked{Raw: raw, Hash: ExtrinsicHash(raw), Call: call, Info: call.Info(), Unsigned: true, Spec: rt.version.SpecVersion}
	if len(raw) > rt.limits.length(c.Info.Class) {
		return nil, substrate.InvalidExhaustsResources
	}
	provides, err := rules.Verify(rt, call.Call)
	if err != nil {
		return nil, err
	}
	c.Signer = crypto.Blake2b256([]byte("unsigned"), provides)
	return c, nil
}

func (rt *Runtime) validateUnsigned(ctx *Context, c *Checked) (ValidTransaction, error) {
	if c.Info.Class == substrate.Mandatory {
		return ValidTransaction{}, substrate.InvalidMandatoryValidation
	}
	if !rt.limits.fits(c.Info, c.Length()) {
		return ValidTransaction{}, substrate.InvalidExhaustsResources
	}
	rules, err := rt.unsignedRules(c.Call.Call)
	if err != nil {
		return ValidTransaction{}, err
	}
	valid, err := rules.Validate(ctx, c.Call.Call)
	if err != nil {
		return ValidTransaction{}, err
	}
	return ValidTransaction{Priority: valid.Priority, Longevity: valid.Longevity}, nil
}

// applyUnsigned is Apply for what nobody signed: neither fee nor nonce.
func (x *Execution) applyUnsigned(c *Checked) error {
	if c.Info.Class == substrate.Mandatory {
		return substrate.InvalidBadMandatory
	}
	if err := x.room(c); err != nil {
		return err
	}
	rules, err := x.ctx.rt.unsignedRules(c.Call.Call)
	if err != nil {
		return err
	}
	if _, err := rules.Validate(x.ctx, c.Call.Call); err != nil {
		return err
	}
	x.begin()
	post, result := x.ctx.DispatchPost(c.Call.Call, Origin{})
	x.finish(c.Raw, result, ActualInfo(c.Info, post))
	return nil
}
