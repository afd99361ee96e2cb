package v1

import (
	"context"
	"crypto"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// uLabel separates the derivation of u from other uses of the secret.
const uLabel = "podr2-u/1"

// Tagger makes tags. It derives u from the fragment's name, so that it recognises its own u without a signature: for a
// secret, v = HKDF-SHA256(secret, info "podr2-u/1" ‖ name, 320 bytes) mod N and u = v^e mod N. The map v → u permutes the
// numbers modulo N, so u is as random as upstream's. Safe for concurrent use; one call uses one core.
type Tagger struct {
	key    *PrivateKey
	secret []byte
}

// NewTagger returns a tagger. The secret, of at least 32 bytes, is shared by the workers of a network. The error is
// ErrKey.
func NewTagger(key *PrivateKey, secret []byte) (*Tagger, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("%w: secret of %d bytes", ErrKey, len(secret))
	}
	return &Tagger{key: key, secret: append([]byte(nil), secret...)}, nil
}

// String and GoString keep the secrets out of logs.
func (t Tagger) String() string { return "podr2 v1 tagger" }

// GoString is String.
func (t Tagger) GoString() string { return t.String() }

// ownV returns the e-th root of the u that the tagger uses for a name.
func (t *Tagger) ownV(name string) (*big.Int, error) {
	b, err := hkdf.Key(sha256.New, t.secret, nil, uLabel+name, 320)
	if err != nil {
		return nil, fmt.Errorf("derive u: %w", err)
	}
	v := new(big.Int).SetBytes(b)
	return v.Mod(v, t.key.public.n.integer), nil
}

// OwnU returns the u that the tagger uses for a name.
func (t *Tagger) OwnU(name string) (*big.Int, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	v, err := t.ownV(name)
	if err != nil {
		return nil, err
	}
	return v.Exp(v, big.NewInt(publicExponent), t.key.public.n.integer), nil
}

// Tag reads size bytes, a multiple of 1024 and at most MaxFragmentSize, whose SHA-256 is name, and returns the tag.
// customData, usually empty, goes into the attestation only. A fragment of 8 MiB takes about 0.3 s on
// processors with AVX-512 IFMA, 1.3 s on others.
// Errors: ErrEncoding (name), ErrSize, ErrName, ErrFault, those of the reader and of the context.
func (t *Tagger) Tag(ctx context.Context, name, customData string, fragment io.Reader, size int64) (*Tag, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	v, err := t.ownV(name)
	if err != nil {
		return nil, err
	}
	u := new(big.Int).Exp(v, big.NewInt(publicExponent), t.key.public.n.integer)
	return t.key.tag(ctx, name, customData, fragment, size, u, t.key.p.residueOf(v), t.key.q.residueOf(v))
}

// tagWithU makes a tag with a given u, as upstream does with a random one.
func (k *PrivateKey) tagWithU(ctx context.Context, name, customData string, fragment io.Reader, size int64, u *big.Int) (*Tag, error) {
	vp, err := k.p.root(u)
	if err != nil {
		return nil, err
	}
	vq, err := k.q.root(u)
	if err != nil {
		return nil, err
	}
	return k.tag(ctx, name, customData, fragment, size, u, vp, vq)
}

// tag computes phi_i = H_i^d·v^m_i modulo each prime, with v^e = u; the exponents m_i are reduced first and v has a
// table.
func (k *PrivateKey) tag(ctx context.Context, name, customData string, fragment io.Reader, size int64, u *big.Int, vp, vq residue) (*Tag, error) {
	if size <= 0 || size > MaxFragmentSize || size%BlocksPerFragment != 0 {
		return nil, fmt.Errorf("%w: %d bytes", ErrSize, size)
	}
	tag := &Tag{Name: name, U: u}
	digest := sha256.New()
	block := make([]byte, size/BlocksPerFragment)
	words := make([]uint64, 0, len(block)/8+1)
	check := newFaultCheck(k, vp, vq)
	p, q := k.p.newRaiser(vp), k.q.newRaiser(vq)
	for first := 0; first < BlocksPerFragment; first += batchBlocks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var hashes [batchBlocks]*big.Int
		var ep, eq [batchBlocks]residue
		for i := range hashes {
			if _, err := io.ReadFull(fragment, block); err != nil {
				if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
					return nil, fmt.Errorf("%w: it ends in block %d", ErrSize, first+i)
				}
				return nil, fmt.Errorf("read fragment: %w", err)
			}
			digest.Write(block)
			words = blockWords(words, block)
			hash := blockHash(name, first+i)
			hashes[i] = new(big.Int).SetBytes(hash[:])
			ep[i], eq[i] = k.p.reduce(k.p.binary, words), k.q.reduce(k.q.binary, words)
		}
		modP, err := p.raise(&hashes, &ep)
		if err != nil {
			return nil, err
		}
		modQ, err := q.raise(&hashes, &eq)
		if err != nil {
			return nil, err
		}
		for i := range hashes {
			tag.Phi[first+i] = k.join(modP[i], modQ[i])
			check.add(&tag.Phi[first+i], hashes[i], ep[i], eq[i])
		}
	}
	if contentName(digest.Sum(nil)) != name {
		return nil, ErrName
	}
	if !check.passes() {
		return nil, ErrFault
	}
	if err := k.sign(tag, customData); err != nil {
		return nil, err
	}
	return tag, nil
}

// sign fills in the hash over all phi, the attestation and the signature of u.
func (k *PrivateKey) sign(tag *Tag, customData string) error {
	tag.PhiHash = tag.phiHash()
	attested := tag.attested(customData)
	attest, err := rsa.SignPKCS1v15(nil, k.rsa, crypto.SHA256, attested[:])
	if err != nil {
		return fmt.Errorf("attest tag: %w", err)
	}
	digest := sha256.Sum256([]byte(tag.U.String()))
	uSig, err := k.SignRaw(digest[:])
	if err != nil {
		return err
	}
	copy(tag.Attest[:], attest)
	copy(tag.USig[:], uSig)
	return nil
}

// faultCheck holds both sides of ( Π phi_i )^e = Π H_i · u^(Σ m_i): a tag that is wrong modulo one prime only, after a
// bit flip, would give the factors of the modulus to anybody who computes a greatest common divisor.
type faultCheck struct {
	key        *PrivateKey
	vp, vq     residue
	tags       residue
	hashes     residue
	sumP, sumQ *big.Int
}

func newFaultCheck(k *PrivateKey, vp, vq residue) *faultCheck {
	n := k.public.n
	return &faultCheck{
		key: k, vp: vp, vq: vq,
		tags: append(residue(nil), n.one...), hashes: append(residue(nil), n.one...),
		sumP: new(big.Int), sumQ: new(big.Int),
	}
}

func (c *faultCheck) add(phi *[modulusBytes]byte, h *big.Int, ep, eq residue) {
	n := c.key.public.n
	n.mul(c.tags, c.tags, n.residueOf(new(big.Int).SetBytes(phi[:])))
	n.mul(c.hashes, c.hashes, n.residueOf(h))
	c.sumP.Add(c.sumP, fromLimbs(ep))
	c.sumQ.Add(c.sumQ, fromLimbs(eq))
}

func (c *faultCheck) passes() bool {
	k, n, e := c.key, c.key.public.n, big.NewInt(publicExponent)
	power := func(p *prime, v residue, exponent *big.Int) residue {
		x := p.value(v)
		return p.residueOf(x.Exp(x, exponent.Mod(exponent, p.order), p.integer))
	}
	v := k.join(power(&k.p, c.vp, c.sumP), power(&k.q, c.vq, c.sumQ))
	right := new(big.Int).SetBytes(v[:])
	right.Exp(right, e, n.integer)
	right.Mul(right, n.value(c.hashes))
	right.Mod(right, n.integer)
	left := n.value(c.tags)
	return left.Exp(left, e, n.integer).Cmp(right) == 0
}
