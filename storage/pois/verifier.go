package pois

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/gocess/gocess/storage/pois/wire"
)

// ErrRefused reports a proof or commitment that does not show what it should. The text names the rule.
var ErrRefused = errors.New("pois: refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// Verifier checks what miners send. It is strict: it makes every check that upstream lacks (spec/pois.md §17) and
// answers hostile input with an error. It has no state and is safe for concurrent use.
type Verifier struct {
	g          *graph
	requireAll bool
}

// VerifierOption tunes a Verifier.
type VerifierOption func(*Verifier)

// WithAllPaths makes the verifier require a Merkle path for every parent in commit proofs. Default: paths that are
// present are checked, and only those of the upstream form are required, because upstream miners send no others. A
// network whose miners all run this software should require them.
func WithAllPaths() VerifierOption { return func(v *Verifier) { v.requireAll = true } }

// NewVerifier fails with ErrParams on parameters that cannot work.
func NewVerifier(p Params, options ...VerifierOption) (*Verifier, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	v := &Verifier{g: newGraph(p)}
	for _, o := range options {
		o(v)
	}
	return v, nil
}

// CheckCommits checks the form of a commitment (spec/pois.md §7.1): 256 consecutive files that start a set, and 513
// roots of which the last is the hash of the others.
func (v *Verifier) CheckCommits(c *wire.Commits) error {
	if c == nil || len(c.FileIndexs) != SetFiles || len(c.Roots) != SetRoots {
		return refuse("a commitment has %d files and %d roots", SetFiles, SetRoots)
	}
	first := c.FileIndexs[0]
	if first < 1 || first > 1<<48 || first%SetFiles != 1 {
		return refuse("commitment starts at file %d", first)
	}
	for i, file := range c.FileIndexs {
		if file != first+int64(i) {
			return refuse("file numbers of the commitment are not consecutive")
		}
	}
	h := sha256.New()
	for i, root := range c.Roots {
		if len(root) != HashSize {
			return refuse("root of %d bytes", len(root))
		}
		if i < SetRoots-1 {
			h.Write(root)
		}
	}
	if !bytes.Equal(h.Sum(nil), c.Roots[SetRoots-1]) {
		return refuse("last root is not the hash of the others")
	}
	return nil
}

// Challenge draws the walk for a commitment from random, which must be unpredictable (spec/pois.md §7.2). The verifier
// keeps the rows until the proof comes and uses them once.
func (v *Verifier) Challenge(random io.Reader, c *wire.Commits) ([]wire.Int64Slice, error) {
	if err := v.CheckCommits(c); err != nil {
		return nil, err
	}
	p := v.g.p
	draw := func(base, n int) (int64, error) {
		x, err := rand.Int(random, big.NewInt(int64(n)))
		if err != nil {
			return 0, fmt.Errorf("draw commit challenge: %w", err)
		}
		return int64(base) + x.Int64(), nil
	}
	rows := make([]wire.Int64Slice, SetClusters)
	for i := range rows {
		row := []int64{(c.FileIndexs[0]-1)/ClusterFiles + int64(i) + 1}
		for j := 1; j <= rowProofs; j++ {
			base, n := p.K*p.N, p.N
			switch {
			case j == rowIndices:
				base = (p.K - 1) * p.N
			case j > rowIndices:
				base, n = 0, p.D+1
			}
			x, err := draw(base, n)
			if err != nil {
				return nil, err
			}
			row = append(row, x)
		}
		rows[i].Values = row
	}
	return rows, nil
}

// VerifyCommit checks the answer to a commit challenge (spec/pois.md §7.4). rows are the verifier's own; a miner that
// fails gets new ones.
func (v *Verifier) VerifyCommit(id ID, c *wire.Commits, rows []wire.Int64Slice, group *wire.CommitProofGroup) error {
	if err := v.CheckCommits(c); err != nil {
		return err
	}
	if group == nil || len(rows) != SetClusters || len(group.CommitProofGroupInner) != SetClusters {
		return refuse("a commit proof answers %d rows", SetClusters)
	}
	first := (c.FileIndexs[0]-1)/ClusterFiles + 1
	batch := &pathBatch{p: v.g.p}
	for t := range rows {
		row := rows[t].Values
		if err := checkRow(v.g.p, row, first+int64(t)); err != nil {
			return refuse("row %d: %w", t, err)
		}
		proofs := group.CommitProofGroupInner[t].CommitProof
		if len(proofs) != rowProofs {
			return refuse("row %d has %d proofs", t, len(proofs))
		}
		var parents []int
		for j := 1; j <= rowProofs; j++ {
			index := int(row[j])
			if j > rowIndices {
				if index >= len(parents) {
					return refuse("row %d, proof %d: the walk asks for parent %d of %d", t, j, index, len(parents))
				}
				index = parents[index]
			}
			layer := rowLayer(v.g.p, j, index)
			parents = v.g.parents(parents[:0], &id, row[0], layer, index)
			n := opening{v: v, batch: batch, id: &id, roots: c.Roots, t: t, cluster: row[0], layer: layer, index: index, parents: parents}
			if err := n.verify(&proofs[j-1]); err != nil {
				return refuse("row %d, proof %d: %w", t, j, err)
			}
		}
		if err := batch.verify(); err != nil {
			return refuse("row %d: %w", t, err)
		}
	}
	return nil
}

// opening is one node of a commit proof as the verifier expects it. Its paths are added to the batch.
type opening struct {
	v            *Verifier
	batch        *pathBatch
	id           *ID
	roots        [][]byte
	t            int // place of the cluster in its set
	cluster      int64
	layer, index int
	parents      []int
}

func (o *opening) root(layer int) []byte { return o.roots[layer*SetClusters+o.t] }

func (o *opening) verify(proof *wire.CommitProof) error {
	p := o.v.g.p
	l, position := o.index/p.N, o.index%p.N
	if err := o.check("node", proof.Node, o.index, position, o.root(o.layer)); err != nil {
		return err
	}
	msg := newMessage(o.id, o.cluster, fileNumber(o.cluster, o.layer))
	msg.setNode(o.index)
	if len(proof.Parents) != len(o.parents) {
		return fmt.Errorf("%d parents, want %d", len(proof.Parents), len(o.parents))
	}
	for i := range proof.Parents {
		m, index := &proof.Parents[i], o.parents[i]
		layer := o.layer
		if index < l*p.N {
			layer = l - 1
		}
		bare := len(m.Paths) == 0 && len(m.Locs) == 0
		if bare && !needsPath(index) && !o.v.requireAll {
			if int(m.Index) != index || len(m.Label) != LabelSize {
				return fmt.Errorf("parent %d: index %d, label of %d bytes", i, m.Index, len(m.Label))
			}
		} else if err := o.check("parent", m, index, index%p.N, o.root(layer)); err != nil {
			return err
		}
		msg.xor(msgParents, m.Label)
	}
	hasNeighbour, err := o.elders(msg, proof.Elders, position)
	if err != nil {
		return err
	}
	if msg.label(hasNeighbour) != Label(proof.Node.Label) {
		return errors.New("label is not the hash of what it depends on")
	}
	return nil
}

// elders checks the neighbour and the elders and folds them into the message.
func (o *opening) elders(msg *message, elders []wire.MhtProof, position int) (hasNeighbour bool, err error) {
	p := o.v.g.p
	want := 1
	if o.layer >= p.K {
		want += p.K / 2
	}
	flat := o.layer*SetClusters + o.t
	if flat == 0 { // upstream sends one meaningless entry here
		if len(elders) > 1 {
			return false, fmt.Errorf("%d elders at the first layer file", len(elders))
		}
		return false, nil
	}
	if len(elders) != want {
		return false, fmt.Errorf("%d elders, want %d", len(elders), want)
	}
	if err := o.check("neighbour", &elders[0], position, position, o.roots[flat-1]); err != nil {
		return false, err
	}
	msg.setNeighbour(elders[0].Label)
	if want > 1 {
		for i, e := range elderLayers(o.layer) {
			m := &elders[i+1]
			if err := o.check("elder", m, position+e*p.N, position, o.root(e)); err != nil {
				return false, err
			}
			msg.xor(msgElders, m.Label)
		}
	}
	return true, nil
}

func (o *opening) check(what string, m *wire.MhtProof, index, position int, root []byte) error {
	if m == nil {
		return fmt.Errorf("%s is missing", what)
	}
	if int(m.Index) != index {
		return fmt.Errorf("%s has index %d, want %d", what, m.Index, index)
	}
	return o.batch.add(what, index, root, position, m)
}
