package accumulator

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/gocess/gocess/storage/pois/wire"
)

// Change proves a step from one accumulator to the next: the chain describes the old state, the path gives the new
// values from the sub-accumulator up (spec/pois.md §9.3, §9.4).
type Change struct {
	Chain *wire.AccWitnessNode
	Path  [][]byte
}

func chain(sub, subWit, mid, midWit, top *big.Int) *wire.AccWitnessNode {
	return &wire.AccWitnessNode{Elem: sub.Bytes(), Wit: subWit.Bytes(), Acc: &wire.AccWitnessNode{
		Elem: mid.Bytes(), Wit: midWit.Bytes(), Acc: &wire.AccWitnessNode{Elem: top.Bytes()}}}
}

// Insert adds the next set. The new set need not be known to the Source yet.
func (a *Accumulator) Insert(e *Elements) (*Accumulator, *Change, error) {
	if len(e.Primes) != FanOut {
		return nil, nil, fmt.Errorf("%w: %d elements", ErrRange, len(e.Primes))
	}
	k := a.key
	sub := newNode(k.expG(product(e.Primes)))
	next := &Accumulator{key: k, source: a.source, front: a.front, rear: a.rear + FanOut, mids: slices.Clone(a.mids)}
	change := new(Change)
	last := len(a.mids) - 1
	var m mid
	if last >= 0 && len(a.mids[last].subs) < FanOut {
		old := a.mids[last]
		wit := a.midWitness(last)
		change.Chain = chain(k.G, old.value, old.value, wit, a.top)
		m = mid{newNode(k.exp(old.value, sub.prime())), append(slices.Clone(old.subs), sub)}
		next.mids[last] = m
		next.top = k.exp(wit, m.prime())
	} else {
		if len(a.mids) == FanOut {
			return nil, nil, fmt.Errorf("%w: the accumulator is full", ErrRange)
		}
		change.Chain = chain(k.G, k.G, k.G, a.top, a.top)
		m = mid{newNode(k.exp(k.G, sub.prime())), []*node{sub}}
		next.mids = append(next.mids, m)
		next.top = k.exp(a.top, m.prime())
	}
	change.Path = [][]byte{sub.value.Bytes(), m.value.Bytes(), next.top.Bytes()}
	return next, change, nil
}

// Delete removes the first num live files. They must lie in one set: num ≤ 256 − front mod 256.
func (a *Accumulator) Delete(num int) (*Accumulator, *Change, error) {
	left := FanOut - int(a.front%FanOut)
	if num < 1 || num > left || a.front+int64(num) > a.rear {
		return nil, nil, fmt.Errorf("%w: cannot delete %d files at front %d, rear %d", ErrRange, num, a.front, a.rear)
	}
	primes, _, err := a.live(a.front/FanOut + 1)
	if err != nil {
		return nil, nil, err
	}
	k := a.key
	first := a.mids[0]
	subWit, midWit := a.subWitness(0, 0), a.midWitness(0)
	change := &Change{Chain: chain(first.subs[0].value, subWit, first.value, midWit, a.top)}
	next := &Accumulator{key: k, source: a.source, front: a.front + int64(num), rear: a.rear, mids: slices.Clone(a.mids)}
	sub, value := k.G, k.G // G where a level disappeared
	switch {
	case num < left:
		s := newNode(k.expG(product(primes[num:])))
		m := mid{newNode(k.exp(subWit, s.prime())), slices.Clone(first.subs)}
		m.subs[0] = s
		next.mids[0] = m
		sub, value = s.value, m.value
		next.top = k.exp(midWit, m.prime())
	case len(first.subs) > 1:
		m := mid{newNode(subWit), first.subs[1:]}
		next.mids[0] = m
		value = m.value
		next.top = k.exp(midWit, m.prime())
	default:
		next.mids = next.mids[1:]
		next.top = midWit
	}
	change.Path = [][]byte{sub.Bytes(), value.Bytes(), next.top.Bytes()}
	return next, change, nil
}

// Witnesses gives the chains of the live files [left, right), which must lie in one set (spec/pois.md §9.5).
func (a *Accumulator) Witnesses(left, right int64) ([]wire.AccWitnessNode, error) {
	if left <= a.front || left >= right || right > a.rear+1 || (left-1)/FanOut != (right-2)/FanOut {
		return nil, fmt.Errorf("%w: files [%d, %d) of %d…%d", ErrRange, left, right, a.front+1, a.rear)
	}
	set := (left-1)/FanOut + 1
	m, s, err := a.locate(set)
	if err != nil {
		return nil, err
	}
	primes, values, err := a.live(set)
	if err != nil {
		return nil, err
	}
	upper := &wire.AccWitnessNode{Elem: a.mids[m].subs[s].value.Bytes(), Wit: a.subWitness(m, s).Bytes(), Acc: &wire.AccWitnessNode{
		Elem: a.mids[m].value.Bytes(), Wit: a.midWitness(m).Bytes(), Acc: &wire.AccWitnessNode{Elem: a.Value()}}}
	skip := len(values) - int(set*FanOut+1-left) // live files of the set before left
	wits := a.key.witnesses(primes, skip, skip+int(right-left))
	chains := make([]wire.AccWitnessNode, right-left)
	for i := range chains {
		chains[i] = wire.AccWitnessNode{Elem: values[skip+i], Wit: wits[i].Bytes(), Acc: upper}
	}
	return chains, nil
}

// witnesses computes G^(∏ primes / primes[i]) for i in [from, to), by halving: each half starts from G raised to the
// other half (Sander, Ta-Shma, Yung 2001). That is 2·n·log n short exponentiations instead of n². Level by level, all
// powers of a level are independent and have exponents of about one length.
func (k Key) witnesses(primes []*big.Int, from, to int) []*big.Int {
	type part struct {
		base   *big.Int
		lo, hi int
	}
	level := []part{{k.G, 0, len(primes)}}
	for done := false; !done; {
		done = true
		var next []part
		var bases, exponents []*big.Int
		var raised []int // parts of next that are raised
		for _, p := range level {
			if p.hi-p.lo == 1 {
				next = append(next, p)
				continue
			}
			done = false
			half := (p.lo + p.hi) / 2
			for _, s := range [2][4]int{{p.lo, half, half, p.hi}, {half, p.hi, p.lo, half}} {
				if s[1] <= from || s[0] >= to {
					continue
				}
				raised = append(raised, len(next))
				next = append(next, part{lo: s[0], hi: s[1]})
				bases, exponents = append(bases, p.base), append(exponents, product(primes[s[2]:s[3]]))
			}
		}
		powers := make([]*big.Int, len(bases))
		if len(level) == 1 && level[0].base == k.G {
			each(len(bases), func(i int) { powers[i] = k.expG(exponents[i]) })
		} else {
			powers = k.expEach(bases, exponents)
		}
		for i, at := range raised {
			next[at].base = powers[i]
		}
		level = next
	}
	out := make([]*big.Int, len(level))
	for i, p := range level {
		out[i] = p.base
	}
	return out
}
