package validator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// LifeStatus tells how the proofs of life of one candidate go.
type LifeStatus struct {
	Stash types.Address `json:"stash"`
	// Seen is the last session in which the chain saw the candidate alive, valid
	// if Known.
	Seen  uint32 `json:"seen"`
	Known bool   `json:"known"`
	// Session is the session that the newest proof is for, valid if Sent.
	Session uint32 `json:"session"`
	Sent    bool   `json:"sent"`
	// Error is why it could not be sent.
	Error string `json:"error,omitempty"`
}

// prover proves once per session, for each candidate whose next session keys the
// node has, that the node runs: the silent cannot be elected. The votes of
// validators that serve do that as well, which is waited for.
type prover struct {
	node  *consensus.Node
	keys  *sessionKeys
	epoch uint64 // blocks of a session
	log   *slog.Logger
	stop  context.CancelFunc
	done  chan struct{}

	session, since uint32 // the session that runs, and the block in which it was first seen

	mu   sync.Mutex // guards what follows
	list []LifeStatus
	sent map[substrate.AccountID]uint32 // block at which the newest proof was sent
}

// resendAfter is how many blocks a proof may take to be included.
const resendAfter = 8

func startProver(node *consensus.Node, keys *sessionKeys, rt *runtime.Runtime, log *slog.Logger) *prover {
	ctx, stop := context.WithCancel(context.Background())
	p := &prover{
		node: node, keys: keys, epoch: babe.EpochDuration.Of(rt), log: log, stop: stop,
		done: make(chan struct{}), sent: make(map[substrate.AccountID]uint32),
	}
	go p.run(ctx)
	return p
}

func (p *prover) close() {
	p.stop()
	<-p.done
}

func (p *prover) status() []LifeStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]LifeStatus{}, p.list...)
}

// run looks at each new block until the chain or ctx ends.
func (p *prover) run(ctx context.Context) {
	defer close(p.done)
	feed := p.node.Chain().SubscribeFrom(p.node.Chain().Best().Number + 1)
	for {
		if _, err := feed.Next(ctx); err != nil {
			return
		}
		if feed.Lag() > 0 || p.node.Sync().CatchingUp {
			continue
		}
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("proof of life", "err", err)
		}
	}
}

// look proves what the newest state asks for.
func (p *prover) look(ctx context.Context) error {
	view, err := p.node.Chain().BestView()
	if err != nil {
		return err
	}
	defer view.Close()
	now, _, err := stored(view, session.CurrentIndex, session.CurrentIndex.Key())
	if err != nil {
		return err
	}
	height := view.Ref().Number
	if now != p.session || p.since == 0 {
		p.session, p.since = now, height
	}
	candidates, err := p.candidates(view)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.list
	p.list = nil
	for _, c := range candidates {
		s := LifeStatus{Stash: types.Address(c.stash)}
		if i := slices.IndexFunc(old, func(o LifeStatus) bool { return o.Stash == s.Stash }); i >= 0 {
			s = old[i]
		}
		if s.Seen, s.Known, err = stored(view, r2s.LastSeen, r2s.LastSeen.Key(c.stash)); err != nil {
			return err
		}
		if p.due(s, c.stash, height) {
			p.prove(ctx, &s, c, height)
		}
		p.list = append(p.list, s)
	}
	return nil
}

// due says whether to send a proof now: in the first blocks of a session the
// votes of the blocks before may still show that the candidate lives.
func (p *prover) due(s LifeStatus, stash substrate.AccountID, height uint32) bool {
	switch {
	case s.Known && s.Seen >= p.session:
		return false
	case s.Sent && s.Session == p.session && s.Error == "":
		return height >= p.sent[stash]+resendAfter
	}
	return height >= p.since+uint32(min(2, p.epoch/4))
}

func (p *prover) prove(ctx context.Context, s *LifeStatus, c candidate, height uint32) {
	err := p.send(ctx, c)
	again := s.Error
	s.Session, s.Sent, s.Error = p.session, true, ""
	p.sent[c.stash] = height
	if err == nil {
		p.log.Info("proof of life sent", "stash", types.Address(c.stash), "session", p.session)
		return
	}
	if s.Error = err.Error(); s.Error != again {
		p.log.Warn("proof of life not sent; it is tried again with each block: a candidate that is not seen alive is not elected",
			"stash", types.Address(c.stash), "session", p.session, "err", err)
	}
}

func (p *prover) send(ctx context.Context, c candidate) error {
	call, err := r2s.SignLife(p.node.Chain().Genesis(), c.stash, p.session, c.grandpa, c.babe)
	if err != nil {
		return err
	}
	raw, err := (&runtime.Extrinsic{Call: runtime.RuntimeCall{Call: call}}).Encode()
	if err != nil {
		return fmt.Errorf("proof of life: %w", err)
	}
	_, err = p.node.Pool().Submit(ctx, raw)
	return err
}

// candidate is one whose next session keys the node has.
type candidate struct {
	stash         substrate.AccountID
	grandpa, babe crypto.Pair
}

// candidates finds the candidates among the owners of the node's voting keys.
func (p *prover) candidates(view *chain.View) ([]candidate, error) {
	list, err := p.keys.List(crypto.Grandpa)
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, public := range list {
		owned := session.OwnedKey{Type: types.KeyTypeGrandpa, Key: public}
		stash, ok, err := stored(view, session.KeyOwners, session.KeyOwners.Key(owned))
		if err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		keys, ok, err := stored(view, session.NextKeys, session.NextKeys.Key(stash))
		if err != nil {
			return nil, err
		} else if !ok || !bytes.Equal(keys.Grandpa[:], public) {
			continue
		}
		if raw, err := view.Get(staking.Validators.Key(stash)); err != nil {
			return nil, err
		} else if raw == nil {
			continue // it does not want to validate
		}
		grandpa, haveGrandpa := p.keys.Pair(crypto.Ed25519, public)
		babe, haveBabe := p.keys.Pair(crypto.Sr25519, keys.Babe[:])
		if haveGrandpa && haveBabe {
			out = append(out, candidate{stash, grandpa, babe})
		}
	}
	return out, nil
}

// stored reads a value of the state; false if it is not there.
func stored[V any](view *chain.View, item interface{ DecodeValue([]byte) (V, error) }, key []byte) (v V, ok bool, err error) {
	raw, err := view.Get(key)
	if err != nil || raw == nil {
		return v, false, err
	}
	v, err = item.DecodeValue(raw)
	if err != nil {
		return v, false, errors.Join(errors.New("state"), err)
	}
	return v, true, nil
}
