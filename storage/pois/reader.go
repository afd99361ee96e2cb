package pois

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gocess/gocess/storage/pois/wire"
)

// layerReader answers for single labels of a layer file. It reads and hashes one chunk per proof: 16 KiB where our own
// tree level exists, one 64th of the file where only the aux level does.
type layerReader struct {
	s     *Set
	file  *os.File
	upper *upper
	chunk []byte // what was read last
	nodes []Hash // scratch
}

func (s *Set) openLayer(cluster int64, layer int) (*layerReader, error) {
	level, err := readLevel(s.file("tree", cluster, layer), s.g.p.N/s.g.p.chunk())
	if errors.Is(err, ErrMissing) {
		level, err = readLevel(s.file("aux", cluster, layer), AuxNodes)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(s.file("sub", cluster, layer))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if err != nil {
		return nil, err
	}
	return &layerReader{s: s, file: f, upper: newUpper(level)}, nil
}

func (r *layerReader) Close() error { return r.file.Close() }

func (r *layerReader) read(buf []byte, position int) error {
	_, err := r.file.ReadAt(buf, int64(position)*LabelSize)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s is too short", ErrMissing, r.file.Name())
	}
	return err
}

// label gives a label without proof.
func (r *layerReader) label(index, position int) (wire.MhtProof, error) {
	buf := make([]byte, LabelSize)
	if err := r.read(buf, position); err != nil {
		return wire.MhtProof{}, err
	}
	return wire.MhtProof{Index: int32(index), Label: buf}, nil
}

// prove gives a label with its path. It notices if the chunk does not match the tree.
func (r *layerReader) prove(index, position int) (wire.MhtProof, error) {
	level := r.upper.levels[0]
	chunk := r.s.g.p.N / len(level)
	if r.chunk == nil {
		r.chunk, r.nodes = make([]byte, chunk*LabelSize), make([]Hash, chunk)
	}
	at := position / chunk
	if err := r.read(r.chunk, at*chunk); err != nil {
		return wire.MhtProof{}, err
	}
	label := append([]byte(nil), r.chunk[position%chunk*LabelSize:][:LabelSize]...)
	paths, locs, top := pathIn(r.nodes, r.chunk, position%chunk, r.upper, at)
	if top != level[at] {
		return wire.MhtProof{}, fmt.Errorf("%w: %s near label %d", ErrDamaged, r.file.Name(), position)
	}
	return wire.MhtProof{Index: int32(index), Label: label, Paths: paths, Locs: locs}, nil
}

// readers keeps the layer files of one proof open.
type readers struct {
	s    *Set
	open map[[2]int64]*layerReader
}

func newReaders(s *Set) *readers { return &readers{s: s, open: map[[2]int64]*layerReader{}} }

func (c *readers) get(cluster int64, layer int) (*layerReader, error) {
	key := [2]int64{cluster, int64(layer)}
	if r, ok := c.open[key]; ok {
		return r, nil
	}
	r, err := c.s.openLayer(cluster, layer)
	if err == nil {
		c.open[key] = r
	}
	return r, err
}

func (c *readers) Close() error {
	var errs []error
	for _, r := range c.open {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}
