package scale

import (
	"errors"
	"fmt"
	"strings"
)

// Reasons for which input is rejected. Decoding wraps them in a [DecodeError].
var (
	ErrUnexpectedEnd  = errors.New("unexpected end of input")
	ErrTrailing       = errors.New("trailing bytes")
	ErrNonMinimal     = errors.New("compact integer is not minimal")
	ErrOverflow       = errors.New("compact integer exceeds its type")
	ErrUnknownVariant = errors.New("unknown enum variant")
	ErrTooLong        = errors.New("length exceeds its bound")
	ErrBool           = errors.New("boolean is neither 0 nor 1")
	ErrUTF8           = errors.New("string is not valid UTF-8")
	ErrUnsorted       = errors.New("keys are not sorted and unique")
	ErrDepth          = errors.New("nesting too deep")
	ErrBudget         = errors.New("value needs too much memory for its input")
)

// Reasons for which a value cannot be encoded.
var (
	ErrNil          = errors.New("nil where a value is needed")
	ErrUnregistered = errors.New("type is not a registered enum variant")
)

// A DecodeError says where in the input and in which field decoding stopped.
type DecodeError struct {
	Offset int      // bytes consumed before the fault
	Path   []string // outermost field first; at most maxErrorPath segments
	Err    error
}

const maxErrorPath = 16

func (e *DecodeError) Error() string {
	if len(e.Path) == 0 {
		return fmt.Sprintf("scale: at byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("scale: at byte %d, %s: %v", e.Offset, strings.Join(e.Path, "."), e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }

// at wraps err with the decoder's position unless it already carries one.
func (d *Decoder) at(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*DecodeError); ok {
		return err
	}
	return &DecodeError{Offset: d.off, Err: err}
}

// inField adds a field name to the path of a decoding error.
func (d *Decoder) inField(name string, err error) error {
	e, ok := err.(*DecodeError)
	if !ok {
		e = &DecodeError{Offset: d.off, Err: err}
	}
	if len(e.Path) < maxErrorPath {
		e.Path = append([]string{name}, e.Path...)
	}
	return e
}
