package r2s

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// ProveLife shows that a candidate's node holds the session keys that the
// candidate has registered, and runs. Nobody signs the extrinsic and it is free;
// there is one per candidate and session at most.
type ProveLife struct {
	Stash   substrate.AccountID `type:"T::AccountId"`
	Session uint32              `type:"SessionIndex"` // the one that runs
	// Grandpa and Babe are signatures of LifeMessage by the two keys that a
	// validator's node signs with.
	Grandpa [64]byte `type:"ed25519::Signature"`
	Babe    [64]byte `type:"sr25519::Signature"`
}

// Dispatch emits LifeProved. The signatures were checked before (rules).
func (c ProveLife) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	see(ctx, c.Stash, c.Session)
	ctx.Emit(LifeProvedEvent{Stash: c.Stash, Session: c.Session})
	return nil
}

// lifeContext keeps these signatures apart from all others that the keys make.
const lifeContext = "cess/r2s/life"

// LifeMessage is what a proof of life signs: context ‖ genesis hash ‖ stash ‖
// session in little-endian order.
func LifeMessage(genesis substrate.H256, stash substrate.AccountID, session uint32) []byte {
	message := append([]byte(lifeContext), genesis[:]...)
	message = append(message, stash[:]...)
	return binary.LittleEndian.AppendUint32(message, session)
}

// SignLife makes the proof of life of a candidate for a session: the call of an
// unsigned extrinsic. The pairs are those of the candidate's next session keys,
// ed25519 and sr25519.
func SignLife(genesis substrate.H256, stash substrate.AccountID, session uint32, grandpa, babe crypto.Pair) (ProveLife, error) {
	c := ProveLife{Stash: stash, Session: session}
	if grandpa.Scheme() != crypto.Ed25519 || babe.Scheme() != crypto.Sr25519 {
		return c, errors.New("proof of life: the grandpa key must be ed25519, the babe key sr25519")
	}
	message := LifeMessage(genesis, stash, session)
	for _, part := range []struct {
		key crypto.Pair
		to  *[64]byte
	}{{grandpa, &c.Grandpa}, {babe, &c.Babe}} {
		signature, err := part.key.Sign(message)
		if err != nil {
			return c, fmt.Errorf("proof of life: %w", err)
		}
		if copy(part.to[:], signature) != len(part.to) {
			return c, fmt.Errorf("proof of life: a signature of %d bytes", len(signature))
		}
	}
	return c, nil
}

// rules admit prove_life without a signature of the extrinsic.
type rules struct{}

const (
	// lifeLongevity is how many blocks a pool keeps a proof.
	lifeLongevity = 64
	// lifePriority lets proofs pass before what people sign: a late one can cost a
	// candidate an era.
	lifePriority = 1 << 62
)

// Verify checks no signature: whose keys they must be of is known to the state
// alone. A proof provides the life of a candidate in a session.
func (rules) Verify(_ *runtime.Runtime, call runtime.Call) ([]byte, error) {
	c, ok := call.(ProveLife)
	if !ok {
		return nil, substrate.InvalidCall
	}
	return binary.LittleEndian.AppendUint32(append([]byte(lifeContext), c.Stash[:]...), c.Session), nil
}

// Validate refuses a proof for another session than the one that runs, or that
// adds nothing to what is known, as stale or future; one of an account that is no
// candidate with session keys as a call that is not valid; and wrong signatures
// as a bad proof.
func (rules) Validate(ctx *runtime.Context, call runtime.Call) (valid runtime.ValidUnsigned, err error) {
	c, ok := call.(ProveLife)
	if !ok {
		return valid, substrate.InvalidCall
	}
	now := uses.Sessions.CurrentIndex(ctx)
	seen, known := LastSeen.Get(ctx, c.Stash)
	switch {
	case c.Session < now, known && seen >= c.Session:
		return valid, substrate.InvalidStale
	case c.Session > now:
		return valid, substrate.InvalidFuture
	}
	keys, ok := uses.Sessions.Keys(ctx, c.Stash)
	if !ok || !uses.Candidates.IsCandidate(ctx, c.Stash) {
		return valid, substrate.InvalidCall
	}
	genesis, _ := system.Hooks{}.BlockHash(ctx, 0)
	message := LifeMessage(genesis, c.Stash, c.Session)
	if !crypto.Verify(crypto.Ed25519, keys.Grandpa[:], message, c.Grandpa[:]) ||
		!crypto.Verify(crypto.Sr25519, keys.Babe[:], message, c.Babe[:]) {
		return valid, substrate.InvalidBadProof
	}
	return runtime.ValidUnsigned{Priority: lifePriority, Longevity: lifeLongevity}, nil
}
