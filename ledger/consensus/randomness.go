package consensus

import (
	"encoding/binary"

	"github.com/gocess/gocess/primitives/crypto"
)

// blockRandomness is R of block height: blake2-256 over the domain, the height,
// the R before and what the validators contributed, in the order of CometBFT's
// validator set (spec/consensus.md §9.4). Without contributions it still moves
// on.
func blockRandomness(height uint32, previous [32]byte, contributions []*contribution) [32]byte {
	b := append([]byte("cess/r2s"), binary.LittleEndian.AppendUint64(nil, uint64(height))...)
	b = append(b, previous[:]...)
	for _, c := range contributions {
		if c != nil {
			b = append(b, c.output[:]...)
		}
	}
	return crypto.Blake2b256(b)
}
