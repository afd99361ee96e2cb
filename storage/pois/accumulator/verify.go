package accumulator

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"

	"github.com/gocess/gocess/storage/pois/wire"
)

// ErrProof reports a proof that does not show what it should.
var ErrProof = errors.New("accumulator: proof refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProof, fmt.Sprintf(format, args...))
}

// links flattens a chain that must have exactly n nodes, all but the last with a witness, and that must end in acc.
func (k Key) links(c *wire.AccWitnessNode, n int, acc []byte) ([]*wire.AccWitnessNode, error) {
	var out []*wire.AccWitnessNode
	for ; c != nil; c = c.Acc {
		if len(out) == n {
			return nil, refuse("witness chain is longer than %d", n)
		}
		if _, err := k.parse(c.Elem); err != nil && len(out) > n-4 {
			return nil, err
		}
		if c.Acc != nil {
			if _, err := k.parse(c.Wit); err != nil {
				return nil, err
			}
		} else if len(c.Wit) != 0 {
			return nil, refuse("the last link has a witness")
		}
		out = append(out, c)
	}
	if len(out) != n {
		return nil, refuse("witness chain of %d nodes, want %d", len(out), n)
	}
	if !bytes.Equal(out[n-1].Elem, bytes.TrimLeft(acc, "\x00")) {
		return nil, refuse("witness chain ends in another accumulator")
	}
	return out, nil
}

// raise is base^Hprime(element) as bytes.
func (k Key) raise(base, element []byte) []byte {
	return k.exp(new(big.Int).SetBytes(base), Prime(element)).Bytes()
}

// link checks wit^Hprime(elem) = the element above.
func (k Key) link(n *wire.AccWitnessNode) error {
	if !bytes.Equal(k.raise(n.Wit, n.Elem), n.Acc.Elem) {
		return refuse("witness does not match")
	}
	return nil
}

// VerifyInsert checks that a set of elements was added to the accumulator acc, and nothing else, and gives the new
// value (spec/pois.md §9.3). Two forms are accepted: the set joins an existing mid node, or opens a new one. In both
// the new sub-accumulator must start from G; a start of the prover's choice would smuggle further elements in, which
// upstream does not check.
func VerifyInsert(k Key, acc []byte, elements [][]byte, c *Change) ([]byte, error) {
	n, err := k.links(c.Chain, 3, acc)
	if err != nil {
		return nil, err
	}
	if len(elements) != FanOut || len(c.Path) != 3 {
		return nil, refuse("%d elements and %d new values", len(elements), len(c.Path))
	}
	if !k.isG(n[0].Elem) {
		return nil, refuse("the new sub-accumulator does not start empty")
	}
	if k.isG(n[1].Elem) {
		if !k.isG(n[0].Wit) || !bytes.Equal(n[1].Wit, n[2].Elem) {
			return nil, refuse("the new mid node does not start empty below the accumulator")
		}
	} else {
		if !bytes.Equal(n[0].Wit, n[1].Elem) {
			return nil, refuse("the sub-accumulator does not join the mid node")
		}
		if err := k.link(n[1]); err != nil {
			return nil, err
		}
	}
	sub := k.exp(k.G, product(Primes(elements))).Bytes()
	if !bytes.Equal(sub, c.Path[0]) {
		return nil, refuse("new sub-accumulator")
	}
	return k.climb(n, c.Path)
}

// climb computes the mid and top values above path[0] and compares them with the path.
func (k Key) climb(n []*wire.AccWitnessNode, path [][]byte) ([]byte, error) {
	for level := range 2 {
		want := n[level].Wit
		if !k.isG(path[level]) {
			want = k.raise(n[level].Wit, path[level])
		}
		if !bytes.Equal(want, path[level+1]) {
			return nil, refuse("new value of level %d", level+1)
		}
	}
	return bytes.Clone(path[2]), nil
}

// VerifyDelete checks that elements, the first live ones of a set, left the accumulator acc, and gives the new value
// (spec/pois.md §9.4). whole says that they were all that was left of their set. The upstream TEE worker inverts the
// central comparison; this is the equality that the scheme needs.
func VerifyDelete(k Key, acc []byte, elements [][]byte, whole bool, c *Change) ([]byte, error) {
	n, err := k.links(c.Chain, 3, acc)
	if err != nil {
		return nil, err
	}
	if len(elements) < 1 || len(elements) > FanOut || len(c.Path) != 3 {
		return nil, refuse("%d elements and %d new values", len(elements), len(c.Path))
	}
	for level := range 2 {
		if err := k.link(n[level]); err != nil {
			return nil, err
		}
	}
	sub, err := k.parse(c.Path[0])
	if err != nil {
		return nil, err
	}
	if k.isG(c.Path[0]) != whole {
		return nil, refuse("the rest of the set is wrong")
	}
	if !bytes.Equal(k.exp(sub, product(Primes(elements))).Bytes(), n[0].Elem) {
		return nil, refuse("the files were not in this sub-accumulator")
	}
	return k.climb(n, c.Path)
}

// VerifyWitnesses checks that each element, all of one set, is in the accumulator acc: chains of four nodes that share
// everything above the elements (spec/pois.md §9.5). Every link is checked; upstream samples.
func VerifyWitnesses(k Key, acc []byte, elements [][]byte, chains []wire.AccWitnessNode) error {
	if len(elements) != len(chains) || len(chains) == 0 || len(chains) > FanOut {
		return refuse("%d chains for %d elements", len(chains), len(elements))
	}
	first, err := k.links(&chains[0], 4, acc)
	if err != nil {
		return err
	}
	for i := range chains {
		n, err := k.links(&chains[i], 4, acc)
		if err != nil {
			return err
		}
		if !bytes.Equal(n[0].Elem, elements[i]) {
			return refuse("chain %d is about another file", i)
		}
		for level := 1; level < 3; level++ {
			if !bytes.Equal(n[level].Elem, first[level].Elem) || !bytes.Equal(n[level].Wit, first[level].Wit) {
				return refuse("chain %d leads to another set", i)
			}
		}
	}
	for level := 1; level < 3; level++ {
		if err := k.link(first[level]); err != nil {
			return err
		}
	}
	wits := make([]*big.Int, len(chains))
	for i := range chains {
		wits[i] = new(big.Int).SetBytes(chains[i].Wit)
	}
	for i, v := range k.expEach(wits, Primes(elements)) {
		if !bytes.Equal(v.Bytes(), chains[i].Acc.Elem) {
			return refuse("witness %d does not match", i)
		}
	}
	return nil
}
