package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
)

// ErrElements reports an elements file that does not match its checksum. It is recomputed from the idle files.
var ErrElements = errors.New("pois store: damaged elements file")

// Layout of an elements file: magic, 256 entries of a 64-byte element and its prime in 72 bytes, SHA-256 of all that.
const (
	elementsMagic = "pois-elements-1\n"
	primeSize     = 72
	entrySize     = pois.LabelSize + primeSize
	elementsSize  = len(elementsMagic) + accumulator.FanOut*entrySize + sha256.Size
)

func marshalElements(e *accumulator.Elements) []byte {
	b := []byte(elementsMagic)
	for i, v := range e.Values {
		b = append(b, v...)
		b = append(b, e.Primes[i].FillBytes(make([]byte, primeSize))...)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func parseElements(b []byte) (*accumulator.Elements, error) {
	if len(b) != elementsSize || !bytes.HasPrefix(b, []byte(elementsMagic)) {
		return nil, fmt.Errorf("%w: %d bytes", ErrElements, len(b))
	}
	body := b[:len(b)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], b[len(body):]) {
		return nil, fmt.Errorf("%w: checksum", ErrElements)
	}
	body = body[len(elementsMagic):]
	e := new(accumulator.Elements)
	for i := range accumulator.FanOut {
		entry := body[i*entrySize : (i+1)*entrySize]
		e.Values = append(e.Values, bytes.Clone(entry[:pois.LabelSize]))
		e.Primes = append(e.Primes, new(big.Int).SetBytes(entry[pois.LabelSize:]))
	}
	return e, nil
}

// elementCache keeps the elements of the last few sets.
type elementCache struct {
	load sync.Mutex // one set is read or computed at a time

	mu    sync.Mutex // guards what follows
	sets  map[int64]*accumulator.Elements
	order []int64
}

const cachedSets = 16

func (c *elementCache) get(set int64) *accumulator.Elements {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sets[set]
}

func (c *elementCache) put(set int64, e *accumulator.Elements) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sets == nil {
		c.sets = map[int64]*accumulator.Elements{}
	}
	if c.sets[set] == nil {
		if len(c.order) == cachedSets {
			delete(c.sets, c.order[0])
			c.order = c.order[1:]
		}
		c.order = append(c.order, set)
	}
	c.sets[set] = e
}

func (c *elementCache) drop(set int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sets, set)
	c.order = slices.DeleteFunc(c.order, func(s int64) bool { return s == set })
}

// source is the store as accumulators see it.
type source struct{ s *Store }

// Elements reads the elements of a set, or computes them from the trees of its files and keeps them.
func (x source) Elements(number int64) (*accumulator.Elements, error) {
	x.s.elements.load.Lock()
	defer x.s.elements.load.Unlock()
	if e := x.s.elements.get(number); e != nil {
		return e, nil
	}
	e, err := x.s.readElements(number)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrElements) {
		e, err = x.s.computeElements(number)
	}
	if err != nil {
		return nil, err
	}
	x.s.elements.put(number, e)
	return e, nil
}

func (s *Store) elementsPath(set int64) string {
	return filepath.Join(s.elementsDir(), fmt.Sprintf("set-%d", set))
}

func (s *Store) readElements(set int64) (*accumulator.Elements, error) {
	b, err := os.ReadFile(s.elementsPath(set))
	if err != nil {
		return nil, err
	}
	return parseElements(b)
}

func (s *Store) computeElements(number int64) (*accumulator.Elements, error) {
	set, err := s.Set(number)
	if err != nil {
		return nil, err
	}
	values, err := set.Elements()
	if err != nil {
		return nil, err
	}
	e, err := accumulator.NewElements(values)
	if err != nil {
		return nil, err
	}
	return e, s.c.FS.Write(s.elementsPath(number), true, marshalElements(e))
}

// regenerated computes the elements of a regenerated set and compares them with the accumulator.
func (s *Store) regenerated(set *pois.Set) (*accumulator.Elements, error) {
	values, err := set.Elements()
	if err != nil {
		return nil, err
	}
	e, err := accumulator.NewElements(values)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	acc := s.acc
	s.mu.Unlock()
	return e, acc.CheckElements(set.Number(), e)
}
