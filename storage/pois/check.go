package pois

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// ErrDamaged reports a file whose content does not match its tree.
var ErrDamaged = errors.New("pois: file damaged")

// checkLayer reads a layer file completely, compares it with its stored tree levels and gives its root.
// Our own tree level may be absent unless needTree is set: upstream miners do not write it.
func (s *Set) checkLayer(cluster int64, layer int, needTree bool) (Hash, error) {
	nodes, err := s.hashLabels(s.file("sub", cluster, layer))
	if err != nil {
		return Hash{}, err
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

// hashLabels computes the finest tree level of a layer file, a MiB at a time.
func (s *Set) hashLabels(path string) ([]Hash, error) {
	p := s.g.p
	f, err := openExactly(path, p.FileSize())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	nodes := make([]Hash, 0, p.N/p.chunk())
	chunk := p.chunk() * LabelSize
	buf := make([]byte, min(p.FileSize(), int64(64*chunk)))
	for len(nodes) < cap(nodes) {
		if _, err := io.ReadFull(f, buf); err != nil {
			return nil, err
		}
		for at := 0; at < len(buf); at += chunk {
			nodes = append(nodes, foldLabels(vectors, buf[at:at+chunk]))
		}
	}
	return nodes, nil
}
