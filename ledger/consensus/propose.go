package consensus

import (
	"context"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// PrepareProposal fills a block from the pool. Every extrinsic is executed, so
// that only those that can be part of a block get into it; the execution is
// kept for the steps to come.
func (a *app) PrepareProposal(_ context.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &proposal{
		height:   uint32(req.Height),
		time:     req.Time,
		proposer: addressFrom(req.ProposerAddress),
		commit:   extendedCommitOf(req.LocalLastCommit),

		misbehaviours: misbehavioursOf(req.Misbehavior),
	}
	c, err := a.propose(p, int(req.MaxTxBytes))
	if errors.Is(err, errInvalidBlock) && a.cheats.proposesInvalid() {
		return &abci.ResponsePrepareProposal{Txs: p.txs}, nil
	}
	if err != nil {
		return nil, a.fail(fmt.Sprintf("propose block %d", p.height), err)
	}
	a.candidates.add(p.fingerprint(), c)
	return &abci.ResponsePrepareProposal{Txs: p.txs}, nil
}

// propose executes a new block and lists its transactions in p.
func (a *app) propose(p *proposal, room int) (*candidate, error) {
	var votes []byte
	if p.height > 1 {
		var err error
		if votes, err = collectVotes(p.commit, a.extensionRules(p.height-1)); err != nil {
			return nil, err
		}
		p.txs = append(p.txs, votes)
		room -= sizeInBlock(votes)
	}
	j, err := a.begin(p, votes)
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := j.fill(min(room, a.cfg.Genesis.MaxBlockBytes)); err != nil {
		return nil, err
	}
	for _, x := range j.included {
		p.txs = append(p.txs, x.Raw)
	}
	return j.finish()
}

// sizeInBlock is the room that a transaction takes in a CometBFT block: its
// protobuf tag and length come on top.
func sizeInBlock(tx []byte) int { return len(tx) + 1 + 5 }

// maxExhausted is how many extrinsics in a row may not fit before the block
// counts as full.
const maxExhausted = 16

// fill runs what the pool offers until the block is full or the time for
// proposing is over.
func (j *job) fill(room int) error {
	a := j.app
	deadline := time.Now().Add(a.cfg.ProposalTime)
	skip := make(map[substrate.AccountID]bool) // accounts whose next extrinsic must wait
	exhausted := 0
	for _, x := range a.pool.Reap(room, maxExtrinsics) {
		if size := sizeInBlock(x.Raw); skip[x.Signer] || size > room {
			skip[x.Signer] = true
			continue
		} else if time.Now().After(deadline) {
			return nil
		} else if err := j.apply(x); err == nil {
			room -= size
			exhausted = 0
			continue
		} else if !isValidity(err) {
			return err
		} else {
			skip[x.Signer] = true
			a.pool.Reject(x.Hash, err)
			if errors.Is(err, substrate.InvalidExhaustsResources) {
				exhausted++
			}
		}
		if exhausted == maxExhausted {
			return nil
		}
	}
	return nil
}

// maxExtrinsics bounds a block; far above what its weight allows.
const maxExtrinsics = 100_000

// isValidity says that an extrinsic is at fault, not the machine.
func isValidity(err error) bool {
	var invalid substrate.InvalidTransaction
	var unknown substrate.UnknownTransaction
	return errors.As(err, &invalid) || errors.As(err, &unknown)
}

// ProcessProposal accepts a block of which every extrinsic can be executed, and
// that is not of the future.
func (a *app) ProcessProposal(_ context.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &proposal{
		height:   uint32(req.Height),
		time:     req.Time,
		proposer: addressFrom(req.ProposerAddress),
		commit:   commitOf(req.ProposedLastCommit),
		txs:      req.Txs,

		misbehaviours: misbehavioursOf(req.Misbehavior),
	}
	if by, tooMuch := ahead(p.time, time.Now()); tooMuch {
		a.log.Error("proposal not voted for: it is ahead of this machine's clock; set the clock if this goes on",
			"height", p.height, "proposer", fmt.Sprintf("%x", p.proposer), "ahead", by.Round(time.Second))
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
	}
	_, err := a.candidate(p)
	switch {
	case err == nil:
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
	case errors.Is(err, errInvalidBlock):
		a.log.Warn("proposal rejected", "height", p.height, "proposer", fmt.Sprintf("%x", p.proposer), "err", err)
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
	case isUnknownVersion(err):
		// The node has said so when it committed the parent, and is about to end.
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
	}
	return nil, a.fail(fmt.Sprintf("check proposal for block %d", p.height), err)
}

// candidate returns the execution of a proposal, from memory if it has been
// executed before. errInvalidBlock means that the proposer is at fault. a.mu is
// held.
func (a *app) candidate(p *proposal) (*candidate, error) {
	f := p.fingerprint()
	if c := a.candidates.find(f); c != nil {
		return c, nil
	}
	c, err := a.execute(p)
	if err != nil {
		return nil, err
	}
	a.candidates.add(f, c)
	return c, nil
}

// execute runs a whole block.
func (a *app) execute(p *proposal) (*candidate, error) {
	votes, raw, ok := p.votes()
	if !ok {
		return nil, fmt.Errorf("%w: no votes", errInvalidBlock)
	}
	if len(raw) > maxExtrinsics {
		return nil, fmt.Errorf("%w: %d extrinsics", errInvalidBlock, len(raw))
	}
	j, err := a.begin(p, votes)
	if err != nil {
		return nil, err
	}
	defer j.close()
	extrinsics, err := j.check(raw)
	if err != nil {
		return nil, err
	}
	j.rootAhead(raw)
	for i, x := range extrinsics {
		if err := j.apply(x); isValidity(err) {
			return nil, fmt.Errorf("%w: extrinsic %d: %w", errInvalidBlock, i, err)
		} else if err != nil {
			return nil, err
		}
	}
	return j.finish()
}

// check decodes a block's extrinsics and verifies their signatures, on all
// CPUs. What has been verified ahead or by the pool is taken from there.
func (j *job) check(raw [][]byte) ([]*runtime.Checked, error) {
	a, spec := j.app, j.runtime.Version().SpecVersion
	_, parent, err := a.cfg.Runtime.Ahead(j.view.Parent())
	if err != nil {
		return nil, err
	}
	height := parent.Number + 1
	taken, _ := a.ahead.extrinsics.take(height)
	ahead := verifiedAhead(taken)
	out := make([]*runtime.Checked, len(raw))
	err = inParallel(len(raw), func(from, to int) error {
		sigs := make([]*runtime.SignatureCheck, to-from)
		decoder := j.runtime.DecoderOver(parent)
		for i := from; i < to; i++ {
			if out[i] = ahead.at(i, raw[i], height, spec); out[i] != nil {
				continue
			}
			if out[i] = a.pool.Lookup(runtime.ExtrinsicHash(raw[i])); out[i] != nil && out[i].Spec == spec {
				continue
			}
			var err error
			if out[i], sigs[i-from], err = decoder.Decode(raw[i]); err != nil {
				return asInvalid(i, err)
			}
		}
		return verifyAll(sigs, from)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
