package audit

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// Parameters of a service challenge of version 1 (spec/pallets-mining.md
// §2.3).
const (
	blocksPerFragment = 1024
	sampledBlocks     = blocksPerFragment * 46 / 1000
	maxDraws          = 3 * sampledBlocks
)

// maxSpaceDraws bounds the draws of a space challenge. The chance that eight
// of 2,048 nodes need more is below 10⁻³⁰.
const maxSpaceDraws = 25

// dice derives numbers from the block's randomness.
type dice struct{ randomness [32]byte }

func diceOf(ctx *runtime.Context) dice { return dice{randomness.BlockRandomness(ctx)} }

// hash is upstream's ParentRandom of ("rewardpt", seed)
// (spec/pallets-mining.md §0.4).
func (d dice) hash(seed uint32) [32]byte {
	return crypto.Blake2b256(types.RewardPot[:], binary.LittleEndian.AppendUint32(nil, seed), d.randomness[:])
}

func (d dice) number(seed uint32) uint64 {
	h := d.hash(seed)
	return binary.LittleEndian.Uint64(h[:8])
}

// serviceParam draws distinct blocks and distinct coefficients; it fails if
// too many draws repeat one.
func (d dice) serviceParam(seed uint32) (q QElement, ok bool) {
	for draws := 0; len(q.RandomIndexList) < sampledBlocks; draws++ {
		if draws > maxDraws {
			return QElement{}, false
		}
		seed++
		block := uint32(d.number(seed) % blocksPerFragment)
		if !slices.Contains(q.RandomIndexList, block) {
			q.RandomIndexList = append(q.RandomIndexList, block)
		}
	}
	for draws := 0; len(q.RandomList) < sampledBlocks; draws++ {
		if draws > maxDraws {
			return QElement{}, false
		}
		seed++
		h := d.hash(seed + 1)
		if value := [20]byte(h[:20]); !slices.Contains(q.RandomList, value) {
			q.RandomList = append(q.RandomList, value)
		}
	}
	return q, true
}

// spaceParam draws distinct nodes of the last layer of a graph of d+1 layers
// of n nodes. A node that was drawn before is drawn again with the next seed;
// upstream gives the whole challenge up.
func (d dice) spaceParam(seed uint32, n, layers uint64) (p SpaceChallengeParam, ok bool) {
	over, first := bits.Mul64(n, layers)
	if last, carry := bits.Add64(first, n, 0); n == 0 || over != 0 || carry != 0 || last == 0 {
		return p, false
	}
	seed *= 5
	found := 0
	for range maxSpaceDraws {
		seed++
		node := first + d.number(seed)%n
		if slices.Contains(p[:found], node) {
			continue
		}
		p[found] = node
		if found++; found == len(p) {
			return p, true
		}
	}
	return p, false
}

// assign picks the TEE worker that should judge a proof. Anyone that verifies
// may. Workers are not drawn with the salt of other draws, so that both proofs
// of a block go to the same one.
func assign(ctx *runtime.Context) (types.WorkerPublicKey, error) {
	list := workers.Verifiers(ctx)
	if len(list) == 0 {
		return types.WorkerPublicKey{}, ErrSystem
	}
	return list[uint32(diceOf(ctx).number(ctx.BlockNumber()))%uint32(len(list))], nil
}

// at adds blocks to a height without wrapping around.
func at(height types.BlockNumber, plus ...uint64) types.BlockNumber {
	sum := uint64(height)
	for _, p := range plus {
		sum = min(sum+min(p, 1<<32), 1<<32-1)
	}
	return types.BlockNumber(sum)
}

// blocksFor is the time in blocks that bytes take at a rate.
func blocksFor(bytes scale.U128, rate uint64) uint64 {
	blocks, ok := bytes.Div64(max(rate, 1)).Uint64()
	if !ok {
		return 1 << 32
	}
	return blocks
}
