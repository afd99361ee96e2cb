package tee

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/big"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/filter"
	"github.com/gocess/gocess/storage/podr2/v1"
)

// batch is a request for a verdict of version 1 whose form is right.
type batch struct {
	proof  v1.Proof
	before filter.Filter // of the batches before it
	after  filter.Filter
	names  []podr2.Name
}

// batchOf reads a request: all lists of one length, names lower-case
// hexadecimal. Numbers are checked by package v1 before it computes.
func batchOf(r *api.BatchVerifyRequest) (*batch, error) {
	p := r.Proof
	if p == nil {
		p = new(api.BatchProof)
	}
	n := len(p.Names)
	if n > v1.MaxFragments || len(p.Us) != n || len(p.Mus) != n || len(r.USigs) != n {
		return nil, invalid("%d names, %d us, %d mus and %d signatures", n, len(p.Us), len(p.Mus), len(r.USigs))
	}
	b := &batch{before: api.FilterOf(r.Filter), proof: v1.Proof{Sigma: string(p.Sigma)}}
	b.after = b.before
	for i := range n {
		name, err := podr2.ParseName(string(p.Names[i]))
		if err != nil {
			return nil, invalid("%v", err)
		}
		if err := b.after.Insert(string(p.Names[i])); err != nil {
			return nil, invalid("%v", err)
		}
		b.names = append(b.names, name)
		b.proof.Items = append(b.proof.Items, v1.Item{Name: string(p.Names[i]), U: string(p.Us[i]), Mu: string(p.Mus[i]), USig: r.USigs[i]})
	}
	return b, nil
}

// sameQuestion says whether the request asks what the chain asks. Nothing else
// is judged.
func sameQuestion(q *api.Qslice, e *audit.QElement) error {
	if q == nil || len(q.Indices) != len(e.RandomIndexList) || len(q.Values) != len(e.RandomList) {
		return invalid("the challenge is not the miner's")
	}
	for i, index := range e.RandomIndexList {
		if q.Indices[i] != int64(index) {
			return invalid("the challenge is not the miner's")
		}
	}
	for i := range e.RandomList {
		if string(q.Values[i]) != string(e.RandomList[i][:]) {
			return invalid("the challenge is not the miner's")
		}
	}
	return nil
}

func challengeV1(e *audit.QElement) (*v1.Challenge, error) {
	encoded, err := scale.Marshal(*e)
	if err != nil {
		return nil, err
	}
	c, err := v1.ParseChallenge(encoded)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return c, nil
}

// batchVerify judges a proof of version 1 over some of a miner's fragments
// (spec/podr2-tee.md §6.2). Signed is payload 5 with the filter of all batches
// so far, so that a batch is signed only if the worker itself judged those
// before it, and the last one only if all fragments of the chain's list came.
func (w *Worker) batchVerify(ctx context.Context, r *api.BatchVerifyRequest) (*api.BatchVerifyReply, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	who, err := w.accountOf(ctx, r.Miner)
	if err != nil {
		return nil, err
	}
	b, err := batchOf(r)
	if err != nil {
		return nil, err
	}
	snapshot, err := w.challengeOf(ctx, who)
	if err != nil {
		return nil, err
	}
	if err := sameQuestion(r.Qslice, &snapshot.Element.ServiceParam); err != nil {
		return nil, err
	}
	challenge, err := challengeV1(&snapshot.Element.ServiceParam)
	if err != nil {
		return nil, err
	}
	frozen, err := w.frozenOf(ctx, who, &snapshot)
	if err != nil {
		return nil, err
	}
	history, unlock, err := w.historyOf(ctx, who, &snapshot)
	if err != nil {
		return nil, err
	}
	unlock() // judging takes long, and others may judge meanwhile
	result, err := history.check(b, frozen, (*filter.Filter)(&snapshot.Snapshot.ServiceBloomFilter))
	if err != nil {
		return nil, err
	}
	if result {
		leave, err := w.gates.verify.enter(ctx)
		if err != nil {
			return nil, err
		}
		result, err = w.judgeV1(ctx, challenge, &b.proof)
		leave()
		if err != nil {
			return nil, err
		}
	}
	if err := w.record(ctx, who, &snapshot, b, result); err != nil {
		return nil, err
	}
	signature, err := signDigest(m, api.VerdictHash(who, w.identity.public, []byte(b.proof.Sigma), result, challenge.Bytes(), &b.after))
	if err != nil {
		return nil, err
	}
	w.metrics.verdicts.WithLabelValues("service 1", strconv.FormatBool(result)).Inc()
	return &api.BatchVerifyReply{Result: result, TEE: w.identity.public[:], Filter: fullList(&b.after), Signature: signature[:]}, nil
}

// fullList gives all counters, zeros too.
func fullList(f *filter.Filter) []int64 {
	out := make([]int64, len(f))
	for i, n := range f {
		out[i] = int64(n)
	}
	return out
}

// judgeV1 tries the master keys in turn: tags outlive the rotation of the key
// that they were made with, as long as a miner has no others.
func (w *Worker) judgeV1(ctx context.Context, c *v1.Challenge, proof *v1.Proof) (bool, error) {
	for _, m := range w.ring.all() {
		err := m.tags.Verify(ctx, c, proof)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, v1.ErrProof):
		case errors.Is(err, v1.ErrEncoding):
			// A number may be too large for one modulus and not for another.
			if m == w.ring.current() {
				return false, invalid("%v", err)
			}
		default:
			return false, err
		}
	}
	return false, nil
}

// aggregateSignature signs one verdict over all batches of a challenge: the
// product of their sigmas, true if all were.
func (w *Worker) aggregateSignature(ctx context.Context, r *api.AggregateRequest) (*api.AggregateReply, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	if len(r.History) == 0 {
		return nil, invalid("the history is empty")
	}
	who, err := w.accountOf(ctx, r.History[0].Miner)
	if err != nil {
		return nil, err
	}
	snapshot, err := w.challengeOf(ctx, who)
	if err != nil {
		return nil, err
	}
	if err := sameQuestion(r.Qslice, &snapshot.Element.ServiceParam); err != nil {
		return nil, err
	}
	challenge, err := challengeV1(&snapshot.Element.ServiceParam)
	if err != nil {
		return nil, err
	}
	history, unlock, err := w.historyOf(ctx, who, &snapshot)
	if err != nil {
		return nil, err
	}
	unlock() // what follows only reads
	leave, err := w.gates.verify.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var before filter.Filter
	result := true
	sigmas := make([]string, 0, len(r.History))
	for i := range r.History {
		link := &r.History[i]
		if string(link.Miner) != string(who[:]) {
			return nil, invalid("the history is of several miners")
		}
		after := api.FilterOf(link.Filter)
		if !history.has(&before, &after, string(link.Sigma), link.Result) {
			return nil, invalid("batch %d of the history was not judged here", i)
		}
		digest := api.VerdictHash(who, w.identity.public, link.Sigma, link.Result, challenge.Bytes(), &after)
		ok, err := w.signedByNetwork(ctx, digest, link.Signature)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, status.Errorf(codes.Unauthenticated, "the signature of batch %d does not verify", i)
		}
		result = result && link.Result
		sigmas = append(sigmas, string(link.Sigma))
		before = after
	}
	frozen := filter.Filter(snapshot.Snapshot.ServiceBloomFilter)
	if before != frozen {
		return nil, invalid("the batches are not all fragments of the challenge")
	}
	sigma, err := m.product(sigmas)
	if err != nil {
		return nil, err
	}
	signature, err := signDigest(m, api.VerdictHash(who, w.identity.public, []byte(sigma), result, challenge.Bytes(), &frozen))
	if err != nil {
		return nil, err
	}
	w.metrics.verdicts.WithLabelValues("service 1", strconv.FormatBool(result)).Inc()
	return &api.AggregateReply{TEE: w.identity.public[:], Signature: signature[:]}, nil
}

// product multiplies sigmas modulo N, in decimal; none give the empty string.
func (m *master) product(sigmas []string) (string, error) {
	product, factors := big.NewInt(1), 0
	for _, s := range sigmas {
		if s == "" {
			continue
		}
		x, ok := new(big.Int).SetString(s, 10)
		if !ok {
			return "", invalid("sigma is no number")
		}
		product.Mod(product.Mul(product, x), m.n)
		factors++
	}
	if factors == 0 {
		return "", nil
	}
	return product.String(), nil
}

// questionHash names a challenge.
func questionHash(snapshot *audit.Challenge) ([32]byte, error) {
	b, err := scale.Marshal(struct {
		Start   types.BlockNumber
		Service audit.QElement
	}{snapshot.Element.Start, snapshot.Element.ServiceParam})
	return sha256.Sum256(b), err
}
