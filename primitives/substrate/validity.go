package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// InvalidTransaction says why a transaction can never, or not now, enter a block. It is a
// comparable value and a Go error.
type InvalidTransaction struct {
	code   uint8
	custom uint8 // code 7
}

// UnknownTransaction says why the validity of a transaction cannot be told. It is a
// comparable value and a Go error.
type UnknownTransaction struct {
	code   uint8
	custom uint8 // code 2
}

// The reasons for which a transaction is invalid.
var (
	InvalidCall                  = InvalidTransaction{code: 0}
	InvalidPayment               = InvalidTransaction{code: 1}
	InvalidFuture                = InvalidTransaction{code: 2}
	InvalidStale                 = InvalidTransaction{code: 3}
	InvalidBadProof              = InvalidTransaction{code: 4}
	InvalidAncientBirthBlock     = InvalidTransaction{code: 5}
	InvalidExhaustsResources     = InvalidTransaction{code: 6}
	InvalidBadMandatory          = InvalidTransaction{code: 8}
	InvalidMandatoryValidation   = InvalidTransaction{code: 9}
	InvalidBadSigner             = InvalidTransaction{code: 10}
	InvalidIndeterminateImplicit = InvalidTransaction{code: 11}
	InvalidUnknownOrigin         = InvalidTransaction{code: 12}
)

// The reasons for which the validity of a transaction is unknown.
var (
	UnknownCannotLookup        = UnknownTransaction{code: 0}
	UnknownNoUnsignedValidator = UnknownTransaction{code: 1}
)

const (
	invalidCustom = 7
	unknownCustom = 2
)

// InvalidCustom is a reason of the chain's own.
func InvalidCustom(n uint8) InvalidTransaction {
	return InvalidTransaction{code: invalidCustom, custom: n}
}

// UnknownCustom is a reason of the chain's own.
func UnknownCustom(n uint8) UnknownTransaction {
	return UnknownTransaction{code: unknownCustom, custom: n}
}

// Code is the variant's index on the wire.
func (e InvalidTransaction) Code() uint8 { return e.code }

// Code is the variant's index on the wire.
func (e UnknownTransaction) Code() uint8 { return e.code }

// Error is the reason text that RPC answers carry as data of error 1010.
func (e InvalidTransaction) Error() string {
	if e.code == invalidCustom {
		return fmt.Sprintf("Custom error: %d", e.custom)
	}
	return textOf("invalid transaction", invalidTexts[:], e.code)
}

var invalidTexts = [...]string{
	0:  "Transaction call is not expected",
	1:  "Inability to pay some fees (e.g. account balance too low)",
	2:  "Transaction will be valid in the future",
	3:  "Transaction is outdated",
	4:  "Transaction has a bad signature",
	5:  "Transaction has an ancient birth block",
	6:  "Transaction would exhaust the block limits",
	8:  "A call was labelled as mandatory, but resulted in an Error.",
	9:  "Transaction dispatch is mandatory; transactions must not be validated.",
	10: "Invalid signing address",
	11: "The implicit data was unable to be calculated",
	12: "The transaction extension did not authorize any origin",
}

// Error is the text that RPC answers carry as data of error 1011.
func (e UnknownTransaction) Error() string {
	switch e.code {
	case 0:
		return "CannotLookup"
	case 1:
		return "NoUnsignedValidator"
	}
	return fmt.Sprintf("Custom(%d)", e.custom)
}

// AppendScale implements the convention of package scale.
func (e InvalidTransaction) AppendScale(dst []byte) ([]byte, error) {
	if dst = append(dst, e.code); e.code == invalidCustom {
		dst = append(dst, e.custom)
	}
	return dst, nil
}

// DecodeScale implements the convention of package scale.
func (e *InvalidTransaction) DecodeScale(d *scale.Decoder) (err error) {
	e.code, e.custom, err = decodeReason(d, uint8(len(invalidTexts)-1), invalidCustom)
	return err
}

// AppendScale implements the convention of package scale.
func (e UnknownTransaction) AppendScale(dst []byte) ([]byte, error) {
	if dst = append(dst, e.code); e.code == unknownCustom {
		dst = append(dst, e.custom)
	}
	return dst, nil
}

// DecodeScale implements the convention of package scale.
func (e *UnknownTransaction) DecodeScale(d *scale.Decoder) (err error) {
	e.code, e.custom, err = decodeReason(d, unknownCustom, unknownCustom)
	return err
}

func decodeReason(d *scale.Decoder, last, customCode uint8) (code, custom uint8, err error) {
	if code, err = d.Byte(); err != nil {
		return 0, 0, err
	}
	if code > last {
		return 0, 0, d.Errorf("%w (%d)", scale.ErrUnknownVariant, code)
	}
	if code == customCode {
		custom, err = d.Byte()
	}
	return code, custom, err
}

// ScaleType implements the convention of package scale.
func (InvalidTransaction) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: invalidDef} }

// ScaleType implements the convention of package scale.
func (UnknownTransaction) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: unknownDef} }

var invalidDef = &scale.TypeDef{
	Path: "sp_runtime::transaction_validity::InvalidTransaction",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		unit(0, "Call"), unit(1, "Payment"), unit(2, "Future"), unit(3, "Stale"), unit(4, "BadProof"),
		unit(5, "AncientBirthBlock"), unit(6, "ExhaustsResources"), variant[uint8](7, "Custom", "u8"),
		unit(8, "BadMandatory"), unit(9, "MandatoryValidation"), unit(10, "BadSigner"),
		unit(11, "IndeterminateImplicit"), unit(12, "UnknownOrigin"),
	},
}

var unknownDef = &scale.TypeDef{
	Path: "sp_runtime::transaction_validity::UnknownTransaction",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		unit(0, "CannotLookup"), unit(1, "NoUnsignedValidator"), variant[uint8](2, "Custom", "u8"),
	},
}

// TransactionValidityError is an InvalidTransaction or an UnknownTransaction.
type TransactionValidityError struct {
	unknown      bool
	code, custom uint8
}

// Invalid wraps a reason for invalidity.
func Invalid(e InvalidTransaction) TransactionValidityError {
	return TransactionValidityError{code: e.code, custom: e.custom}
}

// Unknown wraps a reason for unknown validity.
func Unknown(e UnknownTransaction) TransactionValidityError {
	return TransactionValidityError{unknown: true, code: e.code, custom: e.custom}
}

// Invalid is the reason for invalidity, if that is the case.
func (e TransactionValidityError) Invalid() (InvalidTransaction, bool) {
	return InvalidTransaction{e.code, e.custom}, !e.unknown
}

// Unknown is the reason for unknown validity, if that is the case.
func (e TransactionValidityError) Unknown() (UnknownTransaction, bool) {
	return UnknownTransaction{e.code, e.custom}, e.unknown
}

// Unwrap is the InvalidTransaction or UnknownTransaction inside, so that errors.Is works
// with the reasons.
func (e TransactionValidityError) Unwrap() error {
	if e.unknown {
		return UnknownTransaction{e.code, e.custom}
	}
	return InvalidTransaction{e.code, e.custom}
}

func (e TransactionValidityError) Error() string { return e.Unwrap().Error() }

// AppendScale implements the convention of package scale.
func (e TransactionValidityError) AppendScale(dst []byte) ([]byte, error) {
	if e.unknown {
		return UnknownTransaction{e.code, e.custom}.AppendScale(append(dst, 1))
	}
	return InvalidTransaction{e.code, e.custom}.AppendScale(append(dst, 0))
}

// DecodeScale implements the convention of package scale.
func (e *TransactionValidityError) DecodeScale(d *scale.Decoder) error {
	*e = TransactionValidityError{}
	kind, err := d.Byte()
	if err != nil {
		return err
	}
	switch kind {
	case 0:
		r, err := scale.Decode[InvalidTransaction](d)
		*e = Invalid(r)
		return err
	case 1:
		r, err := scale.Decode[UnknownTransaction](d)
		*e = Unknown(r)
		return err
	}
	return d.Errorf("%w (%d)", scale.ErrUnknownVariant, kind)
}

// ScaleType implements the convention of package scale.
func (TransactionValidityError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Def: validityErrorDef}
}

var validityErrorDef = &scale.TypeDef{
	Path: "sp_runtime::transaction_validity::TransactionValidityError",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		variant[InvalidTransaction](0, "Invalid", "InvalidTransaction"),
		variant[UnknownTransaction](1, "Unknown", "UnknownTransaction"),
	},
}
