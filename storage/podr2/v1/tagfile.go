package v1

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
)

// maxFileSize bounds a tag file in JSON; one written by an upstream miner has 0.64 MB.
const maxFileSize = 2 << 20

// File is what an upstream miner keeps about a fragment: its tag and the worker's cumulative signature.
type File struct {
	Tag        *Tag
	Signature  [64]byte // sr25519 over the TagSigInfo of all fragments of the file so far
	TeeAccount [32]byte // the worker's public key
	Index      uint16   // place of the fragment in the TagSigInfo, from 1
}

// fileJSON is the upstream layout; byte slices are base64.
type fileJSON struct {
	Tag          *Wire
	USig         []byte
	Signature    []byte
	FragmentName []byte
	TeeAccountID []byte `json:"TeeAccountId"`
	Index        uint16
}

// JSON returns the tag file as upstream miners read it.
func (f *File) JSON() ([]byte, error) {
	b, err := json.Marshal(fileJSON{
		Tag: f.Tag.Wire(), USig: f.Tag.USig[:], Signature: f.Signature[:],
		FragmentName: []byte(f.Tag.Name), TeeAccountID: f.TeeAccount[:], Index: f.Index,
	})
	if err != nil {
		return nil, fmt.Errorf("encode tag file: %w", err)
	}
	return b, nil
}

// ParseFile reads a tag file of an upstream miner. Unknown keys and trailing bytes are refused. The error is
// ErrEncoding.
func ParseFile(b []byte) (*File, error) {
	if len(b) > maxFileSize {
		return nil, fmt.Errorf("%w: tag file of %d bytes", ErrEncoding, len(b))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var j fileJSON
	if err := d.Decode(&j); err != nil {
		return nil, fmt.Errorf("%w: tag file: %v", ErrEncoding, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: bytes after the tag file", ErrEncoding)
	}
	if j.Tag == nil || len(j.Signature) != 64 || len(j.TeeAccountID) != 32 || string(j.FragmentName) != j.Tag.T.Name {
		return nil, fmt.Errorf("%w: tag file is incomplete", ErrEncoding)
	}
	tag, err := ParseWire(j.Tag, j.USig)
	if err != nil {
		return nil, err
	}
	f := &File{Tag: tag, Index: j.Index}
	copy(f.Signature[:], j.Signature)
	copy(f.TeeAccount[:], j.TeeAccountID)
	return f, nil
}

// Layout of the compact form:
//
//	magic "podr2tag" ‖ version 1 ‖ name [64] ‖ u [256] ‖ phi_hash [32] ‖ attest [256] ‖ u_sig [256] ‖ phi [1024][256]
//	‖ SHA-256 of everything before
const (
	tagMagic = "podr2tag"
	tagHead  = len(tagMagic) + 1
	// TagSize is the length in bytes of a tag in the compact form, 3 % of a fragment.
	TagSize = tagHead + nameLength + modulusBytes + 32 + 2*modulusBytes + BlocksPerFragment*modulusBytes + sha256.Size
)

// Bytes returns the compact form, for our own miners: 2.4 times smaller than JSON and read without decimal conversion.
func (t *Tag) Bytes() []byte {
	b := make([]byte, 0, TagSize)
	b = append(b, tagMagic...)
	b = append(b, 1)
	b = append(b, t.Name...)
	b = append(b, t.U.FillBytes(make([]byte, modulusBytes))...)
	b = append(b, t.PhiHash[:]...)
	b = append(b, t.Attest[:]...)
	b = append(b, t.USig[:]...)
	for i := range t.Phi {
		b = append(b, t.Phi[i][:]...)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// ParseTag reads the compact form. The error is ErrEncoding.
func ParseTag(b []byte) (*Tag, error) {
	if len(b) != TagSize || string(b[:tagHead]) != tagMagic+"\x01" {
		return nil, fmt.Errorf("%w: tag", ErrEncoding)
	}
	body := b[:len(b)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], b[len(body):]) {
		return nil, fmt.Errorf("%w: checksum of tag", ErrEncoding)
	}
	body = body[tagHead:]
	next := func(n int) []byte {
		part := body[:n]
		body = body[n:]
		return part
	}
	t := &Tag{Name: string(next(nameLength))}
	if err := checkName(t.Name); err != nil {
		return nil, err
	}
	if t.U = new(big.Int).SetBytes(next(modulusBytes)); t.U.Sign() == 0 {
		return nil, fmt.Errorf("%w: u is zero", ErrEncoding)
	}
	copy(t.PhiHash[:], next(32))
	copy(t.Attest[:], next(modulusBytes))
	copy(t.USig[:], next(modulusBytes))
	for i := range t.Phi {
		copy(t.Phi[i][:], next(modulusBytes))
	}
	return t, nil
}
