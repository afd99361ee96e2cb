package pois

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// ErrDamaged reports a file whose content does not match its tree.
var ErrDamaged = errors.New("pois: file damaged")

// checkLayer reads a layer file completely, compares it with its stored tree levels and gives its root.
// Our own tree level may be absent unless needTree is set: upstream miners do not write it.
func (s *Set) checkLayer(cluster int64, layer int, needTree bool) (Hash, error) {
	p := s.g.p
	labels := make([]byte, p.FileSize())
	if err := s.readLabels(cluster, layer, labels); err != nil {
		return Hash{}, err
	}
	nodes := make([]Hash, p.N/p.chunk())
	for i := range nodes {
		nodes[i] = foldLabels(labels[i*p.chunk()*LabelSize : (i+1)*p.chunk()*LabelSize])
	}
	u := newUpper(nodes)
	aux, err := readLevel(s.file("aux", cluster, layer), AuxNodes)
	if err != nil {
		return Hash{}, err
	}
	if !slices.Equal(aux, u.aux()) {
		return Hash{}, fmt.Errorf("%w: %s", ErrDamaged, s.file("sub", cluster, layer))
	}
	if len(nodes) > AuxNodes {
		tree, err := readLevel(s.file("tree", cluster, layer), len(nodes))
		if errors.Is(err, os.ErrNotExist) && !needTree {
			return u.root(), nil
		}
		if err != nil {
			return Hash{}, err
		}
		if !slices.Equal(tree, nodes) {
			return Hash{}, fmt.Errorf("%w: %s", ErrDamaged, s.file("tree", cluster, layer))
		}
	}
	return u.root(), nil
}
