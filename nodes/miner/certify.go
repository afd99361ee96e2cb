package miner

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/store"
	"github.com/gocess/gocess/storage/pois/wire"
)

// advanceSpace settles the idle space with the chain, replaces idle files by
// the fragments that came, and certifies generated sets, until nothing is left
// to do.
func (m *Miner) advanceSpace(ctx context.Context, p *jobs.Progress) error {
	m.idle.change.Lock()
	defer m.idle.change.Unlock()
	for {
		l, st, err := m.settled(ctx, p)
		if err != nil {
			return err
		}
		if err := m.cleanIdle(ctx, st, l); err != nil {
			return fmt.Errorf("clean idle space: %w", err)
		}
		// A frozen or leaving miner has to make room for what it stores, too.
		if more, err := m.replace(ctx, p, l, st); err != nil || more {
			if err != nil {
				return fmt.Errorf("replace idle files: %w", err)
			}
			continue
		}
		if err := l.inService(); err != nil {
			return err
		}
		ready := st.Ready()
		if len(ready) == 0 {
			m.jobs.Wake(jobGenerate)
			return jobs.Waitf("no set waits for its certification")
		}
		if err := m.certify(ctx, p, l, st, ready[0]); err != nil {
			return fmt.Errorf("certify set %d: %w", ready[0], err)
		}
		m.jobs.Wake(jobGenerate)
	}
}

// settled reads the chain and brings the store to its state. The caller holds
// idle.change.
func (m *Miner) settled(ctx context.Context, p *jobs.Progress) (*look, *store.Store, error) {
	l, err := m.look(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !l.found {
		return nil, nil, jobs.Waitf("the account is not registered as a miner")
	}
	if state := l.state(); state == sminer.StateExit || state == sminer.StateOffline {
		return nil, nil, jobs.Waitf("the miner has left the network (%s)", state)
	}
	st, _, err := m.idle.open(ctx, l)
	if err != nil {
		return nil, nil, err
	}
	info, _ := l.me.SpaceProofInfo.Get()
	if local := st.Status(); int64(info.Rear) < local.Rear || int64(info.Front) < local.Front {
		// The chain never goes back.
		return nil, nil, jobs.Waitf("the node lags: it knows idle files up to %d, of which %d are replaced; here they are %d and %d", info.Rear, info.Front, local.Rear, local.Front)
	}
	if err := settle(ctx, st, statusOf(info)); err != nil {
		if !errors.Is(err, store.ErrDiverged) && !errors.Is(err, pois.ErrMissing) {
			return nil, nil, fmt.Errorf("settle idle space: %w", err)
		}
		if err := m.restoreIdle(ctx, p, st, statusOf(info)); err != nil {
			return nil, nil, err
		}
	}
	return l, st, nil
}

// sign signs a request as upstream miners do: what is longer than 256 bytes
// is hashed first (spec/pois.md §12.1).
func (m *Miner) sign(message []byte) ([]byte, error) {
	if len(message) > 256 {
		sum := crypto.Blake2b256(message)
		message = sum[:]
	}
	return m.cfg.Signer.Sign(message)
}

// recordOf is the chain's record as workers want to see it.
func recordOf(l *look) *wire.MinerPoisInfo {
	info, _ := l.me.SpaceProofInfo.Get()
	return &wire.MinerPoisInfo{
		Acc: info.Accumulator[:], Front: int64(info.Front), Rear: int64(info.Rear),
		KeyN: info.PoISKey.N[:], KeyG: info.PoISKey.G[:], StatusTeeSign: l.me.TEESignature[:],
	}
}

// certify proves a generated set to a TEE worker and has the chain count it.
// The store's journal knows of the change before the worker does; whatever
// stops this, settle finds out from the chain how it ended.
func (m *Miner) certify(ctx context.Context, p *jobs.Progress, l *look, st *store.Store, number int64) error {
	set, err := st.Set(number)
	if err != nil {
		return err
	}
	commits, err := set.Commits()
	if err != nil {
		return err
	}
	commit := &wire.RequestMinerCommitGenChall{MinerID: m.account[:], Commit: commits}
	if commit.MinerSign, err = m.sign(commit.SignedBytes()); err != nil {
		return err
	}
	err = m.tees.Do(ctx, l.chain, tees.Mark, func(ctx context.Context, w *tees.Worker) error {
		p.Doing("certifying set %d: committing it to worker %x…", number, w.Key[:4])
		challenge, err := tees.Ask(ctx, commitTimeout, w.CommitChallenge, commit)
		if err != nil {
			return err
		}
		request := &wire.RequestVerifyCommitAndAccProof{MinerID: m.account[:], PoisInfo: recordOf(l)}
		if err := m.proveSet(ctx, p, st, set, challenge.Rows, request); err != nil {
			return tees.Final(err)
		}
		if err := m.cfg.step("certify:proved"); err != nil {
			return tees.Final(err)
		}
		p.Doing("certifying set %d: worker %x… checks the proof", number, w.Key[:4])
		reply, err := tees.Ask(ctx, certifyTimeout, w.VerifyCommit, request)
		if err != nil {
			return err
		}
		next, _ := st.Pending()
		args, err := m.checkReply(l, next, w.Key, reply)
		if err != nil {
			return err
		}
		if err := m.cfg.step("certify:verified"); err != nil {
			return tees.Final(err)
		}
		p.Doing("certifying set %d: waiting for the chain", number)
		return m.submitChange(ctx, l.chain, st, filebank.CertIdleSpace(args))
	})
	if err != nil {
		// Rolled back or, if the chain has it after all, confirmed by settle.
		return err
	}
	m.metrics.certified.Inc()
	m.log.Info("certified idle files", "set", number)
	return m.cheat.certified(st)
}

// proveSet answers a commit challenge and journals the insertion.
func (m *Miner) proveSet(ctx context.Context, p *jobs.Progress, st *store.Store, set *pois.Set, rows []wire.Int64Slice, r *wire.RequestVerifyCommitAndAccProof) error {
	p.Doing("certifying set %d: waiting to prove it", set.Number())
	if err := m.cfg.Heavy.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.cfg.Heavy.Release(1)
	p.Doing("certifying set %d: proving it", set.Number())
	var err error
	if r.CommitProofGroup, err = set.ProveCommit(ctx, rows, pois.AllPaths); err != nil {
		if errors.Is(err, pois.ErrMissing) || errors.Is(err, pois.ErrDamaged) {
			return errors.Join(err, st.Forget(set.Number())) // it is generated anew
		}
		return err
	}
	if r.AccProof, err = st.Insertion(ctx); err != nil {
		return err
	}
	r.MinerSign, err = m.sign(r.SignedBytes())
	return err
}

// changeArgs are the arguments of the two calls that change idle space.
type changeArgs = struct {
	IdleSigInfo      types.SpaceProofInfo  `type:"SpaceProofInfo<AccountOf<T>>"`
	TEESigNeedVerify types.SignatureBytes  `scale:"tee_sig_need_verify" type:"BoundedVec<u8, ConstU32<64>>"`
	TEESig           types.SignatureBytes  `scale:"tee_sig" type:"BoundedVec<u8, ConstU32<64>>"`
	TEEPuk           types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// checkReply makes the chain call of a worker's reply after checking that it
// is about the change that the store has journalled.
func (m *Miner) checkReply(l *look, next pois.Status, worker types.WorkerPublicKey, r *wire.ResponseVerifyCommitOrDeletionProof) (changeArgs, error) {
	if r.PoisStatus == nil || len(r.StatusTeeSign) != 64 || len(r.SignatureWithTeeController) != 64 {
		return changeArgs{}, errors.New("the worker's reply is incomplete")
	}
	old, _ := l.me.SpaceProofInfo.Get()
	want, err := proofInfo(m.account, old, next)
	if err != nil {
		return changeArgs{}, err
	}
	got, err := proofInfo(m.account, old, pois.Status{Acc: r.PoisStatus.Acc, Front: r.PoisStatus.Front, Rear: r.PoisStatus.Rear})
	if err != nil || got != want {
		return changeArgs{}, fmt.Errorf("the worker certifies files %d…%d, not %d…%d", r.PoisStatus.Front+1, r.PoisStatus.Rear, next.Front+1, next.Rear)
	}
	return changeArgs{want, r.SignatureWithTeeController, r.StatusTeeSign, worker}, nil
}

// submitChange sends a call about the change under way and confirms it.
func (m *Miner) submitChange(ctx context.Context, c *sdk.Client, st *store.Store, call runtime.Call) error {
	_, err := c.Submit(ctx, m.cfg.Signer, call)
	switch {
	case errors.Is(err, filebank.ErrTEENoPermission), errors.Is(err, filebank.ErrVerifyTEESigFailed):
		return errors.Join(err, st.Rollback()) // another worker may do better
	case err != nil:
		return tees.Final(err)
	}
	if err := m.cfg.step("change:included"); err != nil {
		return tees.Final(err)
	}
	return tees.Final(st.Confirm())
}

// replace deletes idle files in whose place service data has come, those of
// one set at a time, and says whether it did.
func (m *Miner) replace(ctx context.Context, p *jobs.Progress, l *look, st *store.Store) (bool, error) {
	if !m.cheat.replaces() {
		return false, nil
	}
	pending, _, err := sdk.Find(ctx, l.at, sminer.PendingReplacements, m.account)
	if err != nil {
		return false, fmt.Errorf("read pending replacements: %w", err)
	}
	unit, err := l.idleFileSize(ctx)
	if err != nil {
		return false, err
	}
	local := st.Status()
	files, ok := pending.Div64(unit).Uint64()
	if !ok {
		files = math.MaxUint64
	}
	num := replaceable(files, local)
	if num == 0 {
		return false, nil
	}
	p.Doing("replacing %d idle files", num)
	roots, change, err := st.Deletion(ctx, num)
	if err != nil {
		return false, err
	}
	if err := m.cfg.step("replace:proved"); err != nil {
		return false, err
	}
	request := &wire.RequestVerifyDeletionProof{
		Roots: roots, WitChain: change.Chain, AccPath: change.Path, MinerID: m.account[:], PoisInfo: recordOf(l),
	}
	if request.MinerSign, err = m.sign(request.SignedBytes()); err != nil {
		return false, err
	}
	next, _ := st.Pending()
	err = m.tees.Do(ctx, l.chain, tees.Mark, func(ctx context.Context, w *tees.Worker) error {
		reply, err := tees.Ask(ctx, commitTimeout, w.VerifyDeletion, request)
		if err != nil {
			return err
		}
		args, err := m.checkReply(l, next, w.Key, reply)
		if err != nil {
			return err
		}
		if err := m.cfg.step("replace:verified"); err != nil {
			return tees.Final(err)
		}
		return m.submitChange(ctx, l.chain, st, filebank.ReplaceIdleSpace(args))
	})
	if err != nil {
		return false, err
	}
	m.metrics.replaced.Add(float64(num))
	m.log.Info("replaced idle files", "files", num)
	return true, nil
}

// replaceable is the number of files to delete in one go: those of the first
// live set at most (spec/pois.md §9.4).
func replaceable(pending uint64, local pois.Status) int {
	return int(min(int64(min(pending, pois.SetFiles)), pois.SetFiles-local.Front%pois.SetFiles, local.Rear-local.Front))
}
