package podr2

import (
	"context"
	"fmt"
	"math/big"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/lanes"
)

// Claim is a proof with the key and the query it is said to answer.
type Claim struct {
	Key   *PublicKey
	Query *Query
	Proof *Proof
}

// Verify checks that the proof answers the query under the key:
//
//	e(T, G₂) = e( Σ v·Hash(name ‖ i) + y·G₁ - r·π, V ) · e(π, W)
//
// It costs one hash to the curve per sampled block and three pairings, whatever the number of fragments.
// Errors: ErrProof, ErrQuery (a query nobody may ask), the context's error.
func (k *PublicKey) Verify(ctx context.Context, query *Query, proof *Proof) error {
	s, err := newStatement(ctx, &Claim{k, query, proof})
	if err != nil {
		return err
	}
	var one fr.Element
	one.SetOne()
	ok, err := check([]*statement{s}, []fr.Element{one})
	if err != nil {
		return err
	}
	if !ok {
		return ErrProof
	}
	return nil
}

// VerifyBatch checks many claims, of any keys, with one product of pairings, and says of each whether it holds. If the
// product fails it tells the bad claims apart by checking each, which repeats the pairings but not the hashing.
// Errors: ErrQuery, the context's error; then no result is given. No claims are all right.
func VerifyBatch(ctx context.Context, claims []Claim) ([]bool, error) {
	statements := make([]*statement, len(claims))
	results := make([]bool, len(claims))
	t := newTranscript(dstBatch)
	for i := range claims {
		s, err := newStatement(ctx, &claims[i])
		if err != nil {
			return nil, fmt.Errorf("claim %d: %w", i, err)
		}
		statements[i] = s
		digest := claims[i].Query.digest()
		t.add(claims[i].Key.id[:])
		t.add(digest[:])
		t.add(claims[i].Proof.Bytes())
	}
	if len(claims) == 0 {
		return results, nil
	}
	rho := t.coefficients(len(claims))
	all, err := check(statements, rho)
	if err != nil {
		return nil, err
	}
	for i, s := range statements {
		results[i] = all
		if !all && len(claims) > 1 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if results[i], err = check([]*statement{s}, rho[i:i+1]); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// statement is a claim reduced to the points of its pairing equation e(tag, G₂) = e(left, V)·e(quotient, W).
type statement struct {
	key                 *PublicKey
	tag, left, quotient bls12381.G1Affine
}

func newStatement(ctx context.Context, c *Claim) (*statement, error) {
	if c.Key == nil || c.Proof == nil {
		return nil, fmt.Errorf("%w: claim without key or proof", ErrQuery)
	}
	if err := c.Query.validate(); err != nil {
		return nil, err
	}
	point, err := c.Query.Seed.point()
	if err != nil {
		return nil, err
	}
	sum, err := c.Query.hashSum(ctx)
	if err != nil {
		return nil, err
	}
	var minusPoint fr.Element
	minusPoint.Neg(&point)
	var opening bls12381.G1Jac
	opening.JointScalarMultiplication(&generatorG1, &c.Proof.quotient,
		c.Proof.value.BigInt(new(big.Int)), minusPoint.BigInt(new(big.Int)))
	sum.AddAssign(&opening)
	s := &statement{key: c.Key, tag: c.Proof.tag, quotient: c.Proof.quotient}
	s.left.FromJacobian(&sum)
	return s, nil
}

// hashSum returns Σ v·Hash(name ‖ i) over the blocks of the query.
func (q *Query) hashSum(ctx context.Context) (sum bls12381.G1Jac, err error) {
	names := make([]Name, 0, q.Blocks())
	blocks := make([]uint32, 0, cap(names))
	scalars := make([]fr.Element, 0, cap(names))
	for i := range q.Fragments {
		for _, b := range q.Fragments[i].Blocks {
			names = append(names, q.Fragments[i].Name)
			blocks = append(blocks, b.Block)
			scalars = append(scalars, shortScalar(b.Coefficient[:]))
		}
	}
	return hashSum(ctx, names, blocks, scalars)
}

// verifyLanes is the number of hashes computed together by a verifier.
const verifyLanes = 512

// verifyEngines are reused between calls: each holds about 0.3 MB. Verifiers use the portable engine: what they accept
// must not depend on the machine.
var verifyEngines = sync.Pool{New: func() any { return lanes.NewPortableEngine(verifyLanes) }}

// hashSum returns Σ scalars[i]·Hash(names[i] ‖ blocks[i]). The cofactor is cleared once, on the sum.
func hashSum(ctx context.Context, names []Name, blocks []uint32, scalars []fr.Element) (sum bls12381.G1Jac, err error) {
	e := verifyEngines.Get().(lanes.Engine)
	defer verifyEngines.Put(e)
	hashes := make([]bls12381.G1Affine, len(names))
	message := make([]byte, 0, 64)
	for from := 0; from < len(names); from += verifyLanes {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		to := min(from+verifyLanes, len(names))
		hash := func(lane int) []byte { return appendBlockMessage(message, names[from+lane], blocks[from+lane]) }
		e.Hash(blockOracle, to-from, hash)
		if !e.Failed() {
			e.Points(hashes[from:to])
			continue
		}
		for i := range hashes[from:to] { // some hash is the point at infinity
			point := blockOracle.Uncleared(hash(i))
			hashes[from+i].FromJacobian(&point)
		}
	}
	affine, err := multiply(hashes, scalars)
	if err != nil {
		return sum, err
	}
	sum.FromAffine(&affine)
	sum.ClearCofactor(&sum)
	return sum, nil
}

// check tells whether Π ( e(tag, G₂)·e(-left, V)·e(-quotient, W) )^ρ = 1 over all statements.
func check(statements []*statement, rho []fr.Element) (bool, error) {
	var tag bls12381.G1Jac
	type side struct{ left, quotient bls12381.G1Jac }
	var keys []*PublicKey // in order of first appearance
	var sides []side
	index := make(map[KeyID]int)
	for i, s := range statements {
		k, seen := index[s.key.id]
		if !seen {
			k = len(keys)
			index[s.key.id] = k
			keys, sides = append(keys, s.key), append(sides, side{})
		}
		addScaled(&tag, &s.tag, &rho[i])
		addScaled(&sides[k].left, &s.left, &rho[i])
		addScaled(&sides[k].quotient, &s.quotient, &rho[i])
	}
	points := make([]bls12381.G1Affine, 1, 1+2*len(keys))
	fixed := make([]*lines, 1, 1+2*len(keys))
	points[0].FromJacobian(&tag)
	fixed[0] = linesG2()
	for k, key := range keys {
		var left, quotient bls12381.G1Affine
		left.FromJacobian(sides[k].left.Neg(&sides[k].left))
		quotient.FromJacobian(sides[k].quotient.Neg(&sides[k].quotient))
		keyLines := key.lines()
		points = append(points, left, quotient)
		fixed = append(fixed, &keyLines[0], &keyLines[1])
	}
	return pairingCheck(points, fixed...)
}

func addScaled(sum *bls12381.G1Jac, p *bls12381.G1Affine, k *fr.Element) {
	if k.IsOne() {
		sum.AddMixed(p)
		return
	}
	var scaled bls12381.G1Jac
	scaled.FromAffine(p)
	scaled.ScalarMultiplication(&scaled, k.BigInt(new(big.Int)))
	sum.AddAssign(&scaled)
}
