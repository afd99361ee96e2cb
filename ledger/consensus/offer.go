package consensus

import (
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/primitives/crypto"
)

// incoming is a snapshot that CometBFT fetches for us from peers.
type incoming struct {
	*restoring
	manifest *manifest
	next     uint32 // index of the chunk that comes next
}

// OfferSnapshot decides whether a peer's snapshot is worth fetching. CometBFT has
// checked with its light client that the chain has this height, and which state
// root it has.
func (a *app) OfferSnapshot(_ context.Context, req *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := func(r abci.ResponseOfferSnapshot_Result) (*abci.ResponseOfferSnapshot, error) {
		return &abci.ResponseOfferSnapshot{Result: r}, nil
	}
	if best := a.chain.Best().Number; best > 0 || a.trust == nil {
		a.log.Error("snapshot refused: only a new node starts from one", "best", best)
		return answer(abci.ResponseOfferSnapshot_ABORT)
	}
	if err := a.dropIncoming(); err != nil {
		return nil, a.fail("drop an unfinished snapshot", err)
	}
	if req.Snapshot.Format != snapshotFormat {
		return answer(abci.ResponseOfferSnapshot_REJECT_FORMAT)
	}
	m, err := readOffer(req.Snapshot)
	if err != nil {
		a.log.Warn("snapshot refused", "height", req.Snapshot.Height, "err", err)
		return answer(abci.ResponseOfferSnapshot_REJECT_SENDER)
	}
	height := req.Snapshot.Height
	a.incoming = &incoming{manifest: m, restoring: &restoring{
		store: a.store, chain: a.chain, height: uint32(height),
		confirm: func(an *anchor) error {
			results, ok := a.trust(height)
			if !ok {
				return fmt.Errorf("no light client has verified height %d", height)
			}
			return an.confirm(trust{appHash: req.AppHash, resultsHash: results, inherents: a.cfg.Runtime.InherentCount()})
		},
	}}
	a.log.Info("starting from a snapshot", "height", height, "chunks", len(m.Chunks))
	return answer(abci.ResponseOfferSnapshot_ACCEPT)
}

func (a *app) dropIncoming() error {
	in := a.incoming
	if a.incoming = nil; in == nil {
		return nil
	}
	return in.abort()
}

// ApplySnapshotChunk takes the next part of the snapshot that was accepted. A
// part that is not what the manifest says is asked for again from somebody else;
// a manifest whose parts do not make the chain's state costs its senders our
// trust.
func (a *app) ApplySnapshotChunk(_ context.Context, req *abci.RequestApplySnapshotChunk) (*abci.ResponseApplySnapshotChunk, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	in := a.incoming
	if in == nil || req.Index != in.next {
		return nil, a.fail("apply snapshot chunk", fmt.Errorf("chunk %d is not expected", req.Index))
	}
	if crypto.Blake2b256(req.Chunk) != in.manifest.Chunks[in.next] {
		a.log.Warn("bad snapshot chunk", "chunk", req.Index, "peer", req.Sender)
		return &abci.ResponseApplySnapshotChunk{
			Result:        abci.ResponseApplySnapshotChunk_RETRY,
			RefetchChunks: []uint32{req.Index}, RejectSenders: []string{req.Sender},
		}, nil
	}
	err := in.write(req.Chunk)
	if in.next++; err == nil && int(in.next) == len(in.manifest.Chunks) {
		err = a.adopt(in)
	}
	if err == nil {
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
	}
	if dropped := a.dropIncoming(); dropped != nil {
		return nil, a.fail("drop a snapshot", errors.Join(err, dropped))
	}
	if !errors.Is(err, errBadSnapshot) {
		return nil, a.fail("start from a snapshot", err)
	}
	a.log.Warn("snapshot rejected", "height", in.height, "peer", req.Sender, "err", err)
	return &abci.ResponseApplySnapshotChunk{
		Result:        abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
		RejectSenders: []string{req.Sender},
	}, nil
}

// adopt goes on from the restored block. a.mu is held.
func (a *app) adopt(in *incoming) error {
	block, err := in.finish()
	if err != nil {
		return err
	}
	a.incoming = nil
	a.record = in.record
	a.candidates, a.decided = nil, nil
	a.appoint()
	view, err := a.chain.BestView()
	if err != nil {
		return err
	}
	next, err := a.nextVersion(view.Parent())
	if err != nil {
		return errors.Join(err, view.Close())
	}
	a.pool.Advance(pool.Block{View: view, Spec: next})
	a.log.Info("started from a snapshot", "height", block.Number, "hash", block.Hash, "pairs", in.restore.Pairs())
	return nil
}
