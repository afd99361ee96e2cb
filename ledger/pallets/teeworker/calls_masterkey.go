package teeworker

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// LaunchMasterKey asks a worker to make the master key, or with
// RollIfLaunched a new one.
type LaunchMasterKey struct {
	Holder         types.WorkerPublicKey `type:"WorkerPublicKey"`
	RollIfLaunched bool                  `type:"bool"`
}

// Dispatch emits MasterKeyLaunching. The key that is rolled goes to the
// history at once and its signatures stay valid. A launch whose worker has
// left may be given to another one.
func (c LaunchMasterKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	if !Workers.Contains(ctx, c.Holder) {
		return ErrWorkerNotFound
	}
	rolling := false
	switch status := MasterKeyStatus.Get(ctx).(type) {
	case Launching:
		if Workers.Contains(ctx, status.Holder) {
			return ErrMasterKeyLaunching
		}
		rolling = len(MasterKeyHistory.Get(ctx)) > 0
	case Launched:
		if !c.RollIfLaunched {
			return ErrMasterKeyAlreadyLaunched
		}
		rolling = true
		MasterKeyHistory.Mutate(ctx, func(h *[]MasterKeyInfo) { *h = append(*h, status.Key) })
	}
	MasterKeyStatus.Put(ctx, Launching{Holder: c.Holder})
	ctx.Emit(MasterKeyLaunchingEvent{Holder: c.Holder, Rolling: rolling})
	return nil
}

// ChangeMasterKeyHolder says that another worker now stands for the master
// key, so that the first holder may leave.
type ChangeMasterKeyHolder struct {
	NewHolder types.WorkerPublicKey `type:"WorkerPublicKey"`
}

// Dispatch emits MasterKeyHolderChanged if the holder is another one.
func (c ChangeMasterKeyHolder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	status, ok := MasterKeyStatus.Get(ctx).(Launched)
	if !ok {
		return ErrMasterKeyLaunchRequire
	}
	if !Workers.Contains(ctx, c.NewHolder) {
		return ErrWorkerNotFound
	}
	old := status.Key.Holder
	if old == c.NewHolder {
		return nil
	}
	status.Key.Holder = c.NewHolder
	MasterKeyStatus.Put(ctx, status)
	keyHolders.Put(ctx, c.NewHolder, status.Key.PublicKey)
	ctx.Emit(MasterKeyHolderChangedEvent{From: old, To: c.NewHolder})
	return nil
}

// SettleMasterKeyLaunch brings the public key that the launching worker made.
type SettleMasterKeyLaunch struct {
	Payload   MasterKeyLaunchPayload `type:"MasterKeyLaunchPayload"`
	Signature []byte                 `type:"Vec<u8>"`
}

// Dispatch emits MasterKeyLaunched. The launching worker signs: upstream does
// not look at the signature, so that anybody can settle a key of his own. A
// key of the history is refused, since the message has no time and an old one
// could be sent again during a roll.
func (c SettleMasterKeyLaunch) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	var holder types.WorkerPublicKey
	switch status := MasterKeyStatus.Get(ctx).(type) {
	case NotLaunched:
		return ErrMasterKeyLaunchRequire
	case Launched:
		return ErrMasterKeyAlreadyLaunched
	case Launching:
		holder = status.Holder
	}
	if c.Payload.Launcher != holder {
		return ErrInvalidMasterKeyFirstHolder
	}
	if err := verify(c.Payload, holder, c.Signature); err != nil {
		return err
	}
	if !Workers.Contains(ctx, holder) {
		return ErrWorkerNotFound
	}
	if slices.ContainsFunc(MasterKeyHistory.Get(ctx), func(old MasterKeyInfo) bool {
		return old.PublicKey == c.Payload.MasterPubkey
	}) {
		return ErrMasterKeyMismatch
	}
	settle(ctx, MasterKeyInfo{
		PublicKey: c.Payload.MasterPubkey, Holder: holder,
		LaunchedAt: LaunchTime{Block: ctx.BlockNumber(), UnixSeconds: now(ctx)},
	})
	ctx.Emit(MasterKeyLaunchedEvent{})
	return nil
}

// settle makes a key the current one. Hand-overs of the key before it are
// dropped: who waits applies again.
func settle(ctx *runtime.Context, key MasterKeyInfo) {
	MasterKeyStatus.Put(ctx, Launched{Key: key})
	keyHolders.Put(ctx, key.Holder, key.PublicKey)
	for distributor, applier := range MasterKeyDistributeNotify.Iter(ctx) {
		MasterKeyDistributeNotify.Delete(ctx, distributor)
		MasterKeyPostation.Delete(ctx, applier)
	}
}

// ApplyMasterKey asks for the master key on behalf of a worker, which signs.
type ApplyMasterKey struct {
	Payload   MasterKeyApplyPayload `type:"MasterKeyApplyPayload"`
	Signature []byte                `type:"Vec<u8>"`
}

// Dispatch emits MasterKeyAppling and chooses who sends the key. An
// application is good once: a later one must have a later signing time.
func (c ApplyMasterKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	applier := c.Payload.PublicKey
	if err := verify(c.Payload, applier, c.Signature); err != nil {
		return err
	}
	if err := checkSigningTime(ctx, c.Payload.SigningTime); err != nil {
		return err
	}
	if !Workers.Contains(ctx, applier) {
		return ErrInvalidWorkerPubKey
	}
	if c.Payload.SigningTime <= applied.Get(ctx, applier) {
		return ErrInvalidSigningTime
	}
	status, ok := MasterKeyStatus.Get(ctx).(Launched)
	if !ok {
		return ErrMasterKeyLaunchRequire
	}
	withdraw(ctx, applier)
	distributor, err := chooseDistributor(ctx, applier, status.Key)
	if err != nil {
		return err
	}
	if waiting, busy := MasterKeyDistributeNotify.Get(ctx, distributor); busy {
		MasterKeyPostation.Delete(ctx, waiting)
	}
	applied.Put(ctx, applier, c.Payload.SigningTime)
	MasterKeyPostation.Put(ctx, applier, scale.None[Delivery]())
	MasterKeyDistributeNotify.Put(ctx, distributor, applier)
	ctx.Emit(MasterKeyApplyingEvent{Applier: applier, Distributor: distributor})
	return nil
}

// withdraw takes back what an applicant asked of others. There are as many
// entries as hand-overs under way.
func withdraw(ctx *runtime.Context, applier types.WorkerPublicKey) {
	MasterKeyPostation.Delete(ctx, applier)
	for distributor, waiting := range MasterKeyDistributeNotify.Iter(ctx) {
		if waiting == applier {
			MasterKeyDistributeNotify.Delete(ctx, distributor)
		}
	}
}

// DistributeMasterKey brings the encrypted master key for a worker that
// applied.
type DistributeMasterKey struct {
	Payload   MasterKeyDistributePayload `type:"MasterKeyDistributePayload"`
	Signature []byte                     `type:"Vec<u8>"`
}

// maxEncryptedKey bounds an encrypted master key, in bytes; a PKCS#8 RSA-2048
// key and the tag are about 1,250.
const maxEncryptedKey = 4096

// Dispatch emits MasterKeySubmitted. Only the registered worker that was
// chosen may deliver, and once; upstream lets any key in.
func (c DistributeMasterKey) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	p := c.Payload
	if len(p.EncryptedMasterKey) > maxEncryptedKey {
		return ErrBoundedVec
	}
	if err := verify(p, p.Distributor, c.Signature); err != nil {
		return err
	}
	if err := checkSigningTime(ctx, p.SigningTime); err != nil {
		return err
	}
	status, ok := MasterKeyStatus.Get(ctx).(Launched)
	if !ok {
		return ErrMasterKeyLaunchRequire
	}
	if !Workers.Contains(ctx, p.Distributor) || !Workers.Contains(ctx, p.Target) {
		return ErrWorkerNotFound
	}
	if target, ok := MasterKeyDistributeNotify.Get(ctx, p.Distributor); !ok || target != p.Target {
		return ErrNotFoundDistributor
	}
	block := ctx.BlockNumber()
	MasterKeyPostation.Put(ctx, p.Target, scale.Some(Delivery{Block: block, Payload: p}))
	MasterKeyDistributeNotify.Delete(ctx, p.Distributor)
	keyHolders.Put(ctx, p.Distributor, status.Key.PublicKey)
	keyHolders.Put(ctx, p.Target, status.Key.PublicKey)
	delivered.Put(ctx, block, append(delivered.Get(ctx, block), p.Target))
	ctx.Emit(MasterKeySubmittedEvent{Receiver: p.Target})
	return nil
}

// verify checks a worker's sr25519 signature over the plain SCALE bytes of a
// payload.
func verify[T any](payload T, key types.WorkerPublicKey, signature []byte) error {
	if len(signature) != 64 {
		return ErrInvalidSignatureLength
	}
	if !crypto.Verify(crypto.Sr25519, key[:], scale.MustMarshal(payload), signature) {
		return ErrInvalidSignature
	}
	return nil
}

// How far a signing time may lie in the past and, for clocks that go wrong, in
// the future; seconds.
const (
	signatureLife = 600
	clockSkew     = 7
)

func checkSigningTime(ctx *runtime.Context, signed uint64) error {
	t := now(ctx)
	if signed > t && signed-t > clockSkew || signed < t && t-signed > signatureLife {
		return ErrInvalidSigningTime
	}
	return nil
}
