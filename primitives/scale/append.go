package scale

import (
	"encoding/binary"
	"unicode/utf8"
)

// Helpers for custom codecs, the counterparts of the Decoder's methods.

// AppendBool appends 00 or 01.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendUint16 appends a u16.
func AppendUint16(dst []byte, v uint16) []byte { return binary.LittleEndian.AppendUint16(dst, v) }

// AppendUint32 appends a u32.
func AppendUint32(dst []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(dst, v) }

// AppendUint64 appends a u64.
func AppendUint64(dst []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(dst, v) }

// AppendU128 appends a u128.
func AppendU128(dst []byte, v U128) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, v.lo), v.hi)
}

// AppendBytes appends b as a Vec<u8>.
func AppendBytes(dst, b []byte) []byte {
	return append(AppendCompact(dst, uint64(len(b))), b...)
}

// AppendString appends s as a str; it fails with ErrUTF8 when s is not valid UTF-8.
func AppendString(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return dst, ErrUTF8
	}
	return append(AppendCompact(dst, uint64(len(s))), s...), nil
}
