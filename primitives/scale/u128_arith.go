package scale

import (
	"cmp"
	"math/bits"
)

// Cmp is -1, 0 or 1 as v is less than, equal to or greater than w.
func (v U128) Cmp(w U128) int {
	if v.hi != w.hi {
		return cmp.Compare(v.hi, w.hi)
	}
	return cmp.Compare(v.lo, w.lo)
}

// Less reports v < w.
func (v U128) Less(w U128) bool { return v.Cmp(w) < 0 }

// IsZero reports v = 0.
func (v U128) IsZero() bool { return v.lo|v.hi == 0 }

// Min is the smaller of v and w.
func (v U128) Min(w U128) U128 {
	if w.Less(v) {
		return w
	}
	return v
}

// Max is the larger of v and w.
func (v U128) Max(w U128) U128 {
	if v.Less(w) {
		return w
	}
	return v
}

// AddOverflow is v + w mod 2¹²⁸ and whether it overflowed.
func (v U128) AddOverflow(w U128) (U128, bool) {
	lo, c := bits.Add64(v.lo, w.lo, 0)
	hi, c := bits.Add64(v.hi, w.hi, c)
	return U128{lo, hi}, c != 0
}

// SubUnderflow is v − w mod 2¹²⁸ and whether it underflowed.
func (v U128) SubUnderflow(w U128) (U128, bool) {
	lo, b := bits.Sub64(v.lo, w.lo, 0)
	hi, b := bits.Sub64(v.hi, w.hi, b)
	return U128{lo, hi}, b != 0
}

// MulOverflow is v · w mod 2¹²⁸ and whether it overflowed.
func (v U128) MulOverflow(w U128) (U128, bool) {
	hi, lo := v.mul(w)
	return lo, !hi.IsZero()
}

// SaturatingAdd is v + w, at most 2¹²⁸−1.
func (v U128) SaturatingAdd(w U128) U128 {
	if s, over := v.AddOverflow(w); !over {
		return s
	}
	return MaxU128
}

// SaturatingSub is v − w, at least 0.
func (v U128) SaturatingSub(w U128) U128 {
	if s, under := v.SubUnderflow(w); !under {
		return s
	}
	return U128{}
}

// SaturatingMul is v · w, at most 2¹²⁸−1.
func (v U128) SaturatingMul(w U128) U128 {
	if p, over := v.MulOverflow(w); !over {
		return p
	}
	return MaxU128
}

// Div is ⌊v/w⌋. Like Go's integer division it panics when w is zero.
func (v U128) Div(w U128) U128 {
	q, _ := v.DivMod(w)
	return q
}

// Div64 is ⌊v/w⌋. Like Go's integer division it panics when w is zero.
func (v U128) Div64(w uint64) U128 {
	q, _ := v.divMod64(w)
	return q
}

// Mod64 is v mod w. Like Go's integer division it panics when w is zero.
func (v U128) Mod64(w uint64) uint64 {
	_, r := v.divMod64(w)
	return r
}

func (v U128) divMod64(w uint64) (q U128, r uint64) {
	q.hi, r = v.hi/w, v.hi%w
	q.lo, r = bits.Div64(r, v.lo, w)
	return q, r
}

// DivMod is ⌊v/w⌋ and v mod w. Like Go's integer division it panics when w is zero.
func (v U128) DivMod(w U128) (q, r U128) {
	if w.hi == 0 {
		q, r.lo = v.divMod64(w.lo)
		return q, r
	}
	return div256(U128{}, v, w)
}

// Lsh is v << n, bits beyond 128 are lost.
func (v U128) Lsh(n uint) U128 {
	if n >= 64 {
		return U128{hi: v.lo << (n - 64)}
	}
	return U128{lo: v.lo << n, hi: v.hi<<n | v.lo>>(64-n)}
}

// Rsh is v >> n.
func (v U128) Rsh(n uint) U128 {
	if n >= 64 {
		return U128{lo: v.hi >> (n - 64)}
	}
	return U128{lo: v.lo>>n | v.hi<<(64-n), hi: v.hi >> n}
}

// MulDiv is ⌊a·b/d⌋ over a 256-bit product; ok is false when d is zero or the quotient
// exceeds 2¹²⁸−1.
func MulDiv(a, b, d U128) (q U128, ok bool) {
	q, _, ok = mulDivMod(a, b, d)
	return q, ok
}

// MulDivUp is ⌈a·b/d⌉ under the rules of MulDiv.
func MulDivUp(a, b, d U128) (q U128, ok bool) {
	q, r, ok := mulDivMod(a, b, d)
	if !ok || r.IsZero() {
		return q, ok
	}
	q, over := q.AddOverflow(U128{lo: 1})
	if over {
		return U128{}, false
	}
	return q, true
}

func mulDivMod(a, b, d U128) (q, r U128, ok bool) {
	hi, lo := a.mul(b)
	if !hi.Less(d) { // also d = 0
		return U128{}, U128{}, false
	}
	if hi.IsZero() {
		q, r = lo.DivMod(d)
	} else {
		q, r = div256(hi, lo, d)
	}
	return q, r, true
}

// mul is the 256-bit product hi·2¹²⁸ + lo.
func (v U128) mul(w U128) (hi, lo U128) {
	p1, p0 := bits.Mul64(v.lo, w.lo)
	q1, q0 := bits.Mul64(v.lo, w.hi)
	r1, r0 := bits.Mul64(v.hi, w.lo)
	s1, s0 := bits.Mul64(v.hi, w.hi)
	var c, c2, c3 uint64
	p1, c = bits.Add64(p1, q0, 0)
	s0, c2 = bits.Add64(s0, q1, c)
	s1 += c2
	p1, c = bits.Add64(p1, r0, 0)
	s0, c3 = bits.Add64(s0, r1, c)
	s1 += c3
	return U128{s0, s1}, U128{p0, p1}
}

// div256 divides hi·2¹²⁸ + lo by d, for hi < d (schoolbook division in base 2⁶⁴).
func div256(hi, lo, d U128) (q, r U128) {
	if d.hi == 0 { // then hi.hi = 0 and hi.lo < d.lo
		q.hi, hi.lo = bits.Div64(hi.lo, lo.hi, d.lo)
		q.lo, r.lo = bits.Div64(hi.lo, lo.lo, d.lo)
		return q, r
	}
	shift := uint(bits.LeadingZeros64(d.hi))
	d = d.Lsh(shift)
	u := hi.Lsh(shift)
	if shift > 0 {
		u.lo |= lo.hi >> (64 - shift) // lo.Rsh(128-shift), whose high word is zero
	}
	low := lo.Lsh(shift)
	q.hi, u = divStep(u, low.hi, d)
	q.lo, u = divStep(u, low.lo, d)
	return q, u.Rsh(shift)
}

// divStep divides the 192-bit u·2⁶⁴ + next by the normalised d, for u < d.
func divStep(u U128, next uint64, d U128) (q uint64, r U128) {
	var rem, overflow uint64
	if u.hi >= d.hi { // the estimate would not fit a word
		q = ^uint64(0)
		rem, overflow = bits.Add64(u.lo, d.hi, 0)
	} else {
		q, rem = bits.Div64(u.hi, u.lo, d.hi)
	}
	// Knuth's correction: q·d.lo must not exceed rem·2⁶⁴ + next.
	for overflow == 0 {
		h, l := bits.Mul64(q, d.lo)
		if h < rem || h == rem && l <= next {
			break
		}
		q--
		rem, overflow = bits.Add64(rem, d.hi, 0)
	}
	// r = u·2⁶⁴ + next − q·d fits 128 bits; compute it modulo 2¹²⁸.
	h, l := bits.Mul64(q, d.lo)
	var b uint64
	r.lo, b = bits.Sub64(next, l, 0)
	r.hi, _ = bits.Sub64(u.lo, h+q*d.hi, b)
	return q, r
}
