package v1

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"math/bits"

	"filippo.io/bigmod"
	"github.com/gocess/gocess/storage/podr2/internal/ifma"
)

// PublicKey is the network's PoDR² key as miners know it. Immutable, safe for concurrent use.
type PublicKey struct {
	rsa *rsa.PublicKey
	n   *modulus
}

// NewPublicKey accepts RSA-2048 with exponent 65537. The error is ErrKey.
func NewPublicKey(key *rsa.PublicKey) (*PublicKey, error) {
	if key == nil || key.N == nil || key.N.BitLen() != 8*modulusBytes || key.N.Bit(0) == 0 || key.E != publicExponent {
		return nil, ErrKey
	}
	return &PublicKey{rsa: key, n: newModulus(key.N)}, nil
}

// ParsePublicKey reads the PKCS#1 DER form, 270 bytes, in which workers publish the key. Errors: ErrEncoding, ErrKey.
func ParsePublicKey(der []byte) (*PublicKey, error) {
	if len(der) > 2*modulusBytes {
		return nil, fmt.Errorf("%w: public key of %d bytes", ErrEncoding, len(der))
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: public key: %v", ErrEncoding, err)
	}
	return NewPublicKey(key)
}

// Bytes returns the PKCS#1 DER form.
func (k *PublicKey) Bytes() []byte { return x509.MarshalPKCS1PublicKey(k.rsa) }

// VerifyRaw checks a signature with type-1 padding directly around the message, without DigestInfo. The error is
// ErrProof.
func (k *PublicKey) VerifyRaw(message, signature []byte) error {
	if err := rsa.VerifyPKCS1v15(k.rsa, crypto.Hash(0), message, signature); err != nil {
		return fmt.Errorf("%w: RSA signature", ErrProof)
	}
	return nil
}

// PrivateKey is the secret every TEE worker of the network shares. Immutable, safe for concurrent use.
type PrivateKey struct {
	public *PublicKey
	rsa    *rsa.PrivateKey
	p, q   prime
	// Garner's recombination: x = x_q + q·( (x_p - x_q)·qInverse mod p ).
	qInverse residue
}

// prime is one factor of the modulus.
type prime struct {
	*modulus
	order    *big.Int        // prime - 1
	exponent []byte          // d mod order
	constant *bigmod.Modulus // the same modulus for exponentiations with the secret exponent
	binary   []residue       // 2^(64j) mod order, to reduce blocks
	decimal  []residue       // 10^(18j) mod order, to reduce decimal numbers
	wide     *widePrime      // nil where the processor cannot
}

// NewPrivateKey accepts a valid two-prime RSA-2048 key with exponent 65537. The error is ErrKey.
func NewPrivateKey(key *rsa.PrivateKey) (*PrivateKey, error) {
	if key == nil || len(key.Primes) != 2 {
		return nil, ErrKey
	}
	public, err := NewPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrKey, err)
	}
	k := &PrivateKey{public: public, rsa: key}
	if k.p, err = newPrime(key.Primes[0], key.D); err != nil {
		return nil, err
	}
	if k.q, err = newPrime(key.Primes[1], key.D); err != nil {
		return nil, err
	}
	k.qInverse = k.p.residueOf(new(big.Int).ModInverse(key.Primes[1], key.Primes[0]))
	return k, nil
}

func newPrime(p, d *big.Int) (prime, error) {
	if p.BitLen() != 4*modulusBytes {
		return prime{}, fmt.Errorf("%w: prime of %d bits", ErrKey, p.BitLen())
	}
	order := new(big.Int).Sub(p, big.NewInt(1))
	constant, err := bigmod.NewModulus(p.Bytes())
	if err != nil {
		return prime{}, fmt.Errorf("%w: %v", ErrKey, err)
	}
	result := prime{
		modulus:  newModulus(p),
		order:    order,
		exponent: new(big.Int).Mod(d, order).FillBytes(make([]byte, modulusBytes/2)),
		constant: constant,
	}
	result.binary = result.orderPowers(new(big.Int).Lsh(big.NewInt(1), 64), MaxFragmentSize/BlocksPerFragment/8)
	result.decimal = result.orderPowers(big.NewInt(chunkValue), (maxMuChars+chunkChars-1)/chunkChars)
	if ifma.Available {
		result.wide = newWidePrime(&result)
	}
	return result, nil
}

// orderPowers returns base^0 … base^(n-1) modulo the order.
func (p *prime) orderPowers(base *big.Int, n int) []residue {
	out := make([]residue, n)
	power := big.NewInt(1)
	for j := range out {
		out[j] = toLimbs(power, len(p.limbs))
		power = new(big.Int).Mod(power.Mul(power, base), p.order)
	}
	return out
}

// reduce returns Σ digits[j]·weights[j] modulo the order in limbs, for one of the two tables of weights.
func (p *prime) reduce(weights []residue, digits []uint64) residue {
	size := len(p.limbs)
	sum := make(residue, size+4)
	for j, digit := range digits {
		var c uint64
		carry := addMul(sum[:size], weights[j], digit)
		sum[size], c = bits.Add64(sum[size], carry, 0)
		sum[size+1] += c
	}
	x := fromLimbs(sum)
	return toLimbs(x.Mod(x, p.order), size)
}

// ParsePrivateKey reads the PKCS#8 DER form. Errors: ErrEncoding, ErrKey.
func ParsePrivateKey(der []byte) (*PrivateKey, error) {
	if len(der) > 4096 {
		return nil, fmt.Errorf("%w: private key of %d bytes", ErrEncoding, len(der))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: private key", ErrEncoding)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, ErrKey
	}
	return NewPrivateKey(key)
}

// Bytes returns the PKCS#8 DER form, which is also the seed of the worker's master key.
func (k *PrivateKey) Bytes() ([]byte, error) {
	b, err := x509.MarshalPKCS8PrivateKey(k.rsa)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return b, nil
}

// Public returns the key that verifies.
func (k *PrivateKey) Public() *PublicKey { return k.public }

// String and GoString keep the secret out of logs.
func (k PrivateKey) String() string { return "podr2 v1 private key" }

// GoString is String.
func (k PrivateKey) GoString() string { return k.String() }

// SignRaw signs at most 245 bytes with type-1 padding directly around them, without DigestInfo: the form of u_sig and
// of the time stamp beside the published key.
func (k *PrivateKey) SignRaw(message []byte) ([]byte, error) {
	signature, err := rsa.SignPKCS1v15(nil, k.rsa, crypto.Hash(0), message)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signature, nil
}

// root returns x^d modulo the prime; the exponentiation takes the same time for every x and d.
func (p *prime) root(x *big.Int) (residue, error) {
	if x.Cmp(p.integer) >= 0 {
		x = new(big.Int).Mod(x, p.integer)
	}
	base, err := bigmod.NewNat().SetBytes(x.FillBytes(make([]byte, modulusBytes/2)), p.constant)
	if err != nil {
		return nil, fmt.Errorf("reduce: %w", err)
	}
	root := base.Exp(base, p.exponent, p.constant)
	z := toLimbs(new(big.Int).SetBytes(root.Bytes(p.constant)), len(p.limbs))
	p.mul(z, z, p.square)
	return z, nil
}

// join returns the number modulo N with the given residues, in 256 big-endian bytes.
func (k *PrivateKey) join(modP, modQ residue) [modulusBytes]byte {
	xq := k.q.value(modQ)
	difference := new(big.Int).Sub(k.p.value(modP), xq)
	difference.Mod(difference, k.p.integer)
	h := k.p.residueOf(difference)
	k.p.mul(h, h, k.qInverse)
	x := k.p.value(h)
	x.Mul(x, k.q.integer)
	x.Add(x, xq)
	var out [modulusBytes]byte
	x.FillBytes(out[:])
	return out
}
