package runtime

import "github.com/gocess/gocess/primitives/substrate"

// Origin says on whose behalf a call runs. The zero Origin is None: an
// inherent or unsigned extrinsic.
type Origin struct {
	kind    originKind
	account substrate.AccountID
}

type originKind uint8

const (
	originNone originKind = iota
	originSigned
	originRoot
)

// RootOrigin is the chain itself: sudo, scheduler and genesis.
func RootOrigin() Origin { return Origin{kind: originRoot} }

// SignedOrigin is an account that signed the extrinsic.
func SignedOrigin(who substrate.AccountID) Origin { return Origin{kind: originSigned, account: who} }

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
