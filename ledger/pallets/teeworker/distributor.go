package teeworker

import (
	"encoding/binary"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// lookAt is how many workers the search for a distributor considers.
const lookAt = 64

// suitability ranks distributors, the best first: those that hold the current
// key come before those that may not, idle ones before busy ones. Upstream
// takes any worker, which may not have the key itself, most of all after a
// roll.
type suitability int

const (
	holdsAndIdle suitability = iota
	holds
	idle
	busy
	unsuitable
)

// chooseDistributor picks who sends the master key to an applicant, from a
// random place in ValidationTypeList on (spec/pallets-mining.md §4.2). The
// key's own holder counts even if it does not verify.
func chooseDistributor(ctx *runtime.Context, applier types.WorkerPublicKey, key MasterKeyInfo) (types.WorkerPublicKey, error) {
	verifiers := ValidationTypeList.Get(ctx)
	if len(verifiers) == 0 {
		return types.WorkerPublicKey{}, ErrEmptyFullWorker
	}
	seed := distributorSeed(ctx)
	best, chosen := unsuitable, types.WorkerPublicKey{}
	consider := func(candidate types.WorkerPublicKey) {
		if r := rank(ctx, candidate, applier, key); r < best {
			best, chosen = r, candidate
		}
	}
	for i := range min(uint32(len(verifiers)), lookAt) {
		consider(verifiers[(i+seed)%uint32(len(verifiers))])
		if best == holdsAndIdle {
			return chosen, nil
		}
	}
	consider(key.Holder)
	if best == unsuitable {
		return chosen, ErrNotFoundDistributor
	}
	return chosen, nil
}

func rank(ctx *runtime.Context, candidate, applier types.WorkerPublicKey, key MasterKeyInfo) suitability {
	if candidate == applier || !Workers.Contains(ctx, candidate) {
		return unsuitable
	}
	r := busy
	if held, ok := keyHolders.Get(ctx, candidate); ok && held == key.PublicKey {
		r = holds
	}
	if !MasterKeyDistributeNotify.Contains(ctx, candidate) {
		r--
	}
	return r
}

// distributorSeed is the first four bytes, little-endian, of the randomness
// for SCALE((pallet id, Unix seconds)).
func distributorSeed(ctx *runtime.Context) uint32 {
	id := PalletID.Get(ctx)
	subject := binary.LittleEndian.AppendUint64(scale.MustMarshal(id), now(ctx))
	hash := randomness.Random(ctx, subject)
	return binary.LittleEndian.Uint32(hash[:4])
}
