package v1

import (
	"math/big"

	"github.com/gocess/gocess/storage/podr2/internal/ifma"
)

// batchBlocks is the number of blocks that are tagged together.
const batchBlocks = ifma.Lanes

// raiser computes h^d·v^m modulo a prime for one v and many pairs of h and m.
type raiser struct {
	p       *prime
	table   powers // of v
	wide    widePowers
	scratch *wideScratch
}

func (p *prime) newRaiser(v residue) *raiser {
	r := &raiser{p: p}
	if p.wide != nil {
		r.scratch = new(wideScratch)
		r.wide = p.wide.powers(p, v, r.scratch)
	} else {
		r.table = p.newPowers(v, 4*modulusBytes)
	}
	return r
}

// raise returns bases[i]^d·v^exponents[i]. The exponentiation by d takes the same time for all bases.
func (r *raiser) raise(bases *[batchBlocks]*big.Int, exponents *[batchBlocks]residue) (out [batchBlocks]residue, err error) {
	if r.p.wide != nil {
		z := &r.scratch.lanes
		for i, base := range bases {
			setLane(z, i, base)
		}
		r.p.wide.roots(z, r.scratch)
		r.p.wide.multiply(z, r.wide, exponents, r.scratch)
		return r.p.wide.values(r.p, z), nil
	}
	for i, base := range bases {
		if out[i], err = r.p.root(base); err != nil {
			return out, err
		}
		r.p.exp(out[i], r.table, exponents[i])
	}
	return out, nil
}
