package tee

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/storage/podr2"
)

// Keys are the public halves of what a worker's folder holds.
type Keys struct {
	Genesis  [32]byte // hash of the chain's first block
	Identity types.WorkerPublicKey
	Masters  [][32]byte       // in no particular order; the chain says which is in use
	Tagger   *podr2.PublicKey // of version 2; nil if unknown
}

// Init makes the identity of a worker in a folder, or reads the one that is
// there. genesis names the chain; identity is nil but on development networks.
// Errors: ErrChain.
func Init(home string, sealer Sealer, genesis [32]byte, identity crypto.Pair) (*Keys, error) {
	v, err := openVault(filepath.Join(home, keyFolder), sealer)
	if err != nil {
		return nil, err
	}
	if _, err := loadIdentity(v, genesis, identity); err != nil {
		return nil, err
	}
	return ReadKeys(home, sealer)
}

// ReadKeys reads a worker's folder, which a running worker may be using.
func ReadKeys(home string, sealer Sealer) (*Keys, error) {
	v := &vault{filepath.Join(home, keyFolder), sealer}
	plain, err := v.read(identityFile)
	if err != nil {
		return nil, err
	}
	if plain == nil {
		return nil, fmt.Errorf("%s holds no keys of a TEE worker", home)
	}
	s, err := scale.Unmarshal[sealedIdentity](plain)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged", identityFile)
	}
	identity, err := v.identity(s.Genesis)
	if err != nil {
		return nil, err
	}
	r, err := openRing(v, identity)
	if err != nil {
		return nil, err
	}
	k := &Keys{Genesis: s.Genesis, Identity: identity.public}
	for _, m := range r.all() {
		k.Masters = append(k.Masters, m.sign.public)
	}
	slices.SortFunc(k.Masters, func(a, b [32]byte) int { return slices.Compare(a[:], b[:]) })
	if t := r.version2(); t != nil {
		k.Tagger = t.key.Public()
	}
	return k, nil
}
