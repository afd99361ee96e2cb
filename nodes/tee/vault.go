package tee

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// vault keeps a worker's secrets on disk: one sealed file for each, written
// durably with mode 0600. Formats of the first two are upstream's
// (spec/podr2-tee.md §3.2):
//
//	runtime-data.seal      00 ‖ genesis hash[32] ‖ secret[64] ‖ own key bool ‖ development bool
//	master-<public>.seal   00 ‖ Vec<u8>(PKCS#8) ‖ signature[64] of the identity key over ff 04 ‖ Vec<u8>
//	tagger.seal            00 ‖ seed[32] ‖ signature[64] of the identity key over ff 05 ‖ seed
//
// Which master key is in use the chain says, so that there is no file to
// contradict it. Master keys are never deleted.
type vault struct {
	dir    string
	sealer Sealer
}

const (
	keyFolder    = "keys" // in the worker's home
	identityFile = "runtime-data.seal"
	taggerFile   = "tagger.seal"
	masterPrefix = "master-"
	sealSuffix   = ".seal"

	// First bytes of what the identity key signs (spec/podr2-tee.md §3.3).
	wrapMark   = 0xff
	wrapMaster = 4
	wrapTagger = 5

	maxSealed = 8 << 10
)

// ErrChain reports keys that were made for another chain.
var ErrChain = errors.New("tee: the keys in this folder belong to another chain")

func openVault(dir string, sealer Sealer) (*vault, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of keys: %w", err)
	}
	return &vault{dir, sealer}, nil
}

// read unseals a file; nil if there is none.
func (v *vault) read(name string) ([]byte, error) {
	path := filepath.Join(v.dir, name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s is readable by others; run: chmod 600 %s", path, path)
	case info.Size() > maxSealed:
		return nil, fmt.Errorf("%s has %d bytes", path, info.Size())
	}
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return v.sealer.Unseal(name, sealed)
}

func (v *vault) write(name string, plain []byte) error {
	sealed, err := v.sealer.Seal(name, plain)
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	return durable.WriteFile(filepath.Join(v.dir, name), sealed, 0o600)
}

// sealedIdentity is the content of identityFile.
type sealedIdentity struct {
	Version uint8
	Genesis [32]byte
	Secret  [64]byte
	Own     bool // made here, not injected
	Dev     bool
}

// identity loads the worker's key; nil if there is none. Errors: ErrChain.
func (v *vault) identity(genesis [32]byte) (*keyPair, error) {
	plain, err := v.read(identityFile)
	if err != nil || plain == nil {
		return nil, err
	}
	s, err := scale.Unmarshal[sealedIdentity](plain)
	if err != nil || s.Version != 0 {
		return nil, fmt.Errorf("%s is damaged", identityFile)
	}
	if s.Genesis != genesis {
		return nil, fmt.Errorf("%w: they are for %x, the node's chain is %x", ErrChain, s.Genesis, genesis)
	}
	return newKeyPair(s.Secret[:])
}

func (v *vault) putIdentity(genesis [32]byte, k *keyPair, dev bool) error {
	s := sealedIdentity{Genesis: genesis, Secret: [64]byte(k.pair.Secret()), Own: true, Dev: dev}
	plain, err := scale.Marshal(s)
	if err != nil {
		return err
	}
	return v.write(identityFile, plain)
}

// sealedMaster is the content of a master key's file.
type sealedMaster struct {
	Version   uint8
	DER       []byte
	Signature [64]byte
}

func wrapped(kind byte, content []byte) []byte { return append([]byte{wrapMark, kind}, content...) }

func (v *vault) putMaster(identity *keyPair, m *master) error {
	content, err := scale.Marshal(m.der)
	if err != nil {
		return err
	}
	sig, err := identity.sign(wrapped(wrapMaster, content))
	if err != nil {
		return err
	}
	plain, err := scale.Marshal(sealedMaster{DER: m.der, Signature: sig})
	if err != nil {
		return err
	}
	return v.write(masterPrefix+m.sign.String()+sealSuffix, plain)
}

// masters loads all master keys.
func (v *vault) masters(identity *keyPair) (map[[32]byte]*master, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, err
	}
	out := make(map[[32]byte]*master)
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), masterPrefix)
		if name, ok2 := strings.CutSuffix(name, sealSuffix); ok && ok2 {
			m, err := v.master(identity, name)
			if err != nil {
				return nil, err
			}
			out[m.sign.public] = m
		}
	}
	return out, nil
}

func (v *vault) master(identity *keyPair, public string) (*master, error) {
	name := masterPrefix + public + sealSuffix
	plain, err := v.read(name)
	if err != nil {
		return nil, err
	}
	s, err := scale.Unmarshal[sealedMaster](plain)
	if err != nil || s.Version != 0 {
		return nil, fmt.Errorf("%s is damaged", name)
	}
	content, err := scale.Marshal(s.DER)
	if err != nil {
		return nil, err
	}
	if !crypto.Verify(crypto.Sr25519, identity.public[:], wrapped(wrapMaster, content), s.Signature[:]) {
		return nil, fmt.Errorf("%s is not signed by this worker's identity", name)
	}
	m, err := newMaster(s.DER)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if hex.EncodeToString(m.sign.public[:]) != public {
		return nil, fmt.Errorf("%s holds the key %s", name, m.sign)
	}
	return m, nil
}

// sealedTagger is the content of taggerFile.
type sealedTagger struct {
	Version   uint8
	Seed      [32]byte
	Signature [64]byte
}

func (v *vault) putTagger(identity *keyPair, t *taggerV2) error {
	sig, err := identity.sign(wrapped(wrapTagger, t.seed[:]))
	if err != nil {
		return err
	}
	plain, err := scale.Marshal(sealedTagger{Seed: t.seed, Signature: sig})
	if err != nil {
		return err
	}
	return v.write(taggerFile, plain)
}

// tagger loads the key of version 2; nil if there is none.
func (v *vault) tagger(identity *keyPair) (*taggerV2, error) {
	plain, err := v.read(taggerFile)
	if err != nil || plain == nil {
		return nil, err
	}
	s, err := scale.Unmarshal[sealedTagger](plain)
	if err != nil || s.Version != 0 {
		return nil, fmt.Errorf("%s is damaged", taggerFile)
	}
	if !crypto.Verify(crypto.Sr25519, identity.public[:], wrapped(wrapTagger, s.Seed[:]), s.Signature[:]) {
		return nil, fmt.Errorf("%s is not signed by this worker's identity", taggerFile)
	}
	return newTaggerV2(s.Seed)
}
