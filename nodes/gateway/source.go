package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// source is a file that can be read: from fragments on disk, and from miners
// once the file is on chain.
type source struct {
	g        *Gateway
	fid      types.Hash
	size     int64 // bytes that the user sees
	segments []segment.Segment
	names    []string          // that its owners gave it
	job      *job              // nil: no fragments here
	chain    [][]types.Address // miner of each fragment; nil while the deal is open
	peers    map[types.Address]string
}

// find looks a file up, and its miners.
func (g *Gateway) find(ctx context.Context, fid types.Hash) (*source, error) {
	s := &source{g: g, fid: fid, job: g.jobs.get(fid)}
	file, stored, err := sdk.Find(ctx, g.chain.Best(), filebank.Files, fid)
	if err != nil {
		g.log.Warn("read file", "fid", fid, "err", err)
		return nil, errRPC
	}
	if stored {
		return s, s.fromChain(ctx, file)
	}
	if s.job == nil {
		return nil, errNotFound
	}
	rec := s.job.snapshot()
	if rec.finished() {
		g.jobs.wake(fid) // deleted on chain: it goes
		return nil, errNotFound
	}
	m, err := g.journal.Manifest(fid)
	if err != nil {
		return nil, err
	}
	s.size, s.segments = m.Size, m.Segments
	for _, c := range rec.Claims {
		s.names = append(s.names, string(c.Name))
	}
	return s, nil
}

func (s *source) fromChain(ctx context.Context, file filebank.File) error {
	size, ok := file.FileSize.Uint64()
	if !ok || size > uint64(len(file.SegmentList))*segment.Size {
		return fmt.Errorf("file %v declares %v bytes in %d segments", s.fid, file.FileSize, len(file.SegmentList))
	}
	s.size = int64(size)
	for _, o := range file.Owner {
		s.names = append(s.names, string(o.FileName))
	}
	holders := make(map[substrate.AccountID]bool)
	for i, from := range file.SegmentList {
		var to segment.Segment
		id, err := from.Hash.Digest()
		if err != nil || len(from.FragmentList) != segment.Shards {
			return fmt.Errorf("file %v has a malformed segment %d", s.fid, i)
		}
		to.ID = id
		miners := make([]types.Address, segment.Shards)
		for k, f := range from.FragmentList {
			digest, err := f.Hash.Digest()
			if err != nil {
				return fmt.Errorf("file %v has a malformed fragment in segment %d", s.fid, i)
			}
			to.Fragments[k], miners[k] = digest, types.Address(f.Miner)
			holders[f.Miner] = true
		}
		s.segments, s.chain = append(s.segments, to), append(s.chain, miners)
	}
	return s.meet(ctx, holders)
}

// meet looks up where the miners are, whatever their state: who leaves still
// serves.
func (s *source) meet(ctx context.Context, holders map[substrate.AccountID]bool) error {
	var accounts []substrate.AccountID
	for who := range holders {
		accounts = append(accounts, who)
	}
	found, err := sdk.FindMany(ctx, s.g.chain.Best(), sminer.Miners, accounts)
	if err != nil {
		s.g.log.Warn("read miners", "err", err)
		return errRPC
	}
	s.peers = make(map[types.Address]string)
	for who, m := range found {
		if endpoint, err := endpointURL(string(m.Endpoint), s.g.cfg.RefusePrivate); err == nil {
			s.peers[types.Address(who)] = endpoint
		}
	}
	return nil
}

var errNoEndpoint = errors.New("its miner has no address on chain")

// Fetch opens a fragment, from the disk or else from its miner.
func (s *source) Fetch(ctx context.Context, ref segment.FragmentRef) (io.ReadCloser, error) {
	if s.job != nil {
		f, err := os.Open(s.g.depot.path(s.fid, ref.ID))
		if err == nil {
			return f, nil
		}
		if s.chain == nil || !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if s.chain == nil {
		return nil, fs.ErrNotExist
	}
	endpoint, ok := s.peers[s.chain[ref.Segment][ref.Shard]]
	if !ok {
		return nil, errNoEndpoint
	}
	s.g.metrics.fetched.Inc()
	return s.g.carrier.get(ctx, endpoint, s.fid, types.HashOf(ref.ID))
}

// read writes a part of the file. Without a cipher these are the bytes as they
// are stored, the ciphertext of an encrypted file: the chain does not know
// which files are encrypted.
func (s *source) read(ctx context.Context, w io.Writer, part span, cipher segment.Cipher) error {
	m := &segment.Manifest{Size: s.size, Encrypted: !cipher.IsZero(), Segments: s.segments}
	m.FID = segment.FID(m.SegmentIDs())
	if cipher.IsZero() {
		// Also the segments of an encrypted file can be cut as plain ones.
		m.Size = int64(len(s.segments)) * segment.Size
	}
	if types.HashOf(m.FID) != s.fid {
		return fmt.Errorf("file %v has segments that make another name, %v", s.fid, m.FID)
	}
	s.g.metrics.restores.Inc()
	if s.job != nil {
		s.job.touch()
	}
	return segment.RestoreRange(ctx, w, m, part.start, part.end-part.start, s, segment.RestoreOptions{
		Cipher: cipher,
		Report: s.report,
	})
}

// report notes that a fragment could not be had.
func (s *source) report(ref segment.FragmentRef, err error) {
	s.g.metrics.fetchFailures.Inc()
	s.g.log.Warn("a fragment could not be had", "fid", s.fid, "fragment", ref.String(), "miner", s.miner(ref), "err", err)
}

func (s *source) miner(ref segment.FragmentRef) string {
	if s.chain == nil {
		return ""
	}
	return s.chain[ref.Segment][ref.Shard].String()
}
