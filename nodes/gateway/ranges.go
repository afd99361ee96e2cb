package gateway

import (
	"errors"
	"strconv"
	"strings"
)

// span is a part of a file: the bytes from start to before end.
type span struct{ start, end int64 }

// Errors of ranges; the texts are upstream's.
var (
	errRangeValue = errors.New("invalid range value")
	errRangeStart = errors.New("invalid range start")
	errRangeEnd   = errors.New("invalid range end")
)

// parseRange reads the Range header of RFC 9110 §14.2 for a file of size
// bytes. ok is false if the header is to be ignored: it is malformed, of
// another unit, or asks for several ranges. The error is errRangeStart if no
// byte of the file is meant.
func parseRange(header string, size int64) (s span, ok bool, err error) {
	spec, found := strings.CutPrefix(strings.TrimSpace(header), "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !found || !dash || strings.Contains(spec, ",") {
		return span{}, false, nil
	}
	if first == "" {
		n, valid := position(last)
		switch {
		case !valid:
			return span{}, false, nil
		case n == 0 || size == 0:
			return span{}, false, errRangeStart
		}
		return span{max(size-n, 0), size}, true, nil
	}
	start, valid := position(first)
	if !valid {
		return span{}, false, nil
	}
	end := size
	if last != "" {
		n, valid := position(last)
		if !valid || n < start {
			return span{}, false, nil
		}
		if n < size {
			end = n + 1
		}
	}
	if start >= size {
		return span{}, false, errRangeStart
	}
	return span{start, end}, true, nil
}

// position reads digits only. Values beyond any file are clamped.
func position(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		n = 1<<63 - 1
	}
	return n, true
}

// parseUpstreamRange reads the Content-Range header that upstream's clients
// send with a request to open a file: `bytes=<a>-<b?>`, b included.
func parseUpstreamRange(header string, size int64) (span, error) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash {
		return span{}, errRangeValue
	}
	start, valid := position(first)
	if !valid || start >= size {
		return span{}, errRangeStart
	}
	if last == "" {
		return span{start, size}, nil
	}
	end, valid := position(last)
	if !valid || end < start {
		return span{}, errRangeEnd
	}
	return span{start, min(end, size-1) + 1}, nil
}
