package scale

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Limits of one decoding. They bound stack and heap by the size of the input,
// whatever the input says about itself.
const (
	MaxDepth         = 256     // nested vectors, enums, boxes and custom codecs
	AllocationBase   = 1 << 20 // bytes of memory any input may claim
	AllocationFactor = 64      // further bytes of memory per byte of input
)

// A Decoder reads SCALE from a byte slice. Custom codecs receive one in DecodeScale;
// they must not keep it. All methods fail with a [DecodeError] and consume nothing then.
type Decoder struct {
	b      []byte
	off    int
	depth  int
	budget int
	scope  any
}

// NewDecoder returns a decoder over b with the package's depth and memory limits.
func NewDecoder(b []byte) *Decoder {
	d := new(Decoder)
	d.init(b)
	return d
}

func (d *Decoder) init(b []byte) {
	d.b, d.depth, d.budget = b, MaxDepth, AllocationBase+AllocationFactor*len(b)
}

// Scope is what the caller of the decoding gave to its custom codecs with
// [Decoder.SetScope] or [Codec.DecodeIn]; nil if nothing.
func (d *Decoder) Scope() any { return d.scope }

// SetScope gives custom codecs something to decide by, such as the version of a
// protocol. Codecs of this package ignore it.
func (d *Decoder) SetScope(scope any) { d.scope = scope }

// Remaining is the number of bytes not yet consumed.
func (d *Decoder) Remaining() int { return len(d.b) - d.off }

// Offset is the number of bytes consumed so far.
func (d *Decoder) Offset() int { return d.off }

// Finish fails with ErrTrailing unless the whole input has been consumed.
func (d *Decoder) Finish() error {
	if n := d.Remaining(); n != 0 {
		return d.at(fmt.Errorf("%w (%d)", ErrTrailing, n))
	}
	return nil
}

// Errorf makes a decoding error that carries the current offset.
func (d *Decoder) Errorf(format string, args ...any) error {
	return d.at(fmt.Errorf(format, args...))
}

// Byte reads one byte.
func (d *Decoder) Byte() (byte, error) {
	if d.off >= len(d.b) {
		return 0, d.at(ErrUnexpectedEnd)
	}
	d.off++
	return d.b[d.off-1], nil
}

// Peek returns the next byte without consuming it.
func (d *Decoder) Peek() (byte, error) {
	if d.off >= len(d.b) {
		return 0, d.at(ErrUnexpectedEnd)
	}
	return d.b[d.off], nil
}

// Bytes reads n bytes. The result aliases the input: copy it before keeping it.
func (d *Decoder) Bytes(n int) ([]byte, error) {
	if n < 0 || n > len(d.b)-d.off {
		return nil, d.at(ErrUnexpectedEnd)
	}
	d.off += n
	return d.b[d.off-n : d.off : d.off], nil
}

// Bool reads one byte that must be 0 or 1.
func (d *Decoder) Bool() (bool, error) {
	if d.off >= len(d.b) {
		return false, d.at(ErrUnexpectedEnd)
	}
	if d.b[d.off] > 1 {
		return false, d.at(ErrBool)
	}
	d.off++
	return d.b[d.off-1] == 1, nil
}

// Uint16 reads a little-endian u16.
func (d *Decoder) Uint16() (uint16, error) {
	b, err := d.Bytes(2)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint16(b), nil
}

// Uint32 reads a little-endian u32.
func (d *Decoder) Uint32() (uint32, error) {
	b, err := d.Bytes(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

// Uint64 reads a little-endian u64.
func (d *Decoder) Uint64() (uint64, error) {
	b, err := d.Bytes(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// U128 reads a little-endian u128.
func (d *Decoder) U128() (U128, error) {
	b, err := d.Bytes(16)
	if err != nil {
		return U128{}, err
	}
	return U128{lo: binary.LittleEndian.Uint64(b), hi: binary.LittleEndian.Uint64(b[8:])}, nil
}

// Length reads a compact element count and checks that count elements of at least
// minSize encoded bytes can still follow. A minSize of 0 leaves the count unchecked
// (below 2³²): account for the elements with Reserve.
func (d *Decoder) Length(minSize int) (int, error) {
	start := d.off
	n, err := d.compact(32)
	if err != nil {
		return 0, err
	}
	if minSize > 0 && n > uint64(d.Remaining()/minSize) {
		d.off = start
		return 0, d.at(ErrUnexpectedEnd)
	}
	return int(n), nil
}

// Reserve charges n bytes of memory to the budget of this decoding. Custom codecs call
// it before they allocate more than they have read.
func (d *Decoder) Reserve(n int) error {
	if n < 0 || n > d.budget {
		return d.at(ErrBudget)
	}
	d.budget -= n
	return nil
}

// ByteVec reads a Vec<u8> into memory of its own; an empty one is nil.
func (d *Decoder) ByteVec() ([]byte, error) {
	b, err := d.byteVec()
	if err != nil || len(b) == 0 {
		return nil, err
	}
	return append(make([]byte, 0, len(b)), b...), nil
}

// byteVec reads a Vec<u8> that aliases the input.
func (d *Decoder) byteVec() ([]byte, error) {
	n, err := d.Length(1)
	if err != nil {
		return nil, err
	}
	return d.Bytes(n)
}

// String reads a UTF-8 string.
func (d *Decoder) String() (string, error) {
	start := d.off
	b, err := d.byteVec()
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		d.off = start
		return "", d.at(ErrUTF8)
	}
	return string(b), nil
}

// enter takes one level of nesting; leave gives it back.
func (d *Decoder) enter() error {
	if d.depth == 0 {
		return d.at(ErrDepth)
	}
	d.depth--
	return nil
}

func (d *Decoder) leave() { d.depth++ }
