package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Codes of JSON-RPC 2.0 and of the limits (spec/wire.md §5.2).
const (
	CodeParse                = -32700
	CodeInvalidRequest       = -32600
	CodeMethodNotFound       = -32601
	CodeInvalidParams        = -32602
	CodeInternal             = -32603
	CodeTooManySubscriptions = -32006
	CodeRequestTooBig        = -32007
	CodeResponseTooBig       = -32008
	CodeBusy                 = -32009
	CodeBatchTooLarge        = -32010
)

// Error is an error that the client is to see. Handlers return it; any other
// error is logged and answered with CodeInternal, so that nothing internal
// leaks.
type Error struct {
	Code    int
	Message string
	// Data is optional detail, encoded as JSON; nil leaves the member out.
	Data any
}

// Error gives code, message and data as clients show them.
func (e *Error) Error() string {
	if e.Data != nil {
		return fmt.Sprintf("%d: %s: %v", e.Code, e.Message, e.Data)
	}
	return fmt.Sprintf("%d: %s", e.Code, e.Message)
}

// Errors that the transport itself answers with.
var (
	errParse          = &Error{Code: CodeParse, Message: "Parse error"}
	errInvalidRequest = &Error{Code: CodeInvalidRequest, Message: "Invalid request"}
	errMethodNotFound = &Error{Code: CodeMethodNotFound, Message: "Method not found"}
	errInternal       = &Error{Code: CodeInternal, Message: "Internal error"}
	errTimeout        = &Error{Code: CodeInternal, Message: "Internal error", Data: "The call took too long"}
	errBusy           = &Error{Code: CodeBusy, Message: "Server is busy, try again later"}

	// ErrUnsafe refuses an unsafe method to a caller that may not use it.
	ErrUnsafe = &Error{Code: CodeMethodNotFound, Message: "RPC call is unsafe to be called externally"}
)

// InvalidParams is the error for parameters that cannot be used.
func InvalidParams(format string, args ...any) *Error {
	return &Error{Code: CodeInvalidParams, Message: "Invalid params", Data: fmt.Sprintf(format, args...)}
}

func limitError(code int, message string, limit int) *Error {
	return &Error{Code: code, Message: message, Data: "Exceeded max limit of " + strconv.Itoa(limit)}
}

func responseTooBig(limit int) *Error {
	return limitError(CodeResponseTooBig, "Response is too big", limit)
}

// asError finds what the client is to see of err; known is false when err is
// internal and belongs into the log.
func asError(err error) (e *Error, known bool) {
	switch {
	case errors.As(err, &e):
		return e, true
	case errors.Is(err, context.DeadlineExceeded):
		return errTimeout, true
	case errors.Is(err, context.Canceled):
		return errInternal, true
	}
	return errInternal, false
}

// append writes the error object.
func (e *Error) append(dst []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(e.Code), 10)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, e.Message)
	if e.Data != nil {
		dst = append(dst, `,"data":`...)
		if s, ok := e.Data.(string); ok {
			dst = AppendString(dst, s)
		} else if data, err := json.Marshal(e.Data); err == nil {
			dst = append(dst, data...)
		} else {
			dst = append(dst, `null`...)
		}
	}
	return append(dst, '}')
}
