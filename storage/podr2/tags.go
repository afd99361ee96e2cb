package podr2

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// Layout of a tag file, integers big-endian:
//
//	magic "podr2tag" ‖ version 2 ‖ 3 zero bytes ‖ number of blocks u32 ‖ fragment name [32] ‖ key id [32]
//	‖ 1024 compressed G1 points [48] ‖ SHA-256 of everything before
const (
	tagMagic      = "podr2tag"
	tagHeaderSize = len(tagMagic) + 1 + 3 + 4 + 32 + 32

	// TagsSize is the length of a tag file in bytes: 0.59 % of a fragment.
	TagsSize = tagHeaderSize + BlocksPerFragment*g1Size + sha256.Size
)

// Tags are the authenticators of one fragment under one key. They are not secret. Immutable.
type Tags struct {
	encoded []byte // the tag file
}

// newTags frames the points, BlocksPerFragment·48 bytes.
func newTags(name Name, key KeyID, points []byte) *Tags {
	b := make([]byte, 0, TagsSize)
	b = appendTagHeader(b, name, key)
	b = append(b, points...)
	checksum := sha256.Sum256(b)
	return &Tags{append(b, checksum[:]...)}
}

func appendTagHeader(b []byte, name Name, key KeyID) []byte {
	b = append(b, tagMagic...)
	b = append(b, Version, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, BlocksPerFragment)
	b = append(b, name[:]...)
	return append(b, key[:]...)
}

// ParseTags reads a whole tag file of TagsSize bytes and checks its frame and checksum; it keeps b. The points are
// checked when they are used. The error is ErrEncoding.
func ParseTags(b []byte) (*Tags, error) {
	if len(b) != TagsSize {
		return nil, fmt.Errorf("%w: tag file of %d bytes, want %d", ErrEncoding, len(b), TagsSize)
	}
	t := &Tags{b}
	if !bytes.Equal(b[:tagHeaderSize], appendTagHeader(nil, t.Name(), t.KeyID())) {
		return nil, fmt.Errorf("%w: tag file header", ErrEncoding)
	}
	if sum := sha256.Sum256(b[:TagsSize-sha256.Size]); !bytes.Equal(sum[:], b[TagsSize-sha256.Size:]) {
		return nil, fmt.Errorf("%w: tag file checksum", ErrEncoding)
	}
	return t, nil
}

// Bytes returns the tag file. The caller must not change it.
func (t *Tags) Bytes() []byte { return t.encoded }

// Name returns the fragment the tags are for.
func (t *Tags) Name() (name Name) {
	copy(name[:], t.encoded[tagHeaderSize-64:])
	return name
}

// KeyID returns the identifier of the key that made the tags.
func (t *Tags) KeyID() (id KeyID) {
	copy(id[:], t.encoded[tagHeaderSize-32:])
	return id
}

// point decodes the tag of one block.
func (t *Tags) point(block int) (bls12381.G1Affine, error) {
	return decodeG1(t.encoded[tagHeaderSize+block*g1Size:])
}

// checkTagHeader reports ErrTags unless r holds a tag file for that fragment and key.
func checkTagHeader(r io.ReaderAt, name Name, key KeyID) error {
	var got [tagHeaderSize]byte
	if err := readAt(r, got[:], 0); err != nil {
		return fmt.Errorf("read tag file: %w", err)
	}
	if !bytes.Equal(got[:], appendTagHeader(nil, name, key)) {
		return fmt.Errorf("%w: header is not that of fragment %s under key %s", ErrTags, name, key)
	}
	return nil
}

// readAt fills b from offset; the end of the file before that is io.ErrUnexpectedEOF.
func readAt(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case err == nil || err == io.EOF:
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}
