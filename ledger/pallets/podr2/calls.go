package podr2

import (
	"bytes"
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// SetVersion chooses the version of PoDR² for the signer's next challenges. A
// miner changes to version 2 once all its fragments have tags of version 2.
type SetVersion struct {
	Version uint8 `type:"u8"`
}

// Dispatch emits VersionSet.
func (c SetVersion) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if _, err := miners.State(ctx, who); err != nil {
		return ErrNotMiner
	}
	if c.Version != Version1 && c.Version != Version2 {
		return ErrInvalidVersion
	}
	if challenges.Open(ctx, who) {
		return ErrChallengeOpen
	}
	if c.Version == Version1 {
		Versions.Delete(ctx, who)
	} else {
		Versions.Put(ctx, who, c.Version)
	}
	ctx.Emit(VersionSetEvent{Miner: who, Version: c.Version})
	return nil
}

// RegisterTaggerKey makes a key the one that TEE workers tag with. The master
// key signs it, so anyone may hand it in.
type RegisterTaggerKey struct {
	Key       TaggerKeyBytes       `type:"BoundedVec<u8, ConstU32<193>>"`
	Signature types.SignatureBytes `type:"BoundedVec<u8, ConstU32<64>>"` // of TaggerKeyDigest
}

// TaggerKeyDigest is what the master key signs to register a tagger's key: the
// SHA-256 of SCALE(("cess/podr2-key", key)).
func TaggerKeyDigest(key *scheme.PublicKey) [32]byte {
	return taggerKeyDigest(key.Bytes())
}

func taggerKeyDigest(key []byte) [32]byte {
	return sha256.Sum256(scale.MustMarshal(struct {
		Domain string
		Key    []byte
	}{"cess/podr2-key", key}))
}

// Dispatch emits TaggerKeyRegistered. Registering the current key again does
// nothing.
func (c RegisterTaggerKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	if current, ok := TaggerKey.Get(ctx); ok {
		if bytes.Equal(current, c.Key) {
			return nil
		}
		return ErrTaggerKeyExists
	}
	if len(c.Signature) != len(types.TEESignature{}) {
		return ErrMalformedSignature
	}
	if !workers.VerifyMaster(ctx, types.TEESignature(c.Signature), taggerKeyDigest(c.Key)) {
		return ErrVerifyTEESigFailed
	}
	key, err := scheme.ParsePublicKey(c.Key)
	if err != nil {
		return ErrInvalidTaggerKey
	}
	id := KeyID(key.ID())
	TaggerKey.Put(ctx, c.Key)
	TaggerKeyID.Put(ctx, id)
	TaggerKeys.Put(ctx, id, c.Key)
	ctx.Emit(TaggerKeyRegisteredEvent{Key: id})
	return nil
}

// ClearTaggerKey lets another key be registered. Open challenges keep theirs.
type ClearTaggerKey struct{}

// Dispatch emits TaggerKeyCleared.
func (c ClearTaggerKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	id, ok := TaggerKeyID.Get(ctx)
	if !ok {
		return ErrNoTaggerKey
	}
	TaggerKey.Delete(ctx)
	TaggerKeyID.Delete(ctx)
	ctx.Emit(TaggerKeyClearedEvent{Key: id})
	return nil
}
