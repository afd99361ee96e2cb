package lanes

import "github.com/consensys/gnark-crypto/ecc/bls12-381/fp"

// narrow is a number of one lane. It is always reduced, so loose and tight are the same.
type narrow fp.Element

func (z *narrow) element() *fp.Element { return (*fp.Element)(z) }

func (*narrow) lanes() int { return 1 }

func (z *narrow) product(x, y *narrow) { z.element().Mul(x.element(), y.element()) }

func (z *narrow) squares(x *narrow, n int) {
	z.element().Square(x.element())
	for range n - 1 {
		z.element().Square(z.element())
	}
}

func (z *narrow) root(x *narrow, _ []narrow) { z.element().ExpBySqrtPp1o4(*x.element()) }

func (z *narrow) sum(x, y *narrow) { z.element().Add(x.element(), y.element()) }

func (z *narrow) difference(x, y *narrow) { z.element().Sub(x.element(), y.element()) }

func (z *narrow) minus(x, a *narrow) { z.element().Sub(x.element(), a.element()) }

func (z *narrow) minusTwo(x, a, b *narrow) {
	z.element().Sub(x.element(), a.element())
	z.element().Sub(z.element(), b.element())
}

func (z *narrow) set(values []fp.Element) { *z = narrow(values[0]) }

func (z *narrow) get(values []fp.Element) { values[0] = fp.Element(*z) }

func (z *narrow) load(_ int, p *packed) { *z = narrow(p[:fp.Limbs]) }

func (*narrow) pack(e *fp.Element) (p packed) {
	copy(p[:], e[:])
	return p
}
