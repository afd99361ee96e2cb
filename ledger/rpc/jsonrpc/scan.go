package jsonrpc

import (
	"encoding/json"
	"iter"
)

// The functions here split JSON that json.Valid has accepted. On anything else
// they may misjudge where a value ends, but never read out of bounds.

// skipSpace returns the index of the first byte at or after i that is not
// blank.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		depth := 0
		for i < len(b) {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return len(b)
	}
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ':', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

// elements iterates over the elements of the array b, which begins with '['.
func elements(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipSpace(b, 1)
		for i < len(b) && b[i] != ']' {
			end := skipValue(b, i)
			if end == i || !yield(b[i:end]) {
				return
			}
			if i = skipSpace(b, end); i < len(b) && b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
	}
}

// members iterates over the members of the object b, which begins with '{'.
// Keys come without quotes and unescaped.
func members(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := skipSpace(b, 1)
		for i < len(b) && b[i] == '"' {
			end := skipString(b, i)
			key := unquote(b[i:end])
			if i = skipSpace(b, end); i >= len(b) || b[i] != ':' {
				return
			}
			i = skipSpace(b, i+1)
			end = skipValue(b, i)
			if end == i || !yield(key, b[i:end]) {
				return
			}
			if i = skipSpace(b, end); i < len(b) && b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
	}
}

// unquote gives the content of a JSON string; it shares memory with b when
// there is nothing to unescape.
func unquote(b []byte) []byte {
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	inner := b[1 : len(b)-1]
	for _, c := range inner {
		if c == '\\' {
			var s string
			if json.Unmarshal(b, &s) != nil {
				return nil
			}
			return []byte(s)
		}
	}
	return inner
}

func isNull(b []byte) bool { return string(b) == "null" }
