package podr2

import (
	"encoding/binary"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/lanes"
)

// sectors splits a block into its scalars: sector j is the big-endian integer of bytes [31j, 31j+31), the last one of
// the 8 bytes that remain. The integers are stored raw, not in Montgomery form; multiplied by an element that carries
// one extra factor 2^256 (see lift) they give the ordinary product. That saves one multiplication per sector.
func sectors(dst fr.Vector, block []byte) {
	const full = SectorsPerBlock - 1
	for j := range full {
		s := block[j*SectorSize : (j+1)*SectorSize]
		dst[j] = fr.Element{
			binary.BigEndian.Uint64(s[23:31]),
			binary.BigEndian.Uint64(s[15:23]),
			binary.BigEndian.Uint64(s[7:15]),
			binary.BigEndian.Uint64(s[0:8]) >> 8,
		}
	}
	dst[full] = fr.Element{binary.BigEndian.Uint64(block[full*SectorSize : BlockSize])}
}

// lift returns the factor that turns raw sectors into multiples by a.
func lift(a *fr.Element) (lifted fr.Element) {
	lifted.Mul(a, &montgomery)
	return lifted
}

// blockOracle hashes (fragment name ‖ block index as 4 bytes big-endian) to G1.
var blockOracle = lanes.NewHasher(dstBlock)

// appendBlockMessage appends what blockOracle hashes for a block.
func appendBlockMessage(dst []byte, name Name, block uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, name[:]...), block)
}

// hashBlock is the oracle for one block, with complete formulas.
func hashBlock(name Name, block uint32) (p bls12381.G1Affine) {
	q := blockOracle.Uncleared(appendBlockMessage(nil, name, block))
	q.ClearCofactor(&q)
	p.FromJacobian(&q)
	return p
}
