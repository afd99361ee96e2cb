package accumulator

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
)

// FanOut is the number of children of a node, and of elements of a set.
const FanOut = 256

var (
	// ErrRange reports a number of files that the operation does not allow.
	ErrRange = errors.New("accumulator: out of range")
	// ErrState reports a stored state that contradicts itself.
	ErrState = errors.New("accumulator: inconsistent state")
)

// Elements are the 256 elements of a set in file order, deleted ones included, with their primes.
type Elements struct {
	Values [][]byte
	Primes []*big.Int
}

// NewElements computes the primes of a set's elements, about 3 ms of a core each.
func NewElements(values [][]byte) (*Elements, error) {
	if len(values) != FanOut {
		return nil, fmt.Errorf("%w: %d elements in a set", ErrRange, len(values))
	}
	return &Elements{Values: values, Primes: Primes(values)}, nil
}

// Source gives the elements of a live set, by its number from 1. They never change while the set lives.
type Source interface {
	Elements(set int64) (*Elements, error)
}

// node is a value of the tree with the prime that stands for it one level up.
type node struct {
	value *big.Int
	once  sync.Once
	p     *big.Int
}

func newNode(v *big.Int) *node { return &node{value: v} }

func (n *node) prime() *big.Int {
	n.once.Do(func() { n.p = Prime(n.value.Bytes()) })
	return n.p
}

// mid is a node of the middle level. Its slice is never changed in place.
type mid struct {
	*node
	subs []*node
}

// Accumulator is the state of one miner. It is immutable and safe for concurrent use if its Source is.
type Accumulator struct {
	key         Key
	source      Source
	front, rear int64
	mids        []mid
	top         *big.Int
}

// New is the empty accumulator, whose value is G.
func New(key Key, source Source) *Accumulator {
	return &Accumulator{key: key, source: source, top: key.G}
}

// Key is the accumulator's key.
func (a *Accumulator) Key() Key { return a.key }

// Front is the number of deleted files; files front+1 … rear are live.
func (a *Accumulator) Front() int64 { return a.front }

// Rear is the number of files ever inserted, a multiple of 256.
func (a *Accumulator) Rear() int64 { return a.rear }

// Value is the top value without leading zeros.
func (a *Accumulator) Value() []byte { return a.top.Bytes() }

// live gives the primes of the live elements of a set.
func (a *Accumulator) live(set int64) ([]*big.Int, [][]byte, error) {
	e, err := a.source.Elements(set)
	if err != nil {
		return nil, nil, fmt.Errorf("elements of set %d: %w", set, err)
	}
	if len(e.Values) != FanOut || len(e.Primes) != FanOut {
		return nil, nil, fmt.Errorf("%w: set %d has %d elements", ErrState, set, len(e.Values))
	}
	gone := max(a.front-(set-1)*FanOut, 0)
	if gone >= FanOut {
		return nil, nil, fmt.Errorf("%w: set %d is deleted", ErrRange, set)
	}
	return e.Primes[gone:], e.Values[gone:], nil
}

// locate gives the place of a live set.
func (a *Accumulator) locate(set int64) (m, s int, err error) {
	if set < 1 || set*FanOut > a.rear || set*FanOut <= a.front {
		return 0, 0, fmt.Errorf("%w: set %d of files %d…%d", ErrRange, set, a.front+1, a.rear)
	}
	at := int(set - 1 - a.front/FanOut)
	for m = range a.mids {
		if at < len(a.mids[m].subs) {
			return m, at, nil
		}
		at -= len(a.mids[m].subs)
	}
	return 0, 0, fmt.Errorf("%w: set %d", ErrState, set)
}

// subWitness is the mid value without one sub.
func (a *Accumulator) subWitness(m, s int) *big.Int {
	subs := a.mids[m].subs
	return a.without(len(subs), s, func(i int) *node { return subs[i] })
}

// midWitness is the top value without one mid, or with all of them if m is -1.
func (a *Accumulator) midWitness(m int) *big.Int {
	return a.without(len(a.mids), m, func(i int) *node { return a.mids[i].node })
}

func (a *Accumulator) without(n, skip int, at func(int) *node) *big.Int {
	primes := make([]*big.Int, n)
	each(n, func(i int) { primes[i] = at(i).prime() })
	if skip >= 0 {
		primes = slices.Delete(primes, skip, skip+1)
	}
	if len(primes) == 0 {
		return a.key.G
	}
	return a.key.expG(product(primes))
}
