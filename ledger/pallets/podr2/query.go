package podr2

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// SeedOf is the seed of a challenge of version 2: storage/podr2.NewSeed over
// the BLAKE2b-256 of the SCALE encoding of the challenge's element, with
// verify_slip as 0 because it may move while the challenge is open. Miners,
// TEE workers and auditors compute it from `Audit.ChallengeSnapShot`.
func SeedOf(element audit.ChallengeElement, miner substrate.AccountID) scheme.Seed {
	element.VerifySlip = 0
	digest := crypto.Blake2b256(scale.MustMarshal(element))
	return scheme.NewSeed(digest[:], miner)
}

// Query is the question that a miner's open challenge asks: the sampled blocks
// and the names of their fragments, out of the frozen list. A list without
// fragments asks nothing, and the query is nil. It returns NoChallenge.
func Query(ctx *runtime.Context, miner substrate.AccountID, element audit.ChallengeElement) (*scheme.Query, error) {
	f, ok := Frozen.Get(ctx, miner)
	if !ok {
		return nil, ErrNoChallenge
	}
	if f.Count == 0 {
		return nil, nil
	}
	c := scheme.Challenge{Seed: SeedOf(element, miner), Samples: Samples.Get(ctx)}
	return c.Query(uint64(f.Count), func(i uint64) (scheme.Name, error) {
		d, ok := frozenName(ctx, miner, f, uint32(i))
		if !ok {
			return scheme.Name{}, ErrNotListed
		}
		return d, nil
	})
}

// verify says whether a proof answers a miner's open challenge. A list without
// fragments is proven by an empty proof. Anything that is no proof of version
// 2 is a wrong proof. It returns NoChallenge, NotVersion2, or NoTaggerKey if
// the proof cannot be checked.
func verify(ctx *runtime.Context, miner substrate.AccountID, element audit.ChallengeElement, proof []byte) (bool, error) {
	f, ok := Frozen.Get(ctx, miner)
	switch {
	case !ok:
		return false, ErrNoChallenge
	case f.Version != Version2:
		return false, ErrNotVersion2
	case f.Count == 0:
		return len(proof) == 0, nil
	}
	key, err := keyOf(ctx, f)
	if err != nil {
		return false, err
	}
	parsed, err := scheme.ParseProof(proof)
	if err != nil {
		return false, nil
	}
	query, err := Query(ctx, miner, element)
	if err != nil {
		return false, err
	}
	switch err := key.Verify(context.Background(), query, parsed); {
	case err == nil:
		return true, nil
	case errors.Is(err, scheme.ErrProof):
		return false, nil
	default:
		return false, err
	}
}

func keyOf(ctx *runtime.Context, f FrozenList) (*scheme.PublicKey, error) {
	id, ok := f.Key.Get()
	if !ok {
		return nil, ErrNoTaggerKey
	}
	encoded, ok := TaggerKeys.Get(ctx, id)
	if !ok {
		return nil, ErrNoTaggerKey
	}
	key, err := scheme.ParsePublicKey(encoded)
	if err != nil {
		return nil, ErrInvalidTaggerKey
	}
	return key, nil
}
