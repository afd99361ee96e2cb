package pois

import "encoding/binary"

// eldersFile holds the XOR of four layers of a cluster while its files are generated: half 0 for the even layers, 1 for
// the odd ones. It saves reading the four layers again for each of four files.
func (g *generation) eldersFile(cluster int64, half int) string {
	return g.file("elder", cluster, half)
}

func (g *generation) removeElders(cluster int64) error {
	for half := range 2 {
		if err := g.o.FS.Remove(g.eldersFile(cluster, half)); err != nil {
			return err
		}
	}
	return nil
}

// readElders fills buf with the XOR of the elders of a kept file; scratch has the same length.
func (g *generation) readElders(cluster int64, layer int, buf, scratch []byte) error {
	layers := elderLayers(layer)
	cache := g.eldersFile(cluster, layers[0])
	if readExactly(cache, buf) == nil {
		return nil
	}
	if err := g.readLabels(cluster, layers[0], buf); err != nil {
		return err
	}
	for _, e := range layers[1:] {
		if err := g.readLabels(cluster, e, scratch); err != nil {
			return err
		}
		for i := 0; i < len(buf); i += 8 {
			binary.LittleEndian.PutUint64(buf[i:], binary.LittleEndian.Uint64(buf[i:])^binary.LittleEndian.Uint64(scratch[i:]))
		}
	}
	return g.o.FS.Write(cache, false, buf)
}
