package pois

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"slices"
	"testing"

	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
	"pgregory.net/rapid"
)

// The cheats of a dishonest prover. Each changes an honest message; the verifier must refuse and must not panic. S-numbers
// are the upstream defects of spec/pois.md §17.1.

func TestCommitmentCheats(t *testing.T) {
	w := getWorld(t)
	for name, cheat := range map[string]func(c *wire.Commits){
		"no files":                   func(c *wire.Commits) { c.FileIndexs = nil },
		"files not consecutive":      func(c *wire.Commits) { c.FileIndexs[7]++ },
		"files not from a set start": func(c *wire.Commits) { shift(c.FileIndexs, 1) },
		"negative files":             func(c *wire.Commits) { shift(c.FileIndexs, -512) },
		"one root missing":           func(c *wire.Commits) { c.Roots = c.Roots[1:] },
		"short root":                 func(c *wire.Commits) { c.Roots[3] = c.Roots[3][:31] },
		"roots joined and split":     func(c *wire.Commits) { c.Roots[0], c.Roots[1] = append(c.Roots[0], c.Roots[1][0]), c.Roots[1][1:] },
		"last root is not the hash":  func(c *wire.Commits) { c.Roots[512] = c.Roots[0] },
		"exchanged root":             func(c *wire.Commits) { c.Roots[9][0] ^= 1 },
	} {
		c := clone(t, w.commits[0])
		cheat(c)
		if verifier(t, w).CheckCommits(c) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if verifier(t, w).CheckCommits(nil) == nil {
		t.Error("nil accepted")
	}
}

func shift(values []int64, by int64) {
	for i := range values {
		values[i] += by
	}
}

// innerPair gives the two children of a layer's root and a path of length zero under it: 64 bytes that hash to the root
// like a label would (S2).
func innerPair(t *testing.T, s *Set, cluster int64, layer int) []byte {
	r, err := s.openLayer(cluster, layer)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	below := r.upper.levels[len(r.upper.levels)-2]
	return slices.Concat(below[0][:], below[1][:])
}

func TestCommitProofCheats(t *testing.T) {
	w := getWorld(t)
	type group = wire.CommitProofGroup
	proof := func(g *group, row, j int) *wire.CommitProof { return &g.CommitProofGroupInner[row].CommitProof[j] }
	other := func(row, j, position int) wire.MhtProof {
		r, err := w.sets[0].openLayer(int64(row+1), ClusterFiles+j)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		m, err := r.prove(w.p.K*w.p.N+position, position)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, cheat := range map[string]func(g *group){
		"row missing":       func(g *group) { g.CommitProofGroupInner = g.CommitProofGroupInner[1:] },
		"rows exchanged":    func(g *group) { r := g.CommitProofGroupInner; r[0], r[1] = r[1], r[0] },
		"proof missing":     func(g *group) { r := &g.CommitProofGroupInner[4]; r.CommitProof = r.CommitProof[:15] },
		"all proofs of row": func(g *group) { g.CommitProofGroupInner[31].CommitProof = nil },
		"node missing":      func(g *group) { proof(g, 2, 0).Node = nil },
		"node label":        func(g *group) { proof(g, 2, 0).Node.Label[5] ^= 1 },
		"node label short":  func(g *group) { proof(g, 2, 0).Node.Label = proof(g, 2, 0).Node.Label[:63] },
		"node index":        func(g *group) { proof(g, 2, 0).Node.Index++ },
		"another node at the challenged index (S3)": func(g *group) {
			m := other(2, 0, 77)
			m.Index = proof(g, 2, 0).Node.Index
			proof(g, 2, 0).Node = &m
		},
		"inner nodes as label, path of length zero (S2)": func(g *group) {
			n := proof(g, 2, 0).Node
			n.Label, n.Paths, n.Locs = innerPair(t, w.sets[0], 3, ClusterFiles), nil, nil
		},
		"path one level short": func(g *group) { n := proof(g, 2, 0).Node; n.Paths, n.Locs = n.Paths[1:], n.Locs[1:] },
		"path one level long": func(g *group) {
			n := proof(g, 2, 0).Node
			n.Paths, n.Locs = append(n.Paths, n.Paths[0]), append(n.Locs, 1)
		},
		"sibling of 31 bytes":     func(g *group) { n := proof(g, 2, 0).Node; n.Paths[3] = n.Paths[3][:31] },
		"sibling of 64 bytes":     func(g *group) { n := proof(g, 2, 0).Node; n.Paths[3] = append(n.Paths[3], n.Paths[3]...) },
		"direction 2":             func(g *group) { n := proof(g, 2, 0).Node; n.Locs[slices.Index(n.Locs, 1)] = 2 },
		"direction turned":        func(g *group) { n := proof(g, 2, 0).Node; n.Locs[0] ^= 1 },
		"walk to another parent":  func(g *group) { *proof(g, 5, 10) = *proof(g, 6, 10) },
		"walk repeated":           func(g *group) { *proof(g, 5, 11) = *proof(g, 5, 10) },
		"no parents":              func(g *group) { proof(g, 5, 3).Parents = nil },
		"parent missing":          func(g *group) { p := proof(g, 5, 3); p.Parents = p.Parents[1:] },
		"parent twice":            func(g *group) { p := proof(g, 5, 3); p.Parents[1] = p.Parents[0] },
		"parents exchanged (S5)":  func(g *group) { p := proof(g, 5, 3).Parents; p[0], p[1] = p[1], p[0] },
		"parent of a cheap graph": func(g *group) { proof(g, 5, 3).Parents[2].Index ^= 1 },
		"parent's free label":     func(g *group) { proof(g, 5, 3).Parents[2].Label[0] ^= 1 },
		"parents' free labels whose XOR is right (S4)": func(g *group) {
			p := proof(g, 5, 3).Parents
			p[1].Label[0] ^= 1
			p[2].Label[0] ^= 1
		},
		"parent's path about another position": func(g *group) {
			p := proof(g, 5, 3).Parents
			p[1].Label, p[1].Paths, p[1].Locs = p[2].Label, p[2].Paths, p[2].Locs
		},
		"no elders":                   func(g *group) { proof(g, 5, 3).Elders = nil },
		"only the neighbour":          func(g *group) { p := proof(g, 5, 3); p.Elders = p.Elders[:1] },
		"an elder twice, XOR cancels": func(g *group) { p := proof(g, 5, 3); p.Elders = append(p.Elders, p.Elders[1], p.Elders[1]) },
		"elders exchanged":            func(g *group) { p := proof(g, 5, 3).Elders; p[1], p[2] = p[2], p[1] },
		"elder without path":          func(g *group) { m := &proof(g, 5, 3).Elders[2]; m.Paths, m.Locs = nil, nil },
		"elder below layer K":         func(g *group) { p := proof(g, 5, 9); p.Elders = append(p.Elders, p.Elders[0]) },
		"neighbour index (S3)":        func(g *group) { proof(g, 5, 3).Elders[0].Index++ },
		"neighbour of another layer":  func(g *group) { proof(g, 5, 3).Elders[0] = proof(g, 5, 4).Elders[0] },
		"neighbour label":             func(g *group) { proof(g, 0, 3).Elders[0].Label[1] ^= 1 },
		"empty":                       func(g *group) { g.CommitProofGroupInner = make([]wire.CommitProofGroupInner, 32) },
	} {
		g := clone(t, w.group[0])
		cheat(g)
		if err := verifier(t, w, WithAllPaths()).VerifyCommit(w.id, w.commits[0], w.rows[0], g); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	v := verifier(t, w)
	stranger := w.id
	stranger[0] ^= 1
	if v.VerifyCommit(stranger, w.commits[0], w.rows[0], w.group[0]) == nil {
		t.Error("files of another miner accepted")
	}
	if v.VerifyCommit(w.id, w.commits[1], w.rows[1], w.group[0]) == nil || v.VerifyCommit(w.id, w.commits[1], w.rows[0], w.group[0]) == nil {
		t.Error("files of another set accepted")
	}
	if v.VerifyCommit(w.id, w.commits[0], nil, w.group[0]) == nil || v.VerifyCommit(w.id, w.commits[0], w.rows[0], nil) == nil {
		t.Error("nil accepted")
	}
}

// TestFreeLabelsNeedAllPaths pins down what the upstream form cannot prove (S4): without paths two parents' labels can
// be chosen as long as their XOR is right. That is why networks of our own require all paths.
func TestFreeLabelsNeedAllPaths(t *testing.T) {
	w := getWorld(t)
	g := strip(clone(t, w.group[0]))
	changed := 0
	parents := g.CommitProofGroupInner[5].CommitProof[3].Parents
	for i := range parents {
		if len(parents[i].Paths) == 0 && changed < 2 {
			parents[i].Label[0] ^= 1
			changed++
		}
	}
	if changed < 2 {
		t.Skip("the node has fewer than two parents without path")
	}
	if err := verifier(t, w).VerifyCommit(w.id, w.commits[0], w.rows[0], g); err != nil {
		t.Error("upstream form is stricter than known:", err)
	}
	if verifier(t, w, WithAllPaths()).VerifyCommit(w.id, w.commits[0], w.rows[0], g) == nil {
		t.Error("free labels accepted although all paths are required")
	}
}

func TestInsertionCheats(t *testing.T) {
	w := getWorld(t)
	v := verifier(t, w)
	k := w.key
	exp := func(base []byte, e *big.Int) []byte {
		return new(big.Int).Exp(new(big.Int).SetBytes(base), e, k.N).Bytes()
	}
	climb := func(p *wire.AccProof, elements [][]byte) { // a path that follows from a forged chain
		sub := p.WitChains.Elem
		for _, x := range accumulator.Primes(elements) {
			sub = exp(sub, x)
		}
		mid := exp(p.WitChains.Wit, accumulator.Prime(sub))
		p.AccPath = [][]byte{sub, mid, exp(p.WitChains.Acc.Wit, accumulator.Prime(mid))}
	}
	for name, cheat := range map[string]func(p *wire.AccProof){
		"other file numbers":   func(p *wire.AccProof) { shift(p.Indexs, 256) },
		"file numbers missing": func(p *wire.AccProof) { p.Indexs = nil },
		"elements exchanged":   func(p *wire.AccProof) { p.Labels[0], p.Labels[1] = p.Labels[1], p.Labels[0] },
		"foreign element":      func(p *wire.AccProof) { p.Labels[0] = w.insert[0].Labels[0] },
		"elements missing":     func(p *wire.AccProof) { p.Labels = p.Labels[:255] },
		"no chain":             func(p *wire.AccProof) { p.WitChains = nil },
		"chain of one":         func(p *wire.AccProof) { p.WitChains = p.WitChains.Acc.Acc },
		"chain of two":         func(p *wire.AccProof) { p.WitChains = p.WitChains.Acc },
		"chain of four": func(p *wire.AccProof) {
			p.WitChains = &wire.AccWitnessNode{Elem: k.G.Bytes(), Wit: k.G.Bytes(), Acc: p.WitChains}
		},
		"no path":     func(p *wire.AccProof) { p.AccPath = nil },
		"path of two": func(p *wire.AccProof) { p.AccPath = p.AccPath[:2] },
		"other accumulator": func(p *wire.AccProof) {
			p.WitChains.Acc.Acc.Elem = w.status[2].Acc
		},
		"junk in the new sub-accumulator": func(p *wire.AccProof) {
			junk := sha256.Sum256([]byte("file that was never computed"))
			p.WitChains.Elem = exp(k.G.Bytes(), accumulator.Prime(junk[:]))
			climb(p, p.Labels)
		},
		"junk in the new mid node": func(p *wire.AccProof) {
			p.WitChains.Acc.Elem, p.WitChains.Acc.Wit = k.G.Bytes(), p.WitChains.Acc.Acc.Elem
			junk := sha256.Sum256([]byte("set that was never computed"))
			p.WitChains.Wit = exp(k.G.Bytes(), accumulator.Prime(junk[:]))
			climb(p, p.Labels)
		},
		"old files forgotten": func(p *wire.AccProof) {
			p.WitChains.Acc.Elem, p.WitChains.Acc.Wit, p.WitChains.Wit = k.G.Bytes(), k.G.Bytes(), k.G.Bytes()
			climb(p, p.Labels)
		},
		"wrong top":     func(p *wire.AccProof) { p.AccPath[2] = p.AccPath[1] },
		"unchanged top": func(p *wire.AccProof) { p.AccPath[2] = w.status[1].Acc },
		"negated value": func(p *wire.AccProof) {
			p.AccPath[2] = new(big.Int).Sub(k.N, new(big.Int).SetBytes(p.AccPath[2])).Bytes()
		},
		"value above the modulus": func(p *wire.AccProof) {
			p.WitChains.Acc.Wit = bytes.Repeat([]byte{0xff}, 256)
		},
		"leading zero":     func(p *wire.AccProof) { p.WitChains.Acc.Wit = append([]byte{0}, p.WitChains.Acc.Wit...) },
		"witness missing":  func(p *wire.AccProof) { p.WitChains.Acc.Wit = nil },
		"huge witness":     func(p *wire.AccProof) { p.WitChains.Acc.Wit = make([]byte, 1<<20) },
		"witness on top":   func(p *wire.AccProof) { p.WitChains.Acc.Acc.Wit = k.G.Bytes() },
		"false mid's link": func(p *wire.AccProof) { p.WitChains.Acc.Wit = p.WitChains.Acc.Elem },
	} {
		p := clone(t, w.insert[1])
		cheat(p)
		if _, err := v.VerifyInsertion(w.id, k, w.status[1], w.commits[1], p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := v.VerifyInsertion(w.id, k, w.status[2], w.commits[1], w.insert[1]); err == nil {
		t.Error("a set was inserted twice")
	}
	if _, err := v.VerifyInsertion(w.id, k, w.status[0], w.commits[1], w.insert[1]); err == nil {
		t.Error("a set was left out")
	}
	if _, err := v.VerifyInsertion(w.id, k, w.status[1], w.commits[1], nil); err == nil {
		t.Error("nil accepted")
	}
}

func TestSpaceCheats(t *testing.T) {
	w := getWorld(t)
	v := verifier(t, w)
	type sp = wire.SpaceProof
	answer := func(p *sp, file, k int) *wire.MhtProof { return &p.Proofs[file].Proofs[k] }
	for name, cheat := range map[string]func(p *sp){
		"empty (S1)":        func(p *sp) { p.Proofs, p.Roots, p.WitChains = nil, nil, nil },
		"empty range":       func(p *sp) { *p = sp{Left: 257, Right: 257} },
		"a root fewer (S1)": func(p *sp) { p.Roots = p.Roots[:255] },
		"a file fewer": func(p *sp) {
			p.Right--
			p.Roots, p.Proofs, p.WitChains = p.Roots[:255], p.Proofs[:255], p.WitChains[:255]
		},
		"a file left out":      func(p *sp) { p.Left++; p.Roots, p.Proofs, p.WitChains = p.Roots[1:], p.Proofs[1:], p.WitChains[1:] },
		"files not certified":  func(p *sp) { p.Left += 256; p.Right += 256 },
		"files of another set": func(p *sp) { p.Left -= 256; p.Right -= 256 },
		"negative":             func(p *sp) { p.Left, p.Right = -255, 1 },
		"answer missing":       func(p *sp) { p.Proofs[9].Proofs = p.Proofs[9].Proofs[:7] },
		"no answers":           func(p *sp) { p.Proofs[9].Proofs = nil },
		"label":                func(p *sp) { answer(p, 3, 3).Label[0] ^= 1 },
		"index":                func(p *sp) { answer(p, 3, 3).Index++ },
		"index modulo N":       func(p *sp) { answer(p, 3, 3).Index -= 1024 },
		"answers exchanged":    func(p *sp) { a := p.Proofs[3].Proofs; a[0], a[1] = a[1], a[0] },
		"one answer for all": func(p *sp) {
			a := p.Proofs[3].Proofs
			a[1].Label, a[1].Paths, a[1].Locs = a[0].Label, a[0].Paths, a[0].Locs
		},
		"one file for two":       func(p *sp) { p.Proofs[4], p.Roots[4] = p.Proofs[3], p.Roots[3] },
		"one file with its link": func(p *sp) { p.Proofs[4], p.Roots[4], p.WitChains[4] = p.Proofs[3], p.Roots[3], p.WitChains[3] },
		"64 bytes per file instead of the file (S2)": func(p *sp) {
			m := answer(p, 3, 3)
			m.Label, m.Paths, m.Locs = innerPair(t, w.sets[1], ClusterOf(260), layerOf(260)), nil, nil
		},
		"short root":     func(p *sp) { p.Roots[3] = p.Roots[3][:31] },
		"another root":   func(p *sp) { p.Roots[3][0] ^= 1 },
		"no chain":       func(p *sp) { p.WitChains[3] = wire.AccWitnessNode{} },
		"chain of three": func(p *sp) { p.WitChains[3] = *p.WitChains[3].Acc },
		"chain of five": func(p *sp) {
			p.WitChains[3] = wire.AccWitnessNode{Elem: p.WitChains[3].Elem, Wit: p.WitChains[3].Wit, Acc: clone(t, &p.WitChains[3])}
		},
		"wrong witness (S10)": func(p *sp) { p.WitChains[3].Wit = p.WitChains[4].Wit },
		"wrong first witness": func(p *sp) { p.WitChains[0].Wit[9] ^= 1 },
		"wrong last witness":  func(p *sp) { p.WitChains[255].Wit[9] ^= 1 },
		"chains exchanged":    func(p *sp) { c := p.WitChains; c[3], c[4] = c[4], c[3] },
		"set's link":          func(p *sp) { p.WitChains[3].Acc.Wit[7] ^= 1 },
		"all set's links": func(p *sp) {
			each := p.WitChains
			for i := range each {
				each[i].Acc.Wit = each[i].Acc.Acc.Wit
			}
		},
		"own accumulator":      func(p *sp) { p.WitChains[3].Acc.Acc.Acc.Elem = w.status[1].Acc },
		"top with witness":     func(p *sp) { p.WitChains[3].Acc.Acc.Acc.Wit = []byte{3} },
		"value above modulus":  func(p *sp) { p.WitChains[3].Wit = bytes.Repeat([]byte{0xff}, 256) },
		"old prior answer set": func(p *sp) { p.Proofs[0].Proofs = append(p.Proofs[0].Proofs, p.Proofs[0].Proofs[0]) },
	} {
		p := clone(t, w.space)
		cheat(p)
		if v.VerifySpace(w.id, w.key, w.status[2], w.chals, p) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	other := slices.Clone(w.chals)
	other[2]++
	if v.VerifySpace(w.id, w.key, w.status[2], other, w.space) == nil || v.VerifySpace(w.id, w.key, w.status[2], other[:7], w.space) == nil {
		t.Error("answers to another challenge accepted")
	}
	if v.VerifySpace(w.id, w.key, w.status[1], w.chals, w.space) == nil || v.VerifySpace(w.id, w.key, w.status[2], w.chals, nil) == nil {
		t.Error("another status accepted")
	}
	deleted := Status{Acc: w.status[2].Acc, Front: 300, Rear: 512}
	if v.VerifySpace(w.id, w.key, deleted, w.chals, w.space) == nil {
		t.Error("deleted files accepted")
	}
}

func TestDeletionCheats(t *testing.T) {
	w := getWorld(t)
	v := verifier(t, w)
	k := w.key
	_, change, err := w.accs[2].Delete(8)
	if err != nil {
		t.Fatal(err)
	}
	honest := &wire.RequestVerifyDeletionProof{Roots: deletionRoots(t, w, 1, 8), WitChain: change.Chain, AccPath: change.Path}
	type req = wire.RequestVerifyDeletionProof
	for name, cheat := range map[string]func(r *req){
		"nothing deleted":     func(r *req) { r.Roots = nil },
		"fewer files":         func(r *req) { r.Roots = r.Roots[:7] },
		"more files":          func(r *req) { r.Roots = append(r.Roots, r.Roots[0]) },
		"beyond the set":      func(r *req) { r.Roots = deletionRoots(t, w, 1, 257) },
		"files of the second": func(r *req) { r.Roots = deletionRoots(t, w, 257, 8) },
		"order":               func(r *req) { r.Roots[0], r.Roots[1] = r.Roots[1], r.Roots[0] },
		"another root":        func(r *req) { r.Roots[0][0] ^= 1 },
		"long root":           func(r *req) { r.Roots[0] = append(r.Roots[0], 0) },
		"forged rest (S6)":    func(r *req) { r.AccPath[0][3] ^= 1 },
		"rest is the old sub": func(r *req) { r.AccPath[0] = r.WitChain.Elem },
		"rest vanished":       func(r *req) { r.AccPath[0] = k.G.Bytes() },
		"nothing changed":     func(r *req) { r.AccPath = [][]byte{r.WitChain.Elem, r.WitChain.Acc.Elem, r.WitChain.Acc.Acc.Elem} },
		"everything vanished": func(r *req) { r.AccPath = [][]byte{k.G.Bytes(), k.G.Bytes(), k.G.Bytes()} },
		"zero value":          func(r *req) { r.AccPath[0] = nil },
		"no path":             func(r *req) { r.AccPath = nil },
		"wrong mid":           func(r *req) { r.AccPath[1][3] ^= 1 },
		"wrong top":           func(r *req) { r.AccPath[2][3] ^= 1 },
		"no chain":            func(r *req) { r.WitChain = nil },
		"short chain":         func(r *req) { r.WitChain = r.WitChain.Acc },
		"sub of the second":   func(r *req) { r.WitChain.Elem = w.insert[1].AccPath[0] },
		"sub's false witness": func(r *req) { r.WitChain.Wit[3] ^= 1 },
		"mid's false witness": func(r *req) { r.WitChain.Acc.Wit = r.WitChain.Wit },
		"old accumulator":     func(r *req) { r.WitChain.Acc.Acc.Elem = w.status[1].Acc },
	} {
		r := clone(t, honest)
		cheat(r)
		if _, err := v.VerifyDeletion(w.id, k, w.status[2], r.Roots, &accumulator.Change{Chain: r.WitChain, Path: r.AccPath}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := v.VerifyDeletion(w.id, k, w.status[2], honest.Roots, nil); err == nil {
		t.Error("nil accepted")
	}
	if _, err := v.VerifyDeletion(w.id, k, w.status[0], honest.Roots, change); err == nil {
		t.Error("deletion from nothing accepted")
	}
}

// TestNoOtherBytesPass changes random bytes of honest messages: what still decodes to another message is refused.
func TestNoOtherBytesPass(t *testing.T) {
	w := getWorld(t)
	v := verifier(t, w, WithAllPaths())
	commit, space := wire.Marshal(w.group[0]), wire.Marshal(w.space)
	rapid.Check(t, func(rt *rapid.T) {
		mutate := func(b []byte) []byte {
			b = bytes.Clone(b)
			for range rapid.IntRange(1, 3).Draw(rt, "changes") {
				b[rapid.IntRange(0, len(b)-1).Draw(rt, "at")] ^= rapid.ByteRange(1, 255).Draw(rt, "by")
			}
			return b
		}
		b := mutate(commit)
		if g, err := wire.Unmarshal[wire.CommitProofGroup](b); err == nil && !bytes.Equal(wire.Marshal(g), commit) {
			if v.VerifyCommit(w.id, w.commits[0], w.rows[0], g) == nil {
				rt.Error("a changed commit proof was accepted")
			}
		}
		b = mutate(space)
		if p, err := wire.Unmarshal[wire.SpaceProof](b); err == nil && !bytes.Equal(wire.Marshal(p), space) {
			if v.VerifySpace(w.id, w.key, w.status[2], w.chals, p) == nil {
				rt.Error("a changed space proof was accepted")
			}
		}
	})
}

// FuzzVerifiers feeds whatever decodes to every verification; nothing may panic or pass.
func FuzzVerifiers(f *testing.F) {
	w := getWorld(f)
	v, err := NewVerifier(w.p)
	if err != nil {
		f.Fatal(err)
	}
	small := &wire.CommitProofGroup{CommitProofGroupInner: make([]wire.CommitProofGroupInner, 32)}
	small.CommitProofGroupInner[0].CommitProof = []wire.CommitProof{{Node: &wire.MhtProof{Index: 1}}}
	f.Add(wire.Marshal(small))
	f.Add(wire.Marshal(&wire.SpaceProof{Left: 257, Right: 513, Roots: w.space.Roots[:1]}))
	f.Add(wire.Marshal(&wire.AccProof{AccPath: w.insert[0].AccPath, WitChains: w.insert[0].WitChains}))
	f.Add(wire.Marshal(&wire.RequestVerifyDeletionProof{AccPath: w.insert[0].AccPath, WitChain: w.insert[0].WitChains}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := wire.Unmarshal[wire.Commits](b); err == nil && v.CheckCommits(m) == nil {
			t.Error("commits passed")
		}
		if m, err := wire.Unmarshal[wire.CommitProofGroup](b); err == nil && v.VerifyCommit(w.id, w.commits[0], w.rows[0], m) == nil {
			t.Error("commit proof passed")
		}
		if m, err := wire.Unmarshal[wire.SpaceProof](b); err == nil && v.VerifySpace(w.id, w.key, w.status[2], w.chals, m) == nil {
			t.Error("space proof passed")
		}
		if m, err := wire.Unmarshal[wire.AccProof](b); err == nil {
			if _, err := v.VerifyInsertion(w.id, w.key, w.status[0], w.commits[0], m); err == nil {
				t.Error("insertion passed")
			}
			if m.WitChains != nil {
				_, err = accumulator.VerifyInsert(w.key, w.status[0].Acc, w.insert[0].Labels, &accumulator.Change{Chain: m.WitChains, Path: nil})
				if err == nil {
					t.Error("insertion without path passed")
				}
			}
		}
		if m, err := wire.Unmarshal[wire.RequestVerifyDeletionProof](b); err == nil {
			if _, err := v.VerifyDeletion(w.id, w.key, w.status[2], m.Roots, &accumulator.Change{Chain: m.WitChain, Path: m.AccPath}); err == nil {
				t.Error("deletion passed")
			}
		}
	})
}
