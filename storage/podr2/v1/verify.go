package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/big"
)

// Verify checks a proof as a TEE worker does. Before any arithmetic it refuses lists that are too long, numbers out of
// range and names that repeat with different contents. Every u must be the tagger's own for that name or carry a valid
// signature. A proof without items is true if Sigma is empty. 1000 fragments take about half a second.
// Errors: ErrEncoding (nobody honest sends this), ErrProof, the context's error.
func (t *Tagger) Verify(ctx context.Context, challenge *Challenge, proof *Proof) error {
	k := t.key
	parsed, err := k.public.parse(ctx, challenge, proof, t.isOwn)
	if err != nil || parsed == nil {
		return err
	}
	left, right, err := k.public.sides(ctx, parsed)
	if err != nil {
		return err
	}
	for _, p := range []*prime{&k.p, &k.q} {
		bases := make([]residue, len(parsed.us))
		exponents := make([]*big.Int, len(parsed.us))
		for f, u := range parsed.us {
			if err := ctx.Err(); err != nil {
				return err
			}
			bases[f] = p.residueOf(u)
			if p.value(bases[f]).Sign() == 0 {
				return fmt.Errorf("%w: u is not invertible", ErrProof)
			}
			exponents[f] = fromLimbs(p.reduce(p.decimal, decimalChunks(proof.Items[f].Mu)))
		}
		product, err := p.multiExp(ctx, bases, exponents)
		if err != nil {
			return err
		}
		p.mul(product, product, p.residueOf(right))
		if p.value(product).Cmp(new(big.Int).Mod(left, p.integer)) != 0 {
			return ErrProof
		}
	}
	return nil
}

// isOwn tells whether u is the tagger's own for the name.
func (t *Tagger) isOwn(name string, u *big.Int) (bool, error) {
	own, err := t.OwnU(name)
	return err == nil && own.Cmp(u) == 0, err
}

// Verify checks a proof with the public key alone, under the same rules; every u needs a valid signature. It takes
// about 0.2 s and 25 to 100 ms for each fragment, because the exponents cannot be reduced.
func (k *PublicKey) Verify(ctx context.Context, challenge *Challenge, proof *Proof) error {
	parsed, err := k.parse(ctx, challenge, proof, func(string, *big.Int) (bool, error) { return false, nil })
	if err != nil || parsed == nil {
		return err
	}
	left, right, err := k.sides(ctx, parsed)
	if err != nil {
		return err
	}
	bases := make([]residue, len(parsed.us))
	exponents := make([]*big.Int, len(parsed.us))
	for f, u := range parsed.us {
		if err := ctx.Err(); err != nil {
			return err
		}
		bases[f] = k.n.residueOf(u)
		mu, ok := new(big.Int).SetString(proof.Items[f].Mu, 10)
		if !ok {
			return fmt.Errorf("%w: mu", ErrEncoding)
		}
		exponents[f] = mu
	}
	product, err := k.n.multiExp(ctx, bases, exponents)
	if err != nil {
		return err
	}
	k.n.mul(product, product, k.n.residueOf(right))
	if k.n.value(product).Cmp(left) != 0 {
		return ErrProof
	}
	return nil
}

// parsedProof is a proof whose form and signatures are right.
type parsedProof struct {
	challenge *Challenge
	names     []string
	us        []*big.Int
	sigma     *big.Int
}

// parse returns nil without an error for the valid proof about nothing.
func (k *PublicKey) parse(ctx context.Context, challenge *Challenge, proof *Proof, own func(string, *big.Int) (bool, error)) (*parsedProof, error) {
	if err := challenge.validate(); err != nil {
		return nil, err
	}
	if proof == nil {
		return nil, fmt.Errorf("%w: no proof", ErrEncoding)
	}
	if len(proof.Items) > MaxFragments {
		return nil, fmt.Errorf("%w: %d fragments", ErrEncoding, len(proof.Items))
	}
	if len(proof.Items) == 0 {
		if proof.Sigma != "" {
			return nil, fmt.Errorf("%w: sigma without fragments", ErrEncoding)
		}
		return nil, nil
	}
	parsed := &parsedProof{challenge: challenge, us: make([]*big.Int, len(proof.Items))}
	var err error
	if parsed.sigma, err = parseResidue(proof.Sigma, k.n.integer); err != nil {
		return nil, fmt.Errorf("sigma: %w", err)
	}
	first := make(map[string]int, len(proof.Items))
	for f := range proof.Items {
		item := &proof.Items[f]
		if err := checkName(item.Name); err != nil {
			return nil, err
		}
		if parsed.us[f], err = parseResidue(item.U, k.n.integer); err != nil {
			return nil, fmt.Errorf("u of fragment %s: %w", item.Name, err)
		}
		if err := checkMu(item.Mu); err != nil {
			return nil, fmt.Errorf("mu of fragment %s: %w", item.Name, err)
		}
		if len(item.USig) != modulusBytes {
			return nil, fmt.Errorf("%w: u_sig of %d bytes", ErrEncoding, len(item.USig))
		}
		g, again := first[item.Name]
		if !again {
			first[item.Name] = f
		} else if same := &proof.Items[g]; same.U != item.U || same.Mu != item.Mu || !bytes.Equal(same.USig, item.USig) {
			return nil, fmt.Errorf("%w: fragment %s twice with different contents", ErrEncoding, item.Name)
		}
		parsed.names = append(parsed.names, item.Name)
	}
	for f := range proof.Items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		item := &proof.Items[f]
		if first[item.Name] != f {
			continue
		}
		mine, err := own(item.Name, parsed.us[f])
		if err != nil {
			return nil, err
		}
		if !mine {
			digest := sha256.Sum256([]byte(item.U))
			if err := k.VerifyRaw(digest[:], item.USig); err != nil {
				return nil, fmt.Errorf("u of fragment %s: %w", item.Name, err)
			}
		}
	}
	return parsed, nil
}

// sides returns sigma^e and Π_k ( Π_f H_(f,i_k) )^v_k modulo N: the products over fragments come first, so that there is
// one exponentiation for each challenged block and not for each block of each fragment.
func (k *PublicKey) sides(ctx context.Context, p *parsedProof) (left, right *big.Int, err error) {
	left = new(big.Int).Exp(p.sigma, big.NewInt(publicExponent), k.n.integer)
	products := make([]residue, len(p.challenge.Indices))
	for j, index := range p.challenge.Indices {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		product := append(residue(nil), k.n.one...)
		pending, next := big.NewInt(1), new(big.Int)
		for f, name := range p.names {
			hash := blockHash(name, int(index))
			pending.Mul(pending, next.SetBytes(hash[:]))
			if f%8 == 7 || f == len(p.names)-1 { // eight hashes fill one number of 2048 bits
				k.n.mul(product, product, k.n.residueOf(pending))
				pending.SetUint64(1)
			}
		}
		products[j] = product
	}
	product, err := k.n.multiExp(ctx, products, p.challenge.weights())
	if err != nil {
		return nil, nil, err
	}
	return left, k.n.value(product), nil
}
