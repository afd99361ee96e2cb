package runtime

import "github.com/gocess/gocess/primitives/substrate"

// Origin says on whose behalf a call runs, and which calls it may make. The
// zero Origin is None: an inherent or unsigned extrinsic.
type Origin struct {
	kind    originKind
	account substrate.AccountID
	custom  any         // of a pallet's own origin
	filter  *callFilter // nil: every call
}

// callFilter is a chain of rules; a call must pass all of them.
type callFilter struct {
	allows func(Call) bool
	outer  *callFilter
}

type originKind uint8

const (
	originNone originKind = iota
	originSigned
	originRoot
	originCustom
)

// RootOrigin is the chain itself: sudo, scheduler and genesis.
func RootOrigin() Origin { return Origin{kind: originRoot} }

// SignedOrigin is an account that signed the extrinsic.
func SignedOrigin(who substrate.AccountID) Origin { return Origin{kind: originSigned, account: who} }

// CustomOrigin is an origin that a pallet defines, such as the vote of a
// council: neither an account nor the chain itself. value says which one, in
// the wire form of origins (`OriginCaller`).
func CustomOrigin(value any) Origin { return Origin{kind: originCustom, custom: value} }

// Custom is the value of an origin that a pallet defines; nil for others.
func (o Origin) Custom() any { return o.custom }

// Restrict adds a rule to the origin. It holds for the call that is dispatched
// and for all calls inside it that run with this origin, as those of a batch
// do; a call that breaks it fails with CallFiltered. Root ignores rules.
func (o Origin) Restrict(allows func(Call) bool) Origin {
	o.filter = &callFilter{allows, o.filter}
	return o
}

// As is the given account under the rules of the origin.
func (o Origin) As(who substrate.AccountID) Origin {
	return Origin{kind: originSigned, account: who, filter: o.filter}
}

// allows says whether the origin may make the call at all.
func (o Origin) allows(call Call) bool {
	if o.kind == originRoot {
		return true
	}
	for f := o.filter; f != nil; f = f.outer {
		if !f.allows(call) {
			return false
		}
	}
	return true
}

// Signed returns the signing account, or BadOrigin.
func (o Origin) Signed() (substrate.AccountID, error) {
	if o.kind != originSigned {
		return substrate.AccountID{}, ErrBadOrigin
	}
	return o.account, nil
}

// Root returns BadOrigin unless the origin is the chain itself.
func (o Origin) Root() error {
	if o.kind != originRoot {
		return ErrBadOrigin
	}
	return nil
}

// None returns BadOrigin unless the extrinsic is an inherent or unsigned.
func (o Origin) None() error {
	if o.kind != originNone {
		return ErrBadOrigin
	}
	return nil
}
