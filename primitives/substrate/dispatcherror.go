package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// DispatchErrorKind is the variant of a DispatchError, numbered as on the wire.
type DispatchErrorKind uint8

// The kinds of dispatch errors (spec/wire.md §1.5).
const (
	KindOther DispatchErrorKind = iota
	KindCannotLookup
	KindBadOrigin
	KindModule
	KindConsumerRemaining
	KindNoProviders
	KindTooManyConsumers
	KindToken
	KindArithmetic
	KindTransactional
	KindExhausted
	KindCorruption
	KindUnavailable
	KindRootNotAllowed
	KindTrie
)

// DispatchError says why a call failed. It is a comparable value and a Go error: compare
// with == or errors.Is. The zero value is Other.
type DispatchError struct {
	kind   DispatchErrorKind
	module ModuleError // KindModule
	detail uint8       // KindToken, KindArithmetic, KindTransactional, KindTrie
}

// The dispatch errors without payload.
var (
	ErrOther             = DispatchError{kind: KindOther}
	ErrCannotLookup      = DispatchError{kind: KindCannotLookup}
	ErrBadOrigin         = DispatchError{kind: KindBadOrigin}
	ErrConsumerRemaining = DispatchError{kind: KindConsumerRemaining}
	ErrNoProviders       = DispatchError{kind: KindNoProviders}
	ErrTooManyConsumers  = DispatchError{kind: KindTooManyConsumers}
	ErrExhausted         = DispatchError{kind: KindExhausted}
	ErrCorruption        = DispatchError{kind: KindCorruption}
	ErrUnavailable       = DispatchError{kind: KindUnavailable}
	ErrRootNotAllowed    = DispatchError{kind: KindRootNotAllowed}
)

// AsDispatchError converts the error values of this package; ok is false for any other
// error. It does not unwrap.
func AsDispatchError(err error) (_ DispatchError, ok bool) {
	switch e := err.(type) {
	case DispatchError:
		return e, true
	case ModuleError:
		return DispatchError{kind: KindModule, module: e}, true
	case TokenError:
		return DispatchError{kind: KindToken, detail: uint8(e)}, true
	case ArithmeticError:
		return DispatchError{kind: KindArithmetic, detail: uint8(e)}, true
	case TransactionalError:
		return DispatchError{kind: KindTransactional, detail: uint8(e)}, true
	case TrieError:
		return DispatchError{kind: KindTrie, detail: uint8(e)}, true
	}
	return DispatchError{}, false
}

// Kind is the variant of e.
func (e DispatchError) Kind() DispatchErrorKind { return e.kind }

// Module is the pallet error of a KindModule error.
func (e DispatchError) Module() (ModuleError, bool) { return e.module, e.kind == KindModule }

// Unwrap is the more specific error inside, if any: a ModuleError, TokenError,
// ArithmeticError, TransactionalError or TrieError.
func (e DispatchError) Unwrap() error {
	switch e.kind {
	case KindModule:
		return e.module
	case KindToken:
		return TokenError(e.detail)
	case KindArithmetic:
		return ArithmeticError(e.detail)
	case KindTransactional:
		return TransactionalError(e.detail)
	case KindTrie:
		return TrieError(e.detail)
	}
	return nil
}

func (e DispatchError) Error() string {
	if inner := e.Unwrap(); inner != nil {
		return inner.Error()
	}
	if int(e.kind) < len(dispatchErrorTexts) {
		return dispatchErrorTexts[e.kind]
	}
	return fmt.Sprintf("dispatch error %d", e.kind)
}

var dispatchErrorTexts = [...]string{
	KindOther:             "the call failed",
	KindCannotLookup:      "the address cannot be looked up",
	KindBadOrigin:         "the origin may not make this call",
	KindConsumerRemaining: "the account is still in use and cannot be removed",
	KindNoProviders:       "the account does not exist",
	KindTooManyConsumers:  "the account is in use by too many consumers",
	KindExhausted:         "resources are exhausted, try again later",
	KindCorruption:        "the state is corrupt",
	KindUnavailable:       "a needed resource is not available",
	KindRootNotAllowed:    "root may not make this call",
	KindTrie:              "trie error",
}

// AppendScale implements the convention of package scale.
func (e DispatchError) AppendScale(dst []byte) ([]byte, error) {
	dst = append(dst, byte(e.kind))
	switch e.kind {
	case KindModule:
		return append(append(dst, e.module.Index), e.module.Code[:]...), nil
	case KindToken, KindArithmetic, KindTransactional, KindTrie:
		return append(dst, e.detail), nil
	}
	return dst, nil
}

// DecodeScale implements the convention of package scale.
func (e *DispatchError) DecodeScale(d *scale.Decoder) (err error) {
	*e = DispatchError{}
	kind, err := d.Byte()
	if err != nil {
		return err
	}
	e.kind = DispatchErrorKind(kind)
	switch e.kind {
	case KindModule:
		e.module, err = scale.Decode[ModuleError](d)
	case KindToken:
		e.detail, err = decodeDetail[TokenError](d)
	case KindArithmetic:
		e.detail, err = decodeDetail[ArithmeticError](d)
	case KindTransactional:
		e.detail, err = decodeDetail[TransactionalError](d)
	case KindTrie:
		e.detail, err = decodeDetail[TrieError](d)
	default:
		if e.kind > KindTrie {
			return d.Errorf("%w (%d)", scale.ErrUnknownVariant, kind)
		}
	}
	return err
}

func decodeDetail[T ~uint8](d *scale.Decoder) (uint8, error) {
	v, err := scale.Decode[T](d)
	return uint8(v), err
}

// ScaleType implements the convention of package scale.
func (DispatchError) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: dispatchErrorDef} }

var dispatchErrorDef = &scale.TypeDef{
	Path: "sp_runtime::DispatchError",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		unit(0, "Other"),
		unit(1, "CannotLookup"),
		unit(2, "BadOrigin"),
		variant[ModuleError](3, "Module", "ModuleError"),
		unit(4, "ConsumerRemaining"),
		unit(5, "NoProviders"),
		unit(6, "TooManyConsumers"),
		variant[TokenError](7, "Token", "TokenError"),
		variant[ArithmeticError](8, "Arithmetic", "ArithmeticError"),
		variant[TransactionalError](9, "Transactional", "TransactionalError"),
		unit(10, "Exhausted"),
		unit(11, "Corruption"),
		unit(12, "Unavailable"),
		unit(13, "RootNotAllowed"),
		variant[TrieError](14, "Trie", "TrieError"),
	},
}
