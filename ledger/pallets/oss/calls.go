package oss

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Authorize lets an operator act for the signer.
type Authorize struct {
	Operator substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits Authorize, also when the operator may act already.
func (c Authorize) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if !(API{}).Allowed(ctx, who, c.Operator) {
		if err := allow(ctx, who, c.Operator); err != nil {
			return err
		}
	}
	ctx.Emit(AuthorizeEvent{Account: who, Operator: c.Operator})
	return nil
}

// CancelAuthorize takes an authorization back.
type CancelAuthorize struct {
	Oss substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits CancelAuthorize, also when the operator is not in the list.
// An account that never authorized anybody gets NoAuthorization.
func (c CancelAuthorize) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if !Authorities.Contains(ctx, who) {
		return ErrNoAuthorization
	}
	list := Authorities.Get(ctx, who)
	Authorities.Put(ctx, who, slices.DeleteFunc(list, func(o substrate.AccountID) bool { return o == c.Oss }))
	ctx.Emit(CancelAuthorizeEvent{Account: who, Oss: c.Oss})
	return nil
}

// Register enters the signer in the register of gateways.
type Register struct {
	Endpoint types.PeerID `type:"PeerId"`
	Domain   Domain       `type:"BoundedVec<u8, ConstU32<50>>"`
}

// Dispatch emits OssRegister.
func (c Register) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Gateways.Contains(ctx, who) {
		return ErrRegistered
	}
	Gateways.Put(ctx, who, Gateway{PeerID: c.Endpoint, Domain: c.Domain})
	ctx.Emit(OssRegisterEvent{Account: who, Endpoint: c.Endpoint})
	return nil
}

// Update replaces the gateway's endpoint and domain.
type Update struct {
	Endpoint types.PeerID `type:"PeerId"`
	Domain   Domain       `type:"BoundedVec<u8, ConstU32<50>>"`
}

// Dispatch emits OssUpdate.
func (c Update) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if !Gateways.Contains(ctx, who) {
		return ErrNotRegistered
	}
	Gateways.Put(ctx, who, Gateway{PeerID: c.Endpoint, Domain: c.Domain})
	ctx.Emit(OssUpdateEvent{Account: who, NewEndpoint: c.Endpoint})
	return nil
}

// Destroy removes the signer from the register.
type Destroy struct{}

// Dispatch emits OssDestroy. Authorizations stay: they do not depend on the
// register.
func (Destroy) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if !Gateways.Contains(ctx, who) {
		return ErrNotRegistered
	}
	Gateways.Delete(ctx, who)
	ctx.Emit(OssDestroyEvent{Account: who})
	return nil
}
