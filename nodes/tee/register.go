package tee

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// info is what the worker says about itself.
func (w *Worker) info() teeworker.WorkerRegistrationInfo {
	i := teeworker.WorkerRegistrationInfo{
		Version: workerVersion, PublicKey: w.identity.public, ECDHPublicKey: w.identity.public,
		GenesisBlockHash: w.client.Genesis(), Features: []uint32{uint32(runtime.NumCPU()), 1},
		Role: w.cfg.Role, Endpoint: w.Endpoint(),
	}
	if w.cfg.Stash != nil {
		i.StashAccount = scale.Some(*w.cfg.Stash)
	}
	return i
}

// outdated says whether a worker's record is missing, says something else than
// the worker, or has evidence that is a day old or missing.
func outdated(self *teeworker.Worker, i teeworker.WorkerRegistrationInfo, attests bool, now time.Time) bool {
	if self == nil || self.Endpoint != i.Endpoint || self.Role != i.Role || self.StashAccount != i.StashAccount {
		return true
	}
	return attests && (!self.AttestationProvider.IsSome() || now.Sub(time.Unix(int64(self.LastUpdated), 0)) > evidenceLife)
}

// register puts the worker on record, with evidence if the machine has any.
// self is the record that there is, nil if there is none.
func (w *Worker) register(ctx context.Context, self *teeworker.Worker) error {
	info := w.info()
	if err := w.prove(ctx, info); err != nil {
		return err
	}
	// Without evidence the chain wants the stash for every change of the record.
	signer := w.cfg.Signer
	attests := w.cfg.Attester.Kind() != (NoAttestation{}).Kind()
	if info.StashAccount.IsSome() && (!attests || self == nil || self.StashAccount != info.StashAccount) {
		signer = w.cfg.StashSigner
	}
	_, err := w.client.Submit(ctx, signer, teeworker.RegisterWorker{Info: info})
	if errors.Is(err, substrate.ErrBadOrigin) {
		return fmt.Errorf("the stash has to sign the registration that names it (StashSigner, --stash-key): %w", err)
	}
	if err != nil {
		return err
	}
	w.log.Info("registered", "endpoint", info.Endpoint, "attestation", w.cfg.Attester.Kind())
	return nil
}

// checkIdentity refuses at the start what can never work.
func (w *Worker) checkIdentity(ctx context.Context) error {
	open, err := sdk.Get(ctx, w.client.Best(), teeworker.NoneAttestationEnabled)
	if err != nil || open {
		return err
	}
	if w.cfg.Identity != nil {
		return errors.New("tee: an identity from the configuration is for development chains; this one wants evidence")
	}
	if w.cfg.Attester.Kind() == (NoAttestation{}).Kind() {
		return errors.New("tee: this chain admits only workers with evidence; choose tdx or sev-snp on a machine that has it")
	}
	return nil
}

// injectedIdentity is a key from the configuration; nil if there is none.
func injectedIdentity(given interface{ Public() []byte }) (*keyPair, error) {
	if given == nil {
		return nil, nil
	}
	sr, ok := given.(*crypto.Sr25519Pair)
	if !ok {
		return nil, errors.New("the identity of a worker is an sr25519 key")
	}
	return &keyPair{sr, sr.AccountID()}, nil
}
