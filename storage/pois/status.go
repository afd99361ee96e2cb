package pois

import (
	"crypto/sha256"
	"slices"

	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// Status is a miner's idle space as the chain knows it. Files Front+1 … Rear are live.
type Status struct {
	// Acc is the top value of the accumulator; leading zeros do not matter.
	Acc         []byte
	Front, Rear int64
}

func (s Status) check() error {
	if s.Front < 0 || s.Rear < s.Front || s.Rear%SetFiles != 0 || s.Rear > 1<<48 {
		return refuse("status with front %d and rear %d", s.Front, s.Rear)
	}
	return nil
}

// elements computes the elements of consecutive files from their roots.
func elements(id ID, first int64, roots [][]byte) ([][]byte, error) {
	out := make([][]byte, len(roots))
	for i, root := range roots {
		if len(root) != HashSize {
			return nil, refuse("root of %d bytes", len(root))
		}
		e := Element(id, first+int64(i), Hash(root))
		out[i] = e[:]
	}
	return out, nil
}

// VerifyInsertion checks that exactly the 256 files of a commitment were added to the accumulator, and gives the new
// status (spec/pois.md §9.3). The commitment must have passed VerifyCommit.
func (v *Verifier) VerifyInsertion(id ID, key accumulator.Key, status Status, c *wire.Commits, proof *wire.AccProof) (Status, error) {
	if err := status.check(); err != nil {
		return Status{}, err
	}
	if err := v.CheckCommits(c); err != nil {
		return Status{}, err
	}
	if proof == nil {
		return Status{}, refuse("no accumulator proof")
	}
	if c.FileIndexs[0] != status.Rear+1 {
		return Status{}, refuse("commitment starts at file %d, the last certified one is %d", c.FileIndexs[0], status.Rear)
	}
	if !slices.Equal(proof.Indexs, c.FileIndexs) {
		return Status{}, refuse("accumulator proof is about other files")
	}
	var roots [][]byte
	for t := range SetClusters {
		for k := range ClusterFiles {
			roots = append(roots, c.Roots[(ClusterFiles+k)*SetClusters+t])
		}
	}
	want, err := elements(id, c.FileIndexs[0], roots)
	if err != nil {
		return Status{}, err
	}
	if !slices.EqualFunc(want, proof.Labels, slices.Equal[[]byte]) {
		return Status{}, refuse("accumulator proof is about other elements")
	}
	acc, err := accumulator.VerifyInsert(key, status.Acc, want, &accumulator.Change{Chain: proof.WitChains, Path: proof.AccPath})
	if err != nil {
		return Status{}, refuse("insertion: %w", err)
	}
	return Status{Acc: acc, Front: status.Front, Rear: status.Rear + SetFiles}, nil
}

// VerifyDeletion checks that exactly the first len(roots) live files left the accumulator, and gives the new status
// (spec/pois.md §9.4).
func (v *Verifier) VerifyDeletion(id ID, key accumulator.Key, status Status, roots [][]byte, c *accumulator.Change) (Status, error) {
	if err := status.check(); err != nil {
		return Status{}, err
	}
	num, left := int64(len(roots)), SetFiles-status.Front%SetFiles
	if num < 1 || num > left || status.Front+num > status.Rear || c == nil {
		return Status{}, refuse("deletion of %d files at front %d, rear %d", num, status.Front, status.Rear)
	}
	gone, err := elements(id, status.Front+1, roots)
	if err != nil {
		return Status{}, err
	}
	acc, err := accumulator.VerifyDelete(key, status.Acc, gone, num == left, c)
	if err != nil {
		return Status{}, refuse("deletion: %w", err)
	}
	return Status{Acc: acc, Front: status.Front + num, Rear: status.Rear}, nil
}

// VerifySpace checks one block of a space challenge against the status that the challenge is about (spec/pois.md
// §10.3). It does not know which blocks were asked for; VerifyBlocks does.
func (v *Verifier) VerifySpace(id ID, key accumulator.Key, status Status, chals []int64, proof *wire.SpaceProof) error {
	if err := status.check(); err != nil {
		return err
	}
	if err := checkSpaceChallenge(chals); err != nil {
		return refuse("%w", err)
	}
	if proof == nil {
		return refuse("no space proof")
	}
	left, right := proof.Left, proof.Right
	if left <= status.Front || right <= left || right > status.Rear+1 {
		return refuse("files [%d, %d) are not live", left, right)
	}
	if set := (left - 1) / SetFiles; left != max(set*SetFiles, status.Front)+1 || right != (set+1)*SetFiles+1 {
		return refuse("files [%d, %d) are not a whole set", left, right)
	}
	n := int(right - left)
	if len(proof.Roots) != n || len(proof.Proofs) != n || len(proof.WitChains) != n {
		return refuse("%d roots, %d answers and %d chains for %d files", len(proof.Roots), len(proof.Proofs), len(proof.WitChains), n)
	}
	want, err := elements(id, left, proof.Roots)
	if err != nil {
		return err
	}
	batch := &pathBatch{p: v.g.p}
	for i := range proof.Proofs {
		answers := proof.Proofs[i].Proofs
		if len(answers) != SpaceChallenges {
			return refuse("file %d has %d answers", left+int64(i), len(answers))
		}
		for k := range answers {
			m := &answers[k]
			if int64(m.Index) != chals[k] {
				return refuse("file %d: answer %d is about index %d", left+int64(i), k, m.Index)
			}
			if err := batch.add("answer", k, proof.Roots[i], int(chals[k]%int64(v.g.p.N)), m); err != nil {
				return refuse("file %d: %w", left+int64(i), err)
			}
		}
		if (i+1)%pathFiles == 0 || i == n-1 {
			if err := batch.verify(); err != nil {
				return refuse("up to file %d: %w", left+int64(i), err)
			}
		}
	}
	if err := accumulator.VerifyWitnesses(key, status.Acc, want, proof.WitChains); err != nil {
		return refuse("%w", err)
	}
	return nil
}

// Block is a verified block of a space challenge.
type Block struct {
	Hash        [32]byte
	Left, Right int64
}

// VerifyBlocks checks that the blocks are exactly those that the challenge asked for, in any order, and gives the idle
// proof that the miner must have submitted on chain. Upstream accepts surplus blocks.
func VerifyBlocks(id ID, chals []int64, status Status, blocks []Block) ([32]byte, error) {
	walk, err := NewBlocks(id, chals, status.Front, status.Rear)
	if err != nil {
		return [32]byte{}, refuse("%w", err)
	}
	if int64(len(blocks)) != walk.Total() || len(blocks) == 0 {
		return [32]byte{}, refuse("%d blocks, want %d", len(blocks), walk.Total())
	}
	blocks = slices.Clone(blocks)
	slices.SortFunc(blocks, func(a, b Block) int {
		switch {
		case a.Left < b.Left:
			return -1
		case a.Left > b.Left:
			return 1
		}
		return 0
	})
	var prior [32]byte
	h := sha256.New()
	for i, b := range blocks {
		left, right, ok := walk.Next(prior)
		if !ok || b.Left != left || b.Right != right {
			return [32]byte{}, refuse("block %d is [%d, %d), want [%d, %d)", i, b.Left, b.Right, left, right)
		}
		prior = b.Hash
		h.Write(prior[:])
	}
	return [32]byte(h.Sum(nil)), nil
}
