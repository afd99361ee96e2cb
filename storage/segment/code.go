package segment

import (
	"crypto/sha256"
	"fmt"
	"hash"
)

// encodeGroup computes one group of parity shards and their ids.
func (g *geometry) encodeGroup(group int, data *[DataShards][]byte, parity *[parityGroup][]byte) (ids [parityGroup]Hash, err error) {
	var h [parityGroup]hash.Hash
	for i := range h {
		h[i] = sha256.New()
	}
	var shards [DataShards + parityGroup][]byte
	for off := 0; off < g.fragment; off += g.tile {
		end := min(off+g.tile, g.fragment)
		for i := range data {
			shards[i] = data[i][off:end]
		}
		for i := range parity {
			shards[DataShards+i] = parity[i][off:end]
		}
		if err := g.groups[group].Encode(shards[:]); err != nil {
			return ids, fmt.Errorf("encode parity: %w", err)
		}
		for i := range parity {
			h[i].Write(parity[i][off:end])
		}
	}
	for i := range ids {
		h[i].Sum(ids[i][:0])
	}
	return ids, nil
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
