package runtime

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Dispatch errors that do not belong to a pallet (spec/wire.md §1.5).
const (
	ErrUnderflow      = substrate.ArithmeticUnderflow
	ErrOverflow       = substrate.ArithmeticOverflow
	ErrDivisionByZero = substrate.ArithmeticDivisionByZero

	ErrFundsUnavailable = substrate.TokenFundsUnavailable
	ErrBelowMinimum     = substrate.TokenBelowMinimum
	ErrNotExpendable    = substrate.TokenNotExpendable
	ErrOnlyProvider     = substrate.TokenOnlyProvider
	ErrFrozen           = substrate.TokenFrozen
)

// Dispatch errors without detail.
var (
	ErrBadOrigin         = substrate.ErrBadOrigin
	ErrCannotLookup      = substrate.ErrCannotLookup
	ErrConsumerRemaining = substrate.ErrConsumerRemaining
	ErrNoProviders       = substrate.ErrNoProviders
	ErrTooManyConsumers  = substrate.ErrTooManyConsumers
	ErrRootNotAllowed    = substrate.ErrRootNotAllowed
	ErrOther             = substrate.ErrOther
)

// ErrCallFiltered is System.CallFiltered: the origin may not make this call.
var ErrCallFiltered = NewError(0, 5, "CallFiltered")

// ModuleError is an error that a pallet declares. Clients see the pallet's
// index and the error's index and look both up in metadata.
type ModuleError struct {
	Pallet uint8
	Index  uint8
	Name   string
	// Detail is the value of the error's field, a field-less enum, if it has one.
	Detail uint8

	field     scale.Type // of the field; zero if there is none
	fieldName string     // the field's type as Rust writes it
}

// NewError declares an error of the pallet with the given index.
func NewError(pallet, index uint8, name string) *ModuleError {
	return &ModuleError{Pallet: pallet, Index: index, Name: name}
}

// NewErrorWith declares an error with a field: a field-less enum, called typeName.
func NewErrorWith[D ~uint8](pallet, index uint8, name, typeName string) *ModuleError {
	return &ModuleError{Pallet: pallet, Index: index, Name: name, field: scale.TypeOf[D](), fieldName: typeName}
}

// Detailed is the error with a value of its field.
func (e *ModuleError) Detailed(detail uint8, name string) *ModuleError {
	return &ModuleError{Pallet: e.Pallet, Index: e.Index, Name: e.Name + "." + name, Detail: detail}
}

// Error names the error as metadata does.
func (e *ModuleError) Error() string {
	if p := palletAt(e.Pallet); p != nil {
		return p.Name + "." + e.Name
	}
	return fmt.Sprintf("pallet %d: %s", e.Pallet, e.Name)
}

// DispatchErrorOf converts what a call returned into its wire form. An error
// that is neither a module error nor a dispatch error becomes Other, which has
// no payload on the wire.
func DispatchErrorOf(err error) substrate.DispatchError {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if m, ok := e.(*ModuleError); ok {
			e = substrate.ModuleError{Index: m.Pallet, Code: [4]byte{m.Index, m.Detail}}
		}
		if d, ok := substrate.AsDispatchError(e); ok {
			return d
		}
	}
	return ErrOther
}

// DispatchResult is the outcome of a call as events carry it.
func DispatchResult(err error) substrate.DispatchResult {
	if err == nil {
		return scale.Ok[substrate.Unit, substrate.DispatchError](substrate.Unit{})
	}
	return scale.Err[substrate.Unit](DispatchErrorOf(err))
}

// errorEnum describes a pallet's errors for metadata: the enum
// `pallet_x::pallet::Error` with an unencoded parameter T.
type errorEnum struct {
	list []*ModuleError
	typ  scale.Type
}

// Errors lists a pallet's errors under the Rust path of their enum.
func Errors(path string, errs ...*ModuleError) errorEnum {
	def := &scale.TypeDef{Path: path, Params: []scale.Param{{Name: "T"}}, Kind: scale.KindVariant}
	for _, e := range errs {
		v := scale.VariantDef{Index: e.Index, Name: e.Name}
		if !e.field.IsZero() {
			v.Fields = []scale.Field{{Type: e.field, TypeName: e.fieldName}}
		}
		def.Variants = append(def.Variants, v)
	}
	return errorEnum{errs, scale.Synthetic(def)}
}

// With is the enum with further errors, for a later version of the pallet.
func (e errorEnum) With(errs ...*ModuleError) errorEnum {
	def, err := e.typ.Def()
	if err != nil {
		panic(fmt.Sprintf("runtime: %v", err))
	}
	more := Errors(def.Path, slices.Concat(e.list, errs)...)
	return more.WithParams(def.Params...)
}

// WithParams replaces the enum's type parameters.
func (e errorEnum) WithParams(params ...scale.Param) errorEnum {
	def, err := e.typ.Def()
	if err != nil {
		panic(fmt.Sprintf("runtime: %v", err))
	}
	def.Params = params
	return e
}

// ErrorName is an error as metadata names it, "Pallet.Error", or its text if
// no pallet declares it.
func ErrorName(err substrate.DispatchError) string {
	if m, ok := err.Module(); ok {
		if p := palletAt(m.Index); p != nil {
			for _, e := range p.Errors.list {
				if e.Index == m.Code[0] {
					return p.Name + "." + e.Name
				}
			}
		}
	}
	return err.Error()
}
