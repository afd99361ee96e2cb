package filebank

import (
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// checkDeclared holds the rules for what a new deal declares. It returns
// SpecError for no segments and for hashes that are not lowercase hex
// (spec/pallets-storage.md §12, B28) and, if bound is set, for a name that
// does not follow from the segments or a size that they cannot hold (B37).
//
// A size that is too small passes: gateways in use declare some
// (spec/gateway.md §2.6), and padding hides how much of the last segment is
// data anyway.
func (c *UploadDeclaration) checkDeclared(bound bool) error {
	if len(c.DealInfo) == 0 {
		return ErrSpec
	}
	fid, err := c.FileHash.Digest()
	if err != nil {
		return ErrSpec
	}
	segments := make([]segment.Hash, len(c.DealInfo))
	for i, s := range c.DealInfo {
		digest, err := s.Hash.Digest()
		if err != nil {
			return ErrSpec
		}
		segments[i] = digest
		for _, f := range s.FragmentList {
			if _, err := f.Digest(); err != nil {
				return ErrSpec
			}
		}
	}
	if bound && (!names(fid, segments) || c.oversized()) {
		return ErrSpec
	}
	return nil
}

// names says whether a file of these segments is called fid. Gateways and SDKs
// use the Merkle root of the segment hashes (spec/gateway.md §1.5), the
// gateways of the content network the hash of them all (spec/cdn.md §4.1);
// both kinds of files exist.
func names(fid segment.Hash, segments []segment.Hash) bool {
	if fid == segment.FID(segments) {
		return true
	}
	h := sha256.New()
	for _, s := range segments {
		h.Write(s[:])
	}
	return fid == segment.Hash(h.Sum(nil))
}

func (c *UploadDeclaration) oversized() bool {
	size, ok := c.FileSize.Uint64()
	return !ok || size > uint64(len(c.DealInfo))*types.SegmentSize
}
