package lanes

// seed is the absolute value of the BLS12-381 parameter z (which is negative).
const seed uint64 = 0xd201000000010000

// ClearCofactor multiplies every lane by 1-z = 1+|z|, the effective cofactor of RFC 9380 §8.8.1, which takes every
// point of the curve into the prime-order group.
func (e *Engine) ClearCofactor(p Points) {
	base := e.scratch.Slice(0, p.Len())
	base.copyFrom(p)
	const effective = seed + 1
	for bit := 62; bit >= 0; bit-- {
		e.Double(p)
		if effective>>bit&1 == 1 {
			e.Add(p, base)
		}
	}
}
