package audit

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// GenerateChallengeEvent reports a challenge drawn at random.
type GenerateChallengeEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// SubmitIdleProofEvent reports an answer about idle space.
type SubmitIdleProofEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// SubmitServiceProofEvent reports an answer about service data.
type SubmitServiceProofEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// SubmitIdleVerifyResultEvent reports the verdict on a miner's idle space.
type SubmitIdleVerifyResultEvent struct {
	TEE    types.WorkerPublicKey `type:"WorkerPublicKey"`
	Miner  substrate.AccountID   `type:"AccountOf<T>"`
	Result bool                  `type:"bool"`
}

// SubmitServiceVerifyResultEvent reports the verdict on a miner's service
// data.
type SubmitServiceVerifyResultEvent struct {
	TEE    types.WorkerPublicKey `type:"WorkerPublicKey"`
	Miner  substrate.AccountID   `type:"AccountOf<T>"`
	Result bool                  `type:"bool"`
}

// VerifyProofEvent is part of the wire shape; never emitted.
type VerifyProofEvent struct {
	TEE   types.WorkerPublicKey `scale:"tee_worker" type:"WorkerPublicKey"`
	Miner substrate.AccountID   `type:"AccountOf<T>"`
}
