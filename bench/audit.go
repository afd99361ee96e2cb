package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// AuditRound is what one audit of a miner's service data costs.
type AuditRound struct {
	Version   int    `json:"version"`
	Fragments int    `json:"fragments"`
	Sampled   int    `json:"sampled"` // fragments that the miner reads from
	Read      int64  `json:"read"`    // bytes that the miner reads
	Proof     int    `json:"proof"`   // bytes on chain
	ToTEE     int    `json:"toTEE"`   // bytes from the miner to the TEE worker
	Chain     int    `json:"chain"`   // bytes of the round's four extrinsics in blocks
	Steps     []Step `json:"steps"`
}

// Audit measures a round for each number of fragments, version 2, and version
// 1 for those up to most. The chain is the real runtime over a state in
// memory; the time of I/O is no part of the figures.
//
// Fragments differ in their first bytes only: no step gains by that, because
// tags depend on names. Names are hashes of content and tags are made for the
// sampled fragments only; the others are names on the miner's list. Version 1
// reads every fragment, and one fragment with its tag stands for all.
func Audit(ctx context.Context, sizes []int, most int) (rounds []AuditRound, err error) {
	a := &audits{ctx: ctx, data: make([]byte, scheme.FragmentSize), tags: map[uint64][]byte{}, names: map[uint64]scheme.Name{}}
	if _, err = io.ReadFull(newPattern(int64(len(a.data))), a.data); err != nil {
		return nil, err
	}
	if a.key, err = scheme.NewSecretKey([32]byte{1}); err != nil {
		return nil, err
	}
	for _, n := range sizes {
		r, err := a.version2(n)
		if err != nil {
			return nil, fmt.Errorf("version 2, %d fragments: %w", n, err)
		}
		rounds = append(rounds, r)
	}
	for _, n := range sizes {
		if n > most {
			continue
		}
		r, err := a.version1(n)
		if err != nil {
			return nil, fmt.Errorf("version 1, %d fragments: %w", n, err)
		}
		rounds = append(rounds, r)
	}
	return rounds, nil
}

type audits struct {
	ctx  context.Context
	data []byte
	key  *scheme.SecretKey

	// Of sampled fragments.
	tags  map[uint64][]byte
	names map[uint64]scheme.Name
}

// fragment is the content of a fragment, until the next one is asked for.
func (a *audits) fragment(i uint64) *bytes.Reader {
	binary.LittleEndian.PutUint64(a.data, i)
	return bytes.NewReader(a.data)
}

func (a *audits) name(i uint64) scheme.Name {
	if name, ok := a.names[i]; ok {
		return name
	}
	return scheme.Name(sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("fragment"), i)))
}

func (a *audits) chain(fragments int, version uint8) (*auditChain, error) {
	names := make([]types.Hash, fragments)
	for i := range names {
		names[i] = types.HashOf(a.name(uint64(i)))
	}
	return newAuditChain(names, a.key.Public(), version)
}

// version2 is a round of the miner's challenge. The tags are there before.
func (a *audits) version2(n int) (r AuditRound, err error) {
	c, err := a.chain(n, podr2.Version2)
	if err != nil {
		return r, err
	}
	challenge := scheme.Challenge{Seed: podr2.SeedOf(c.open.Element, auditMiner), Samples: podr2.Samples.Get(c.ctx)}
	draw := func() (*scheme.Query, error) {
		return challenge.Query(uint64(n), func(i uint64) (scheme.Name, error) { return a.name(i), nil })
	}
	query, err := draw()
	if err != nil {
		return r, err
	}
	if err := a.tag(query); err != nil {
		return r, err
	}
	// The challenge asks the same again, now that the names are right.
	start := c.open.Element.Start
	if c, err = a.chain(n, podr2.Version2); err != nil {
		return r, err
	}
	if podr2.SeedOf(c.open.Element, auditMiner) != challenge.Seed {
		return r, fmt.Errorf("the challenge of block %d is another one the second time", start)
	}
	if query, err = draw(); err != nil {
		return r, err
	}
	r = AuditRound{Version: 2, Fragments: n, Sampled: len(query.Fragments)}
	for _, f := range query.Fragments {
		r.Read += int64(len(f.Blocks)) * (scheme.BlockSize + tagLength)
	}
	srs := a.key.SRS()
	var proof *scheme.Proof
	prove, err := step("prove", func() (int, error) {
		q, err := draw()
		if err != nil {
			return 0, err
		}
		p, err := scheme.NewProver(srs, q)
		if err != nil {
			return 0, err
		}
		for i := range q.Fragments {
			f := q.Fragments[i].Index
			if err := p.Add(a.ctx, i, a.fragment(f), bytes.NewReader(a.tags[f])); err != nil {
				return 0, err
			}
		}
		proof, err = p.Finish(a.ctx)
		return 0, err
	})
	if err != nil {
		return r, err
	}
	judge, err := step("verify, TEE worker", func() (int, error) {
		q, err := draw()
		if err != nil {
			return 0, err
		}
		return 0, a.key.Public().Verify(a.ctx, q, proof)
	})
	if err != nil {
		return r, err
	}
	r.Proof, r.ToTEE = len(proof.Bytes()), len(proof.Bytes())
	r.Steps = append(r.Steps, prove, judge)
	return r, c.submit(&r, proof.Bytes())
}

// tagLength is the length of a block's tag, a point of G1.
const tagLength = 48

// tag names and tags the fragments of a query that have no tags yet.
func (a *audits) tag(query *scheme.Query) error {
	tagger := scheme.NewTagger(a.key)
	for _, f := range query.Fragments {
		if a.tags[f.Index] != nil {
			continue
		}
		a.fragment(f.Index)
		a.names[f.Index] = scheme.Name(sha256.Sum256(a.data))
		tags, err := tagger.Tag(a.ctx, a.names[f.Index], a.fragment(f.Index))
		if err != nil {
			return err
		}
		a.tags[f.Index] = tags.Bytes()
	}
	return nil
}

// errUndo takes back what a measured call did.
var errUndo = errors.New("measured")

// submit measures the chain's part: four extrinsics, and a dispute about a
// right proof that was judged false.
func (c *auditChain) submit(r *AuditRound, proof []byte) error {
	verdict := audit.ServiceVerdict{
		Miner: auditMiner, TEE: auditTEE, Proof: proof, Challenge: c.open.Element.ServiceParam,
		BloomFilter: c.open.Snapshot.ServiceBloomFilter,
	}
	signed, err := c.sign(verdict.Digest())
	if err != nil {
		return err
	}
	info := c.open.Snapshot.SpaceProofInfo
	idle := audit.IdleVerdict{
		Miner: auditMiner, ProofHash: idleHash, Front: info.Front, Rear: info.Rear, Accumulator: info.Accumulator,
		SpaceParam: c.open.Element.SpaceParam, Result: true, TEE: auditTEE,
	}
	signedIdle, err := c.sign(idle.Digest())
	if err != nil {
		return err
	}
	calls := []runtime.Call{
		audit.SubmitIdleProof{Proof: idleHash},
		audit.SubmitServiceProof{Proof: proof},
		audit.SubmitVerifyIdleResult{
			ProofHash: idleHash, Front: info.Front, Rear: info.Rear, Accumulator: info.Accumulator, Result: true,
			Signature: signedIdle, TEE: auditTEE,
		},
		audit.SubmitVerifyServiceResult{Signature: signed, BloomFilter: c.open.Snapshot.ServiceBloomFilter, TEE: auditTEE},
	}
	for _, call := range calls {
		length, err := extrinsicLength(auditMiner, call)
		if err != nil {
			return err
		}
		r.Chain += length
	}
	all := func() error {
		for _, call := range calls {
			if err := c.ctx.Dispatch(call, runtime.SignedOrigin(auditMiner)); err != nil {
				return fmt.Errorf("%s: %w", runtime.RuntimeCall{Call: call}.Name(), err)
			}
		}
		return nil
	}
	round, err := c.undone("submit calls, chain", all)
	if err != nil {
		return err
	}
	r.Steps = append(r.Steps, round)
	if r.Version != 2 {
		return nil
	}
	if err := all(); err != nil {
		return err
	}
	dispute, err := c.undone("dispute, chain", func() error {
		return c.ctx.Dispatch(podr2.Dispute{Miner: auditMiner}, runtime.SignedOrigin(auditDisputer))
	})
	r.Steps = append(r.Steps, dispute)
	return err
}

// undone measures work on the state that is taken back each time.
func (c *auditChain) undone(what string, work func() error) (Step, error) {
	return step(what, func() (int, error) {
		err := c.ctx.Transaction(func() error {
			if err := work(); err != nil {
				return err
			}
			return errUndo
		})
		if errors.Is(err, errUndo) {
			err = nil
		}
		return 0, err
	})
}

// extrinsicLength is what a signed call takes in a block.
func extrinsicLength(who substrate.AccountID, call runtime.Call) (int, error) {
	signature, err := substrate.NewSignature(substrate.Sr25519, make([]byte, 64))
	if err != nil {
		return 0, err
	}
	signed := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{Address: substrate.AddressOf(who), Signature: signature, Extra: runtime.Extra{}},
		Call:      runtime.RuntimeCall{Call: call},
	}
	raw, err := signed.Encode()
	return len(raw), err
}
