package tee

import (
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// A bundle is what a worker hands to another one: the current master key and,
// where upstream sends nothing more, the tagger's seed and earlier master keys,
// under which older tags of version 1 verify.
type bundle struct {
	der     []byte
	tagger  *[32]byte
	earlier [][]byte // newest first
}

const (
	// bundleMagic separates our part from the DER before it.
	bundleMagic = "CESS-KEYS-1"
	// maxEarlier bounds the master keys that are kept.
	maxEarlier = 16
	maxBundle  = (maxEarlier+1)*(maxDER+8) + 64
	// maxExport is what the chain takes at most, less the authentication tag.
	maxExport = 4096 - 16
	// sharing is the info of the key pair that hands the master key over.
	sharing = "master_key_sharing"
)

var errBundle = errors.New("malformed key bundle")

// bundleTail is our part in SCALE.
type bundleTail struct {
	Tagger  scale.Option[[32]byte]
	Earlier [][]byte
}

func (b *bundle) bytes() ([]byte, error) {
	out := append([]byte(nil), b.der...)
	if b.tagger == nil && len(b.earlier) == 0 {
		return out, nil
	}
	tail := bundleTail{Earlier: b.earlier}
	if b.tagger != nil {
		tail.Tagger = scale.Some(*b.tagger)
	}
	return scale.Append(append(out, bundleMagic...), tail)
}

// parseBundle reads what bytes writes, and a bare key.
func parseBundle(raw []byte) (*bundle, error) {
	if len(raw) > maxBundle {
		return nil, fmt.Errorf("%w: %d bytes", errBundle, len(raw))
	}
	var key asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &key)
	if err != nil || len(key.FullBytes) > maxDER {
		return nil, fmt.Errorf("%w: no master key", errBundle)
	}
	b := &bundle{der: key.FullBytes}
	if len(rest) == 0 {
		return b, nil
	}
	if len(rest) < len(bundleMagic) || string(rest[:len(bundleMagic)]) != bundleMagic {
		return nil, fmt.Errorf("%w: unknown part behind the master key", errBundle)
	}
	tail, err := scale.Unmarshal[bundleTail](rest[len(bundleMagic):])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBundle, err)
	}
	if len(tail.Earlier) > maxEarlier {
		return nil, fmt.Errorf("%w: %d earlier keys", errBundle, len(tail.Earlier))
	}
	for _, der := range tail.Earlier {
		if len(der) > maxDER {
			return nil, fmt.Errorf("%w: earlier key of %d bytes", errBundle, len(der))
		}
	}
	b.earlier = tail.Earlier
	if seed, ok := tail.Tagger.Get(); ok {
		b.tagger = &seed
	}
	return b, nil
}

// encryptTo encrypts a bundle for the owner of peer (spec/podr2-tee.md §3.4):
// AES-256-GCM under the key that peer shares with the pair derived from the
// master key, tag appended, no additional data. The receiver needs the public
// key of that pair and the iv, which is random.
func (m *master) encryptTo(peer [32]byte, plain []byte) (public [32]byte, encrypted []byte, iv [12]byte, err error) {
	pair, err := m.sign.derive(sharing)
	if err != nil {
		return public, nil, iv, err
	}
	aead, err := pair.aead(peer)
	if err != nil {
		return public, nil, iv, err
	}
	if _, err := rand.Read(iv[:]); err != nil {
		return public, nil, iv, err
	}
	return pair.public, aead.Seal(nil, iv[:], plain, nil), iv, nil
}

// decryptFrom undoes encryptTo.
func (k *keyPair) decryptFrom(peer [32]byte, encrypted []byte, iv [12]byte) ([]byte, error) {
	if len(encrypted) > maxBundle+16 {
		return nil, fmt.Errorf("%w: %d bytes", errBundle, len(encrypted))
	}
	aead, err := k.aead(peer)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, iv[:], encrypted, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not decrypt", errBundle)
	}
	return plain, nil
}
