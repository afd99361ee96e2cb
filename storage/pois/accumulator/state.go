package accumulator

import (
	"context"
	"fmt"
	"math/big"
)

// State is what a miner keeps of an accumulator besides the elements: a few hundred bytes per live set.
type State struct {
	Front int64 `json:"front"`
	Rear  int64 `json:"rear"`
	// Mids are the nodes of the middle level with their sub-accumulators in order; together they hold every live set
	// once. How many each has cannot be derived once sets were deleted, so it must be kept (spec/pois.md §9.2).
	Mids []MidState `json:"mids"`
	Top  []byte     `json:"top"`
}

// MidState is a node of the middle level.
type MidState struct {
	Value []byte   `json:"value"`
	Subs  [][]byte `json:"subs"`
}

// State gives the accumulator in the form to store.
func (a *Accumulator) State() State {
	s := State{Front: a.front, Rear: a.rear, Top: a.Value(), Mids: make([]MidState, len(a.mids))}
	for i, m := range a.mids {
		s.Mids[i].Value = m.value.Bytes()
		for _, sub := range m.subs {
			s.Mids[i].Subs = append(s.Mids[i].Subs, sub.value.Bytes())
		}
	}
	return s
}

// Shape is the number of live sets in each mid node.
func (a *Accumulator) Shape() []int {
	shape := make([]int, len(a.mids))
	for i := range shape {
		shape[i] = len(a.mids[i].subs)
	}
	return shape
}

// checkShape says whether mids of these sizes hold exactly the live sets.
func checkShape(front, rear int64, shape []int) error {
	if front < 0 || rear < front || rear%FanOut != 0 || len(shape) > FanOut {
		return fmt.Errorf("%w: front %d, rear %d, %d mid nodes", ErrState, front, rear, len(shape))
	}
	var sum int64
	for _, n := range shape {
		if n < 1 || n > FanOut {
			return fmt.Errorf("%w: mid node of %d sets", ErrState, n)
		}
		sum += int64(n)
	}
	if sum != rear/FanOut-front/FanOut {
		return fmt.Errorf("%w: %d sets for files %d…%d", ErrState, sum, front+1, rear)
	}
	return nil
}

// PackedShape is the shape that upstream rebuilds: 256 sets per mid node from the front.
func PackedShape(front, rear int64) []int {
	var shape []int
	for n := rear/FanOut - front/FanOut; n > 0; n -= FanOut {
		shape = append(shape, int(min(n, FanOut)))
	}
	return shape
}

// Restore takes a stored state. It checks the counts and that the top value follows from the mid values; the rest is
// taken as stored, so the store must protect it with a checksum.
func Restore(key Key, source Source, s State) (*Accumulator, error) {
	shape := make([]int, len(s.Mids))
	for i := range s.Mids {
		shape[i] = len(s.Mids[i].Subs)
	}
	if err := checkShape(s.Front, s.Rear, shape); err != nil {
		return nil, err
	}
	a := &Accumulator{key: key, source: source, front: s.Front, rear: s.Rear}
	parse := func(b []byte) (*big.Int, error) {
		v, err := key.parse(b)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrState, err)
		}
		return v, nil
	}
	for _, stored := range s.Mids {
		v, err := parse(stored.Value)
		if err != nil {
			return nil, err
		}
		m := mid{node: newNode(v)}
		for _, b := range stored.Subs {
			if v, err = parse(b); err != nil {
				return nil, err
			}
			m.subs = append(m.subs, newNode(v))
		}
		a.mids = append(a.mids, m)
	}
	var err error
	if a.top, err = parse(s.Top); err != nil {
		return nil, err
	}
	if a.computeTop().Cmp(a.top) != 0 {
		return nil, fmt.Errorf("%w: the top value does not follow from the mid values", ErrState)
	}
	return a, nil
}

func (a *Accumulator) computeTop() *big.Int { return a.midWitness(-1) }

// Rebuild computes an accumulator from its elements, about 50 ms of a core per set once their primes are known. A nil
// shape means PackedShape. The caller compares Value with the chain: with another shape the value differs.
func Rebuild(ctx context.Context, key Key, source Source, front, rear int64, shape []int) (*Accumulator, error) {
	return New(key, source).Derive(ctx, front, rear, shape)
}

// Derive computes another state of the same files, earlier or later, and takes over the sub-accumulators that both
// states share.
func (a *Accumulator) Derive(ctx context.Context, front, rear int64, shape []int) (*Accumulator, error) {
	if shape == nil {
		shape = PackedShape(front, rear)
	}
	if err := checkShape(front, rear, shape); err != nil {
		return nil, err
	}
	known, key := a.subs(front), a.key
	a = &Accumulator{key: key, source: a.source, front: front, rear: rear}
	set := front/FanOut + 1
	for _, n := range shape {
		var m mid
		var primes []*big.Int
		for range n {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			sub, ok := known[set]
			if !ok {
				live, _, err := a.live(set)
				if err != nil {
					return nil, err
				}
				sub = newNode(key.expG(product(live)))
			}
			m.subs = append(m.subs, sub)
			primes = append(primes, sub.prime())
			set++
		}
		m.node = newNode(key.expG(product(primes)))
		a.mids = append(a.mids, m)
	}
	a.top = a.computeTop()
	return a, nil
}

// subs gives the sub-accumulators by set, without those that have other live files when the front is elsewhere.
func (a *Accumulator) subs(front int64) map[int64]*node {
	out := map[int64]*node{}
	set := a.front/FanOut + 1
	for _, m := range a.mids {
		for _, sub := range m.subs {
			if front == a.front || (set-1)*FanOut >= max(front, a.front) {
				out[set] = sub
			}
			set++
		}
	}
	return out
}

// Sub is the value of the sub-accumulator of a live set.
func (a *Accumulator) Sub(set int64) ([]byte, error) {
	m, s, err := a.locate(set)
	if err != nil {
		return nil, err
	}
	return a.mids[m].subs[s].value.Bytes(), nil
}

// CheckElements says whether elements of a live set are those that were accumulated; it costs one exponentiation.
func (a *Accumulator) CheckElements(set int64, e *Elements) error {
	want, err := a.Sub(set)
	if err != nil {
		return err
	}
	gone := max(a.front-(set-1)*FanOut, 0)
	if len(e.Primes) != FanOut || a.key.expG(product(e.Primes[gone:])).Cmp(new(big.Int).SetBytes(want)) != 0 {
		return fmt.Errorf("%w: elements of set %d are not those in the accumulator", ErrState, set)
	}
	return nil
}
