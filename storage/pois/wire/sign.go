package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrLength reports a field that must have a fixed length and has not.
var ErrLength = errors.New("pois wire: wrong length")

// SignedBytes are what the miner signs: the request with an empty signature. A miner signs them as sr25519 does for
// any payload (BLAKE2b-256 above 256 bytes); verifiers also accept a signature over their SHA-256 (spec/pois.md §12.1).
func (r RequestMinerCommitGenChall) SignedBytes() []byte { r.MinerSign = nil; return Marshal(&r) }

// SignedBytes are what the miner signs; see RequestMinerCommitGenChall.
func (r RequestVerifyCommitAndAccProof) SignedBytes() []byte { r.MinerSign = nil; return Marshal(&r) }

// SignedBytes are what the miner signs; see RequestMinerCommitGenChall.
func (r RequestVerifyDeletionProof) SignedBytes() []byte { r.MinerSign = nil; return Marshal(&r) }

// Hash is the proof hash of a block: the miner signs these 32 bytes (spec/pois.md §10.4).
func (p *SpaceProof) Hash() [32]byte { return sha256.Sum256(Marshal(p)) }

// groupSize is the length of accumulators and key parts in signed structures.
const groupSize = 256

// SpaceProofInfo is the SCALE form of the chain's record of a miner's idle space, 816 bytes: the message behind
// status_tee_sign and signature_with_tee_controller (spec/pois.md §12.2). Group elements shorter than 256 bytes are
// padded with zeros on the left.
func SpaceProofInfo(miner []byte, front, rear uint64, keyG, keyN, acc []byte) ([]byte, error) {
	if len(miner) != 32 {
		return nil, fmt.Errorf("%w: miner of %d bytes", ErrLength, len(miner))
	}
	b := append([]byte(nil), miner...)
	b = binary.LittleEndian.AppendUint64(b, front)
	b = binary.LittleEndian.AppendUint64(b, rear)
	for _, part := range [][]byte{keyG, keyN, acc} {
		padded, err := Pad(part)
		if err != nil {
			return nil, err
		}
		b = append(b, padded...)
	}
	return b, nil
}

// StatusHash is what the network's master key signs: SHA-256 over the record and, for the signature that the chain
// verifies, the identity key of the TEE worker (pass nil for status_tee_sign).
func StatusHash(info, teeIdentity []byte) [32]byte {
	return sha256.Sum256(append(append([]byte(nil), info...), teeIdentity...))
}

// TotalHash is what the master key signs about a space challenge (spec/pois.md §12.2).
func TotalHash(miner, totalProofHash []byte, front, rear uint64, acc []byte, chals []int64, result bool, teeIdentity []byte) ([32]byte, error) {
	if len(miner) != 32 || len(totalProofHash) != 32 || len(chals) != 8 {
		return [32]byte{}, fmt.Errorf("%w: miner, total hash or challenge", ErrLength)
	}
	padded, err := Pad(acc)
	if err != nil {
		return [32]byte{}, err
	}
	b := append([]byte(nil), miner...)
	b = append(b, 32<<2) // compact length of the hash
	b = append(b, totalProofHash...)
	b = binary.LittleEndian.AppendUint64(b, front)
	b = binary.LittleEndian.AppendUint64(b, rear)
	b = append(b, padded...)
	for _, c := range chals {
		b = binary.LittleEndian.AppendUint64(b, uint64(c))
	}
	if result {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return sha256.Sum256(append(b, teeIdentity...)), nil
}

// Pad gives a group element as 256 bytes, zeros on the left.
func Pad(b []byte) ([]byte, error) {
	if len(b) > groupSize {
		return nil, fmt.Errorf("%w: group element of %d bytes", ErrLength, len(b))
	}
	out := make([]byte, groupSize)
	copy(out[groupSize-len(b):], b)
	return out, nil
}
