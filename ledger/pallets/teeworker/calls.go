package teeworker

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// RegisterWorker registers a worker or changes a registered one. Attestation
// None refers to evidence that Attestation.submit_evidence brought before, or
// to none at all where the chain allows that.
type RegisterWorker struct {
	Info        WorkerRegistrationInfo          `scale:"ceseal_info" type:"WorkerRegistrationInfo<T::AccountId>"`
	Attestation scale.Option[AttestationReport] `type:"Box<Option<AttestationReport>>"`
}

// DispatchInfo is the cost of the record and, for a quote, of its proof.
func (c RegisterWorker) DispatchInfo() substrate.DispatchInfo {
	weight := runtime.WorkWeight(8, 9)
	if c.Attestation.IsSome() {
		weight = weight.Add(attestation.QuoteWeight())
	}
	return substrate.DispatchInfo{Weight: weight}
}

// Dispatch emits WorkerAdded or WorkerUpdated. Anybody may sign when evidence
// speaks for the worker and its record names the stash already. A stash that it
// does not name has to sign, itself or by its controller, or the call returns
// BadOrigin: its bond pays for the worker's wrong verdicts. Upstream burdens any
// bonded stash.
//
// Without evidence the signer speaks for the worker: only the account that
// registered it, its stash or the stash's controller may change it then, and a
// worker that once had evidence needs it again. Upstream lets anybody rewrite
// workers where evidence is not asked for.
func (c RegisterWorker) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if err := c.Info.check(); err != nil {
		return err
	}
	if err := checkStash(ctx, c.Info); err != nil {
		return err
	}
	old, known := Workers.Get(ctx, c.Info.PublicKey)
	if !consents(ctx, who, c.Info.StashAccount, old) {
		return runtime.ErrBadOrigin
	}
	provider, level, err := c.attest(ctx)
	if err != nil {
		return err
	}
	if provider.IsNone() {
		if known && !mayChange(ctx, who, old) {
			return ErrNoneAttestationDisabled
		}
		if !known {
			registrars.Put(ctx, c.Info.PublicKey, who)
		}
	} else {
		registrars.Delete(ctx, c.Info.PublicKey)
	}
	w := Worker{
		PublicKey: c.Info.PublicKey, ECDHPublicKey: c.Info.ECDHPublicKey, Version: c.Info.Version,
		LastUpdated: now(ctx), StashAccount: c.Info.StashAccount,
		AttestationProvider: provider, ConfidenceLevel: level,
		Features: c.Info.Features, Role: c.Info.Role, Endpoint: c.Info.Endpoint,
	}
	if !known {
		return add(ctx, w)
	}
	w.ECDHPublicKey = old.ECDHPublicKey
	return update(ctx, w)
}

// checkStash holds that workers which verify have a bonded stash, and markers
// none.
func checkStash(ctx *runtime.Context, i WorkerRegistrationInfo) error {
	stash, ok := i.StashAccount.Get()
	switch {
	case ok && !staking.IsBonded(ctx, stash):
		return ErrNotBond
	case ok == (i.Role == Marker):
		return ErrWrongWorkerRole
	}
	return nil
}

// consents says whether a stash answers for a worker: it signs, or did when it
// was named. old is the worker's record, zero for a new worker.
func consents(ctx *runtime.Context, who substrate.AccountID, named scale.Option[substrate.AccountID], old Worker) bool {
	stash, ok := named.Get()
	return !ok || old.StashAccount == named || controls(ctx, who, stash)
}

func controls(ctx *runtime.Context, who, stash substrate.AccountID) bool {
	controller, bonded := staking.Controller(ctx, stash)
	return who == stash || bonded && who == controller
}

func mayChange(ctx *runtime.Context, who substrate.AccountID, w Worker) bool {
	if p, ok := w.AttestationProvider.Get(); ok && p != ProviderRoot {
		return false
	}
	if stash, ok := w.StashAccount.Get(); ok && controls(ctx, who, stash) {
		return true
	}
	registrar, ok := registrars.Get(ctx, w.PublicKey)
	return ok && registrar == who
}

// attest returns who vouches for the worker's hardware and program, and how
// far, from 1 to 5; none and 128 without evidence.
func (c RegisterWorker) attest(ctx *runtime.Context) (scale.Option[AttestationProvider], uint8, error) {
	none := scale.None[AttestationProvider]()
	hash := c.Info.Hash()
	v, ok, err := c.evidence(ctx, hash)
	if err != nil {
		return none, 0, err
	}
	if !ok {
		if !NoneAttestationEnabled.Get(ctx) {
			return none, 0, ErrNoneAttestationDisabled
		}
		return none, unattested, nil
	}
	if v.Registration != hash || c.Info.GenesisBlockHash != system.BlockHashes.Get(ctx, 0) {
		return none, 0, ErrInvalidCesealInfoHash
	}
	if CesealVerifyRequired.Get(ctx) && !slices.Contains(CesealBinAllowList.Get(ctx), v.Measurement) {
		return none, 0, ErrCesealRejected
	}
	if err := evidence.Use(ctx, c.Info.PublicKey, v); err != nil {
		return none, 0, ErrOutdatedIASReport
	}
	return scale.Some(ProviderDcap), v.Confidence, nil
}

func (c RegisterWorker) evidence(ctx *runtime.Context, hash substrate.H256) (attestation.Verified, bool, error) {
	report, given := c.Attestation.Get()
	if !given {
		v, ok := evidence.Stored(ctx, hash)
		return v, ok, nil
	}
	dcap, ok := report.(SgxDcap)
	if !ok {
		return attestation.Verified{}, false, ErrUnsupportedAttestationType
	}
	v, err := evidence.VerifyTDX(ctx, dcap.Quote)
	return v, err == nil, quoteError(err)
}

func now(ctx *runtime.Context) uint64 { return ctx.Now() / 1000 }

// add puts a new worker on record.
func add(ctx *runtime.Context, w Worker) error {
	if Workers.Count(ctx) >= SchedulerMaximum.Get(ctx) {
		return ErrBoundedVec
	}
	if err := list(ctx, w); err != nil {
		return err
	}
	Workers.Put(ctx, w.PublicKey, w)
	WorkerAddedAt.Put(ctx, w.PublicKey, ctx.BlockNumber())
	LastWork.Put(ctx, w.PublicKey, ctx.BlockNumber())
	Endpoints.Put(ctx, w.PublicKey, w.Endpoint)
	ctx.Emit(WorkerAddedEvent{
		PublicKey: w.PublicKey, AttestationProvider: w.AttestationProvider, ConfidenceLevel: w.ConfidenceLevel,
	})
	return nil
}

// update replaces the record of a worker. Its place in ValidationTypeList
// follows its role, which upstream forgets.
func update(ctx *runtime.Context, w Worker) error {
	if err := list(ctx, w); err != nil {
		return err
	}
	Workers.Put(ctx, w.PublicKey, w)
	Endpoints.Put(ctx, w.PublicKey, w.Endpoint)
	ctx.Emit(WorkerUpdatedEvent{
		PublicKey: w.PublicKey, AttestationProvider: w.AttestationProvider, ConfidenceLevel: w.ConfidenceLevel,
	})
	return nil
}

func list(ctx *runtime.Context, w Worker) error {
	verifiers := ValidationTypeList.Get(ctx)
	at := slices.Index(verifiers, w.PublicKey)
	switch {
	case w.Role.verifies() == (at >= 0):
		return nil
	case at >= 0:
		ValidationTypeList.Put(ctx, slices.Delete(verifiers, at, at+1))
		return nil
	case len(verifiers) >= int(SchedulerMaximum.Get(ctx)) || !verifiers.TryPush(w.PublicKey):
		return ErrBoundedVec
	}
	ValidationTypeList.Put(ctx, verifiers)
	return nil
}

// ForceRegisterWorker registers a full worker without evidence. It is not
// among those that verify, as upstream has it.
type ForceRegisterWorker struct {
	PublicKey     types.WorkerPublicKey             `scale:"pubkey" type:"WorkerPublicKey"`
	ECDHPublicKey ECDHPublicKey                     `scale:"ecdh_pubkey" type:"EcdhPublicKey"`
	StashAccount  scale.Option[substrate.AccountID] `type:"Option<AccountOf<T>>"`
}

// forcedEndpoint is what upstream writes for lack of a better one.
const forcedEndpoint = "https://cess.network/"

// Dispatch emits WorkerAdded. A worker that exists is replaced.
func (c ForceRegisterWorker) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if !Workers.Contains(ctx, c.PublicKey) && Workers.Count(ctx) >= SchedulerMaximum.Get(ctx) {
		return ErrBoundedVec
	}
	w := Worker{
		PublicKey: c.PublicKey, ECDHPublicKey: c.ECDHPublicKey, LastUpdated: 1, StashAccount: c.StashAccount,
		AttestationProvider: scale.Some(ProviderRoot), ConfidenceLevel: unattested,
		Features: []uint32{1, 4}, Role: Full, Endpoint: forcedEndpoint,
	}
	Workers.Put(ctx, c.PublicKey, w)
	WorkerAddedAt.Put(ctx, c.PublicKey, ctx.BlockNumber())
	Endpoints.Put(ctx, c.PublicKey, w.Endpoint)
	registrars.Delete(ctx, c.PublicKey)
	evidence.Forget(ctx, c.PublicKey)
	ctx.Emit(WorkerAddedEvent{
		PublicKey: w.PublicKey, AttestationProvider: w.AttestationProvider, ConfidenceLevel: w.ConfidenceLevel,
	})
	return nil
}
