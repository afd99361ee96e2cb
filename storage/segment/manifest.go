package segment

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrManifest is returned for a manifest that no file can have.
var ErrManifest = errors.New("segment: invalid manifest")

// Segment lists the ids of one segment. Fragment i is shard i of the code.
// The JSON names are those of the reference SDK's SegmentDataInfo.
type Segment struct {
	ID        Hash         `json:"SegmentHash"`
	Fragments [Shards]Hash `json:"FragmentHash"`
}

// UnmarshalJSON rejects any number of fragments but twelve.
func (s *Segment) UnmarshalJSON(b []byte) error {
	var raw struct {
		ID        *Hash  `json:"SegmentHash"`
		Fragments []Hash `json:"FragmentHash"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	if raw.ID == nil {
		return fmt.Errorf("%w: segment without SegmentHash", ErrManifest)
	}
	if len(raw.Fragments) != Shards {
		return fmt.Errorf("%w: segment %s has %d fragments, want %d", ErrManifest, raw.ID, len(raw.Fragments), Shards)
	}
	s.ID = *raw.ID
	copy(s.Fragments[:], raw.Fragments)
	return nil
}

// Manifest is all one needs, besides the fragments and the cipher, to restore
// a file. The chain keeps the same facts except Encrypted.
type Manifest struct {
	FID  Hash  `json:"fid"`
	Size int64 `json:"file_size"` // plaintext bytes
	// Encrypted says that the segments are ciphertext. The chain does not
	// record it: a manifest built from chain metadata leaves it false, and
	// the reader decides by giving a cipher or not.
	Encrypted bool      `json:"encrypted"`
	Segments  []Segment `json:"segment"`
}

// ParseManifest reads the JSON form and validates it.
func ParseManifest(b []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("parse manifest: %w", err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &m, nil
}

// Validate checks that size and number of segments agree, that the bound on
// segments is kept and that the fid is the root of the segment ids. Errors
// wrap [ErrManifest].
func (m *Manifest) Validate() error { return production().validate(m, m.Encrypted) }

// SegmentIDs returns the ids of the segments in order.
func (m *Manifest) SegmentIDs() []Hash {
	ids := make([]Hash, len(m.Segments))
	for i := range m.Segments {
		ids[i] = m.Segments[i].ID
	}
	return ids
}

func (g *geometry) validate(m *Manifest, encrypted bool) error {
	if m.Size <= 0 {
		return fmt.Errorf("%w: file size %d", ErrManifest, m.Size)
	}
	if n := g.count(m.Size, encrypted); int64(len(m.Segments)) != n {
		return fmt.Errorf("%w: %d segments, but %d bytes (encrypted: %t) make %d",
			ErrManifest, len(m.Segments), m.Size, encrypted, n)
	}
	if len(m.Segments) > g.maxSegments {
		return fmt.Errorf("%w: %d segments, at most %d are allowed", ErrManifest, len(m.Segments), g.maxSegments)
	}
	if fid := FID(m.SegmentIDs()); fid != m.FID {
		return fmt.Errorf("%w: fid is %s, but the segments make %s", ErrManifest, m.FID, fid)
	}
	return nil
}
