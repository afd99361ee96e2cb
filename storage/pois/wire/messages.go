// Package wire holds the messages between a miner and the verifier of its idle space: proto3 package "pois" of the CESS
// network (spec/pois.md §12), as plain structs with a small codec, because hashes are over the exact canonical bytes
// and verifiers must bound what they decode. Marshal and Unmarshal work on every message type of this package.
package wire

// Merkle proofs. Paths run from the leaf up; a location is 0 if the sibling is on the left, 1 if on the right.

// MhtProof is a label with its place in a tree.
type MhtProof struct {
	Index int32    `pb:"1"`
	Label []byte   `pb:"2"`
	Paths [][]byte `pb:"3,max=31"`
	Locs  []byte   `pb:"4"`
}

// MhtProofGroup is the answers of one file to a space challenge.
type MhtProofGroup struct {
	Proofs []MhtProof `pb:"1,max=8"`
}

// AccWitnessNode is a link of a chain from an element up to the accumulator, innermost first (spec/pois.md §9.2).
type AccWitnessNode struct {
	Elem []byte          `pb:"1"`
	Wit  []byte          `pb:"2"`
	Acc  *AccWitnessNode `pb:"3"`
}

// Commits is the commitment of a set: 256 file numbers and 513 roots (spec/pois.md §7.1).
type Commits struct {
	FileIndexs []int64  `pb:"1,max=256"`
	Roots      [][]byte `pb:"2,max=513"`
}

// Int64Slice is one row of a commit challenge.
type Int64Slice struct {
	Values []int64 `pb:"1,max=17"`
}

// Challenge asks for a walk down the graphs of a committed set (spec/pois.md §7.2).
type Challenge struct {
	Rows         []Int64Slice `pb:"1,max=32"`
	ChallTeeSign []byte       `pb:"2"`
}

// CommitProof opens one node: itself, its parents, its neighbour and elders (spec/pois.md §7.3).
type CommitProof struct {
	Node    *MhtProof  `pb:"1"`
	Parents []MhtProof `pb:"2,max=129"`
	Elders  []MhtProof `pb:"3,max=5"`
}

// CommitProofGroupInner answers one row of the challenge.
type CommitProofGroupInner struct {
	CommitProof []CommitProof `pb:"1,max=16"`
}

// CommitProofGroup answers a commit challenge.
type CommitProofGroup struct {
	CommitProofGroupInner []CommitProofGroupInner `pb:"1,max=32"`
}

// AccProof shows that the elements of a set were added to the accumulator (spec/pois.md §9.3).
type AccProof struct {
	Indexs    []int64         `pb:"1,max=256"`
	Labels    [][]byte        `pb:"2,max=256"`
	WitChains *AccWitnessNode `pb:"3"`
	AccPath   [][]byte        `pb:"4,max=3"`
}

// SpaceProof answers a space challenge for the files [Left, Right) of one set (spec/pois.md §10.3).
type SpaceProof struct {
	Left      int64            `pb:"1"`
	Right     int64            `pb:"2"`
	Proofs    []MhtProofGroup  `pb:"3,max=256"`
	Roots     [][]byte         `pb:"4,max=256"`
	WitChains []AccWitnessNode `pb:"5,max=256"`
}

// MinerPoisInfo is the miner's state on chain, authenticated by a signature of the network's master key.
type MinerPoisInfo struct {
	Acc           []byte `pb:"1"`
	Front         int64  `pb:"2"`
	Rear          int64  `pb:"3"`
	KeyN          []byte `pb:"4"`
	KeyG          []byte `pb:"5"`
	StatusTeeSign []byte `pb:"6"`
}

// PoisStatus is the state after a verified change.
type PoisStatus struct {
	Acc   []byte `pb:"1"`
	Front int64  `pb:"2"`
	Rear  int64  `pb:"3"`
}

// RequestMinerInitParam asks for an accumulator key.
type RequestMinerInitParam struct {
	MinerID []byte `pb:"1"`
}

// ResponseMinerInitParam carries the key and the signed first state.
type ResponseMinerInitParam struct {
	Acc                        []byte `pb:"1"`
	KeyN                       []byte `pb:"2"`
	KeyG                       []byte `pb:"3"`
	Front                      int64  `pb:"4"`
	Rear                       int64  `pb:"5"`
	MinerID                    []byte `pb:"6"`
	StatusTeeSign              []byte `pb:"7"`
	SignatureWithTeeController []byte `pb:"8"`
	Podr2Pbk                   []byte `pb:"9"`
}

// RequestMinerCommitGenChall commits a set and asks for its challenge.
type RequestMinerCommitGenChall struct {
	MinerID   []byte   `pb:"1"`
	Commit    *Commits `pb:"2"`
	MinerSign []byte   `pb:"3"`
}

// RequestVerifyCommitAndAccProof hands in the proofs of a committed set.
type RequestVerifyCommitAndAccProof struct {
	CommitProofGroup *CommitProofGroup `pb:"1"`
	AccProof         *AccProof         `pb:"2"`
	MinerID          []byte            `pb:"3"`
	PoisInfo         *MinerPoisInfo    `pb:"4"`
	MinerSign        []byte            `pb:"5"`
}

// ResponseVerifyCommitOrDeletionProof carries the new, signed state.
type ResponseVerifyCommitOrDeletionProof struct {
	PoisStatus                 *PoisStatus `pb:"1"`
	StatusTeeSign              []byte      `pb:"2"`
	SignatureWithTeeController []byte      `pb:"3"`
}

// RequestVerifyDeletionProof shows that the first files left the accumulator (spec/pois.md §9.4).
type RequestVerifyDeletionProof struct {
	Roots     [][]byte        `pb:"1,max=256"`
	WitChain  *AccWitnessNode `pb:"2"`
	AccPath   [][]byte        `pb:"3,max=3"`
	MinerID   []byte          `pb:"4"`
	PoisInfo  *MinerPoisInfo  `pb:"5"`
	MinerSign []byte          `pb:"6"`
}

// RequestSpaceProofVerify hands in the proof of one block of a space challenge.
type RequestSpaceProofVerify struct {
	SpaceChals                     []int64        `pb:"1,max=8"`
	MinerID                        []byte         `pb:"2"`
	PoisInfo                       *MinerPoisInfo `pb:"3"`
	Proof                          *SpaceProof    `pb:"4"`
	MinerSpaceProofHashPolkadotSig []byte         `pb:"5"`
}

// ResponseSpaceProofVerify carries a signature that is opaque to the miner.
type ResponseSpaceProofVerify struct {
	Signature []byte `pb:"1"`
}

// ProofHashAndLeftRight names a verified block.
type ProofHashAndLeftRight struct {
	SpaceProofHash []byte `pb:"1"`
	Left           int64  `pb:"2"`
	Right          int64  `pb:"3"`
	TeeID          []byte `pb:"4"`
}

// BlocksProof is a verified block with the verifier's signature. Its field numbers are 1 and 3.
type BlocksProof struct {
	ProofHashAndLeftRight *ProofHashAndLeftRight `pb:"1"`
	Signature             []byte                 `pb:"3"`
}

// RequestSpaceProofVerifyTotal asks for the verdict over all blocks of a challenge.
type RequestSpaceProofVerifyTotal struct {
	MinerID    []byte        `pb:"1"`
	ProofList  []BlocksProof `pb:"2,max=65536"`
	Front      int64         `pb:"3"`
	Rear       int64         `pb:"4"`
	Acc        []byte        `pb:"5"`
	SpaceChals []int64       `pb:"6,max=8"`
}

// ResponseSpaceProofVerifyTotal carries the signed verdict.
type ResponseSpaceProofVerifyTotal struct {
	MinerID    []byte `pb:"1"`
	IdleResult bool   `pb:"2"`
	Signature  []byte `pb:"3"`
}

// ResponseSpaceProofVerifyTotalSignatureMember is declared upstream and unused on the wire.
type ResponseSpaceProofVerifyTotalSignatureMember struct {
	MinerID        []byte  `pb:"1"`
	TotalProofHash []byte  `pb:"2"`
	Front          int64   `pb:"3"`
	Rear           int64   `pb:"4"`
	Acc            []byte  `pb:"5"`
	SpaceChals     []int64 `pb:"6,max=8"`
}
