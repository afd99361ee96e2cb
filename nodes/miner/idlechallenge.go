package miner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/store"
	"github.com/gocess/gocess/storage/pois/wire"
)

// idleRecord is what is done about an idle challenge. The chain says which of
// it was submitted.
type idleRecord struct {
	Start  types.BlockNumber `json:"start"`
	Blocks []idleBlock       `json:"blocks"`
	// Proof is complete when Done is set.
	Proof []byte `json:"proof,omitempty"`
	Done  bool   `json:"done"`
	// Verdict is what a TEE worker signed.
	Verdict *idleVerdict `json:"verdict,omitempty"`
}

// idleBlock is one proven set of the challenge.
type idleBlock struct {
	Left  int64    `json:"left"`
	Right int64    `json:"right"`
	Hash  [32]byte `json:"hash"`
}

type idleVerdict struct {
	Result    bool                  `json:"result"`
	Signature types.TEESignature    `json:"signature"`
	Worker    types.WorkerPublicKey `json:"worker"`
}

// answerIdle answers the idle part of an open challenge: it proves, submits
// the proof, has a TEE worker judge it and submits the verdict. What is done is
// journalled, so that it may be stopped anywhere.
func (m *Miner) answerIdle(ctx context.Context, p *jobs.Progress) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	c := l.challenge
	if c == nil {
		if err := m.answered(ctx, idleRecordName); err != nil {
			return err
		}
		return jobs.Waitf("no challenge is open")
	}
	if settledIdle(c) {
		return jobs.Waitf("the challenge of block %d is answered", c.Element.Start)
	}
	submitted, has := c.Proofs.Idle.Get()
	if !has && l.height > c.Element.IdleSlip && !m.cheat.late() {
		m.missed("idle", c.Element.Start)
		return jobs.Waitf("the challenge of block %d was not answered by block %d", c.Element.Start, c.Element.IdleSlip)
	}
	rec, err := m.proveIdle(ctx, p, l)
	if err != nil {
		return err
	}
	switch {
	case !has:
		if !m.cheat.mayProve(ctx, l, c.Element.IdleSlip) {
			return jobs.Waitf("the proof is held back")
		}
		p.Doing("submitting the idle proof")
		if err := m.submitIdle(ctx, l, rec); err != nil {
			return err
		}
	case string(submitted.Proof) != string(rec.Proof):
		return fmt.Errorf("the chain has another idle proof for the challenge of block %d than this folder", c.Element.Start)
	}
	if len(rec.Proof) == 0 {
		return nil
	}
	return m.judgeIdle(ctx, p, l, rec)
}

func (m *Miner) submitIdle(ctx context.Context, l *look, rec *idleRecord) error {
	if err := m.cfg.step("idle:proved"); err != nil {
		return err
	}
	_, err := l.chain.Submit(ctx, m.cfg.Signer, audit.SubmitIdleProof{Proof: rec.Proof})
	if err != nil && !errors.Is(err, audit.ErrSubmitted) {
		return fmt.Errorf("submit the idle proof: %w", err)
	}
	m.metrics.idleProofs.Inc()
	m.log.Info("submitted an idle proof", "challenge", rec.Start, "sets", len(rec.Blocks))
	return m.cfg.step("idle:submitted")
}

// proveIdle makes the proof of a challenge, or reads it.
func (m *Miner) proveIdle(ctx context.Context, p *jobs.Progress, l *look) (*idleRecord, error) {
	e, snap := &l.challenge.Element, l.challenge.Snapshot.SpaceProofInfo
	rec := new(idleRecord)
	if _, err := m.journal.load(idleRecordName, rec); err != nil {
		return nil, err
	}
	if rec.Start != e.Start {
		*rec = idleRecord{Start: e.Start}
		if err := m.proofs.keepOnly(e.Start); err != nil {
			return nil, err
		}
	}
	if rec.Done {
		return rec, nil
	}
	if snap.Front == snap.Rear {
		rec.Done = true
		return rec, m.journal.save(idleRecordName, rec)
	}
	st, _, err := m.idle.open(ctx, l)
	if err != nil {
		return nil, err
	}
	// Nothing that the proof needs goes away while it is made.
	if err := st.Pin(int64(snap.Front)); err != nil {
		return nil, err
	}
	acc, err := st.At(ctx, statusOf(snap))
	if err != nil {
		if errors.Is(err, store.ErrDiverged) {
			m.jobs.Wake(jobSpace) // it may lag behind the chain
		}
		return nil, fmt.Errorf("accumulator of the challenge: %w", err)
	}
	if err := m.proveBlocks(ctx, p, st, acc, e, rec); err != nil {
		return nil, err
	}
	hashes := make([][32]byte, len(rec.Blocks))
	for i, b := range rec.Blocks {
		hashes[i] = b.Hash
	}
	total := pois.IdleProof(hashes)
	rec.Proof, rec.Done = total[:], true
	return rec, m.journal.save(idleRecordName, rec)
}

func spaceChallenge(e *audit.ChallengeElement) []int64 {
	chals := make([]int64, len(e.SpaceParam))
	for i, v := range e.SpaceParam {
		chals[i] = int64(v)
	}
	return chals
}

// proveBlocks proves the sets of a challenge that are not proven yet.
func (m *Miner) proveBlocks(ctx context.Context, p *jobs.Progress, st *store.Store, acc *accumulator.Accumulator, e *audit.ChallengeElement, rec *idleRecord) error {
	chals := spaceChallenge(e)
	walk, err := pois.NewBlocks(pois.ID(m.account), chals, acc.Front(), acc.Rear())
	if err != nil {
		return err
	}
	var prior [32]byte
	for i := 0; ; i++ {
		left, right, ok := walk.Next(prior)
		if !ok {
			return nil
		}
		if i < len(rec.Blocks) {
			if _, err := m.proofs.read(e.Start, i); err == nil {
				prior = rec.Blocks[i].Hash
				continue
			}
			rec.Blocks = rec.Blocks[:i]
		}
		p.Doing("answering the idle challenge of block %d: set %d of %d", e.Start, i+1, walk.Total())
		proof, err := m.proveBlock(ctx, p, st, acc, chals, left, right)
		if err != nil {
			return fmt.Errorf("prove idle files %d…%d: %w", left, right-1, err)
		}
		if err := m.proofs.write(e.Start, i, wire.Marshal(proof)); err != nil {
			return err
		}
		prior = proof.Hash()
		rec.Blocks = append(rec.Blocks, idleBlock{left, right, prior})
		if err := m.journal.save(idleRecordName, rec); err != nil {
			return err
		}
		if err := m.cfg.step("idle:block"); err != nil {
			return err
		}
	}
}

// proveBlock proves one set. Damaged files are regenerated first.
func (m *Miner) proveBlock(ctx context.Context, p *jobs.Progress, st *store.Store, acc *accumulator.Accumulator, chals []int64, left, right int64) (*wire.SpaceProof, error) {
	for try := 0; ; try++ {
		proof, err := func() (*wire.SpaceProof, error) {
			chains, err := acc.Witnesses(left, right)
			if err != nil {
				return nil, err
			}
			set, err := st.Set(pois.SetOf(left))
			if err != nil {
				return nil, err
			}
			return set.ProveSpace(ctx, chals, left, right, chains)
		}()
		damaged := errors.Is(err, pois.ErrMissing) || errors.Is(err, pois.ErrDamaged) || errors.Is(err, fs.ErrNotExist)
		if err == nil || !damaged || try > 0 || !m.cheat.repairs() {
			return proof, err
		}
		m.log.Warn("idle files are damaged", "files", fmt.Sprintf("%d…%d", left, right-1), "err", err)
		if err := m.repairIdle(ctx, p, st, left, right); err != nil {
			return nil, err
		}
	}
}

// repairIdle regenerates the damaged files of a range of one set.
func (m *Miner) repairIdle(ctx context.Context, p *jobs.Progress, st *store.Store, left, right int64) error {
	set, err := st.Set(pois.SetOf(left))
	if err != nil {
		return err
	}
	var damages []store.Damage
	for file := left; file < right; file++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := set.CheckFile(file); err != nil {
			damages = append(damages, store.Damage{File: file, Err: err})
		}
	}
	return m.regenerate(ctx, p, st, damages)
}

// regenerate replaces damaged idle files.
func (m *Miner) regenerate(ctx context.Context, p *jobs.Progress, st *store.Store, damages []store.Damage) error {
	if len(damages) == 0 {
		return nil
	}
	p.Doing("regenerating %d idle files", len(damages))
	if err := m.cfg.Heavy.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.cfg.Heavy.Release(1)
	if err := st.Repair(ctx, damages, pois.GenerateOptions{Workers: m.cfg.Cores}); err != nil {
		return fmt.Errorf("regenerate idle files: %w", err)
	}
	m.metrics.repairedIdle.Add(float64(len(damages)))
	m.log.Info("regenerated idle files", "files", len(damages))
	return nil
}

// judgeIdle has a TEE worker judge the proof, and tells the chain.
func (m *Miner) judgeIdle(ctx context.Context, p *jobs.Progress, l *look, rec *idleRecord) error {
	if rec.Verdict == nil {
		err := m.tees.Do(ctx, l.chain, tees.Verify, func(ctx context.Context, w *tees.Worker) error {
			p.Doing("answering the idle challenge of block %d: worker %x… judges", rec.Start, w.Key[:4])
			v, err := m.idleVerdict(ctx, w, l, rec)
			if err == nil {
				rec.Verdict = v
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("verdict on the idle proof: %w", err)
		}
		if err := m.journal.save(idleRecordName, rec); err != nil {
			return err
		}
	}
	if err := m.cfg.step("idle:judged"); err != nil {
		return err
	}
	p.Doing("submitting the idle verdict")
	v, snap := rec.Verdict, l.challenge.Snapshot.SpaceProofInfo
	_, err := l.chain.Submit(ctx, m.cfg.Signer, audit.SubmitVerifyIdleResult{
		ProofHash: rec.Proof, Front: snap.Front, Rear: snap.Rear, Accumulator: snap.Accumulator,
		Result: v.Result, Signature: v.Signature[:], TEE: v.Worker,
	})
	switch {
	case errors.Is(err, audit.ErrTEENoPermission), errors.Is(err, audit.ErrVerifyTEESigFailed):
		rec.Verdict = nil // another worker
		return errors.Join(fmt.Errorf("submit the idle verdict: %w", err), m.journal.save(idleRecordName, rec))
	case err != nil && !errors.Is(err, audit.ErrSubmitted) && !errors.Is(err, audit.ErrNoChallenge):
		return fmt.Errorf("submit the idle verdict: %w", err)
	}
	m.metrics.verdict("idle", v.Result)
	m.log.Info("submitted an idle verdict", "challenge", rec.Start, "result", v.Result)
	m.jobs.Wake(jobSpace)
	return nil
}

// idleVerdict hands in all blocks and asks for the verdict.
func (m *Miner) idleVerdict(ctx context.Context, w *tees.Worker, l *look, rec *idleRecord) (*idleVerdict, error) {
	snap := l.challenge.Snapshot
	chals := spaceChallenge(&l.challenge.Element)
	info := &wire.MinerPoisInfo{
		Acc: snap.SpaceProofInfo.Accumulator[:], Front: int64(snap.SpaceProofInfo.Front), Rear: int64(snap.SpaceProofInfo.Rear),
		KeyN: snap.SpaceProofInfo.PoISKey.N[:], KeyG: snap.SpaceProofInfo.PoISKey.G[:], StatusTeeSign: snap.TEESignature[:],
	}
	total := &wire.RequestSpaceProofVerifyTotal{
		MinerID: m.account[:], Front: info.Front, Rear: info.Rear, Acc: info.Acc, SpaceChals: chals,
	}
	for i, b := range rec.Blocks {
		raw, err := m.proofs.read(rec.Start, i)
		if err != nil {
			return nil, tees.Final(err)
		}
		proof, err := wire.Unmarshal[wire.SpaceProof](raw)
		if err != nil {
			return nil, tees.Final(err)
		}
		signature, err := m.sign(b.Hash[:])
		if err != nil {
			return nil, tees.Final(err)
		}
		reply, err := tees.Ask(ctx, verdictTimeout, w.VerifySpaceBlock, &wire.RequestSpaceProofVerify{
			SpaceChals: chals, MinerID: m.account[:], PoisInfo: info, Proof: proof, MinerSpaceProofHashPolkadotSig: signature,
		})
		if err != nil {
			return nil, err
		}
		total.ProofList = append(total.ProofList, wire.BlocksProof{
			ProofHashAndLeftRight: &wire.ProofHashAndLeftRight{SpaceProofHash: b.Hash[:], Left: b.Left, Right: b.Right},
			Signature:             reply.Signature,
		})
	}
	reply, err := tees.Ask(ctx, verdictTimeout, w.VerifySpaceTotal, total)
	if err != nil {
		return nil, err
	}
	if len(reply.Signature) != len(types.TEESignature{}) {
		return nil, fmt.Errorf("verdict with a signature of %d bytes", len(reply.Signature))
	}
	return &idleVerdict{reply.IdleResult, types.TEESignature(reply.Signature), w.Key}, nil
}

// missed notes a challenge whose deadline passed, once.
func (m *Miner) missed(kind string, start types.BlockNumber) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.missedAt[kind] != start {
		m.missedAt[kind] = start
		m.metrics.missed.Inc()
		m.log.Error("missed a challenge", "kind", kind, "challenge", start)
	}
}
