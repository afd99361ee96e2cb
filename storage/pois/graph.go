package pois

import (
	"crypto/sha512"
	"encoding/binary"
	"slices"
)

// graph derives the edges of the expander (spec/pois.md §3). It is read-only after newGraph.
type graph struct {
	p     Params
	group int      // nodes per group, N/D
	step  int      // distance between targets of a group, N/D/256
	hub   [256]int // position inside a group that a digest byte selects
}

func newGraph(p Params) *graph {
	g := &graph{p: p, group: p.N / p.D, step: p.N / p.D / 256}
	for b := range g.hub {
		g.hub[b] = b*g.step + b%g.step
	}
	return g
}

// selectorNode is the offset of the node in what a selector hashes.
const selectorNode = 48

// selector hashes a node to the bytes that select its parents, one target in each of D groups.
type selector struct {
	msg [56]byte
	out [2 * sha512.Size]byte
}

func newSelector(id *ID, cluster int64, layer int) *selector {
	s := new(selector)
	copy(s.msg[:], id[:])
	binary.BigEndian.PutUint64(s.msg[32:], uint64(cluster))
	binary.BigEndian.PutUint64(s.msg[40:], uint64(layer))
	return s
}

// of gives the d bytes for a node, valid until the next call.
func (s *selector) of(node, d int) []byte {
	binary.BigEndian.PutUint64(s.msg[selectorNode:], uint64(node))
	first := sha512.Sum512(s.msg[:])
	copy(s.out[:], first[:])
	if d > sha512.Size {
		second := sha512.Sum512(first[:])
		copy(s.out[sha512.Size:], second[:])
	}
	return s.out[:d]
}

// parents appends the parents of a node in ascending order. The node is L·N + position with L = min(layer, K); layer 0
// has no parents. Indices ≥ L·N name nodes of the same layer, others nodes of layer L-1.
func (g *graph) parents(dst []int, id *ID, cluster int64, layer, node int) []int {
	n := g.p.N
	l := node / n
	if l == 0 {
		return dst
	}
	start := len(dst)
	h := newSelector(id, cluster, layer).of(node, g.p.D)
	q := node - n
	dst = append(dst, q)
	// Targets ascend with their group. Those after q are of the layer below and come first, those before q stand for
	// nodes of this layer.
	before := 0
	target := func(i int) int { return (l-1)*n + i*g.group + g.hub[h[i]] }
	for before < g.p.D && target(before) < q {
		before++
	}
	own := before < g.p.D && target(before) == q
	for i := before; i < g.p.D; i++ {
		x := target(i)
		if x == q {
			x = q + 1
		}
		dst = append(dst, x)
	}
	for i := range before {
		dst = append(dst, target(i)+n)
	}
	if own { // q+1 may be in the list already, or belong to this layer
		slices.Sort(dst[start:])
		dst = dst[:start+len(slices.Compact(dst[start:]))]
	}
	return dst
}

// Parents gives the parents of a node in ascending order, for the layer file `layer` (0..2K-1) of a cluster
// (spec/pois.md §3). The node index is min(layer, K)·N + position. Parameters must be valid.
func Parents(p Params, id ID, cluster int64, layer, node int) []int {
	return newGraph(p).parents(nil, &id, cluster, layer, node)
}
