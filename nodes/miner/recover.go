package miner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// errUnrecoverable is why a fragment could not be had from anywhere.
var errUnrecoverable = errors.New("the fragment cannot be had from anywhere")

// recover gets a fragment of a file on chain: from another file kept here,
// from whoever the chain names as its holder, from any four other fragments of
// its segment, from gateways, in this order. What it returns has the
// fragment's hash.
func (m *Miner) recoverFragment(ctx context.Context, l *look, fid, fragment types.Hash, file filebank.File) ([]byte, error) {
	if isZero(fragment) {
		return make([]byte, segment.FragmentSize), nil
	}
	for _, other := range m.store.Where(fragment) {
		if b, err := m.store.Read(other, fragment); err == nil {
			return b, nil
		}
	}
	i, shard := placeIn(file, fragment)
	if i < 0 {
		return nil, fmt.Errorf("file %v has no fragment %v", fid, fragment)
	}
	source := &siblings{m: m, l: l, fid: fid, segment: file.SegmentList[i]}
	var errs []error
	if holder := file.SegmentList[i].FragmentList[shard].Miner; holder != m.account {
		b, err := source.whole(ctx, shard)
		if err == nil {
			return b, nil
		}
		errs = append(errs, fmt.Errorf("holder: %w", err))
	}
	seg, err := segmentOf(file.SegmentList[i])
	if err != nil {
		return nil, err
	}
	b, err := segment.RebuildFragment(ctx, i, seg, shard, segment.FetchFunc(source.fetch), segment.RestoreOptions{})
	if err == nil {
		return b, nil
	}
	errs = append(errs, fmt.Errorf("other fragments: %w", err))
	if b, err = m.fromGateways(ctx, l, fid, fragment); err == nil {
		return b, nil
	}
	errs = append(errs, fmt.Errorf("gateways: %w", err))
	return nil, fmt.Errorf("%w: %w", errUnrecoverable, errors.Join(errs...))
}

// placeIn is the first place of a fragment in a file, −1 if it has none.
func placeIn(file filebank.File, fragment types.Hash) (segment, shard int) {
	for i, s := range file.SegmentList {
		if j := slices.IndexFunc(s.FragmentList, func(f filebank.Fragment) bool { return f.Hash == fragment }); j >= 0 {
			return i, j
		}
	}
	return -1, -1
}

func segmentOf(s filebank.Segment) (out segment.Segment, err error) {
	id, err := s.Hash.Digest()
	if err != nil {
		return out, err
	}
	if len(s.FragmentList) != segment.Shards {
		return out, fmt.Errorf("segment %v has %d fragments", s.Hash, len(s.FragmentList))
	}
	out.ID = id
	for i, f := range s.FragmentList {
		if out.Fragments[i], err = f.Hash.Digest(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// siblings fetches fragments of one segment: from this store or from their
// holders.
type siblings struct {
	m       *Miner
	l       *look
	fid     types.Hash
	segment filebank.Segment
}

func (s *siblings) fetch(ctx context.Context, ref segment.FragmentRef) (io.ReadCloser, error) {
	return s.open(ctx, ref.Shard)
}

func (s *siblings) open(ctx context.Context, shard int) (io.ReadCloser, error) {
	f := s.segment.FragmentList[shard]
	for _, fid := range s.m.store.Where(f.Hash) {
		if c, err := s.m.store.OpenKept(fid, f.Hash); err == nil {
			return c, nil
		}
	}
	if f.Miner == s.m.account {
		return nil, errors.New("it was this miner's")
	}
	holder, found, err := sdk.Find(ctx, s.l.at, sminer.Miners, f.Miner)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%v is no miner", types.Address(f.Miner))
	}
	return s.m.peers.get(ctx, string(holder.Endpoint), s.fid, f.Hash)
}

// whole fetches a fragment and checks its hash.
func (s *siblings) whole(ctx context.Context, shard int) ([]byte, error) {
	r, err := s.open(ctx, shard)
	if err != nil {
		return nil, err
	}
	return readFragment(r, s.segment.FragmentList[shard].Hash)
}

// fromGateways asks the registered gateways for a fragment.
func (m *Miner) fromGateways(ctx context.Context, l *look, fid, fragment types.Hash) ([]byte, error) {
	list, err := sdk.List(ctx, l.at, oss.Gateways)
	if err != nil {
		return nil, err
	}
	errs := []error{fmt.Errorf("%d are registered", len(list))}
	for _, g := range list {
		b, err := m.peers.download(ctx, string(g.Value.Domain), fid, fragment)
		if err == nil {
			return b, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// restoreFragment brings a fragment that the chain counts as this miner's in
// order: its content, then its tags. It is for challenges, which know only the
// name.
func (m *Miner) restoreFragment(ctx context.Context, l *look, fragment types.Hash) error {
	fid, file, err := m.fileWith(ctx, l, fragment)
	if err != nil {
		return err
	}
	if _, err := m.store.Read(fid, fragment); err != nil {
		b, err := m.recoverFragment(ctx, l, fid, fragment, file)
		if err != nil {
			return errors.Join(err, m.declareLost(ctx, l, fid, fragment))
		}
		if err := m.store.Put(fid, fragment, b); err != nil {
			return err
		}
		m.metrics.repaired.Inc()
		m.log.Info("restored a fragment", "fid", fid, "fragment", fragment)
	}
	srs, err := m.tagKey(ctx, l)
	if err != nil {
		return err
	}
	if tags, err := m.store.Tags(fid, fragment); err == nil && tags.KeyID() == srs.Key().ID() {
		return nil
	}
	_, _, err = m.tag(ctx, l, srs, fid, fragment, nil)
	return err
}

// fileWith finds a file in which this miner holds the fragment: one that is
// kept here if there is one, else by reading all files of the chain.
func (m *Miner) fileWith(ctx context.Context, l *look, fragment types.Hash) (types.Hash, filebank.File, error) {
	for _, fid := range m.store.Where(fragment) {
		if file, ok, err := sdk.Find(ctx, l.at, filebank.Files, fid); err != nil || ok {
			return fid, file, err
		}
	}
	list, err := sdk.List(ctx, l.at, filebank.Files)
	if err != nil {
		return types.Hash{}, filebank.File{}, err
	}
	for _, e := range list {
		if slices.Contains(fragmentsOf(e.Value, m.account), fragment) {
			return e.Key, e.Value, nil
		}
	}
	return types.Hash{}, filebank.File{}, fmt.Errorf("no file on chain has fragment %v for this miner", fragment)
}

// holders are the miners of a segment.
func holders(s filebank.Segment) []substrate.AccountID {
	var out []substrate.AccountID
	for _, f := range s.FragmentList {
		out = append(out, f.Miner)
	}
	return out
}
