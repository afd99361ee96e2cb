package miner

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/sdk"
	podr2proof "github.com/gocess/gocess/storage/podr2"
)

// serviceRecord is what is done about a service challenge.
type serviceRecord struct {
	Start   types.BlockNumber `json:"start"`
	Proof   []byte            `json:"proof,omitempty"` // complete when Done is set; empty without fragments
	Done    bool              `json:"done"`
	Verdict *serviceVerdict   `json:"verdict,omitempty"`
}

type serviceVerdict struct {
	Result    bool                  `json:"result"`
	Signature types.TEESignature    `json:"signature"`
	Worker    types.WorkerPublicKey `json:"worker"`
	Filter    types.BloomFilter     `json:"filter"`
}

// answerService answers the service part of an open challenge, as answerIdle
// does the idle one. The proof goes to the chain before any worker sees it: a
// slow worker cannot make it late.
func (m *Miner) answerService(ctx context.Context, p *jobs.Progress) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	c := l.challenge
	if c == nil {
		if err := m.answered(ctx, serviceRecordName); err != nil {
			return err
		}
		return jobs.Waitf("no challenge is open")
	}
	submitted, has := c.Proofs.Service.Get()
	switch {
	case has && submitted.Verdict.IsSome():
		return jobs.Waitf("the challenge of block %d is answered", c.Element.Start)
	case !has && l.height > c.Element.ServiceSlip && !m.cheat.late():
		m.missed("service", c.Element.Start)
		return jobs.Waitf("the challenge of block %d was not answered by block %d", c.Element.Start, c.Element.ServiceSlip)
	}
	rec := new(serviceRecord)
	if _, err := m.journal.load(serviceRecordName, rec); err != nil {
		return err
	}
	if rec.Start != c.Element.Start {
		*rec = serviceRecord{Start: c.Element.Start}
	}
	if has {
		rec.Proof, rec.Done = submitted.Proof, true // what the chain has is judged
	} else {
		if !m.cheat.mayProve(ctx, l, c.Element.ServiceSlip) {
			return jobs.Waitf("the proof is held back")
		}
		if err := m.proveService(ctx, p, l, rec); err != nil {
			return err
		}
		if err := m.submitService(ctx, p, l, rec); err != nil {
			return err
		}
	}
	return m.judgeService(ctx, p, l, rec)
}

func (m *Miner) proveService(ctx context.Context, p *jobs.Progress, l *look, rec *serviceRecord) error {
	if rec.Done {
		return nil
	}
	p.Doing("answering the service challenge of block %d", rec.Start)
	query, key, err := m.serviceQuery(ctx, l)
	if err != nil {
		return fmt.Errorf("question of the challenge: %w", err)
	}
	if query != nil {
		srs, err := m.keyNamed(ctx, l, key)
		if err != nil {
			return err
		}
		if rec.Proof, err = m.proveQuery(ctx, p, l, srs, query); err != nil {
			return fmt.Errorf("prove service data: %w", err)
		}
	}
	if rec.Proof, err = m.cheat.serviceProof(ctx, l, rec.Proof); err != nil {
		return err
	}
	rec.Done = true
	return m.journal.save(serviceRecordName, rec)
}

func (m *Miner) submitService(ctx context.Context, p *jobs.Progress, l *look, rec *serviceRecord) error {
	if err := m.cfg.step("service:proved"); err != nil {
		return err
	}
	p.Doing("submitting the service proof")
	_, err := l.chain.Submit(ctx, m.cfg.Signer, audit.SubmitServiceProof{Proof: rec.Proof})
	if err != nil && !errors.Is(err, audit.ErrSubmitted) {
		return fmt.Errorf("submit the service proof: %w", err)
	}
	m.metrics.serviceProofs.Inc()
	m.log.Info("submitted a service proof", "challenge", rec.Start, "bytes", len(rec.Proof))
	return m.cfg.step("service:submitted")
}

// nameReaders is the number of names read from the chain at once.
const nameReaders = 16

// serviceQuery is the question of the open challenge, over the list of
// fragments that the chain froze when it started, read after one block, and
// the key of the tags. The query is nil if the list is empty.
func (m *Miner) serviceQuery(ctx context.Context, l *look) (*podr2proof.Query, podr2proof.KeyID, error) {
	frozen, ok, err := sdk.Find(ctx, l.at, podr2.Frozen, m.account)
	if err != nil {
		return nil, podr2proof.KeyID{}, err
	}
	start := l.challenge.Element.Start
	if !ok {
		return nil, podr2proof.KeyID{}, fmt.Errorf("the chain froze no list of fragments for the challenge of block %d", start)
	}
	if frozen.Count == 0 {
		return nil, podr2proof.KeyID{}, nil
	}
	key, ok := frozen.Key.Get()
	if !ok {
		return nil, podr2proof.KeyID{}, fmt.Errorf("the chain had no tag key when the challenge of block %d started", start)
	}
	challenge := podr2proof.Challenge{Seed: podr2.SeedOf(l.challenge.Element, m.account)}
	if challenge.Samples, err = sdk.Constant(ctx, l.at, podr2.Samples); err != nil {
		return nil, key, err
	}
	more, err := m.cheat.besides(ctx, m, l, key)
	if err != nil {
		return nil, key, err
	}
	listed, all := uint64(frozen.Count), uint64(frozen.Count)+uint64(len(more))
	samples, err := challenge.Draw(all)
	if err != nil {
		return nil, key, err
	}
	names := make(map[uint64]podr2proof.Name)
	for _, s := range samples {
		if s.Fragment < listed {
			names[s.Fragment] = podr2proof.Name{}
		}
	}
	if err := m.readNames(ctx, l, frozen.Start, names); err != nil {
		return nil, key, err
	}
	for i, name := range more {
		names[listed+uint64(i)] = name
	}
	query, err := challenge.Query(all, func(i uint64) (podr2proof.Name, error) { return names[i], nil })
	return query, key, err
}

// readNames fills in the names of the frozen list at the given places.
func (m *Miner) readNames(ctx context.Context, l *look, start types.BlockNumber, names map[uint64]podr2proof.Name) error {
	type named struct {
		at   uint64
		name podr2proof.Name
	}
	found := make(chan named, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(nameReaders)
	for i := range names {
		group.Go(func() error {
			name, saved, err := sdk.FindPair(ctx, l.at, podr2.FrozenSlots, podr2.FrozenID{Miner: m.account, Start: start}, uint32(i))
			if err == nil && !saved {
				name, saved, err = sdk.FindPair(ctx, l.at, podr2.Fragments, m.account, uint32(i))
			}
			if err == nil && !saved {
				err = fmt.Errorf("the chain's list has no fragment %d", i)
			}
			found <- named{i, podr2proof.Name(name)}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for range len(names) {
		n := <-found
		names[n.at] = n.name
	}
	return nil
}

// proveQuery answers a question from the fragments and tags on disk. What is
// missing is fetched or tagged first; a fragment that nobody has is declared
// lost.
func (m *Miner) proveQuery(ctx context.Context, p *jobs.Progress, l *look, srs *podr2proof.SRS, query *podr2proof.Query) ([]byte, error) {
	prover, err := podr2proof.NewProver(srs, query)
	if err != nil {
		return nil, err
	}
	for i := range query.Fragments {
		p.Doing("answering the service challenge of block %d: fragment %d of %d", l.challenge.Element.Start, i+1, len(query.Fragments))
		if err := m.proveFragment(ctx, l, srs, prover, i, query.Fragments[i].Name); err != nil {
			return nil, fmt.Errorf("fragment %v: %w", query.Fragments[i].Name, err)
		}
	}
	proof, err := prover.Finish(ctx)
	if err != nil {
		return nil, err
	}
	return proof.Bytes(), nil
}

func (m *Miner) proveFragment(ctx context.Context, l *look, srs *podr2proof.SRS, prover *podr2proof.Prover, i int, name podr2proof.Name) error {
	fragment := types.HashOf(name)
	add := func() error {
		fid, ok := m.placeOf(fragment, srs.Key().ID())
		if !ok {
			return errNoPlace
		}
		tags, err := m.store.Tags(fid, fragment)
		if err != nil {
			return err
		}
		content, err := m.cheat.content(m.store.OpenKept(fid, fragment))
		if err != nil {
			return err
		}
		defer content.Close()
		return prover.Add(ctx, i, content, tagReader(tags))
	}
	err := add()
	if err == nil || ctx.Err() != nil || !m.cheat.repairs() {
		return err
	}
	// Whatever is wrong with what is on disk, it is brought in order and read
	// again.
	m.log.Warn("a challenged fragment is not ready", "fragment", fragment, "err", err)
	if fixing := m.restoreFragment(ctx, l, fragment); fixing != nil {
		return errors.Join(err, fixing)
	}
	return add()
}

var errNoPlace = errors.New("it is not here, or its tags are not")

// placeOf is the file for which the fragment is kept together with tags.
func (m *Miner) placeOf(fragment types.Hash, key podr2proof.KeyID) (fid types.Hash, ok bool) {
	for _, fid := range m.store.Where(fragment) {
		if m.store.tagged(fid, fragment, key) {
			return fid, true
		}
	}
	return types.Hash{}, false
}

// tagReader gives a tag file as the prover reads it.
func tagReader(t *podr2proof.Tags) io.ReaderAt { return bytesReader(t.Bytes()) }

// judgeService has a TEE worker judge the proof, and tells the chain.
func (m *Miner) judgeService(ctx context.Context, p *jobs.Progress, l *look, rec *serviceRecord) error {
	if rec.Verdict == nil {
		err := m.tees.Do(ctx, l.chain, tees.Verify, func(ctx context.Context, w *tees.Worker) error {
			p.Doing("answering the service challenge of block %d: worker %x… judges", rec.Start, w.Key[:4])
			ctx, cancel := context.WithTimeout(ctx, verdictTimeout)
			defer cancel()
			result, signature, err := w.VerifyV2(ctx, m.account, rec.Proof)
			if err == nil {
				rec.Verdict = &serviceVerdict{result, signature, w.Key, l.challenge.Snapshot.ServiceBloomFilter}
			}
			return err
		})
		if err != nil {
			err = fmt.Errorf("verdict on the service proof: %w", err)
			return m.judgeOnChain(ctx, p, l, rec, err)
		}
		if err := m.journal.save(serviceRecordName, rec); err != nil {
			return err
		}
	}
	if err := m.cfg.step("service:judged"); err != nil {
		return err
	}
	p.Doing("submitting the service verdict")
	v := m.cheat.verdict(l, rec.Proof, *rec.Verdict)
	_, err := l.chain.Submit(ctx, m.cfg.Signer, audit.SubmitVerifyServiceResult{
		Result: v.Result, Signature: v.Signature[:], BloomFilter: v.Filter, TEE: v.Worker,
	})
	switch {
	case errors.Is(err, audit.ErrTEENoPermission), errors.Is(err, audit.ErrVerifyTEESigFailed):
		rec.Verdict = nil // another worker
		return errors.Join(fmt.Errorf("submit the service verdict: %w", err), m.journal.save(serviceRecordName, rec))
	case err != nil && !errors.Is(err, audit.ErrSubmitted) && !errors.Is(err, audit.ErrNoChallenge):
		return fmt.Errorf("submit the service verdict: %w", err)
	}
	m.metrics.verdict("service", v.Result)
	m.log.Info("submitted a service verdict", "challenge", rec.Start, "result", v.Result)
	return nil
}

// judgeOnChain has the chain itself verify a proof that no worker judged in the
// first half of the time for verdicts; before, it returns why.
func (m *Miner) judgeOnChain(ctx context.Context, p *jobs.Progress, l *look, rec *serviceRecord, why error) error {
	e := l.challenge.Element
	if l.height <= e.ServiceSlip || l.height-e.ServiceSlip < (e.VerifySlip-e.ServiceSlip)/2 {
		return why
	}
	p.Doing("having the chain judge the service proof")
	_, err := l.chain.Submit(ctx, m.cfg.Signer, podr2.Judge{Miner: m.account})
	if err != nil && !errors.Is(err, podr2.ErrVerdictExists) && !errors.Is(err, podr2.ErrNoChallenge) {
		return errors.Join(why, fmt.Errorf("verdict of the chain: %w", err))
	}
	m.log.Warn("the chain judged a service proof because no TEE worker did", "challenge", rec.Start, "err", why)
	return nil
}

// settledService says whether nothing about service data is left to prove.
func settledService(c *audit.Challenge) bool {
	proof, ok := c.Proofs.Service.Get()
	return ok && proof.Verdict.IsSome()
}
