package consensus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// A snapshot is one stream of bytes: u32 length ∥ anchor ∥ the state's stream
// (state.Stream), cut into chunks of chunkBytes. Equal chains make equal
// snapshots, so that chunks can come from several nodes.

const (
	snapshotFormat  = 1
	manifestVersion = 1
	// chunkBytes is the size of all chunks but the last. CometBFT v0.40.0 takes up
	// to 16 MB.
	chunkBytes = 2 << 20
	// maxChunks bounds a snapshot to 8 TiB.
	maxChunks = 1 << 22
)

// manifest describes a snapshot to nodes that want it.
type manifest struct {
	Version uint8
	// Chunks are the blake2-256 hashes of the chunks.
	Chunks [][32]byte
}

// snapshot is what a node keeps of a snapshot that it offers: all but the state,
// which the state store has anyway. It is available while that height is
// retained.
type snapshot struct {
	Height uint32
	// ChunkBytes is the size of all chunks but the last.
	ChunkBytes uint32
	Manifest   manifest
	// Prefix is what comes before the state in the stream.
	Prefix []byte
	// Marks say where in the state's stream each chunk begins.
	Marks []place
}

// place is a state.Mark as it is stored.
type place struct {
	After scale.Option[[]byte]
	Skip  uint32
}

func placeOf(m state.Mark) place {
	p := place{Skip: m.Skip}
	if m.After != nil {
		p.After = scale.Some(m.After)
	}
	return p
}

func (p place) mark() state.Mark {
	m := state.Mark{Skip: p.Skip}
	if after, ok := p.After.Get(); ok {
		m.After = append([]byte{}, after...)
	}
	return m
}

// prefixOf is the beginning of a snapshot's stream.
func prefixOf(a *anchor) ([]byte, error) {
	encoded, err := scale.Marshal(*a)
	if err != nil {
		return nil, fmt.Errorf("encode anchor: %w", err)
	}
	if len(encoded) > maxAnchor {
		return nil, fmt.Errorf("anchor of %d bytes", len(encoded))
	}
	return append(lengthPrefix(len(encoded)), encoded...), nil
}

// newSnapshot makes the snapshot of a view, in chunks of so many bytes. It reads
// all of the state.
func newSnapshot(ctx context.Context, view *state.View, a *anchor, size uint32) (*snapshot, error) {
	prefix, err := prefixOf(a)
	if err != nil {
		return nil, err
	}
	s := &snapshot{
		Height: a.Header.Number, ChunkBytes: size,
		Manifest: manifest{Version: manifestVersion}, Prefix: prefix,
	}
	stream := view.Stream(state.Mark{})
	defer func() { _ = stream.Close() }() // its errors came with Read
	all := io.MultiReader(bytes.NewReader(prefix), stream)
	chunk := make([]byte, size)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := placeOf(stream.Mark())
		n, err := io.ReadFull(all, chunk)
		if n > 0 {
			s.Manifest.Chunks = append(s.Manifest.Chunks, crypto.Blake2b256(chunk[:n]))
			s.Marks = append(s.Marks, at)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		if len(s.Marks) == maxChunks {
			return nil, fmt.Errorf("the state is larger than %d chunks", maxChunks)
		}
	}
}

// chunk makes a chunk again, nil if there is none with this index.
func (s *snapshot) chunk(store *state.Store, index uint32) ([]byte, error) {
	if int64(index) >= int64(len(s.Marks)) {
		return nil, nil
	}
	view, err := store.At(uint64(s.Height))
	if err != nil {
		return nil, err
	}
	defer view.Close()
	stream := view.Stream(s.Marks[index].mark())
	defer func() { _ = stream.Close() }() // its errors came with Read
	var all io.Reader = stream
	if from := int64(index) * int64(s.ChunkBytes); from < int64(len(s.Prefix)) {
		all = io.MultiReader(bytes.NewReader(s.Prefix[from:]), stream)
	}
	chunk := make([]byte, s.ChunkBytes)
	n, err := io.ReadFull(all, chunk)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return chunk[:n], nil
}

// offer is how CometBFT tells others of the snapshot.
func (s *snapshot) offer() (*abci.Snapshot, error) {
	metadata, err := scale.Marshal(s.Manifest)
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	hash := crypto.Blake2b256(metadata)
	return &abci.Snapshot{
		Height: uint64(s.Height), Format: snapshotFormat, Chunks: uint32(len(s.Manifest.Chunks)),
		Hash: hash[:], Metadata: metadata,
	}, nil
}

// readOffer is the reverse, for what a peer says.
func readOffer(o *abci.Snapshot) (*manifest, error) {
	if hash := crypto.Blake2b256(o.Metadata); !bytes.Equal(hash[:], o.Hash) {
		return nil, errors.New("snapshot: its hash is not that of its manifest")
	}
	m, err := scale.Unmarshal[manifest](o.Metadata)
	switch {
	case err != nil:
		return nil, fmt.Errorf("snapshot: manifest: %w", err)
	case m.Version != manifestVersion:
		return nil, fmt.Errorf("snapshot: manifest version %d", m.Version)
	case len(m.Chunks) == 0 || len(m.Chunks) > maxChunks || uint32(len(m.Chunks)) != o.Chunks:
		return nil, fmt.Errorf("snapshot: %d chunks, %d in the manifest", o.Chunks, len(m.Chunks))
	case o.Height < 2 || o.Height > maxHeight:
		return nil, fmt.Errorf("snapshot: height %d", o.Height)
	}
	return &m, nil
}
