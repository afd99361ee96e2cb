package pool

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// ErrClosed is returned by a pool after Close.
var ErrClosed = errors.New("transaction pool is closed")

// The codes of Error (spec/wire.md §5.2).
const (
	CodeFormat             = 1001
	CodeInvalid            = 1010
	CodeUnknownValidity    = 1011
	CodeTemporarilyBanned  = 1012
	CodeAlreadyImported    = 1013
	CodePriorityTooLow     = 1014
	CodeImmediatelyDropped = 1016
)

// Error is the pool's refusal of an extrinsic, in the words that clients know.
// Code, Message and Data go into the JSON-RPC error as they are.
type Error struct {
	Code    int
	Message string
	Data    string // empty when the code has none
}

func (e *Error) Error() string {
	if e.Data == "" {
		return fmt.Sprintf("%d: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%d: %s: %s", e.Code, e.Message, e.Data)
}

func invalid(why substrate.InvalidTransaction) *Error {
	return &Error{Code: CodeInvalid, Message: "Invalid Transaction", Data: why.Error()}
}

func temporarilyBanned() *Error {
	return &Error{Code: CodeTemporarilyBanned, Message: "Transaction is temporarily banned"}
}

func alreadyImported(hash substrate.H256) *Error {
	return &Error{
		Code: CodeAlreadyImported, Message: "Transaction Already Imported",
		Data: "0x" + hex.EncodeToString(hash[:]),
	}
}

func priorityTooLow(old, offered uint64) *Error {
	return &Error{
		Code:    CodePriorityTooLow,
		Message: fmt.Sprintf("Priority is too low: (%d vs %d)", old, offered),
		Data:    "The transaction has too low priority to replace another transaction already in the pool.",
	}
}

func immediatelyDropped() *Error {
	return &Error{
		Code: CodeImmediatelyDropped, Message: "Immediately Dropped",
		Data: "The transaction couldn't enter the pool because of the limit",
	}
}

// isDrop says that only a lack of room speaks against an extrinsic.
func isDrop(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Code == CodeImmediatelyDropped
}

// refusal puts a verdict of the machine into a client's words. Errors that are
// not a verdict, such as a failed read of the state, pass unchanged.
func refusal(err error) error {
	var why substrate.InvalidTransaction
	var unknown substrate.UnknownTransaction
	switch {
	case errors.Is(err, runtime.ErrExtrinsicFormat):
		return &Error{Code: CodeFormat, Message: "Extrinsic has invalid format: " + err.Error()}
	case errors.As(err, &why):
		return invalid(why)
	case errors.As(err, &unknown):
		return &Error{Code: CodeUnknownValidity, Message: "Unknown Transaction Validity", Data: unknown.Error()}
	}
	return err
}

// dependsOnState says whether another block may lift a refusal.
func dependsOnState(err error) bool {
	var why substrate.InvalidTransaction
	if !errors.As(err, &why) {
		return true
	}
	switch why {
	case substrate.InvalidPayment, substrate.InvalidFuture, substrate.InvalidExhaustsResources,
		substrate.InvalidIndeterminateImplicit, substrate.InvalidUnknownOrigin:
		return true
	}
	return why.Code() == customReason
}

// customReason is the code of a pallet's own reason, of which nothing is known.
const customReason = 7
