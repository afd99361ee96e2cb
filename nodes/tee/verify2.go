package tee

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/primitives/scale"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/filter"
)

// verifyV2 judges a proof of version 2 as the chain itself would: question,
// list of fragments and key come from chain state. Anybody can check the
// verdict, and a wrong one costs this worker's stash.
func (w *Worker) verifyV2(ctx context.Context, r *api.VerifyV2Request) (*api.VerifyV2Reply, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	who, err := w.accountOf(ctx, r.Miner)
	if err != nil {
		return nil, err
	}
	if len(r.Proof) != 0 && len(r.Proof) != podr2.ProofSize {
		return nil, invalid("proof of %d bytes", len(r.Proof))
	}
	q, found, err := w.view.Question(ctx, who)
	switch {
	case err != nil:
		return nil, offline(err)
	case !found:
		return nil, invalid("the miner has no open challenge")
	case q.frozen.Version != podr2chain.Version2:
		return nil, status.Error(codes.FailedPrecondition, "the miner proves by version 1")
	}
	leave, err := w.gates.verify.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	result, err := q.judge(ctx, r.Proof)
	if err != nil {
		return nil, err
	}
	challenge, err := scale.Marshal(q.challenge.Element.ServiceParam)
	if err != nil {
		return nil, err
	}
	bloom := filter.Filter(q.challenge.Snapshot.ServiceBloomFilter)
	signature, err := signDigest(m, api.VerdictHash(who, w.identity.public, r.Proof, result, challenge, &bloom))
	if err != nil {
		return nil, err
	}
	w.metrics.verdicts.WithLabelValues("service 2", strconv.FormatBool(result)).Inc()
	return &api.VerifyV2Reply{Result: result, Signature: signature[:], TEE: w.identity.public[:]}, nil
}

// judge follows pallet Podr2: nothing is proven by nothing, and what is no
// proof of version 2 is a wrong proof.
func (q *question) judge(ctx context.Context, encoded []byte) (bool, error) {
	if q.query == nil {
		return len(encoded) == 0, nil
	}
	if q.key == nil {
		return false, status.Error(codes.FailedPrecondition, "the chain has no tagger key for this challenge")
	}
	proof, err := podr2.ParseProof(encoded)
	if err != nil {
		return false, nil
	}
	switch err := q.key.Verify(ctx, q.query, proof); {
	case err == nil:
		return true, nil
	case errors.Is(err, podr2.ErrProof):
		return false, nil
	default:
		return false, err
	}
}
