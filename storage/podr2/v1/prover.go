package v1

import (
	"context"
	"fmt"
	"io"
	"math/big"
)

// Item is the part of a proof about one fragment. Numbers are decimal.
type Item struct {
	Name string
	U    string
	Mu   string
	USig []byte
}

// Proof is a miner's answer about all its fragments: the fields of the protobuf message RequestBatchVerify, by item.
// Sigma, in decimal, is also what goes on chain. Without items Sigma is empty.
type Proof struct {
	Items []Item
	Sigma string
}

// Prover computes the answer to one challenge. Each fragment's Item is returned as it is made, so that the caller
// decides what to keep; the prover itself needs 24 KB. Not safe for concurrent use.
type Prover struct {
	key       *PublicKey
	challenge *Challenge
	weights   []*big.Int
	products  []residue // Π over fragments of phi, by challenged block
	items     int
}

// NewProver starts a proof. The error is ErrEncoding.
func NewProver(key *PublicKey, challenge *Challenge) (*Prover, error) {
	if err := challenge.validate(); err != nil {
		return nil, err
	}
	p := &Prover{key: key, challenge: challenge, weights: challenge.weights()}
	for range challenge.Indices {
		p.products = append(p.products, append(residue(nil), key.n.one...))
	}
	return p, nil
}

// Add reads the challenged blocks of a fragment of size bytes and takes its tag in. After an error nothing was taken in.
// Errors: ErrSize, ErrTag (numbers that do not belong to the key), io.ErrUnexpectedEOF, those of the reader and of the
// context.
func (p *Prover) Add(ctx context.Context, tag *Tag, fragment io.ReaderAt, size int64) (Item, error) {
	if size <= 0 || size > MaxFragmentSize || size%BlocksPerFragment != 0 {
		return Item{}, fmt.Errorf("%w: %d bytes", ErrSize, size)
	}
	n := p.key.n
	if tag.U == nil || tag.U.Sign() <= 0 || tag.U.Cmp(n.integer) >= 0 {
		return Item{}, fmt.Errorf("%w: u out of range", ErrTag)
	}
	block := make([]byte, size/BlocksPerFragment)
	mu, term := new(big.Int), new(big.Int)
	phis := make([]residue, len(p.challenge.Indices))
	for k, index := range p.challenge.Indices {
		if err := ctx.Err(); err != nil {
			return Item{}, err
		}
		switch read, err := fragment.ReadAt(block, int64(index)*int64(len(block))); {
		case read == len(block):
		case err == nil || err == io.EOF:
			return Item{}, fmt.Errorf("read block %d: %w", index, io.ErrUnexpectedEOF)
		default:
			return Item{}, fmt.Errorf("read block %d: %w", index, err)
		}
		term.SetBytes(block)
		mu.Add(mu, term.Mul(term, p.weights[k]))
		phi := new(big.Int).SetBytes(tag.Phi[index][:])
		if phi.Sign() == 0 || phi.Cmp(n.integer) >= 0 {
			return Item{}, fmt.Errorf("%w: phi %d out of range", ErrTag, index)
		}
		phis[k] = n.residueOf(phi)
	}
	for k := range phis {
		n.mul(p.products[k], p.products[k], phis[k])
	}
	p.items++
	return Item{Name: tag.Name, U: tag.U.String(), Mu: mu.String(), USig: append([]byte(nil), tag.USig[:]...)}, nil
}

// Sigma returns the combined tag of all fragments added, in decimal, or the empty string if there are none. The
// error is the context's.
func (p *Prover) Sigma(ctx context.Context) (string, error) {
	if p.items == 0 {
		return "", nil
	}
	sigma, err := p.key.n.multiExp(ctx, p.products, p.weights)
	if err != nil {
		return "", err
	}
	return p.key.n.value(sigma).String(), nil
}
