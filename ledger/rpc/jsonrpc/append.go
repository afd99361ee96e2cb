package jsonrpc

import (
	"encoding/hex"
	"encoding/json"
)

// AppendString appends s as a JSON string.
func AppendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always encodes
				return append(dst, `""`...)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// AppendHex appends data as a JSON string of 0x and lower case hex.
func AppendHex(dst, data []byte) []byte {
	dst = append(dst, `"0x`...)
	dst = hex.AppendEncode(dst, data)
	return append(dst, '"')
}

// AppendOptionalHex is AppendHex with null for nil data.
func AppendOptionalHex(dst, data []byte) []byte {
	if data == nil {
		return append(dst, `null`...)
	}
	return AppendHex(dst, data)
}

// appendResultHead begins a response that carries a result; the result and a
// closing brace follow.
func appendResultHead(dst, id []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = append(dst, id...)
	return append(dst, `,"result":`...)
}

// appendErrorResponse appends a whole error response.
func appendErrorResponse(dst, id []byte, e *Error) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = append(dst, id...)
	dst = append(dst, `,"error":`...)
	dst = e.append(dst)
	return append(dst, '}')
}
