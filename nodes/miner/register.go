package miner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois/wire"
)

// How long a TEE worker may take. Verdicts are needed before a deadline, and
// another worker may be quicker.
const (
	keyTimeout     = time.Minute // makes an RSA modulus
	commitTimeout  = 3 * time.Minute
	certifyTimeout = 10 * time.Minute // checks 24 MB of proof
	tagTimeout     = 2 * time.Minute
	verdictTimeout = time.Minute
)

// register makes the account a miner with a PoIS key and proofs of version 2,
// and brings its record up to date. What the chain says decides what is left
// to do, so that it may be stopped anywhere.
func (m *Miner) register(ctx context.Context, p *jobs.Progress) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if !l.found {
		p.Doing("registering with %d TiB", m.cfg.SpaceTiB)
		if err := m.enroll(ctx, l.chain); err != nil {
			return err
		}
		if l, err = m.look(ctx); err != nil {
			return err
		}
		if !l.found {
			return jobs.Waitf("the registration is on its way")
		}
	}
	switch l.state() {
	case sminer.StateExit, sminer.StateOffline:
		return jobs.Waitf("the miner has left the network (%s)", l.state())
	}
	if err := m.publish(ctx, l); err != nil {
		return err
	}
	if l.me.SpaceProofInfo.IsNone() {
		if l.state() != sminer.StateNotReady {
			return jobs.Waitf("the miner has no PoIS key and its state %q allows none", l.state())
		}
		p.Doing("getting a PoIS key")
		if err := m.getKey(ctx, l.chain); err != nil {
			return fmt.Errorf("get a PoIS key: %w", err)
		}
		m.jobs.Wake(jobGenerate, jobSpace)
	}
	return m.setVersion(ctx, l)
}

// enroll registers the account and reserves its collateral.
func (m *Miner) enroll(ctx context.Context, c *sdk.Client) error {
	beneficiary := m.account
	if m.cfg.Beneficiary != nil {
		beneficiary = *m.cfg.Beneficiary
	}
	collateral := sminer.CollateralLimit(types.Tebibytes(m.cfg.SpaceTiB))
	var err error
	if staker := m.cfg.StakingAccount; staker != nil && *staker != m.account {
		_, err = c.Submit(ctx, m.cfg.Signer, sminer.RegnstkAssignStaking{
			Beneficiary: beneficiary, Endpoint: types.Endpoint(m.Endpoint()),
			StakingAccount: *staker, TiBCount: m.cfg.SpaceTiB,
		})
	} else {
		_, err = c.Submit(ctx, m.cfg.Signer, sminer.Regnstk{
			Beneficiary: beneficiary, Endpoint: types.Endpoint(m.Endpoint()),
			Staking: collateral, TiBCount: m.cfg.SpaceTiB,
		})
	}
	if err != nil && !errors.Is(err, sminer.ErrAlreadyRegistered) {
		return fmt.Errorf("register %v with %v planck of collateral: %w", types.Address(m.account), collateral, err)
	}
	m.log.Info("registered", "tib", m.cfg.SpaceTiB, "endpoint", m.Endpoint())
	return nil
}

// publish tells the chain what changed in the settings.
func (m *Miner) publish(ctx context.Context, l *look) error {
	if string(l.me.Endpoint) != m.Endpoint() {
		if _, err := l.chain.Submit(ctx, m.cfg.Signer, sminer.UpdateEndpoint{Endpoint: types.Endpoint(m.Endpoint())}); err != nil {
			return fmt.Errorf("publish the endpoint %s: %w", m.Endpoint(), err)
		}
		m.log.Info("published the endpoint", "endpoint", m.Endpoint())
	}
	if b := m.cfg.Beneficiary; b != nil && l.me.Beneficiary != *b {
		if _, err := l.chain.Submit(ctx, m.cfg.Signer, sminer.UpdateBeneficiary{Beneficiary: *b}); err != nil {
			return fmt.Errorf("name the beneficiary: %w", err)
		}
		m.log.Info("named the beneficiary", "account", types.Address(*b))
	}
	return nil
}

// getKey has a TEE worker make an accumulator key and registers it.
func (m *Miner) getKey(ctx context.Context, c *sdk.Client) error {
	return m.tees.Do(ctx, c, tees.Mark, func(ctx context.Context, w *tees.Worker) error {
		reply, err := tees.Ask(ctx, keyTimeout, w.NewMinerKey, m.account)
		if err != nil {
			return err
		}
		call, err := keyCall(m.account, w.Key, reply)
		if err != nil {
			return err
		}
		if err := m.cfg.step("key:made"); err != nil {
			return tees.Final(err)
		}
		if _, err := c.Submit(ctx, m.cfg.Signer, call); err != nil {
			var refused *sdk.CallError
			if errors.As(err, &refused) && errors.Is(err, sminer.ErrVerifyTEESigFailed) {
				return err // another worker may do better
			}
			return tees.Final(err)
		}
		m.log.Info("registered a PoIS key", "tee", fmt.Sprintf("%x", w.Key))
		return nil
	})
}

func keyCall(miner substrate.AccountID, worker types.WorkerPublicKey, r *wire.ResponseMinerInitParam) (call sminer.RegisterPoISKey, err error) {
	if string(r.MinerID) != string(miner[:]) || r.Front != 0 || r.Rear != 0 {
		return call, errors.New("the worker's new key is not for this miner")
	}
	for _, part := range []struct {
		to   *[256]byte
		from []byte
	}{{&call.PoISKey.G, r.KeyG}, {&call.PoISKey.N, r.KeyN}} {
		padded, err := wire.Pad(part.from)
		if err != nil {
			return call, err
		}
		*part.to = [256]byte(padded)
	}
	if len(r.SignatureWithTeeController) != 64 || len(r.StatusTeeSign) != 64 {
		return call, errors.New("the worker's signatures have the wrong length")
	}
	call.TEESigNeedVerify, call.TEESig = r.SignatureWithTeeController, r.StatusTeeSign
	call.TEEPuk = worker
	return call, nil
}

// proofVersion is that of the service proofs that the miner makes.
const proofVersion = 2

// setVersion announces proofs of version 2. A running challenge delays it.
func (m *Miner) setVersion(ctx context.Context, l *look) error {
	version, _, err := sdk.Find(ctx, l.at, podr2.Versions, m.account)
	if err != nil {
		return fmt.Errorf("read the proof version: %w", err)
	}
	if version == proofVersion {
		return nil
	}
	if l.challenge != nil {
		return jobs.Waitf("the proof version can change when the challenge of block %d has ended", l.challenge.Element.Start)
	}
	if _, err := l.chain.Submit(ctx, m.cfg.Signer, podr2.SetVersion{Version: proofVersion}); err != nil {
		return fmt.Errorf("announce proofs of version %d: %w", proofVersion, err)
	}
	m.log.Info("announced the proof version", "version", proofVersion)
	return nil
}
