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

// digest hashes a node; its first D bytes select one target in each group.
func (g *graph) digest(id *ID, cluster int64, layer, node int) (h [2 * sha512.Size]byte) {
	var msg [56]byte
	copy(msg[:], id[:])
	binary.BigEndian.PutUint64(msg[32:], uint64(cluster))
	binary.BigEndian.PutUint64(msg[40:], uint64(layer))
	binary.BigEndian.PutUint64(msg[48:], uint64(node))
	first := sha512.Sum512(msg[:])
	copy(h[:], first[:])
	if g.p.D > sha512.Size {
		second := sha512.Sum512(first[:])
		copy(h[sha512.Size:], second[:])
	}
	return h
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
	h := g.digest(id, cluster, layer, node)
	q := node - n
	dst = append(dst, q)
	for i := range g.p.D {
		switch x := (l-1)*n + i*g.group + g.hub[h[i]]; {
		case x == q:
			dst = append(dst, q+1)
		case x < q:
			dst = append(dst, x+n)
		default:
			dst = append(dst, x)
		}
	}
	slices.Sort(dst[start:])
	unique := slices.Compact(dst[start:])
	return dst[:start+len(unique)]
}

// Parents gives the parents of a node in ascending order, for the layer file `layer` (0..2K-1) of a cluster
// (spec/pois.md §3). The node index is min(layer, K)·N + position. Parameters must be valid.
func Parents(p Params, id ID, cluster int64, layer, node int) []int {
	return newGraph(p).parents(nil, &id, cluster, layer, node)
}
