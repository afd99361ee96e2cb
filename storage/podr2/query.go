package podr2

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Query is what one proof answers: the sampled blocks by fragment. Prover and verifier build it separately, the
// verifier from the list of names the ledger keeps.
type Query struct {
	Seed      Seed
	Fragments []FragmentQuery
}

// FragmentQuery lists the sampled blocks of one fragment.
type FragmentQuery struct {
	Index  uint64 // place in the miner's list; not part of what is proven
	Name   Name
	Blocks []BlockQuery
}

// BlockQuery is one sampled block and its weight.
type BlockQuery struct {
	Block       uint32
	Coefficient Coefficient
}

// Query draws the samples of a miner with that many fragments and asks name for the fragments that are hit, in rising
// order of the index. Errors: ErrQuery, and those of name.
func (c Challenge) Query(fragments uint64, name func(index uint64) (Name, error)) (*Query, error) {
	samples, err := c.Draw(fragments)
	if err != nil {
		return nil, err
	}
	q := &Query{Seed: c.Seed}
	for i, s := range samples {
		if i == 0 || s.Fragment != samples[i-1].Fragment {
			n, err := name(s.Fragment)
			if err != nil {
				return nil, fmt.Errorf("name of fragment %d: %w", s.Fragment, err)
			}
			q.Fragments = append(q.Fragments, FragmentQuery{Index: s.Fragment, Name: n})
		}
		f := &q.Fragments[len(q.Fragments)-1]
		f.Blocks = append(f.Blocks, BlockQuery{s.Block, s.Coefficient})
	}
	return q, nil
}

// Select returns the part of the query about fragments that keep accepts: a miner whose fragments were tagged under
// several keys answers with one proof per key. The part may be empty, and then needs no proof.
func (q *Query) Select(keep func(*FragmentQuery) bool) *Query {
	part := &Query{Seed: q.Seed}
	for i := range q.Fragments {
		if keep(&q.Fragments[i]) {
			part.Fragments = append(part.Fragments, q.Fragments[i])
		}
	}
	return part
}

// Blocks returns the number of sampled blocks.
func (q *Query) Blocks() (n int) {
	for i := range q.Fragments {
		n += len(q.Fragments[i].Blocks)
	}
	return n
}

func (q *Query) validate() error {
	if q == nil {
		return fmt.Errorf("%w: none", ErrQuery)
	}
	if n := q.Blocks(); n == 0 || n > MaxSamples {
		return fmt.Errorf("%w: %d blocks", ErrQuery, n)
	}
	for i := range q.Fragments {
		for _, b := range q.Fragments[i].Blocks {
			if b.Block >= BlocksPerFragment {
				return fmt.Errorf("%w: block %d of a fragment", ErrQuery, b.Block)
			}
		}
	}
	return nil
}

// digest commits to everything a verifier takes from the query.
func (q *Query) digest() (sum [32]byte) {
	h := sha256.New()
	h.Write(q.Seed[:])
	var b []byte
	for i := range q.Fragments {
		f := &q.Fragments[i]
		b = append(b[:0], f.Name[:]...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(f.Blocks)))
		for _, s := range f.Blocks {
			b = binary.BigEndian.AppendUint32(b, s.Block)
			b = append(b, s.Coefficient[:]...)
		}
		h.Write(b)
	}
	h.Sum(sum[:0])
	return sum
}
