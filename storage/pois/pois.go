// Package pois proves that a miner keeps space free for service data: PoIS, the proof of idle space.
//
// A miner fills its space with files that are expensive to compute and cheap to check: the last layers of a stack of
// depth-robust graphs whose nodes are SHA-512 labels. 256 files form a set. A verifier (a TEE worker) asks for a random
// walk down the graphs of a set before it certifies it; from then on the files live in an RSA accumulator of three
// levels, and challenges of the chain ask for eight labels of every file of sampled sets. The format is that of the
// deployed CESS network, byte for byte; docs/protocol/pois.md states what is proved, what is not, and which checks this
// verifier adds.
//
// The life of a set:
//
//	set, err := pois.OpenSet(params, id, number, dir)
//	err = pois.Generate(ctx, set, pois.GenerateOptions{})                    // miner: an hour of one core gives 75 to 250 GB
//	commits, err := set.Commits()                                            // miner → verifier
//	rows, err := verifier.Challenge(rand.Reader, commits)                    // verifier → miner
//	proof, err := set.ProveCommit(ctx, rows, pois.AllPaths)                  // miner → verifier, with the accumulator's insertion proof
//	err = verifier.VerifyCommit(id, commits, rows, proof)                    // verifier: then VerifyInsertion gives the new status
//
// Package pois/accumulator holds the accumulator, package pois/wire the messages, package pois/store the miner's
// crash-safe state over both. Nothing here is global: parameters come from the caller, two provers with different
// parameters may live in one process. Apart from the generator and the readers of files everything is pure; randomness
// comes from the reader that the caller passes.
package pois

import (
	"errors"
	"fmt"
	"math/bits"
)

// Fixed numbers of the scheme (spec/pois.md §1).
const (
	// LabelSize is the length of a label in bytes: one SHA-512 digest.
	LabelSize = 64
	// HashSize is the length of a tree node in bytes: one SHA-256 digest.
	HashSize = 32
	// ClusterFiles is the number of files of a cluster; it equals K.
	ClusterFiles = 8
	// SetClusters is the number of clusters of a set.
	SetClusters = 32
	// SetFiles is the number of files of a set, the fan-out of the accumulator and the unit of certification.
	SetFiles = ClusterFiles * SetClusters
	// Layers is the number of layer files of a cluster while it is uncommitted: K below, K kept.
	Layers = 2 * ClusterFiles
	// SetRoots is the number of roots in the commitment of a set: one per layer file, and the hash of all of them.
	SetRoots = Layers*SetClusters + 1
	// AuxNodes is the number of tree nodes stored beside every layer file.
	AuxNodes = 64
	// SpaceChallenges is the number of labels that a space challenge asks of every file.
	SpaceChallenges = 8
	// MaxDegree is the largest D: two SHA-512 digests hold 128 bytes.
	MaxDegree = 128
)

// ErrParams reports numbers for which the scheme does not work.
var ErrParams = errors.New("pois: bad parameters")

// ID is the public key of the miner's account. It enters every hash, so files of two miners differ.
type ID [32]byte

// Params are the numbers that the chain stores in Sminer.Expenders.
type Params struct {
	// K is the number of intermediate layers and of files per cluster. Only 8 works: verifiers fix it.
	K int
	// N is the number of nodes per layer, a power of two. A file has 64·N bytes. 2^20 in production.
	N int
	// D is the number of pseudo-random parents of a node; every node has at most D+1. 64 in production.
	D int
}

// Production are the parameters of the CESS network.
var Production = Params{K: 8, N: 1 << 20, D: 64}

// Dev are small parameters for development networks: 128 KiB per file, a set in about two seconds.
var Dev = Params{K: 8, N: 2048, D: 8}

// Validate reports why the parameters cannot work, as ErrParams (spec/pois.md §1).
func (p Params) Validate() error {
	switch {
	case p.K != ClusterFiles:
		return fmt.Errorf("%w: K = %d, only %d works", ErrParams, p.K, ClusterFiles)
	case p.D < 1 || p.D > MaxDegree:
		return fmt.Errorf("%w: D = %d is not in 1..%d", ErrParams, p.D, MaxDegree)
	case p.N < 1 || p.N&(p.N-1) != 0:
		return fmt.Errorf("%w: N = %d is no power of two", ErrParams, p.N)
	case p.N < 256*p.D:
		return fmt.Errorf("%w: N = %d is less than 256·D", ErrParams, p.N)
	case p.N >= 1<<31/(p.K+1) || p.N >= 1<<31/(p.D+1):
		return fmt.Errorf("%w: N = %d: node indices would not fit 31 bits", ErrParams, p.N)
	}
	return nil
}

// FileSize is the length of a file in bytes.
func (p Params) FileSize() int64 { return int64(p.N) * LabelSize }

// depth is the number of tree levels above the leaves, log2(N).
func (p Params) depth() int { return bits.Len(uint(p.N)) - 1 }

// chunk is the number of labels below one node of the finest stored tree level. Chunks of 256 labels (16 KiB) are hot
// in the cache while they are hashed, and bound what a path proof has to read.
func (p Params) chunk() int { return min(256, p.N/AuxNodes) }

// logical is the layer of the graph that a layer file belongs to: all kept files use layer K.
func (p Params) logical(layer int) int { return min(layer, p.K) }

// SetOf is the number of the set that holds a file. Files, clusters and sets count from 1.
func SetOf(file int64) int64 { return (file-1)/SetFiles + 1 }

// ClusterOf is the number of the cluster that holds a file.
func ClusterOf(file int64) int64 { return (file-1)/ClusterFiles + 1 }

// layerOf is the layer file that holds a file, K..2K-1.
func layerOf(file int64) int { return ClusterFiles + int((file-1)%ClusterFiles) }

// firstCluster is the first cluster of a set.
func firstCluster(set int64) int64 { return (set-1)*SetClusters + 1 }
