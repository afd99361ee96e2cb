package scale

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Codec encodes and decodes values of T. Its plan is built on first use, so that
// package-level variables may hold codecs whatever the order of initialisation.
// Codecs are safe for concurrent use.
type Codec[T any] struct{ plan atomic.Pointer[plan] }

var codecs sync.Map // reflect.Type → *Codec[T]

// CodecFor returns the codec of T; the same one on every call.
func CodecFor[T any]() *Codec[T] {
	t := reflect.TypeFor[T]()
	if c, ok := codecs.Load(t); ok {
		return c.(*Codec[T])
	}
	c, _ := codecs.LoadOrStore(t, new(Codec[T]))
	return c.(*Codec[T])
}

func (c *Codec[T]) get() (*plan, error) {
	if p := c.plan.Load(); p != nil {
		return p, nil
	}
	p, err := planFor(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	c.plan.Store(p)
	return p, nil
}

// Append appends the encoding of v to dst. On error dst is returned at its old length.
func (c *Codec[T]) Append(dst []byte, v T) ([]byte, error) {
	p, err := c.get()
	if err != nil {
		return dst, err
	}
	out, err := p.append(dst, noescape(unsafe.Pointer(&v)))
	runtime.KeepAlive(&v)
	if err != nil {
		return dst, encodeError(p.typ, err)
	}
	return out, nil
}

// Marshal encodes v into a slice of exactly its size.
func (c *Codec[T]) Marshal(v T) ([]byte, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	if p.fixed >= 0 {
		return c.Append(make([]byte, 0, p.fixed), v)
	}
	s := scratch.Get().(*[]byte)
	out, err := p.append((*s)[:0], noescape(unsafe.Pointer(&v)))
	runtime.KeepAlive(&v)
	var exact []byte
	if err == nil {
		exact = append(make([]byte, 0, len(out)), out...)
	}
	if cap(out) <= maxScratch {
		*s = out[:0]
	}
	scratch.Put(s)
	if err != nil {
		return nil, encodeError(p.typ, err)
	}
	return exact, nil
}

// maxScratch keeps one huge value from pinning its buffer in the pool.
const maxScratch = 64 << 10

var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

func encodeError(t reflect.Type, err error) error {
	return fmt.Errorf("scale: encode %v: %w", t, err)
}

// frame keeps decoder and result of one decoding in one allocation.
type frame[T any] struct {
	d Decoder
	v T
}

// Decode decodes the whole of b.
func (c *Codec[T]) Decode(b []byte) (T, error) { return c.DecodeIn(nil, b) }

// DecodeIn is Decode with a scope for custom codecs; see [Decoder.Scope].
func (c *Codec[T]) DecodeIn(scope any, b []byte) (T, error) {
	var zero T
	v, n, err := c.decodePrefix(scope, b)
	if err != nil {
		return zero, err
	}
	if n != len(b) {
		return zero, &DecodeError{Offset: n, Err: fmt.Errorf("%w (%d)", ErrTrailing, len(b)-n)}
	}
	return v, nil
}

// DecodePrefix decodes a value from the start of b and returns the bytes consumed.
func (c *Codec[T]) DecodePrefix(b []byte) (T, int, error) { return c.decodePrefix(nil, b) }

func (c *Codec[T]) decodePrefix(scope any, b []byte) (T, int, error) {
	var zero T
	p, err := c.get()
	if err != nil {
		return zero, 0, err
	}
	if p.flat && len(b) >= p.fixed {
		copy(bytesAt(unsafe.Pointer(&zero), p.fixed), b)
		return zero, p.fixed, nil
	}
	f := new(frame[T])
	f.d.init(b)
	f.d.scope = scope
	if err := p.decode(&f.d, unsafe.Pointer(&f.v)); err != nil {
		return zero, 0, f.d.at(err)
	}
	return f.v, f.d.off, nil
}

// DecodeFrom decodes the next value of d, within d's limits.
func (c *Codec[T]) DecodeFrom(d *Decoder) (T, error) {
	var zero T
	p, err := c.get()
	if err != nil {
		return zero, err
	}
	v := new(T)
	if err := p.decode(d, unsafe.Pointer(v)); err != nil {
		return zero, d.at(err)
	}
	return *v, nil
}

// Marshal encodes v. It fails only for values that cannot be encoded: a nil enum or box,
// an unregistered variant, an over-long bounded vector, a string that is not UTF-8.
func Marshal[T any](v T) ([]byte, error) { return CodecFor[T]().Marshal(v) }

// MustMarshal is Marshal for values known to be encodable; it panics otherwise.
func MustMarshal[T any](v T) []byte {
	b, err := Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Append appends the encoding of v to dst.
func Append[T any](dst []byte, v T) ([]byte, error) { return CodecFor[T]().Append(dst, v) }

// Unmarshal decodes the whole of b strictly.
func Unmarshal[T any](b []byte) (T, error) { return CodecFor[T]().Decode(b) }

// UnmarshalPrefix decodes a value from the start of b; n is the number of bytes consumed.
func UnmarshalPrefix[T any](b []byte) (v T, n int, err error) { return CodecFor[T]().DecodePrefix(b) }

// Decode decodes the next value of d; for use inside custom codecs.
func Decode[T any](d *Decoder) (T, error) { return CodecFor[T]().DecodeFrom(d) }
