package pois

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/gocess/gocess/storage/pois/wire"
)

// Element is what stands for a file in the accumulator (spec/pois.md §9.1).
func Element(id ID, file int64, root Hash) Label {
	b := binary.BigEndian.AppendUint64(id[:len(id):len(id)], uint64(file))
	return sha512.Sum512(append(b, root[:]...))
}

// Elements computes the 256 elements of the set from the stored trees of its kept files.
func (s *Set) Elements() ([][]byte, error) {
	elements := make([][]byte, SetFiles)
	for i := range elements {
		file := (s.number-1)*SetFiles + int64(i) + 1
		root, err := s.FileRoot(file)
		if err != nil {
			return nil, err
		}
		e := Element(s.id, file, root)
		elements[i] = e[:]
	}
	return elements, nil
}

// checkSpaceChallenge says whether values can be a challenge of the chain.
func checkSpaceChallenge(chals []int64) error {
	if len(chals) != SpaceChallenges {
		return fmt.Errorf("%w: %d values in a space challenge", ErrChallenge, len(chals))
	}
	for _, c := range chals {
		if c < 0 || c > math.MaxInt32 {
			return fmt.Errorf("%w: value %d", ErrChallenge, c)
		}
	}
	return nil
}

// ProveSpace answers a space challenge for the files [left, right) of this set; chains are their witnesses in the
// accumulator that the challenge is about (spec/pois.md §10.3).
func (s *Set) ProveSpace(ctx context.Context, chals []int64, left, right int64, chains []wire.AccWitnessNode) (*wire.SpaceProof, error) {
	if err := checkSpaceChallenge(chals); err != nil {
		return nil, err
	}
	if left < 1 || left >= right || SetOf(left) != s.number || SetOf(right-1) != s.number || int64(len(chains)) != right-left {
		return nil, fmt.Errorf("%w: files [%d, %d) with %d chains", ErrChallenge, left, right, len(chains))
	}
	proof := &wire.SpaceProof{Left: left, Right: right, WitChains: chains}
	for file := left; file < right; file++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		answers, root, err := s.proveFile(file, chals)
		if err != nil {
			return nil, err
		}
		proof.Proofs = append(proof.Proofs, wire.MhtProofGroup{Proofs: answers})
		proof.Roots = append(proof.Roots, root[:])
	}
	return proof, nil
}

func (s *Set) proveFile(file int64, chals []int64) (answers []wire.MhtProof, root Hash, err error) {
	r, err := s.openLayer(ClusterOf(file), layerOf(file))
	if err != nil {
		return nil, root, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for _, c := range chals {
		a, err := r.prove(int(c), int(c%int64(s.g.p.N)))
		if err != nil {
			return nil, root, err
		}
		answers = append(answers, a)
	}
	return answers, r.upper.root(), nil
}

// Blocks walks the blocks of a space challenge (spec/pois.md §10.2): one set of each group of 16, chosen by hashes that
// include the proof of the block before.
type Blocks struct {
	id          ID
	chals       []int64
	front, rear int64
	count       int64
}

// groupSets is the number of sets of which one is proved.
const groupSets = 16

// NewBlocks starts the walk for a miner's state at the challenge. It fails with ErrChallenge on impossible numbers.
func NewBlocks(id ID, chals []int64, front, rear int64) (*Blocks, error) {
	if err := checkSpaceChallenge(chals); err != nil {
		return nil, err
	}
	if front < 0 || rear < front || rear%SetFiles != 0 || rear > 1<<48 {
		return nil, fmt.Errorf("%w: front %d, rear %d", ErrChallenge, front, rear)
	}
	return &Blocks{id: id, chals: chals, front: front, rear: rear}, nil
}

// Total is the number of blocks; none if no file is live.
func (b *Blocks) Total() int64 {
	if b.front == b.rear {
		return 0
	}
	return (b.rear-b.front+b.front%SetFiles-1)/(groupSets*SetFiles) + 1
}

// Next gives the files [left, right) of the next block; prior is the hash of the block before, zero for the first.
func (b *Blocks) Next(prior [32]byte) (left, right int64, ok bool) {
	total := b.Total()
	if b.count >= total {
		return 0, 0, false
	}
	group := b.front/SetFiles + groupSets*b.count
	choices := int64(groupSets - 1) // the last set of a full group is never drawn; both sides must agree
	if b.count == total-1 {
		choices = b.rear/SetFiles - group
	}
	var teeID [32]byte // zero on every network
	buf := append(append([]byte(nil), b.id[:]...), teeID[:]...)
	for _, c := range b.chals {
		buf = binary.BigEndian.AppendUint64(buf, uint64(c))
	}
	h := sha512.Sum512(append(buf, prior[:]...))
	v := new(big.Int).SetBytes(h[:])
	v.Mod(v, big.NewInt(choices))
	set := group + v.Int64()
	b.count++
	return max(set*SetFiles+1, b.front+1), (set+1)*SetFiles + 1, true
}

// IdleProof is what the miner submits on chain: the hash over the hashes of all blocks in order (spec/pois.md §10.4).
func IdleProof(blocks [][32]byte) [32]byte {
	var all []byte
	for i := range blocks {
		all = append(all, blocks[i][:]...)
	}
	return sha256.Sum256(all)
}
