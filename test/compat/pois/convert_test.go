// Package pois_test runs the proof of idle space of this project against the public Go library of upstream: their
// prover with our verifier, ours with theirs, on files of the same bytes.
package pois_test

import (
	"github.com/CESSProject/cess_pois/acc"
	"github.com/CESSProject/cess_pois/expanders"
	up "github.com/CESSProject/cess_pois/pois"

	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

func upKey(k accumulator.Key) (out acc.RsaKey) {
	out.N.Set(k.N)
	out.G.Set(k.G)
	return out
}

func upProof(m *wire.MhtProof) *up.MhtProof {
	return &up.MhtProof{Index: expanders.NodeType(m.Index), Label: m.Label, Paths: m.Paths, Locs: m.Locs}
}

func ourProof(m *up.MhtProof) wire.MhtProof {
	return wire.MhtProof{Index: int32(m.Index), Label: m.Label, Paths: m.Paths, Locs: m.Locs}
}

func upProofs(list []wire.MhtProof) (out []*up.MhtProof) {
	for i := range list {
		out = append(out, upProof(&list[i]))
	}
	return out
}

func ourProofs(list []*up.MhtProof) (out []wire.MhtProof) {
	for _, m := range list {
		out = append(out, ourProof(m))
	}
	return out
}

func upGroup(g *wire.CommitProofGroup) (out [][]up.CommitProof) {
	for _, row := range g.CommitProofGroupInner {
		var r []up.CommitProof
		for _, p := range row.CommitProof {
			r = append(r, up.CommitProof{Node: upProof(p.Node), Parents: upProofs(p.Parents), Elders: upProofs(p.Elders)})
		}
		out = append(out, r)
	}
	return out
}

func ourGroup(g [][]up.CommitProof) *wire.CommitProofGroup {
	out := new(wire.CommitProofGroup)
	for _, row := range g {
		var r wire.CommitProofGroupInner
		for _, p := range row {
			node := ourProof(p.Node)
			r.CommitProof = append(r.CommitProof, wire.CommitProof{Node: &node, Parents: ourProofs(p.Parents), Elders: ourProofs(p.Elders)})
		}
		out.CommitProofGroupInner = append(out.CommitProofGroupInner, r)
	}
	return out
}

func upChain(n *wire.AccWitnessNode) *acc.WitnessNode {
	if n == nil {
		return nil
	}
	return &acc.WitnessNode{Elem: n.Elem, Wit: n.Wit, Acc: upChain(n.Acc)}
}

func ourChain(n *acc.WitnessNode) *wire.AccWitnessNode {
	if n == nil {
		return nil
	}
	return &wire.AccWitnessNode{Elem: n.Elem, Wit: n.Wit, Acc: ourChain(n.Acc)}
}

func upSpace(p *wire.SpaceProof) *up.SpaceProof {
	out := &up.SpaceProof{Left: p.Left, Right: p.Right, Roots: p.Roots}
	for i := range p.Proofs {
		out.Proofs = append(out.Proofs, upProofs(p.Proofs[i].Proofs))
		out.WitChains = append(out.WitChains, upChain(&p.WitChains[i]))
	}
	return out
}

func ourSpace(p *up.SpaceProof) *wire.SpaceProof {
	out := &wire.SpaceProof{Left: p.Left, Right: p.Right, Roots: p.Roots}
	for i := range p.Proofs {
		out.Proofs = append(out.Proofs, wire.MhtProofGroup{Proofs: ourProofs(p.Proofs[i])})
		out.WitChains = append(out.WitChains, *ourChain(p.WitChains[i]))
	}
	return out
}

func upRows(rows []wire.Int64Slice) (out [][]int64) {
	for _, r := range rows {
		out = append(out, r.Values)
	}
	return out
}
