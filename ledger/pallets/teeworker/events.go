package teeworker

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// MasterKeyLaunchingEvent asks a worker to make a master key; Rolling says
// that it replaces one.
type MasterKeyLaunchingEvent struct {
	Holder  types.WorkerPublicKey `type:"WorkerPublicKey"`
	Rolling bool                  `type:"bool"`
}

// MasterKeyLaunchedEvent reports that there is a new master key.
type MasterKeyLaunchedEvent struct{}

// MasterKeyApplyingEvent reports a worker that wants the master key and who
// was chosen to send it.
type MasterKeyApplyingEvent struct {
	Applier     types.WorkerPublicKey `type:"WorkerPublicKey"`
	Distributor types.WorkerPublicKey `type:"WorkerPublicKey"`
}

// MasterKeySubmittedEvent reports that the master key lies ready for a worker.
type MasterKeySubmittedEvent struct {
	Receiver types.WorkerPublicKey `type:"WorkerPublicKey"`
}

// MasterKeyHolderChangedEvent reports another first holder.
type MasterKeyHolderChangedEvent struct {
	From types.WorkerPublicKey `type:"WorkerPublicKey"`
	To   types.WorkerPublicKey `type:"WorkerPublicKey"`
}

// WorkerAddedEvent reports a new worker; the confidence level is 1, best, to
// 5, or 128 without evidence.
type WorkerAddedEvent struct {
	PublicKey           types.WorkerPublicKey             `scale:"pubkey" type:"WorkerPublicKey"`
	AttestationProvider scale.Option[AttestationProvider] `type:"Option<AttestationProvider>"`
	ConfidenceLevel     uint8                             `type:"u8"`
}

// WorkerUpdatedEvent reports a worker that registered again.
type WorkerUpdatedEvent struct {
	PublicKey           types.WorkerPublicKey             `scale:"pubkey" type:"WorkerPublicKey"`
	AttestationProvider scale.Option[AttestationProvider] `type:"Option<AttestationProvider>"`
	ConfidenceLevel     uint8                             `type:"u8"`
}

// ClearInvalidTEEEvent reports a worker that was removed for doing nothing.
type ClearInvalidTEEEvent struct {
	PublicKey types.WorkerPublicKey `scale:"pubkey" type:"WorkerPublicKey"`
}

// MinimumCesealVersionChangedToEvent reports the oldest version that workers
// should run.
type MinimumCesealVersionChangedToEvent struct {
	Major uint32 `scale:"_" type:"u32"`
	Minor uint32 `scale:"_" type:"u32"`
	Patch uint32 `scale:"_" type:"u32"`
}

// CesealBinAddedEvent reports an allowed program.
type CesealBinAddedEvent struct {
	Hash substrate.H256 `scale:"_" type:"H256"`
}

// CesealBinRemovedEvent reports a program that is no longer allowed.
type CesealBinRemovedEvent struct {
	Hash substrate.H256 `scale:"_" type:"H256"`
}
