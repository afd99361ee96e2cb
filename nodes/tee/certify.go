package tee

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/primitives/substrate"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// commitment is a miner's committed set and what it was asked about it, kept
// until the proof is judged: hours of a miner's work hang on it. After a
// success it holds the answer, so that a miner whose connection broke gets it
// with the same request again.
type commitment struct {
	Commits   []byte // wire.Commits
	Challenge []byte // wire.Challenge
	Request   [32]byte
	Answer    []byte // wire.ResponseVerifyCommitOrDeletionProof; empty until judged
}

// keyCost is how many ordinary requests a new accumulator key counts as: it
// takes about a second, and nobody signs for it.
const keyCost = 40

// newMinerKey makes a miner's accumulator key and signs its first state
// (spec/pois.md §12.2).
func (w *Worker) newMinerKey(ctx context.Context, r *wire.RequestMinerInitParam) (*wire.ResponseMinerInitParam, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	who, record, err := w.minerOf(ctx, r.MinerID, api.TextNoMiner)
	if err != nil {
		return nil, err
	}
	if string(record.State) != sminer.StateNotReady {
		return nil, status.Error(codes.InvalidArgument, api.TextHasKey)
	}
	if err := w.callers.admit(ctx, who, keyCost); err != nil {
		return nil, err
	}
	leave, err := w.gates.commit.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	key, err := accumulator.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	n, g := key.N.FillBytes(make([]byte, accumulator.GroupSize)), key.G.FillBytes(make([]byte, accumulator.GroupSize))
	carried, chain, err := w.signSpace(m, who, 0, 0, g, n, g)
	if err != nil {
		return nil, err
	}
	return &wire.ResponseMinerInitParam{
		Acc: g, KeyN: n, KeyG: g, MinerID: who[:],
		StatusTeeSign: carried[:], SignatureWithTeeController: chain[:], Podr2Pbk: m.rsa.Public().Bytes(),
	}, nil
}

// commitChallenge takes a miner's commitment and draws its challenge
// (spec/pois.md §7.2). The same commitment gets the same challenge until it is
// judged: otherwise a miner could ask until it likes the question.
func (w *Worker) commitChallenge(ctx context.Context, r *wire.RequestMinerCommitGenChall) (*wire.Challenge, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	who, record, err := w.minerOf(ctx, r.MinerID, api.TextNotRegistered)
	if err != nil {
		return nil, err
	}
	if !record.SpaceProofInfo.IsSome() {
		return nil, invalid("the miner has no PoIS key on chain")
	}
	if r.Commit == nil {
		return nil, invalid("the commitment is missing")
	}
	if err := signedBy(who, r.SignedBytes(), r.MinerSign); err != nil {
		return nil, err
	}
	leave, err := w.gates.commit.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	verifier, err := w.verifierOf(ctx)
	if err != nil {
		return nil, err
	}
	unlock, ok := w.commitments.lock(who, ctx.Done())
	if !ok {
		return nil, ctx.Err()
	}
	defer unlock()
	commits := wire.Marshal(r.Commit)
	pending, err := w.commitments.get(who)
	if err != nil {
		return nil, err
	}
	if pending != nil && len(pending.Answer) == 0 && bytes.Equal(pending.Commits, commits) {
		return wire.Unmarshal[wire.Challenge](pending.Challenge)
	}
	rows, err := verifier.Challenge(rand.Reader, r.Commit)
	if err != nil {
		return nil, refused(err)
	}
	challenge := &wire.Challenge{Rows: rows}
	digest := sha256.Sum256(wire.Marshal(challenge))
	if challenge.ChallTeeSign, err = m.rsa.SignRaw(digest[:]); err != nil {
		return nil, err
	}
	if err := w.commitments.put(who, &commitment{Commits: commits, Challenge: wire.Marshal(challenge)}); err != nil {
		return nil, err
	}
	return challenge, nil
}

// claim is a miner's signed request about its idle space, with what it is
// judged against.
type claim struct {
	master   *master
	who      substrate.AccountID
	key      accumulator.Key
	state    pois.Status // what the network signed last, as the miner says it
	verifier *pois.Verifier
}

// claimOf checks what requests about a state of idle space have in common: the
// miner, its signature, and the network's signature over the state.
func (w *Worker) claimOf(ctx context.Context, minerID, signed, signature []byte, info *wire.MinerPoisInfo) (c claim, err error) {
	if c.master, err = w.ready(); err != nil {
		return c, err
	}
	if c.who, _, err = w.minerOf(ctx, minerID, api.TextNotRegistered); err != nil {
		return c, err
	}
	if err = signedBy(c.who, signed, signature); err != nil {
		return c, err
	}
	if c.key, c.state, err = w.spaceOf(ctx, c.who, info); err != nil {
		return c, err
	}
	c.verifier, err = w.verifierOf(ctx)
	return c, err
}

// verifyCommit judges the proofs of a committed set. The challenge is used up
// whatever the verdict, but not by a crash: then the miner may send the proofs
// again.
func (w *Worker) verifyCommit(ctx context.Context, r *wire.RequestVerifyCommitAndAccProof) (*wire.ResponseVerifyCommitOrDeletionProof, error) {
	raw := r.SignedBytes()
	c, err := w.claimOf(ctx, r.MinerID, raw, r.MinerSign, r.PoisInfo)
	if err != nil {
		return nil, err
	}
	leave, err := w.gates.space.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	unlock, ok := w.commitments.lock(c.who, ctx.Done())
	if !ok {
		return nil, ctx.Err()
	}
	defer unlock()
	pending, err := w.commitments.get(c.who)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(raw)
	switch {
	case pending == nil:
		return nil, status.Error(codes.DataLoss, "no commitment of the miner is pending")
	case len(pending.Answer) > 0 && pending.Request == digest:
		return wire.Unmarshal[wire.ResponseVerifyCommitOrDeletionProof](pending.Answer)
	case len(pending.Answer) > 0:
		return nil, status.Error(codes.DataLoss, "the commitment was judged before")
	}
	next, err := c.judgeCommit(pending, r)
	if err != nil {
		if dropErr := w.commitments.drop(c.who); dropErr != nil {
			return nil, dropErr
		}
		return nil, refused(err)
	}
	answer, err := w.signStatus(c.master, c.who, r.PoisInfo, next)
	if err != nil {
		return nil, err
	}
	pending.Request, pending.Answer = digest, wire.Marshal(answer)
	if err := w.commitments.put(c.who, pending); err != nil {
		return nil, err
	}
	w.metrics.verdicts.WithLabelValues("certify", "true").Inc()
	return answer, nil
}

// judgeCommit gives the state after the insertion of the committed set.
func (c *claim) judgeCommit(pending *commitment, r *wire.RequestVerifyCommitAndAccProof) (pois.Status, error) {
	commits, err := wire.Unmarshal[wire.Commits](pending.Commits)
	if err != nil {
		return pois.Status{}, err
	}
	challenge, err := wire.Unmarshal[wire.Challenge](pending.Challenge)
	if err != nil {
		return pois.Status{}, err
	}
	if err := c.verifier.VerifyCommit(pois.ID(c.who), commits, challenge.Rows, r.CommitProofGroup); err != nil {
		return pois.Status{}, err
	}
	return c.verifier.VerifyInsertion(pois.ID(c.who), c.key, c.state, commits, r.AccProof)
}

// signStatus is the answer to an accepted change.
func (w *Worker) signStatus(m *master, who substrate.AccountID, before *wire.MinerPoisInfo, next pois.Status) (*wire.ResponseVerifyCommitOrDeletionProof, error) {
	acc, err := wire.Pad(next.Acc)
	if err != nil {
		return nil, err
	}
	carried, chain, err := w.signSpace(m, who, next.Front, next.Rear, before.KeyG, before.KeyN, acc)
	if err != nil {
		return nil, err
	}
	return &wire.ResponseVerifyCommitOrDeletionProof{
		PoisStatus:    &wire.PoisStatus{Acc: acc, Front: next.Front, Rear: next.Rear},
		StatusTeeSign: carried[:], SignatureWithTeeController: chain[:],
	}, nil
}

// verifyDeletion judges the removal of idle files; it keeps nothing.
func (w *Worker) verifyDeletion(ctx context.Context, r *wire.RequestVerifyDeletionProof) (*wire.ResponseVerifyCommitOrDeletionProof, error) {
	c, err := w.claimOf(ctx, r.MinerID, r.SignedBytes(), r.MinerSign, r.PoisInfo)
	if err != nil {
		return nil, err
	}
	if r.WitChain == nil {
		return nil, invalid("the witness chain is missing")
	}
	leave, err := w.gates.space.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	next, err := c.verifier.VerifyDeletion(pois.ID(c.who), c.key, c.state, r.Roots, &accumulator.Change{Chain: r.WitChain, Path: r.AccPath})
	if err != nil {
		return nil, refused(err)
	}
	w.metrics.verdicts.WithLabelValues("delete", "true").Inc()
	return w.signStatus(c.master, c.who, r.PoisInfo, next)
}
