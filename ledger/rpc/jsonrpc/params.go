package jsonrpc

import (
	"encoding/hex"
	"iter"
	"slices"
	"strconv"
)

// Params are the positional parameters of a call. Absent, null and missing
// trailing parameters are the same (spec/wire.md §5.1). The values share the
// message's memory: they are valid until the handler returns.
type Params struct {
	items [][]byte
	few   [6][]byte
}

// maxParams bounds the parameters of a call; no method takes more than a few.
const maxParams = 64

func (p *Params) parse(raw []byte) *Error {
	p.items = p.few[:0]
	if raw == nil || isNull(raw) {
		return nil
	}
	if raw[0] != '[' {
		return InvalidParams("parameters must be an array")
	}
	for item := range elements(raw) {
		if len(p.items) == maxParams {
			return InvalidParams("more than %d parameters", maxParams)
		}
		p.items = append(p.items, item)
	}
	return nil
}

// Raw gives parameter i as JSON; nil when it is missing or null.
func (p *Params) Raw(i int) []byte {
	if i >= len(p.items) || isNull(p.items[i]) {
		return nil
	}
	return p.items[i]
}

// Has reports whether parameter i is there and not null.
func (p *Params) Has(i int) bool { return p.Raw(i) != nil }

// String gives parameter i, which must be a string.
func (p *Params) String(i int) (string, error) {
	raw := p.Raw(i)
	if raw == nil || raw[0] != '"' {
		return "", InvalidParams("parameter %d: a string is expected", i)
	}
	return string(unquote(raw)), nil
}

// Bytes gives parameter i, which must be a string of hex, with or without 0x.
func (p *Params) Bytes(i int) ([]byte, error) {
	raw := p.Raw(i)
	if raw == nil {
		return nil, InvalidParams("parameter %d: a hex string is expected", i)
	}
	data, err := AppendBytes(nil, raw)
	if err != nil {
		return nil, InvalidParams("parameter %d: %v", i, err)
	}
	return data, nil
}

// Uint32 gives parameter i, which must be a whole number of at most 32 bits.
func (p *Params) Uint32(i int) (uint32, error) {
	n, err := strconv.ParseUint(string(p.Raw(i)), 10, 32)
	if err != nil {
		return 0, InvalidParams("parameter %d: a whole number below 2^32 is expected", i)
	}
	return uint32(n), nil
}

// Bool gives parameter i, which must be true or false.
func (p *Params) Bool(i int) (bool, error) {
	switch string(p.Raw(i)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, InvalidParams("parameter %d: true or false is expected", i)
}

// Elements iterates over the elements of parameter i, which must be an array.
func (p *Params) Elements(i int) (iter.Seq[[]byte], error) {
	raw := p.Raw(i)
	if raw == nil || raw[0] != '[' {
		return nil, InvalidParams("parameter %d: an array is expected", i)
	}
	return elements(raw), nil
}

// List gives the elements of parameter i, which must be an array of at most
// max elements.
func (p *Params) List(i, max int) ([][]byte, error) {
	items, err := p.Elements(i)
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for item := range items {
		if len(list) == max {
			return nil, InvalidParams("parameter %d: more than %d elements", i, max)
		}
		list = append(list, item)
	}
	return list, nil
}

// hexError says what is wrong with a hex parameter.
type hexError string

func (e hexError) Error() string { return string(e) }

// AppendBytes appends the bytes that raw, a JSON string of hex with or without
// 0x, stands for.
func AppendBytes(dst, raw []byte) ([]byte, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return dst, hexError("a hex string is expected")
	}
	digits := unquote(raw)
	if len(digits) >= 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
		digits = digits[2:]
	}
	if len(digits)%2 != 0 {
		return dst, hexError("hex string has an odd length")
	}
	// hex.AppendDecode would make room for twice as much, which extrinsics keep.
	start, n := len(dst), len(digits)/2
	out := slices.Grow(dst, n)[:start+n]
	if _, err := hex.Decode(out[start:], digits); err != nil {
		return dst, hexError("hex string has an invalid digit")
	}
	return out, nil
}
