// Package segment turns a file into the erasure-coded fragments that CESS
// stores, and fragments back into the file.
//
// A file is cut into segments of 32 MiB; each segment becomes 12 fragments of
// 8 MiB (four data, eight parity, any four restore it). Fragments and segments
// are named by the SHA-256 of their bytes and the file by a Merkle root over its
// segment ids, the fid. The result is byte-exact with the reference
// processing, so files stored by either side can be read by the other.
//
// Writing:
//
//	sink, err := segment.NewDirSink(dir)
//	manifest, err := segment.Encode(ctx, file, sink, segment.EncodeOptions{})
//
// Reading:
//
//	err := segment.Restore(ctx, w, manifest, segment.DirFetcher(dir), segment.RestoreOptions{})
//
// Both directions stream: memory depends on the options and never on the file
// size. Encode returns a manifest only after the sink has made every fragment
// durable. Restore writes no byte that was not verified against the manifest.
//
// The encrypted mode ([Cipher]) exists for compatibility. Its initialisation
// vector is fixed, the password is not stretched and nothing authenticates the
// plaintext; new applications should encrypt before they store.
//
// Rules: spec/gateway.md §1.
package segment

// Layout of a stored file. All sizes are in bytes.
const (
	// FragmentSize is the exact length of every fragment, 8 MiB.
	FragmentSize = 8 << 20
	// DataShards and ParityShards describe the Reed–Solomon code; fragment
	// i of a segment is shard i.
	DataShards   = 4
	ParityShards = 8
	// Shards is the number of fragments of a segment.
	Shards = DataShards + ParityShards
	// Size is the exact length of every segment, 32 MiB.
	Size = DataShards * FragmentSize
	// EncryptedSize is the number of plaintext bytes an encrypted segment
	// carries: one AES block is taken by the padding.
	EncryptedSize = Size - blockSize
	// MaxSegments bounds the segments of one file (chain bound SegmentCount).
	MaxSegments = 1000
	// chargedPerSegment is the territory space one segment costs: the chain
	// counts three copies.
	chargedPerSegment = 3 * Size
)

// Count returns the number of segments of a file of size plaintext bytes, 0
// for a file that is empty. It does not apply [MaxSegments].
func Count(size int64, encrypted bool) int64 {
	return production().count(size, encrypted)
}

// ChargedSize returns the territory space in bytes that the chain locks for
// a file of the given number of segments: 96 MiB for each.
func ChargedSize(segments int) int64 { return int64(segments) * chargedPerSegment }
