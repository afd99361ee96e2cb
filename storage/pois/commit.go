package pois

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocess/gocess/storage/pois/wire"
)

// Paths says for which parents a commit proof carries Merkle paths.
type Paths bool

const (
	// SomePaths is the upstream form: only parents whose index is a multiple of 6 have a path. The labels of all others
	// are the prover's word.
	SomePaths Paths = false
	// AllPaths adds the paths of all other parents. Upstream verifiers ignore them; ours check every path they see and
	// can require them all. A proof grows from 8 to about 24 MB.
	AllPaths Paths = true
)

// needsPath says whether the upstream form has a path for a parent.
func needsPath(index int) bool { return index%6 == 0 }

// ErrChallenge reports a challenge that this set cannot answer.
var ErrChallenge = errors.New("pois: bad challenge")

// Shape of a commit challenge (spec/pois.md §7.2).
const (
	rowSize    = 2*ClusterFiles + 1
	rowProofs  = rowSize - 1
	rowIndices = ClusterFiles + 1 // positions 1…9 hold node indices, the rest parent ordinals
)

// rowLayer is the layer file that position j of a row challenges: a kept file for j ≤ 8, else where the walk stands.
func rowLayer(p Params, j, index int) int {
	if j <= ClusterFiles {
		return ClusterFiles + j - 1
	}
	return index / p.N
}

// Commits is the commitment of the set, to be sent once all its files exist.
func (s *Set) Commits() (*wire.Commits, error) {
	roots, err := s.Roots()
	if err != nil {
		return nil, err
	}
	c := &wire.Commits{Roots: roots, FileIndexs: make([]int64, SetFiles)}
	for i := range c.FileIndexs {
		c.FileIndexs[i] = (s.number-1)*SetFiles + int64(i) + 1
	}
	return c, nil
}

// ProveCommit answers a commit challenge (spec/pois.md §7.3): 32 rows of 16 opened nodes. All 16 layers must still be
// on disk. It fails with ErrChallenge if the rows are not about this set, with ErrMissing or ErrDamaged if files are.
func (s *Set) ProveCommit(ctx context.Context, rows []wire.Int64Slice, paths Paths) (*wire.CommitProofGroup, error) {
	if len(rows) != SetClusters {
		return nil, fmt.Errorf("%w: %d rows", ErrChallenge, len(rows))
	}
	group := &wire.CommitProofGroup{CommitProofGroupInner: make([]wire.CommitProofGroupInner, len(rows))}
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		proofs, err := s.proveRow(rows[i].Values, firstCluster(s.number)+int64(i), paths)
		if err != nil {
			return nil, err
		}
		group.CommitProofGroupInner[i].CommitProof = proofs
	}
	return group, nil
}

func (s *Set) proveRow(row []int64, cluster int64, paths Paths) (proofs []wire.CommitProof, err error) {
	if err := checkRow(s.g.p, row, cluster); err != nil {
		return nil, err
	}
	files := newReaders(s)
	defer func() { err = errors.Join(err, files.Close()) }()
	var parents []int
	for j := 1; j <= rowProofs; j++ {
		index := int(row[j])
		if j > rowIndices {
			if index >= len(parents) {
				return nil, fmt.Errorf("%w: no parent number %d", ErrChallenge, index)
			}
			index = parents[index]
		}
		layer := rowLayer(s.g.p, j, index)
		parents = s.g.parents(nil, &s.id, cluster, layer, index)
		proof, err := s.proveNode(files, cluster, layer, index, parents, paths)
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

// checkRow says whether a row is a challenge for this cluster.
func checkRow(p Params, row []int64, cluster int64) error {
	if len(row) != rowSize || row[0] != cluster {
		return fmt.Errorf("%w: row is not about cluster %d", ErrChallenge, cluster)
	}
	for j, v := range row[1:] {
		j++
		layer := int64(p.K)
		if j == rowIndices {
			layer--
		}
		switch {
		case j <= rowIndices && (v < layer*int64(p.N) || v >= (layer+1)*int64(p.N)):
			return fmt.Errorf("%w: node %d at position %d", ErrChallenge, v, j)
		case j > rowIndices && (v < 0 || v > int64(p.D)):
			return fmt.Errorf("%w: parent number %d", ErrChallenge, v)
		}
	}
	return nil
}

// proveNode opens one node with everything its label depends on.
func (s *Set) proveNode(files *readers, cluster int64, layer, index int, parents []int, paths Paths) (wire.CommitProof, error) {
	p := s.g.p
	l, position := index/p.N, index%p.N
	prove := func(c int64, r, index, position int) (wire.MhtProof, error) {
		f, err := files.get(c, r)
		if err != nil {
			return wire.MhtProof{}, err
		}
		return f.prove(index, position)
	}
	node, err := prove(cluster, layer, index, position)
	if err != nil {
		return wire.CommitProof{}, err
	}
	proof := wire.CommitProof{Node: &node}
	neighbour := node // the very first layer file has none; any well-formed proof may stand here
	if c, r, ok := s.neighbour(cluster, layer); ok {
		if neighbour, err = prove(c, r, position, position); err != nil {
			return wire.CommitProof{}, err
		}
	}
	proof.Elders = append(proof.Elders, neighbour)
	if layer >= p.K {
		for _, e := range elderLayers(layer) {
			elder, err := prove(cluster, e, position+e*p.N, position)
			if err != nil {
				return wire.CommitProof{}, err
			}
			proof.Elders = append(proof.Elders, elder)
		}
	}
	for _, parent := range parents {
		r := layer
		if parent < l*p.N {
			r = l - 1
		}
		f, err := files.get(cluster, r)
		if err != nil {
			return wire.CommitProof{}, err
		}
		open := f.label
		if paths == AllPaths || needsPath(parent) {
			open = f.prove
		}
		m, err := open(parent, parent%p.N)
		if err != nil {
			return wire.CommitProof{}, err
		}
		proof.Parents = append(proof.Parents, m)
	}
	return proof, nil
}

// neighbour is the layer file computed just before this one in the set.
func (s *Set) neighbour(cluster int64, layer int) (int64, int, bool) {
	first := firstCluster(s.number)
	switch {
	case cluster > first:
		return cluster - 1, layer, true
	case layer > 0:
		return first + SetClusters - 1, layer - 1, true
	}
	return 0, 0, false
}
