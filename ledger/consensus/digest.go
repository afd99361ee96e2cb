package consensus

import (
	"encoding/binary"

	"github.com/gocess/gocess/primitives/substrate"
)

// The variants of BABE's pre-digest (spec/wire.md §4.3).
const (
	secondaryPlain = 2
	secondaryVRF   = 3
)

// engineBABE is the engine that clients look for to find a block's author.
var engineBABE = substrate.EngineID{'B', 'A', 'B', 'E'}

// preRuntime names the author and slot of a block. It carries the VRF that the
// author contributed to the block's randomness, if it did
// (spec/consensus.md §9.4).
func preRuntime(author uint32, slot uint64, proof *contribution) substrate.DigestItem {
	variant := byte(secondaryPlain)
	if proof != nil {
		variant = secondaryVRF
	}
	data := binary.LittleEndian.AppendUint32([]byte{variant}, author)
	data = binary.LittleEndian.AppendUint64(data, slot)
	if proof != nil {
		data = append(append(data, proof.preOutput[:]...), proof.proof[:]...)
	}
	return substrate.DigestItem{Kind: substrate.DigestPreRuntime, Engine: engineBABE, Data: data}
}
