package segment

import (
	"crypto/sha256"
	"fmt"
)

// encodeParity computes the parity shard k, counted from the first parity
// shard, into out, and its id.
func (g *geometry) encodeParity(k int, data *[DataShards][]byte, out []byte) (id Hash, err error) {
	h := sha256.New()
	var shards [DataShards + 1][]byte
	for off := 0; off < g.fragment; off += g.tile {
		end := min(off+g.tile, g.fragment)
		for i := range data {
			shards[i] = data[i][off:end]
		}
		shards[DataShards] = out[off:end]
		if err := g.parity[k].Encode(shards[:]); err != nil {
			return id, fmt.Errorf("encode parity: %w", err)
		}
		h.Write(out[off:end])
	}
	h.Sum(id[:0])
	return id, nil
}

// reconstruct fills in missing data shards. Exactly four shards must be
// present; every parity shard among them gives up its buffer, which then
// holds a data shard: no memory is needed beyond a tile.
func (g *geometry) reconstruct(shards *[Shards][]byte) error {
	var missing, donors []int
	required := make([]bool, Shards)
	for i, s := range shards {
		switch {
		case i < DataShards && s == nil:
			missing = append(missing, i)
			required[i] = true
		case i >= DataShards && s != nil:
			donors = append(donors, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if len(missing) != len(donors) {
		return fmt.Errorf("reconstruct: %d data shards missing, %d parity shards at hand", len(missing), len(donors))
	}
	scratch := make([]byte, len(missing)*g.tile)
	for off := 0; off < g.fragment; off += g.tile {
		end := min(off+g.tile, g.fragment)
		var tiles [Shards][]byte
		for i, s := range shards {
			if s != nil {
				tiles[i] = s[off:end]
			}
		}
		for i, m := range missing {
			tiles[m] = scratch[i*g.tile : i*g.tile : (i+1)*g.tile]
		}
		if err := g.code.ReconstructSome(tiles[:], required); err != nil {
			return fmt.Errorf("reconstruct: %w", err)
		}
		for i, m := range missing {
			copy(shards[donors[i]][off:end], tiles[m])
		}
	}
	for i, m := range missing {
		shards[m], shards[donors[i]] = shards[donors[i]], nil
	}
	return nil
}

// rebuild computes the target shard into out from any four others.
func (g *geometry) rebuild(shards *[Shards][]byte, target int, out []byte) error {
	required := make([]bool, Shards)
	required[target] = true
	for off := 0; off < g.fragment; off += g.tile {
		end := min(off+g.tile, g.fragment)
		var tiles [Shards][]byte
		for i, s := range shards {
			if s != nil {
				tiles[i] = s[off:end]
			}
		}
		tiles[target] = out[off:off:end]
		if err := g.code.ReconstructSome(tiles[:], required); err != nil {
			return fmt.Errorf("rebuild shard %d: %w", target, err)
		}
	}
	return nil
}
