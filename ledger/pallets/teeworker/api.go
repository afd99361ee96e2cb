package teeworker

import (
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Randomness is what this pallet needs of Babe.
type Randomness interface {
	Random(ctx *runtime.Context, subject []byte) substrate.H256
}

// Staking is what this pallet needs of the validators' bonds.
type Staking interface {
	IsBonded(ctx *runtime.Context, stash substrate.AccountID) bool
	Controller(ctx *runtime.Context, stash substrate.AccountID) (substrate.AccountID, bool)
	SlashScheduler(ctx *runtime.Context, stash substrate.AccountID) error
}

// Credits is what this pallet needs of the workers' scores.
type Credits interface {
	RecordPunishment(ctx *runtime.Context, stash substrate.AccountID)
}

// Evidence is what this pallet needs of pallet attestation.
type Evidence interface {
	// Stored is verified evidence for a registration.
	Stored(ctx *runtime.Context, registration substrate.H256) (attestation.Verified, bool)
	// VerifyTDX verifies a quote against stored collateral.
	VerifyTDX(ctx *runtime.Context, quote []byte) (attestation.Verified, error)
	// Use spends evidence for a worker; evidence must be newer each time.
	Use(ctx *runtime.Context, worker types.WorkerPublicKey, v attestation.Verified) error
	// Forget drops what the pallet says of a worker's machine.
	Forget(ctx *runtime.Context, worker types.WorkerPublicKey)
}

// Set by Wire.
var (
	randomness Randomness
	staking    Staking
	credits    Credits
	evidence   Evidence
)

// Wire names what this pallet uses of others.
func Wire(r Randomness, s Staking, c Credits, e Evidence) {
	randomness, staking, credits, evidence = r, s, c, e
}

// API is what other pallets ask about workers.
type API struct{}

// CanMark says whether a worker may tag fragments and certify idle space.
func (API) CanMark(ctx *runtime.Context, tee types.WorkerPublicKey) bool {
	w, ok := Workers.Get(ctx, tee)
	return ok && w.Role.marks()
}

// CanVerify says whether a worker may verify the proofs of challenges.
func (API) CanVerify(ctx *runtime.Context, tee types.WorkerPublicKey) bool {
	w, ok := Workers.Get(ctx, tee)
	return ok && w.Role.verifies()
}

// VerifyMaster says whether a master key signed a digest: the current one or
// one of the history, the newest first. While a key is rolled those of the
// history go on counting; upstream refuses everything until the new one is
// there.
func (API) VerifyMaster(ctx *runtime.Context, sig types.TEESignature, digest [32]byte) bool {
	if status, ok := MasterKeyStatus.Get(ctx).(Launched); ok && verifyDigest(status.Key, sig, digest) {
		return true
	}
	for _, old := range slices.Backward(MasterKeyHistory.Get(ctx)) {
		if verifyDigest(old, sig, digest) {
			return true
		}
	}
	return false
}

func verifyDigest(key MasterKeyInfo, sig types.TEESignature, digest [32]byte) bool {
	return crypto.Verify(crypto.Sr25519, key.PublicKey[:], digest[:], sig[:])
}

// Worked notes that a result of a worker was accepted. Keys that are not
// registered leave no trace; upstream keeps them.
func (API) Worked(ctx *runtime.Context, tee types.WorkerPublicKey) {
	if Workers.Contains(ctx, tee) {
		LastWork.Put(ctx, tee, ctx.BlockNumber())
	}
}

// Stash is the account whose bond stands for a worker, or WorkerNotFound;
// markers have none.
func (API) Stash(ctx *runtime.Context, tee types.WorkerPublicKey) (substrate.AccountID, error) {
	w, ok := Workers.Get(ctx, tee)
	if !ok {
		return substrate.AccountID{}, ErrWorkerNotFound
	}
	stash, ok := w.StashAccount.Get()
	if !ok {
		return substrate.AccountID{}, ErrWorkerNotFound
	}
	return stash, nil
}

// Verifiers are the workers that verify, in the order of registration.
func (API) Verifiers(ctx *runtime.Context) []types.WorkerPublicKey {
	return ValidationTypeList.Get(ctx)
}

// Punish slashes a worker's stash and lowers its score.
func (a API) Punish(ctx *runtime.Context, tee types.WorkerPublicKey) error {
	stash, err := a.Stash(ctx, tee)
	if err != nil {
		return err
	}
	if err := staking.SlashScheduler(ctx, stash); err != nil {
		return err
	}
	credits.RecordPunishment(ctx, stash)
	return nil
}

// quoteError gives a refusal the code that upstream has for it.
func quoteError(err error) error {
	if err == nil {
		return nil
	}
	for _, e := range []struct {
		is   error
		code *runtime.ModuleError
	}{
		{attestation.ErrUnsupported, ErrUnsupportedAttestationType},
		{attestation.ErrMalformed, ErrInvalidDCAPQuote},
		{attestation.ErrCollateralMissing, ErrCodec},
		{attestation.ErrCertificate, ErrCertificateChainIsInvalid},
		{attestation.ErrSignature, ErrRSASignatureIsInvalid},
		{attestation.ErrExpired, ErrTCBInfoExpired},
		{attestation.ErrStale, ErrOutdatedIASReport},
		{attestation.ErrTCB, ErrInvalidQuoteStatus},
		{attestation.ErrPolicy, ErrInvalidQuoteStatus},
	} {
		if errors.Is(err, e.is) {
			return e.code
		}
	}
	return ErrInvalidDCAPQuote
}
